"""The photos under review by columns: in which order, and where each stands."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger.core.checklist import Mark
from phototagger.core.path_column import PathColumn
from phototagger.review import photo_list
from phototagger.review.background.rescan import rescan
from phototagger.review.photo_list import Listing
from phototagger.store.vectors.keys import as_keys
from tests.review.conftest import reviewing

_NAMES = st.sampled_from([b"a", b"a-b", b"a b", b"B.jpg", b"\xff", "é".encode(), "😀".encode()])
_PATHS = st.sets(
    st.lists(_NAMES, min_size=1, max_size=3).map(
        lambda parts: os.fsdecode(b"/photos/" + b"/".join(parts))
    )
)


def _listing(paths: list[str]) -> Listing:
    keys = as_keys(os.fsencode(path)[-20:].rjust(20, b"\0") for path in paths)
    return Listing("/photos", PathColumn(paths), keys)


@given(_PATHS)
def test_a_listing_is_the_same_of_a_scan_and_of_the_catalogue(paths):
    scanned = _listing(sorted(paths, key=lambda path: path.split("/")))
    known = _listing(sorted(paths, key=os.fsencode))
    assert known.is_same(scanned)
    assert known.folders == scanned.folders
    assert all(known.find(path) == at for at, path in enumerate(known.paths))
    for folder in range(len(known.folders)):
        parents = {known.paths[one].rpartition("/")[0] for one in known.in_folder(folder)}
        assert [os.path.relpath(one, "/photos") for one in parents] == [known.folders[folder]]


def test_a_photo_that_is_gone_is_not_found_but_has_a_place():
    listing = _listing(["/photos/a.jpg", "/photos/c.jpg", "/photos/c/a.jpg"])
    assert listing.find("/photos/b.jpg") is None
    assert listing.find("/photos/d/a.jpg") is None
    assert listing.place("/photos/b.jpg") == 1
    assert listing.place("/photos/d/a.jpg") == 3


def test_copies_share_a_content_and_stand_apart():
    keys = as_keys([b"x" * 20, b"y" * 20, b"x" * 20])
    listing = Listing("/photos", PathColumn(["/photos/a", "/photos/b", "/photos/c"]), keys)
    assert listing.same_content(2) == [0, 2]
    assert listing.positions_of([b"x" * 20, b"z" * 20]) == [0, 2]
    assert listing.count_contents(np.array([0, 2])) == 1


@pytest.mark.parametrize("acts", [1, 3])
def test_marks_read_beside_the_keys_are_brought_up_by_what_was_decided_since(
    ran, monkeypatch, acts
):
    monkeypatch.setattr(photo_list, "_ACTS", 2)
    read, asked = photo_list.marks, []

    def reading(catalogue, sha1s=None):
        asked.append(sha1s)
        return read(catalogue) if sha1s is None else read(catalogue, sha1s)

    with reviewing(ran) as review:
        photos = review.photos
        review.approve(3, photos.checklist(3))
        came = photos.known_listing()
        for position in range(acts):
            review.approve(position, photos.checklist(position))
        review.undo()
        monkeypatch.setattr(photo_list, "marks", reading)
        photos.take_listing(came)
        monkeypatch.undo()
        now = photos.listing
        assert now is came
        taken_back = acts - 1
        assert now.mark(3) is not Mark.UNDECIDED
        assert now.mark(taken_back) is Mark.UNDECIDED
        assert all(now.mark(position) is not Mark.UNDECIDED for position in range(taken_back))
        if acts == 1:
            assert asked == [[now.sha1(0)]]
        else:
            assert asked == [None]  # more than are remembered: all of them


def test_a_listing_that_comes_is_another_one_than_that_which_is_shown(ran):
    with reviewing(ran) as review:
        photos = review.photos
        photos.found = rescan(review.job).found
        assert photos.known_listing() is not photos.listing
        assert photos.known_listing().is_same(photos.listing)

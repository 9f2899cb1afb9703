"""The paths to review, any name, in the order of bytes, in pieces; and the marks of photos."""

import os
import tempfile
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phototagger.core.checklist import Mark
from phototagger.errors import DamagedCatalogueError
from phototagger.store import WHOLE_PHOTO, Catalogue, Edit, Who, decide, undo
from phototagger.store.catalogue.rows import insert
from phototagger.store.labels.holding import acts_by, holding
from phototagger.store.labels.marks import files_under
from phototagger.store.vectors.keys import KEY_BYTES, as_bytes
from tests.store.contents import marks_by_photo, sha1

_NAMES = (b"a.jpg", b"a/b.jpg", b"a/c/d.jpg", b"a/e.jpg", b"a-b.jpg", b"\xff\n.jpg", "é".encode())


def _seen(catalogue, path: bytes, sha1: bytes) -> None:
    catalogue.connection.execute("INSERT INTO file VALUES (?, ?, 1, 1, 0)", (path, sha1))


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 100])
def test_files_under_a_root_are_those_that_were_seen_there(catalogue, monkeypatch, at_once):
    monkeypatch.setattr("phototagger.store.labels.marks._FILES_READ", at_once)
    sha1_of = {b"/p/" + name: bytes([0, number]) * 10 for number, name in enumerate(_NAMES)}
    for path, content in sha1_of.items():
        _seen(catalogue, path, content)
    for elsewhere in (b"/p", b"/p-q/a.jpg", b"/p0", b"/o/a.jpg"):
        _seen(catalogue, elsewhere, b"x" * 20)
    paths, keys = files_under(catalogue, "/p")
    assert list(map(os.fsencode, paths)) == sorted(sha1_of)
    assert as_bytes(keys) == [sha1_of[path] for path in sorted(sha1_of)]


def test_where_nothing_was_seen_there_are_no_files(catalogue):
    paths, keys = files_under(catalogue, "/p")
    assert (len(paths), keys.shape) == (0, (0, 20))


@pytest.mark.parametrize(("path", "sha1"), [(b"/p/a\0b", b"x" * 20), (b"/p/a", b"x" * 19)])
def test_a_path_or_a_content_that_cannot_be_is_damage(catalogue, path, sha1):
    _seen(catalogue, path, sha1)
    with pytest.raises(DamagedCatalogueError, match="a path in it is none, or a SHA-1"):
        files_under(catalogue, "/p")


@pytest.mark.parametrize("at_once", [1, 100, 256, 10_000])
def test_marks_read_in_pieces_are_those_that_hold(catalogue, monkeypatch, at_once):
    monkeypatch.setattr("phototagger.store.labels.marks._MARKS_READ", at_once)
    ends = [bytes([byte]) * KEY_BYTES for byte in range(256)]
    whole = [Edit(key, WHOLE_PHOTO, approved=True) for key in ends]
    decide(catalogue, [*whole, *(Edit(key, "cat", key[0] % 2 == 0) for key in ends)], root="/p")
    decide(catalogue, [Edit(ends[0], "cat", approved=False)], root="/p")
    decide(catalogue, [Edit(ends[255], WHOLE_PHOTO, approved=None)], root="/p")
    expected = {key: Mark.NONE if key[0] % 2 else Mark.APPROVED for key in ends[1:255]}
    expected[ends[0]] = Mark.NONE
    assert marks_by_photo(catalogue) == marks_by_photo(catalogue, ends) == expected


def test_a_photo_that_cannot_be_read_stays_so_where_one_label_of_it_was_decided(catalogue):
    with catalogue.transaction() as db:
        columns = ("sha1", "width", "height", "reason")
        insert(db, "photo", columns, [(sha1("cat"), 0, 0, "broken"), (sha1("dog"), 0, 0, "broken")])
    decide(catalogue, [Edit(sha1("cat"), "cat", approved=True)], root="/p")
    decide(catalogue, [Edit(sha1("dog"), WHOLE_PHOTO, approved=True)], root="/p")
    assert marks_by_photo(catalogue) == {sha1("cat"): Mark.FAILED, sha1("dog"): Mark.NONE}


def test_a_decision_about_no_content_is_damage(catalogue):
    decide(catalogue, [Edit(b"short", WHOLE_PHOTO, approved=True)], root="/p")
    with pytest.raises(DamagedCatalogueError, match="a SHA-1 in it is none"):
        marks_by_photo(catalogue)


_VERDICTS = (True, False, None)
_LABELS = ("", "a", ":[true", '":[true', '],"":[true', "],", "null", "\n")


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(Who),
            st.lists(st.tuples(*map(st.sampled_from, ("ab", _LABELS, _VERDICTS))), min_size=2),
        ),
        max_size=3,
    )
)
def test_marks_told_by_a_look_at_texts_are_those_that_hold(acts):
    with tempfile.TemporaryDirectory() as folder, closing(Catalogue(folder)) as catalogue:
        for who, said in acts:
            edits = [Edit(sha1(photo), label, verdict) for photo, label, verdict in said]
            decide(catalogue, edits, root="/p", who=who)
        expected = {}
        for photo, held in holding(catalogue):
            whole = held.get(WHOLE_PHOTO)
            by_auto = {one.said_by for one in held.values()} & acts_by(catalogue, Who.AUTO)
            if by_auto or (whole and whole.approved):
                yes = any(one.approved for label, one in held.items() if label)
                expected[photo] = Mark.APPROVED if yes else Mark.NONE
        assert marks_by_photo(catalogue) == expected
        assert marks_by_photo(catalogue, [sha1("a")]).items() <= expected.items()


def test_marks_are_those_of_one_moment_whatever_is_written_meanwhile(catalogue, monkeypatch):
    monkeypatch.setattr("phototagger.store.labels.marks._MARKS_READ", 1)
    photos = [sha1("cat"), sha1("dog")]
    for photo in photos:
        decide(catalogue, [Edit(photo, WHOLE_PHOTO, approved=True)], root="/p")
    with closing(Catalogue(catalogue.path.parent, writable=False)) as reader:
        pages = []

        def between_pages(statement):
            if "group_concat" in statement:
                pages.append(statement)
            if len(pages) == 2:
                pages.append("both are taken back")
                undo(catalogue, root="/p")
                undo(catalogue, root="/p")

        reader.connection.set_trace_callback(between_pages)
        assert marks_by_photo(reader) == dict.fromkeys(photos, Mark.NONE)
        assert marks_by_photo(reader) == {}
        assert "both are taken back" in pages

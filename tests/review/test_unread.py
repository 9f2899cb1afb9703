"""Photos that nobody has read yet: they are shown and marked; nothing is decided about a path."""

import pytest

from phototagger.engine.photo_reader.ahead import ReadAhead
from phototagger.errors import PhototaggerError
from phototagger.review.background.rescan import rescan
from phototagger.review.photo_list import Listing
from tests.engine.pictures import picture
from tests.engine.process.processes import until
from tests.review.conftest import at, reviewing


@pytest.fixture
def fresh(photos):
    """A review of photos that were found, of which nothing is known."""
    with reviewing(photos) as review:
        found = rescan(review.job)
        review.photos.found = found.found
        review.photos.take_listing(found.listing)
        yield review


def test_they_are_found_in_their_folders_and_nothing_is_known_of_them(fresh):
    assert len(fresh.photos.listing) == 7
    assert fresh.photos.listing.unread.all()
    assert fresh.photos.undecided() == 7
    assert fresh.photos.nothing_known(0) == "this photo has not been read yet"
    assert {cell.words for cell in fresh.photos.cells(range(7))} == {"no suggestion yet"}


def test_nothing_is_decided_about_them(fresh):
    checks = fresh.photos.checklist(0)
    for act in (fresh.approve, fresh.change):
        with pytest.raises(PhototaggerError, match="has not been read yet"):
            act(0, checks)
    plans = fresh.plans
    for plan in (plans.approval, plans.over, plans.clearing, plans.as_before):
        assert plan(range(7)).sha1s == []
    plan = plans.changing(range(7), lambda now: now)
    assert plan.sha1s == []
    assert plan.notes == ("7 photos not read yet: left as they are",)


def test_no_stack_is_made_of_them(fresh):
    stacks = fresh.stacks
    for plan in (stacks.taking_out, lambda one: stacks.making([one, one + 1])):
        with pytest.raises(PhototaggerError, match="has not been read yet"):
            plan(0)


def test_marks_stay_on_their_photos_when_these_become_known(fresh):
    fresh.marked.mark([at(fresh, "b.png"), at(fresh, "sea/d.jpg")])
    before = fresh.marked.contents
    assert fresh.marked.known() == set()
    reader = ReadAhead(fresh.job, lambda: None)
    reader.want(fresh.photos.listing.paths)
    until(lambda: not fresh.photos.known_listing().unread.any())
    reader.close()
    fresh.photos.take_contents(fresh.photos.known_listing())
    assert not fresh.photos.listing.unread.any()
    assert fresh.marked.here() == [at(fresh, "b.png"), at(fresh, "sea/d.jpg")]
    assert not fresh.marked.contents & before
    assert fresh.marked.known() == fresh.marked.contents


def test_a_file_that_changed_is_unread_again_and_offers_nothing(ran):
    with reviewing(ran) as review:
        picture(ran.root / "a.jpg", 77)
        review.photos.take_listing(rescan(review.job).listing)
        assert review.photos.is_unread(at(review, "a.jpg"))
        assert review.photos.before(at(review, "a.jpg")) == []
        assert int(review.photos.listing.unread.sum()) == 1


def test_of_a_scan_that_takes_long_the_photos_so_far_are_shown(photos, monkeypatch):
    monkeypatch.setattr("phototagger.review.background.rescan._FIRST_PART", 0.0)
    monkeypatch.setattr("phototagger.core.scan._TOLD_AFTER", 2)
    parts = list[Listing]()
    with reviewing(photos) as review:
        whole = rescan(review.job, parts.append).listing
    assert len(parts[0]) == 2
    assert set(parts[-1].paths) < set(whole.paths)

"""Stacks with searches and filters, with what pages decided, and with photos that go."""

import asyncio
import os
import threading
from pathlib import Path

import pytest

from phototagger.review.background.rescan import rescan
from tests.review.bursts import CATS, DOGS, SHY, name, reviewed
from tests.tui.reviewing import sit


@pytest.fixture
def review(tmp_path):
    with reviewed(tmp_path) as made:
        yield made


def at(review, position, act, size=(120, 40), first_step=""):
    """Let somebody act with the cursor on a photo."""

    async def begin(user):
        user.ui.photo.go_to([position])
        await user.rest()
        await act(user)
        assert user.shown_is_on_disk()

    return sit(review, begin, size, first_step)


def test_esc_goes_back_from_a_search_to_the_stack_that_was_open(review):
    async def act(user):
        await user.press("b", "right")
        before = (user.here, user.ui.grid.cursor.index, user.review.photos.view.tolist())
        await user.press("/", *"name:img_0002", "enter", "end", "b")
        assert user.review.photos.stacked.opened() == list(CATS)
        await user.press("escape", "escape")
        after = (user.here, user.ui.grid.cursor.index, user.review.photos.view.tolist())
        assert after == before
        assert user.review.photos.stacked.is_open is not None

    at(review, DOGS[0], act)


def test_esc_goes_back_from_a_search_that_shows_nothing_of_the_stack_that_was_open(review):
    async def act(user):
        await user.press("b", "right")
        before = (user.here, user.ui.grid.cursor.index)
        await user.press("/", *"name:00001", "enter", "escape")
        assert user.review.photos.results is None
        assert (user.here, user.ui.grid.cursor.index) == before

    at(review, DOGS[0], act)


def test_a_stack_that_a_filter_does_not_show_is_not_open(review):
    async def act(user):
        await user.press("home", "a", "end", "b", "f", "4")
        assert len(user.review.photos.view) == 1
        assert user.review.photos.stacked.is_open is None

    at(review, CATS[0], act)


def test_photos_of_an_open_stack_may_all_be_gone(review):
    async def act(user):
        await user.press("b")
        for one in CATS:
            Path(user.review.root, name(one)).unlink()
        user.ui.background.rescan()
        await user.rest()
        assert len(user.review.photos.listing) == 28
        assert user.review.photos.stacked.is_open is None
        assert len(user.review.photos.view) == 25

    at(review, CATS[0], act)


def test_marks_stay_where_no_stack_could_be_made(review, monkeypatch):
    async def act(user):
        await user.press("home", "space", "right", "space")

        def fails(*_, **__):
            raise OSError(28, os.strerror(28))

        monkeypatch.setattr("phototagger.review.session.decide", fails)
        await user.press("B")
        assert len(user.review.marked.contents) == 2
        assert "No space left" in user.screen

    at(review, 0, act)


def test_a_label_that_pages_approved_and_somebody_unchecks_is_rejected(review):
    async def act(user):
        sha1s = [user.review.photos.listing.sha1(one) for one in CATS]
        user.ui.changed(user.review.decide_label("cat", dict.fromkeys(sha1s, True)).positions)
        user.ui.photo.go_to([CATS[0]])
        await user.rest()
        assert user.checked == {"cat"}
        await user.press("1", "a")
        assert "2 of 2 photos approved: no label" in user.status
        assert [user.held(name(one))["cat"] for one in CATS] == [False, False]

    at(review, 0, act)


def test_what_is_held_back_is_held_back_in_a_filter_too(review):
    held = [DOGS[2], SHY]

    async def act(user):
        for one in held:  # they come back when the others are decided
            user.review.do(user.review.stacks.taking_out(one))
        user.ui.views.restack()
        await user.rest()
        await user.press("a")
        user.review.do(user.review.stacks.making(list(DOGS)))
        user.ui.views.restack()
        await user.rest()
        await user.press("f", "2")
        user.ui.photo.go_to(held)
        await user.rest()
        assert user.review.photos.stacked.members(SHY) == held
        assert "▸║ 2 of 4" in user.screen
        await user.press("a")  # each is to be looked at: it is opened
        assert [user.held(name(one)) for one in held] == [{}, {}]
        await user.press("a", "a")
        assert [user.approved(name(one)) for one in held] == [{"dog"}, set()]
        assert set(user.decided()) == {name(one) for one in DOGS}

    at(review, DOGS[0], act)


def test_checks_of_a_stack_that_is_decided_do_not_change(review):
    async def act(user):
        await user.press("a")
        user.ui.photo.go_to([CATS[0]])
        await user.press("1")
        assert "all 2 photos are decided: b opens the stack, c clears it" in user.status
        assert user.checked == {"cat"}
        await user.press("a")
        assert "all 2 photos are decided" in user.status
        assert user.approved(name(CATS[0])) == {"cat"}

    at(review, CATS[0], act)


def test_what_is_held_back_is_shown_where_photos_have_gone(review):
    async def act(user):
        await user.press("a")
        Path(user.review.root, name(0)).unlink()
        Path(user.review.root, name(CATS[1])).unlink()
        await user.press("f", "end", "enter")
        user.ui.background.rescan()
        await user.rest()
        assert len(user.review.photos.listing) == 28
        assert user.here == name(SHY)
        assert len(user.review.photos.view) == 1

    at(review, DOGS[0], act)


def test_a_filter_that_is_slow_is_not_of_photos_that_have_gone_meanwhile(review, monkeypatch):
    counting, gone = threading.Event(), threading.Event()
    everywhere = review.photos.held_back

    def slowly():
        counting.set()
        assert gone.wait(60)
        return everywhere()

    async def act(user):
        await user.press("a")
        monkeypatch.setattr(review.photos, "held_back", slowly)
        await user.pilot.press("f", "end", "enter")
        await asyncio.to_thread(counting.wait, 60)
        Path(user.review.root, name(0)).unlink()
        user.ui.views.take_listing(rescan(user.review.job).listing)
        gone.set()
        while len(user.review.photos.view) > 1:
            await user.pilot.pause(0.01)
        assert user.here == name(SHY)

    at(review, DOGS[0], act)

"""Undo and redo of acts and checks, mixed, back to the first one and forward again."""

import re
from itertools import pairwise

from tests.tui.reviewing import at_review

ALL = ["a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "sea/e.jpg", "town/f.jpg", "town/g.png"]


def state(user):
    return user.held_each(ALL), user.kept_each(ALL)


def test_every_step_is_taken_back_to_the_first_and_done_again_to_the_last(ran):
    steps = [
        ("2",), ("a",), ("3",), ("1",), ("c",), ("a",), ("y", "l", "p"), ("T", "enter"),
        ("v", "l", "2", "enter"), ("A", "enter"), ("C", "enter"), ("G", "t"),
    ]  # fmt: skip

    async def act(user):
        seen = [state(user)]
        for keys in steps:
            await user.press(*keys)
            seen.append(state(user))
        assert all(before != after for before, after in pairwise(seen))
        for before in reversed(seen[:-1]):
            await user.press("u")
            assert state(user) == before
            assert user.shown_is_on_disk()
        await user.press("u")
        assert "nothing is left to undo" in user.status
        assert state(user) == seen[0]
        for after in seen[1:]:
            await user.press("ctrl+r")
            assert state(user) == after
        await user.press("ctrl+r")
        assert "nothing is left to redo" in user.status
        assert state(user) == seen[-1]

    at_review(ran, act)


def test_the_cursor_goes_to_what_was_undone_and_its_checks_are_open_again(ran):
    async def act(user):
        await user.press("2", "a", "G", "u")
        assert user.here == "a.jpg"
        assert user.checked == {"snow", "dog"}
        assert user.mark == "✎"
        assert re.search(r"taken back: approved dog, snow on a\.jpg, \d\d:\d\d", user.status)
        await user.press("G", "ctrl+r")
        assert user.here == "a.jpg"
        assert user.mark == "✓"
        assert "done again: approved dog, snow on a.jpg, " in user.status

    at_review(ran, act)


def test_checks_that_come_after_an_undo_are_not_overrun_by_redo(ran):
    async def act(user):
        await user.press("a", "u", "2")
        kept = user.kept("a.jpg")
        assert "dog" in kept
        await user.press("ctrl+r")
        assert "nothing is left to redo" in user.status
        assert user.kept("a.jpg") == kept
        assert user.decided() == []

    at_review(ran, act)


def test_undo_reaches_back_over_a_restart(ran):
    async def decide(user):
        await user.press("a", "a", "q")

    async def undo(user):
        for left in (["a.jpg"], []):
            await user.press("u")
            assert "Take back: approved" in user.screen
            assert "It is of an earlier session." in user.screen
            await user.press("enter")
            assert user.decided() == left
        assert user.here == "a.jpg"
        await user.press("u")
        assert "nothing is left to undo" in user.status
        await user.press("ctrl+r", "escape")
        assert user.decided() == []
        await user.press("ctrl+r", "enter")
        assert user.decided() == ["a.jpg"]

    at_review(ran, decide)
    at_review(ran, undo)


def test_an_act_on_photos_that_are_not_all_on_the_screen_is_taken_back_after_a_question(many):
    async def act(user):
        await user.press("A", "enter")
        assert len(user.decided()) == 67
        await user.press("u")
        assert "Take back: approved " in user.screen
        assert " on 67 photos, " in user.screen
        assert " photos of it can't be seen here." in user.screen
        await user.press("escape")
        assert len(user.decided()) == 67
        await user.press("u", "enter")
        assert user.decided() == []
        assert "taken back: approved " in user.status
        await user.press("ctrl+r", "enter")
        assert len(user.decided()) == 67

    at_review(many, act, (80, 24))


def test_one_photo_that_is_far_away_is_asked_about_and_gone_to(many):
    async def act(user):
        await user.press("a", "G", "u")
        assert "Take back: approved snow on a.jpg, " in user.screen
        assert user.here == "trip/59.png"
        await user.press("enter")
        assert (user.here, user.decided()) == ("a.jpg", [])

    at_review(many, act, (80, 24))


def test_what_was_just_approved_is_taken_back_at_once_where_no_grid_is_shown(many):
    async def act(user):
        for on, off in ((";", "q"), ("z", "z")):
            await user.press(on, "enter" if on == ";" else "a")
            assert user.decided() == ["a.jpg"]
            await user.press("u", off)
            assert (user.here, user.decided()) == ("a.jpg", [])

    at_review(many, act, (80, 24))


def test_a_label_and_a_photo_without_any_are_named(ran):
    async def act(user):
        await user.press("1", "a", "u")
        assert "taken back: approved no label on a.jpg, " in user.status
        await user.press("u")
        assert "taken back: changed checks on a.jpg, " in user.status

    at_review(ran, act)

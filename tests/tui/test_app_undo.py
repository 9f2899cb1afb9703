"""Undo and redo of acts and checks, mixed, back to the first one and forward again."""

from itertools import pairwise

from tests.tui.reviewing import at_review

ALL = ["a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "sea/e.jpg", "town/f.jpg", "town/g.png"]


def state(user):
    return {name: (user.held(name), user.kept(name)) for name in ALL}


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
        assert "undone on 1 photo" in user.status
        await user.press("G", "ctrl+r")
        assert user.here == "a.jpg"
        assert user.mark == "✓"
        assert "done again on 1 photo" in user.status

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
        await user.press("u", "u")
        assert user.decided() == []
        assert user.here == "a.jpg"
        await user.press("u")
        assert "nothing is left to undo" in user.status
        await user.press("ctrl+r")
        assert user.decided() == ["a.jpg"]

    at_review(ran, decide)
    at_review(ran, undo)

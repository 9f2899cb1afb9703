"""Undo and redo of acts and checks, mixed, back to the first one and forward again."""

from itertools import pairwise

from tests.tui.reviewing import at_desk

ALL = ["a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "sea/e.jpg", "town/f.jpg", "town/g.png"]


def state(desk):
    return {name: (desk.held(name), desk.kept(name)) for name in ALL}


def test_every_step_is_taken_back_to_the_first_and_done_again_to_the_last(ran):
    steps = [
        ("2",), ("a",), ("3",), ("1",), ("c",), ("a",), ("y", "l", "p"), ("T",), ("v", "l", "2"),
        ("escape", "A", "enter"), ("C",), ("t",),
    ]  # fmt: skip

    async def act(desk):
        seen = [state(desk)]
        for keys in steps:
            await desk.press(*keys)
            seen.append(state(desk))
        assert all(before != after for before, after in pairwise(seen))
        for before in reversed(seen[:-1]):
            await desk.press("u")
            assert state(desk) == before
            assert desk.shown_is_on_disk()
        await desk.press("u")
        assert "nothing is left to undo" in desk.status
        assert state(desk) == seen[0]
        for after in seen[1:]:
            await desk.press("ctrl+r")
            assert state(desk) == after
        await desk.press("ctrl+r")
        assert "nothing is left to redo" in desk.status
        assert state(desk) == seen[-1]

    at_desk(ran, act)


def test_the_cursor_goes_to_what_was_undone_and_its_checks_are_open_again(ran):
    async def act(desk):
        await desk.press("2", "a", "G", "u")
        assert desk.here == "a.jpg"
        assert desk.checked == {"snow", "dog"}
        assert desk.mark == "✎"
        assert "undone on 1 photo" in desk.status
        await desk.press("G", "ctrl+r")
        assert desk.here == "a.jpg"
        assert desk.mark == "✓"
        assert "done again on 1 photo" in desk.status

    at_desk(ran, act)


def test_checks_that_come_after_an_undo_are_not_overrun_by_redo(ran):
    async def act(desk):
        await desk.press("a", "u", "2")
        kept = desk.kept("a.jpg")
        assert "dog" in kept
        await desk.press("ctrl+r")
        assert "nothing is left to redo" in desk.status
        assert desk.kept("a.jpg") == kept
        assert desk.decided() == []

    at_desk(ran, act)


def test_undo_reaches_back_over_a_restart(ran):
    async def decide(desk):
        await desk.press("a", "a", "q")

    async def undo(desk):
        await desk.press("u", "u")
        assert desk.decided() == []
        assert desk.here == "a.jpg"
        await desk.press("u")
        assert "nothing is left to undo" in desk.status
        await desk.press("ctrl+r")
        assert desk.decided() == ["a.jpg"]

    at_desk(ran, decide)
    at_desk(ran, undo)

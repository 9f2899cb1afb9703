"""A second terminal on one run_dir: it shows everything and changes nothing."""

import os

from tests.review.conftest import reviewing
from tests.tui.reviewing import sit


def test_every_deciding_key_says_who_holds_it_and_changes_nothing(ran):
    async def act(desk):
        assert "read-only" in desk.status
        assert f"read-only: process {os.getpid()} on " in desk.status
        for keys in (
            "a", "enter", "1", "space", "t", "c", "C", "T", "A enter", "u", "ctrl+r", "y p",
            "v l a", "escape", "/ f o r enter", "/ n e w enter", "e",
        ):  # fmt: skip
            await desk.press(*keys.split())
            assert desk.decided() == ["a.jpg"]
            assert desk.kept("b.png") is None
            assert desk.checked == desk.review.checklist(desk.app.grid.position).checked
        assert f"read-only: process {os.getpid()} on " in desk.status
        assert desk.shown_is_on_disk()

    with reviewing(ran) as first:
        first.approve(0, first.checklist(0))
        with reviewing(ran, images="none") as second:
            sit(second, act, (160, 36))


def test_looking_works_all_the_same(ran):
    async def act(desk):
        await desk.press("]", "l")
        assert desk.here == "sea/d.jpg"
        await desk.press("-", "-", "f", "2", "s", "2", "z", "z", "i", "i", "?", "escape")
        assert "read-only" in desk.status
        await desk.press("w")
        assert f"read-only: process {os.getpid()} on " in desk.screen
        await desk.press("enter", "escape")
        assert list(ran.root.rglob("*.xmp")) == []

    with reviewing(ran) as first:
        first.approve(0, first.checklist(0))
        with reviewing(ran, images="none") as second:
            sit(second, act, (160, 36))

"""A second terminal on one run_dir: it shows everything and changes nothing."""

import os

from tests.review.conftest import reviewing
from tests.tui.reviewing import sit


def test_every_deciding_key_says_who_holds_it_and_changes_nothing(ran):
    async def act(user):
        assert "read-only" in user.status
        assert f"read-only: process {os.getpid()} on " in user.status
        for keys in (
            "a", "enter", "1", "space", "t", "c", "C", "T", "A enter", "u", "ctrl+r", "y p",
            "v l a", "escape", "# f o r enter", "# n e w down enter", "e",
        ):  # fmt: skip
            await user.press(*keys.split())
            assert user.decided() == ["a.jpg"]
            assert user.kept("b.png") is None
            assert (
                user.checked == user.review.photos.checklist(user.ui.grid.cursor.position).checked
            )
        assert f"read-only: process {os.getpid()} on " in user.status
        assert user.shown_is_on_disk()

    with reviewing(ran) as first:
        first.approve(0, first.photos.checklist(0))
        with reviewing(ran, images="none") as second:
            sit(second, act, (160, 36))


def test_who_decides_is_said_once_also_where_a_key_is_refused(ran):
    async def act(user):
        holder = f"process {os.getpid()} on "
        assert user.status.count("read-only") == user.status.count(holder) == 1
        assert "wait for it, or end it" in user.status
        for key in ("a", "r", "u"):
            await user.press(key)
            assert user.status.strip().startswith("not done: wait for it, or end it")
            assert user.status.count("read-only") == user.status.count(holder) == 1

    with reviewing(ran) as first:
        first.approve(0, first.photos.checklist(0))
        with reviewing(ran, images="none") as second:
            sit(second, act, (120, 36))


def test_looking_works_all_the_same(ran):
    async def act(user):
        await user.press("]", "l")
        assert user.here == "sea/d.jpg"
        await user.press("-", "-", "f", "2", "s", "2", "z", "z", "i", "i", "?", "escape")
        assert "read-only" in user.status
        await user.press("w")
        assert f"read-only: process {os.getpid()} on " in user.screen
        await user.press("enter", "escape")
        assert list(ran.root.rglob("*.xmp")) == []

    with reviewing(ran) as first:
        first.approve(0, first.photos.checklist(0))
        with reviewing(ran, images="none") as second:
            sit(second, act, (160, 36))

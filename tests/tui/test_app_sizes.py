"""Terminals of every size, also while one works."""

import pytest

from tests.tui.reviewing import at_desk

SIZES = [(60, 20), (80, 24), (120, 36), (160, 48)]


@pytest.mark.parametrize("images", ["none", "halfcell"])
@pytest.mark.parametrize("size", SIZES)
def test_photos_labels_status_and_footer_are_there(many, size, images):
    async def act(desk):
        assert "▸· a.jpg" in desk.screen
        assert "1 [x]   snow" in desk.screen
        assert "67 undecided" in desk.status
        footer = desk.screen.splitlines()[-1]
        assert " a approve" in footer
        assert " ? help  q quit " in footer
        assert ("folders" in desk.screen) == (size[0] >= 110)
        await desk.press("a")
        assert desk.decided() == ["a.jpg"]

    at_desk(many, act, size, images=images)


def test_the_terminal_may_change_in_mid_work(many):
    async def act(desk):
        decided = []
        await desk.press("]", "]", "]", *"llllll", "2")
        kept = desk.kept(desk.here)
        for size in [(60, 20), (160, 48), (80, 24), (160, 48), (60, 20)]:
            here = desk.here
            await desk.pilot.resize_terminal(*size)
            await desk.rest()
            assert desk.here == here
            assert f"▸{'✎' if not decided else '·'} {here.rpartition('/')[2]}" in desk.screen
            assert (desk.app.size.width, desk.app.size.height) == size
            await desk.press("a")
            decided.append(here)
            assert desk.decided() == decided
        assert desk.approved(decided[0]) == kept

    at_desk(many, act, (160, 48))


@pytest.mark.parametrize("key", ["?", "/", "f", "s", "A", "w"])
def test_a_dialog_survives_another_size(ran, key):
    async def act(desk):
        await desk.press(key)
        for size in [(60, 20), (160, 48)]:
            await desk.pilot.resize_terminal(*size)
            await desk.rest()
            assert " esc " in desk.screen
        await desk.press("escape")
        assert "labels · 1 checked" in desk.screen
        assert desk.decided() == []

    at_desk(ran, act, (120, 36))

"""Keys of one's own, and the table against the app."""

import pytest

from phototagger.tui.app import ReviewApp
from phototagger.tui.keys import ACTIONS
from tests.tui.reviewing import at_desk


def test_a_rebound_key_takes_the_place_of_the_usual_one_everywhere(ran):
    async def act(desk):
        assert " x approve" in desk.screen.splitlines()[-1]
        await desk.press("a", "enter")
        assert desk.decided() == []
        await desk.press("x")
        assert desk.decided() == ["a.jpg"]
        await desk.press("?")
        line = next(one for one in desk.screen.splitlines() if "Approve what is checked" in one)
        assert "x  " in line

    at_desk(ran, act, keys={"approve": "x"})


def test_keys_can_change_places_and_lists_follow(ran):
    async def act(desk):
        await desk.press("k", "k")
        assert desk.here == "town/g.png"
        await desk.press("j")
        assert desk.here == "sea/d.jpg"
        await desk.press("g", "tab", "k")
        assert desk.app.list_.cursor == 1

    at_desk(ran, act, keys={"down": "k down", "up": "j up"})


def test_digits_can_be_other_keys(ran):
    async def act(desk):
        await desk.press("2")
        assert desk.kept("a.jpg") is None
        await desk.press("x")
        assert desk.kept("a.jpg") == {"snow", "dog"}

    at_desk(ran, act, keys={"toggle_2": "x"})


@pytest.mark.parametrize("action", [one for one in ACTIONS if "." not in one.call])
def test_every_action_of_the_table_exists(action):
    name = (action.call or action.name).partition("(")[0]
    assert callable(getattr(ReviewApp, f"action_{name}"))

"""Keys of one's own, and the table against the app."""

import pytest
from textual import constants
from textual.drivers import linux_driver

from phototagger.tui.app import ReviewApp
from phototagger.tui.contexts import CONTEXTS
from phototagger.tui.keys import ACTIONS
from phototagger.tui.rebinding import rebound
from phototagger.tui.textual_patches.late import pass_over_late_answers
from tests.review.conftest import reviewing
from tests.tui.reviewing import at_review


def test_a_rebound_key_takes_the_place_of_the_usual_one_everywhere(ran):
    async def act(user):
        assert " M approve" in user.screen.splitlines()[-1]
        await user.press("a", "enter")
        assert user.decided() == []
        await user.press("M")
        assert user.decided() == ["a.jpg"]
        await user.press("?")
        line = next(one for one in user.screen.splitlines() if "Approve what is checked" in one)
        assert "M  " in line

    at_review(ran, act, keys={"approve": "M"})


def test_keys_can_change_places_and_lists_follow(ran):
    async def act(user):
        await user.press("k", "k")
        assert user.here == "town/g.png"
        await user.press("j")
        assert user.here == "sea/d.jpg"
        await user.press("g", "tab", "k")
        assert user.ui.labels.label == "dog"

    at_review(ran, act, keys={"down": "k down", "up": "j up"})


def test_digits_can_be_other_keys(ran):
    async def act(user):
        await user.press("2")
        assert user.kept("a.jpg") is None
        await user.press("M")
        assert user.kept("a.jpg") == {"snow", "dog"}

    at_review(ran, act, keys={"toggle_2": "M"})


def test_every_action_of_the_table_has_exactly_one_handler_and_none_is_left_over(ran):
    # Two handlers of one word are refused when the screen is made.
    with reviewing(ran, images="none") as review:
        screen = ReviewApp(review, rebound({})).review_screen
    table = {action.name for action in ACTIONS}
    own = {action.name for context in CONTEXTS for action in context.own}
    assert set(screen.words) - own == table - own - {"palette"}  # Textual's own


@pytest.mark.parametrize("key", ["[", "O", "P", "_", "]", "u", "A"])
@pytest.mark.parametrize(
    ("opens", "sign"),
    [(";", " LETTER KEYS "), ("#", "find a label"), ("f", "show which photos?")],
)
def test_an_escape_byte_read_with_a_key_closes_what_is_open_and_does_nothing_else(
    ran, monkeypatch, key, opens, sign
):
    monkeypatch.setattr(linux_driver, "XTermParser", linux_driver.XTermParser)
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 0)
    pass_over_late_answers()
    reader = linux_driver.XTermParser()

    async def act(user):
        await user.press(opens)
        assert sign in user.screen
        for event in [*reader.feed(f"\x1b{key}"), *reader.tick()]:
            await user.press(event.key)
        assert sign not in user.screen
        assert user.here == "a.jpg"
        assert user.decided() == []

    at_review(ran, act)

"""The mouse: photos, labels, folders and the footer can be clicked, the wheel scrolls."""

import pytest
from textual.events import MouseScrollDown

from tests.tui.reviewing import at_review


def test_a_click_goes_to_a_photo_and_a_double_click_shows_it_large(ran):
    async def act(user):
        await user.click("e.jpg")
        assert user.here == "sea/e.jpg"
        await user.click("b.png", times=2)
        assert user.app.screen.has_class("large")
        assert user.screen.splitlines()[0].startswith("b.png")
        assert user.decided() == []

    at_review(ran, act)


def test_a_click_on_a_label_toggles_it(ran):
    async def act(user):
        await user.click("3 □   night", after=8)
        assert user.kept("a.jpg") == user.checked == {"snow", "night"}
        await user.click("■   snow", after=6)
        assert user.kept("a.jpg") == user.checked == {"night"}
        await user.press("a")
        assert user.approved("a.jpg") == {"night"}

    at_review(ran, act)


def test_a_click_on_a_folder_goes_there(ran):
    async def act(user):
        await user.click("town")
        assert user.here == "town/f.jpg"

    at_review(ran, act)


def test_the_wheel_scrolls_photos_and_leaves_the_cursor(many):
    async def act(user):
        top = user.ui.grid.seen.start
        for _ in range(3):
            await user.pilot._post_mouse_events([MouseScrollDown], user.ui.grid, (5, 5))
        await user.rest()
        assert user.ui.grid.seen.start > top
        assert user.here == "a.jpg"

    at_review(many, act, (80, 24))


FOOTER = {
    "approve": lambda user: user.decided() == ["a.jpg"],
    "clear": lambda user: user.kept("a.jpg") == set(),
    "letter keys": lambda user: "LETTER KEYS" in user.screen,
    "find label": lambda user: "find a label" in user.screen,
    "undo": lambda user: "nothing is left to undo" in user.status,
    "range": lambda user: "1 marked" in user.screen,
    "filter": lambda user: "show which photos?" in user.screen,
    "order": lambda user: "in which order?" in user.screen,
    "help": lambda user: "MOVE" in user.screen,
    "quit": lambda user: user.app.return_value == 0,
}


@pytest.mark.parametrize("word", FOOTER)
def test_every_word_of_the_footer_can_be_clicked(ran, word):
    async def act(user):
        footer = user.screen.splitlines()[-1]
        await user.pilot.click(offset=(footer.index(f" {word}") + 2, user.app.size.height - 1))
        await user.rest()
        assert FOOTER[word](user)

    at_review(ran, act)

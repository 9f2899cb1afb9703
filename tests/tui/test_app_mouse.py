"""The mouse: photos, labels, folders and the footer can be clicked, the wheel scrolls."""

import pytest
from textual.events import MouseScrollDown

from tests.tui.reviewing import at_desk


def test_a_click_goes_to_a_photo_and_a_double_click_shows_it_large(ran):
    async def act(desk):
        await desk.click("e.jpg")
        assert desk.here == "sea/e.jpg"
        await desk.click("b.png", times=2)
        assert desk.app.screen.has_class("large")
        assert desk.screen.splitlines()[0].startswith("b.png")
        assert desk.decided() == []

    at_desk(ran, act)


def test_a_click_on_a_label_toggles_it(ran):
    async def act(desk):
        await desk.click("3 [ ]   night", after=8)
        assert desk.kept("a.jpg") == desk.checked == {"snow", "night"}
        await desk.click("[x]   snow", after=6)
        assert desk.kept("a.jpg") == desk.checked == {"night"}
        await desk.press("a")
        assert desk.approved("a.jpg") == {"night"}

    at_desk(ran, act)


def test_a_click_on_a_folder_goes_there(ran):
    async def act(desk):
        await desk.click("town")
        assert desk.here == "town/f.jpg"

    at_desk(ran, act)


def test_the_wheel_scrolls_photos_and_leaves_the_cursor(many):
    async def act(desk):
        top = desk.app.grid.seen.start
        for _ in range(3):
            await desk.pilot._post_mouse_events([MouseScrollDown], desk.app.grid, (5, 5))
        await desk.rest()
        assert desk.app.grid.seen.start > top
        assert desk.here == "a.jpg"

    at_desk(many, act, (80, 24))


FOOTER = {
    "approve": lambda desk: desk.decided() == ["a.jpg"],
    "clear": lambda desk: desk.kept("a.jpg") == set(),
    "find": lambda desk: "find labels and photos" in desk.screen,
    "undo": lambda desk: "nothing is left to undo" in desk.status,
    "select": lambda desk: "1 selected" in desk.screen,
    "filter": lambda desk: "show which photos?" in desk.screen,
    "order": lambda desk: "in which order?" in desk.screen,
    "help": lambda desk: "MOVE" in desk.screen,
    "quit": lambda desk: desk.app.return_value == 0,
}


@pytest.mark.parametrize("word", FOOTER)
def test_every_word_of_the_footer_can_be_clicked(ran, word):
    async def act(desk):
        footer = desk.screen.splitlines()[-1]
        await desk.pilot.click(offset=(footer.index(f" {word}") + 2, desk.app.size.height - 1))
        await desk.rest()
        assert FOOTER[word](desk)

    at_desk(ran, act)

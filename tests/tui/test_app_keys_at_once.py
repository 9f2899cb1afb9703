"""Keys that come at once, as a slow line brings them: what the first one closed takes no other."""

import pytest
from textual import events

from tests.engine.process.processes import process
from tests.tui.reviewing import at_review

__all__ = ["process"]

WAYS = {
    "search": ["/"],
    "search for d": ["/", "d"],
    "search in a search": ["/", "a", "enter", "/", "b"],
    "find": ["#", "d"],
    "filter": ["f"],
    "order": ["s", "3"],
    "settings": ["o", "down", "down", "enter"],
    "sidecars": ["w"],
    "label list": ["L"],
    "rename": ["L", "R"],
    "merge": ["L", "M"],
    "pages": ["L", "enter"],
    "question": ["A"],
    "palette": ["ctrl+p"],
}


async def press_at_once(user, *keys):
    for key in keys:
        user.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await user.rest()


@pytest.mark.parametrize("keys", [["escape"] * 3, ["enter"] * 3, ["enter", "escape", "enter"]])
@pytest.mark.parametrize("way", WAYS)
def test_no_key_too_many_ends_the_review_or_leaves_more_than_was_open(ran, process, way, keys):
    async def act(user):
        await user.press("a", *WAYS[way])
        await press_at_once(user, *keys)
        assert user.app.is_running
        for _ in range(8):
            if user.app.screen is not user.ui:
                await user.press("escape")
        assert user.app.screen is user.ui
        assert user.ui.acts.busy == ""
        assert user.shown_is_on_disk()

    at_review(ran, act)


def test_two_that_leave_the_pages_lead_to_the_label_list(ran, process):
    async def act(user):
        await user.press("L", "enter")
        await press_at_once(user, "escape", "escape")
        assert "LABEL LIST" in user.screen

    at_review(ran, act)


def test_two_that_leave_a_search_leave_no_other_search(many):
    async def act(user):
        await user.press("/", *"name:1", "enter")
        found = user.review.photos.results
        await user.press("/", *"name:2")
        await press_at_once(user, "escape", "escape")
        assert user.review.photos.results is found

    at_review(many, act)


def test_a_label_that_is_found_is_taken_once(ran):
    async def act(user):
        await user.press("#", *"dog")
        await press_at_once(user, "tab", "tab")
        assert user.decided() == ["a.jpg"]
        await user.press("#", *"dog")
        await press_at_once(user, "shift+tab", "shift+tab")
        await user.press("escape")
        assert user.app.screen is user.ui

    at_review(ran, act)

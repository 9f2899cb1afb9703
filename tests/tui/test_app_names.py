"""What the review remembers of a label goes by what it is called now."""

import pytest

from tests.engine.process.processes import process
from tests.tui.reviewing import at_review
from tests.tui.test_app_views import shown

__all__ = ["process"]

NAME = ["backspace"] * 4


async def name(user, key, *then):
    """In the label list, do something to the label at the cursor."""
    await user.press("L", "/", *"snow", "down", key, *then, "enter")
    await user.press("escape", "escape")


async def rename(user):
    await name(user, "R", *NAME, *"hail", "enter")


def in_file(user):
    return user.review.labels


def test_copied_and_repeated_labels_are_those_that_they_are_called_now(ran, process):
    async def act(user):
        await user.press("y")
        copied = user.checked
        assert "snow" in copied
        await user.press("a")
        await rename(user)
        renamed = (copied - {"snow"}) | {"hail"}
        for key in ("p", "."):
            await user.press(key)
            assert user.checked == renamed
            await user.press("c")
        await user.press("u", "u", "u", "u", "u", "enter")
        assert "snow" in in_file(user)
        await user.press("G", "p")
        assert user.checked == copied

    at_review(ran, act)


def test_a_removed_label_is_not_pasted_nor_repeated(ran, process):
    async def act(user):
        await user.press("y", "a")
        await name(user, "x")
        for key in ("p", "."):
            await user.press(key)
            assert "snow" not in user.checked

    at_review(ran, act)


@pytest.mark.parametrize("how", ["rename", "remove", "file"])
def test_the_order_of_a_label_ends_or_goes_on_as_that_is_called_now(ran, process, how):
    async def act(user):
        await user.press("s", "3", *"snow", "enter")
        before = shown(user)
        if how == "rename":
            await rename(user)
        elif how == "remove":
            await name(user, "x")
        else:
            (ran.folder / "labels.txt").write_text("cat\ndog")
            await user.press("r", "down", "down", "down", "down", "enter", "escape")
            assert "snow" not in in_file(user)
        await user.press("f", "2")
        assert sorted(shown(user)) == sorted(before)
        assert user.app.is_running

    at_review(ran, act)


def test_a_photo_that_is_shown_is_approved_by_what_its_labels_are_called_now(ran, process):
    async def act(user):
        await user.press("a")
        await rename(user)
        await user.press("h")
        assert "hail" in user.checked
        await user.press("u")
        assert "snow" in user.checked
        assert "hail" not in user.screen.replace("renamed snow to hail", "")
        await user.press("a")
        assert "snow" in user.approved("a.jpg")
        assert "hail" not in user.approved("a.jpg")

    at_review(ran, act)


def test_a_name_of_a_label_that_no_photo_has_is_taken_back_among_the_photos(ran, process):
    async def act(user):
        await rename(user)
        assert "hail" in in_file(user)
        await user.press("u", "enter")
        assert "hail" not in in_file(user)
        await user.press("u")
        assert "nothing is left to undo" in user.status
        await user.press("ctrl+r", "enter")
        assert "hail" in in_file(user)
        assert user.decided() == []
        await user.press("ctrl+r")
        assert "nothing is left to redo" in user.status

    at_review(ran, act)


def test_what_was_taken_back_stays_said_while_the_label_gets_its_vector(ran, process):
    async def act(user):
        await user.press("a")
        await rename(user)
        await user.press("u")
        assert "taken back: renamed snow to hail" in user.status
        await user.press("ctrl+r")
        assert "done again: renamed snow to hail" in user.status
        await user.press("C", "enter", "#", *"kite", "down", "shift+tab", "enter")
        assert "kite" in user.status

    at_review(ran, act)

"""Finding labels and new words by what is typed."""

import pytest

from phototagger.engine.decisions.naming import Kind, plan_naming
from phototagger.store.labels.custom_labels import words
from tests.engine.process.processes import process
from tests.tui.reviewing import at_review

__all__ = ["process"]


def test_a_label_is_found_checked_and_approved(ran):
    async def act(user):
        await user.press("#")
        await user.type("nig")
        assert "□ night" in user.screen
        await user.press("enter")
        assert user.kept("a.jpg") == user.checked == {"snow", "night"}
        assert user.ui.labels.label == "night"
        await user.press("a")
        assert user.approved("a.jpg") == {"snow", "night"}

    at_review(ran, act)


@pytest.mark.parametrize("columns", [80, 120])
def test_the_keys_of_the_field_are_on_the_last_line_alone(ran, columns):
    async def act(user):
        await user.press("#")
        *others, last = user.screen.splitlines()
        for key in ("enter add", "tab add", "shift+tab on all", "esc leave"):
            assert key in last
        assert not [line for line in others if "tab" in line]

    at_review(ran, act, (columns, 30))


def test_a_new_word_is_offered_kept_and_there_after_a_restart(ran, process):
    async def add(user):
        await user.press("#")
        await user.type("Red Kite")
        assert "add the new label “red kite”" in user.screen
        await user.press("down", "enter")
        assert user.kept("a.jpg") == {"snow", "red kite"}
        with user.disk() as catalogue:
            assert words(catalogue) == ["red kite"]
        await user.rest()  # it is embedded at once, whether the model was loaded or not
        assert "red kite" in user.review.suggestions.suggester.labels
        assert process.did("loads") == 1
        await user.press("a")

    async def look(user):
        await user.press("g", "#")
        await user.type("kite")
        assert "■ red kite" in user.screen
        await user.press("escape")
        assert user.checked == {"snow", "red kite"}

    at_review(ran, add)
    at_review(ran, look)
    assert "red kite" not in (ran.folder / "labels.txt").read_text()


def test_what_cannot_be_a_label_is_not_added(ran):
    async def act(user):
        await user.press("#")
        await user.type("a|b")
        assert "no label: it" in user.screen
        await user.press("enter", "escape")
        with user.disk() as catalogue:
            assert words(catalogue) == []
        assert user.kept("a.jpg") is None

    at_review(ran, act)


def test_a_label_is_found_by_its_synonym(ran, process):
    async def act(user):
        review = user.review
        plan = plan_naming(review.job.catalogue, Kind.SYNONYM, "moggy", "cat", review.labels)
        review.name_label(plan)
        await user.press("#", *"mogg", "enter")
        assert "cat" in user.kept("a.jpg")

    at_review(ran, act)


def test_letters_in_the_field_are_letters(ran):
    async def act(user):
        await user.press("#", "q", "a", "?", "escape")
        assert user.decided() == []
        assert user.kept("a.jpg") is None

    at_review(ran, act)


def test_a_label_found_for_a_range_is_checked_on_all_of_it(ran):
    async def act(user):
        await user.press("v", "l", "#")
        await user.type("forest")
        await user.press("enter")
        assert "2 photos" in user.screen  # it asks first
        await user.press("enter")
        assert "forest" in user.kept("a.jpg") & user.kept("b.png")
        assert user.kept("sea/c.jpg") is None

    at_review(ran, act)

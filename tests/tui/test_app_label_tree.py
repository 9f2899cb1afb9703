"""The review of a library whose labels file is a tree."""

import re

import pytest

from tests.engine.conftest import Library
from tests.tui.reviewing import at_review

TREE = """# labels: tree
[animals]
animals > cat = kitten
animals > dog
animals > dog > beagle
vehicles > beagle
snow
"""


@pytest.fixture
def tree(photos: Library) -> Library:
    file = photos.folder / "labels.txt"
    file.write_text(TREE)
    labels = [
        "animals > cat", "animals > dog", "animals > dog > beagle", "vehicles > beagle", "snow",
    ]  # fmt: skip
    photos.run(labels=labels, labels_file=str(file))
    return photos


def test_labels_stand_by_their_last_level_and_with_more_where_two_are_equal(tree):
    async def act(user):
        lines = [line for line in user.screen.splitlines() if "■" in line or "□" in line]
        text = "\n".join(lines)
        assert " cat " in text
        assert "animals > cat" not in text
        assert "dog > beagle" in text
        assert "vehicles > beagle" in text

    at_review(tree, act)


def test_a_synonym_finds_its_label_and_the_decision_is_of_the_whole_path(tree):
    async def act(user):
        name = user.here
        await user.press("c", "#")
        await user.type("kitt")
        assert "cat" in user.screen
        await user.press("tab")
        assert user.held(name).get("animals > cat") is True

    at_review(tree, act)


def test_the_label_list_is_a_tree_by_name(tree):
    async def act(user):
        await user.press("L", "s", "2")
        lines = [line for line in user.screen.splitlines()[2:] if "of 10" in line]
        assert [re.match(r".(.*?\S)  +\d", line)[1] for line in lines] == [
            "animals > cat", "  dog", "    beagle", "snow", "vehicles > beagle",
        ]  # fmt: skip

    at_review(tree, act)


def test_letter_keys_go_by_the_level_that_is_shown(tree):
    async def act(user):
        await user.press(";")
        given = user.ui.letters._board.keys.labels
        assert given["c"] == "animals > cat"
        assert given["s"] == "snow"

    at_review(tree, act)


def test_no_screen_says_a_whole_path_where_the_last_level_is_enough(tree):
    async def act(user):
        seen = []

        async def press(*keys):
            for key in keys:
                await user.press(key)
                seen.append(user.screen)

        await press("c", "1", "2", "3", "a", "u", "ctrl+r", "left", "y", "i", "i")
        await press("tab", "tab", "down", "up", "escape")  # why a label is suggested
        await press("V", "A", "escape", "1", "escape", "V")
        await press("#")
        await user.type("dog")
        await press("shift+tab", "escape", "escape")
        await press("s", "3", "down", "enter")
        await press("L", ";", "d", ";", "c", "M", "escape", "=", "escape")
        await press("enter", "escape", "escape")
        text = "\n".join(seen)
        for said in ("cosine", "copied: ", "taken back: approved", "done again", "which letter is"):
            assert said in text
        assert [line for line in text.splitlines() if "animals >" in line] == []

    at_review(tree, act)


def test_a_search_knows_labels_by_their_last_level_and_by_synonyms(tree):
    async def act(user):
        name = user.here
        await user.press("c", "#")
        await user.type("kitt")
        await user.press("tab", "/")
        await user.type("label:cat")
        assert user.here == name
        assert len(user.review.photos.view) == 1
        await user.press("escape", "/")
        await user.type("label:kitten")
        assert len(user.review.photos.view) == 1

    at_review(tree, act)

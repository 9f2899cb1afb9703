"""Settings that are changed in the review, and kept in config.yaml."""

import re
from dataclasses import replace

import pytest

from phototagger.engine.library.threshold import LEAST
from phototagger.settings.keep import ConfigFile
from phototagger.settings.load import read_settings
from phototagger.settings.model import AutoThreshold
from phototagger.tui.screens.settings import NAMES
from tests.engine.pictures import picture
from tests.review.conftest import reviewing
from tests.tui.reviewing import at_review

COLUMNS = ["down"] * NAMES.index("columns")
FOUR = ["o", *COLUMNS, "enter", "backspace", "4", "enter"]


@pytest.fixture
def config(tmp_path, monkeypatch):
    """Where config.yaml would lie: the current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "config.yaml"


def test_w_in_the_settings_uses_and_saves_them_and_says_in_which_file(ran, config):
    config.write_text("columns: 6  # on the large screen\n# the end\n")

    async def act(user):
        await user.press(*FOUR)
        assert "w saves them in" in user.screen
        await user.press("w")
        assert user.review.settings.columns == 4
        assert f"saved columns in {config.parent.parent}" in user.status

    at_review(ran, act, size=(160, 40))
    assert config.read_text() == "columns: 4  # on the large screen\n# the end\n"
    assert read_settings({}, config).columns == 4


def test_what_was_used_before_can_be_saved_later(ran, config):
    config.write_text("columns: 6\n")

    async def act(user):
        await user.press(*FOUR, "s")
        assert "o, w saves them" in user.status
        assert config.read_text() == "columns: 6\n"
        await user.press("o", "w")
        assert "saved columns in" in user.status
        await user.press("o", "w")
        assert "nothing to save" in user.status

    at_review(ran, act, size=(160, 40))
    assert config.read_text() == "columns: 4\n"


@pytest.mark.parametrize("yes", [True, False])
def test_a_file_is_made_only_where_somebody_says_so(ran, config, yes):
    async def act(user):
        await user.press(*FOUR, "w")
        assert "It is not there yet." in user.screen
        assert "It will say: columns." in user.screen
        assert not config.exists()
        await user.press("enter" if yes else "escape")
        assert user.review.settings.columns == 4
        assert ("saved columns" in user.status) == yes

    at_review(ran, act, size=(160, 40))
    assert config.exists() == yes


def test_settings_for_which_the_review_is_opened_again_are_saved_before_and_it_says_so_then(
    ran, config
):
    config.write_text("max_images: 0\n")

    async def act(user):
        down = ["down"] * NAMES.index("max_images")
        await user.press("o", *down, "enter", "backspace", "5", "0", "enter", "w")
        assert user.app.reopen.settings.max_images == 50
        assert user.app.reopen.says == f"saved max_images in {config}"

    at_review(ran, act, max_images=0)
    assert config.read_text() == "max_images: 50\n"


def test_a_file_that_cannot_be_changed_is_said_and_the_settings_stay(ran, config):
    config.write_text("columns: [\n")

    async def act(user):
        await user.press(*FOUR, "w")
        assert user.review.settings.columns == 6
        assert "was left as it is" in user.screen

    at_review(ran, act, size=(160, 40))
    assert config.read_text() == "columns: [\n"


@pytest.fixture
def many(ran):
    """As many photos as say which threshold fits."""
    for number in range(LEAST):
        picture(ran.root / f"more/{number:03}.png", 500 + number)
    ran.run()
    return ran


def test_a_threshold_that_does_not_fit_the_library_is_answered_by_a_better_one(many, config):
    async def act(user):
        await user.press("o")
        better = float(re.search(r"([\d.]+) fits better", user.screen)[1])
        await user.press("b", "s")
        assert user.review.settings.threshold == user.review.suggestions.threshold == better
        assert f"threshold {better:.2f}" in user.screen
        await user.press("o")
        assert "fits better" not in user.screen

    at_review(many, act, threshold=0.99)


def test_few_photos_say_nothing_of_the_threshold(ran, config):
    async def act(user):
        await user.press("o")
        assert "better" not in user.screen

    at_review(ran, act, threshold=0.99)


def test_the_threshold_stays_where_it_was_moved_while_other_settings_change(ran, config):
    async def act(user):
        await user.press("+", "+")
        moved = user.review.suggestions.threshold
        assert moved > user.review.settings.threshold
        await user.press(*FOUR, "s")
        assert user.review.settings.columns == 4
        assert user.review.suggestions.threshold == moved

    at_review(ran, act, size=(160, 40))


def test_a_threshold_that_is_settled_by_itself_stays_so_where_others_are_saved(many, config):
    auto = AutoThreshold(0.25)
    many.run(threshold=auto)
    config.write_text("threshold: auto\n")
    with reviewing(many, images="none", settle=0, threshold=auto) as review:
        given = replace(review.settings, threshold=auto)

    async def act(user):
        assert user.review.settings.threshold != 0.25
        await user.press(*FOUR, "w")
        assert "saved columns in" in user.status

    at_review(many, act, size=(160, 40), config=ConfigFile(config, given), threshold=auto)
    assert config.read_text().startswith("threshold: auto\n")
    assert read_settings({}, config).columns == 4

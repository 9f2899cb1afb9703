"""Settings that are changed in the review, and kept in config.yaml."""

import pytest

from phototagger.settings.load import read_settings
from phototagger.tui.screens.settings import NAMES
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

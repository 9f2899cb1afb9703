"""The settings in the review: every sentence, checked as typed."""

import pytest

from phototagger.settings.model import RULES, Settings
from phototagger.tui.screens.settings import NAMES, ChosenSettings, SettingsScreen
from tests.tui.driving import SIZES, Stage, drive, keys, shown


def settings(**more: object) -> Settings:
    return Settings(**{"root": "/photos", **more})


def typed(*presses: str) -> object:
    """The dialog's result after some keys."""
    return drive(
        Stage(dialog=SettingsScreen(settings(), "/home/me/config.yaml")), keys(*presses), (120, 40)
    ).result


def down_to(name: str) -> list[str]:
    return ["down"] * NAMES.index(name)


@pytest.mark.parametrize("size", SIZES)
def test_every_setting_but_the_keys_is_listed_with_its_value(size):
    seen = shown(
        Stage(dialog=SettingsScreen(settings(), "/home/me/config.yaml")), size=(size[0], 44)
    )
    for name in NAMES:
        assert name in seen
    assert "/photos" in seen
    assert set(RULES) - set(NAMES) == {"keys"}


def test_the_sentence_follows_the_cursor():
    seen = shown(
        Stage(dialog=SettingsScreen(settings(), "/home/me/config.yaml")),
        *down_to("topk"),
        size=(120, 40),
    )
    assert "How many of its best labels are kept and shown for each photo." in seen
    assert "From 1 to 100." in seen


def test_a_value_is_taken_with_enter_and_used_with_s():
    found = typed(*down_to("topk"), "enter", "backspace", "1", "2", "enter", "s")
    assert found == ChosenSettings(settings(topk=12))


def test_what_does_not_fit_is_said_while_it_is_typed_and_not_taken():
    stage = Stage(dialog=SettingsScreen(settings(), "/home/me/config.yaml"))
    presses = [*down_to("topk"), "enter", "backspace", "0", "enter"]
    seen = shown(stage, *presses, size=(120, 40))
    assert "must be at least 1, not '0'" in seen or "must be at least 1, not 0" in seen
    assert typed(*presses, "escape", "s") is None


def test_esc_gives_up_the_value_first_and_the_dialog_then():
    assert typed(*down_to("topk"), "enter", "9", "escape", "escape") is None
    first = [*down_to("topk"), "enter", "9", "escape"]
    assert typed(*first, "up", "enter", "9", "enter", "s") == ChosenSettings(
        settings(threshold=0.259)
    )


def test_without_a_change_there_is_no_result_but_to_save_what_was_changed_before():
    assert typed("s") is None
    assert typed("w") == ChosenSettings(settings(), save=True)


def offered(*presses: str) -> object:
    """The dialog's result after some keys, where another threshold fits better."""
    screen = SettingsScreen(settings(), "/home/me/config.yaml", better_threshold=0.118)
    return drive(Stage(dialog=screen), keys(*presses), (120, 40)).result


@pytest.mark.parametrize("size", SIZES)
def test_a_threshold_that_fits_better_is_offered_and_one_key_takes_it(size):
    def stage():
        screen = SettingsScreen(settings(), "/home/me/config.yaml", better_threshold=0.118)
        return Stage(dialog=screen)

    seen = shown(stage(), size=size)
    assert "threshold" in seen
    assert "0.118 fits better" in seen
    assert "take 0.118" in seen
    seen = shown(stage(), "b", size=size)
    assert "* threshold       0.118" in seen
    assert "fits better" not in seen
    assert "take 0.118" not in seen


def test_the_threshold_that_fits_better_is_used_and_saved_like_any_other():
    assert offered("b", "s") == ChosenSettings(settings(threshold=0.118))
    assert offered("b", "w") == ChosenSettings(settings(threshold=0.118), save=True)
    assert offered("s") is None
    assert offered("enter", "b", "escape", "s") is None  # a letter of a value that is typed


def test_where_the_threshold_fits_nothing_is_offered():
    stage = Stage(dialog=SettingsScreen(settings(), "/home/me/config.yaml"))
    assert "better" not in shown(stage, size=(120, 40))
    assert typed("b", "s") is None

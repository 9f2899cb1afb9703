"""Letter keys: one key a label, by the real screen."""

import re

import pytest

from phototagger.review.letters import FIRST_BANK
from phototagger.tui.screens.review.letter_keys import SLIP
from tests.engine.conftest import LABELS
from tests.engine.process.processes import process
from tests.tui.reviewing import at_review

__all__ = ["process"]

MANY_WORDS = [*LABELS, *(f"{first}{second}" for first in "abcdefgh" for second in "aeiosty")]


def cells(screen: str) -> dict[str, tuple[str, bool]]:
    """Return what the board shows: each key's label, and whether it is checked."""
    found = re.findall(r"(,?[a-z1-9]) ([■□]).(\S+(?: \w+)*) +~?\d\d", screen)
    return {key: (label, box == "■") for key, box, label in found}


def key_of(screen: str, label: str) -> str:
    return next(key for key, (one, _) in cells(screen).items() if one == label)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self, user) -> None:
        self.now = 100.0
        user.ui.letters.clock = lambda: self.now


@pytest.fixture
def worded(photos):
    """More labels than there are keys."""
    (photos.folder / "labels.txt").write_text("\n".join(MANY_WORDS))
    photos.run(labels=MANY_WORDS)
    return photos


def test_letters_check_labels_whose_rows_stay_and_enter_approves(wordy):
    async def act(user):
        assert "LETTER KEYS" not in user.screen
        await user.press(";")
        before = cells(user.screen)
        assert before["s"] == ("snow", True)
        assert before["d"] == ("dog", False)
        assert " LETTER KEYS " in user.screen.splitlines()[-1]
        assert "will be approved (1)" in user.screen
        await user.press("d", "s")
        assert cells(user.screen) == {**before, "d": ("dog", True), "s": ("snow", False)}
        assert user.kept("a.jpg") == {"dog"}
        await user.press("enter")
        assert user.approved("a.jpg") == {"dog"}
        assert user.here == "b.png"
        assert "✓ a.jpg: dog" in user.status
        assert "LETTER KEYS" in user.screen

    at_review(wordy, act, size=(120, 40))


def test_an_upper_case_letter_toggles_approves_and_goes_on_as_one_act_and_one_undo(wordy):
    async def act(user):
        await user.press(";", "D")
        assert user.approved("a.jpg") == {"snow", "dog"}
        assert user.here == "b.png"
        await user.press("backspace")
        assert user.approved("a.jpg") == set()
        assert user.kept("a.jpg") is None
        assert user.here == "a.jpg"
        await user.press("ctrl+r")
        assert user.approved("a.jpg") == {"snow", "dog"}

    at_review(wordy, act)


@pytest.mark.parametrize("keys", [[], ["escape", "1"], ["escape", "plus"]])
def test_what_backspace_takes_back_is_said_no_longer_than_it_does(wordy, keys):
    async def act(user):
        await user.press(";", "D")
        assert "(backspace takes it back)" in user.status
        await user.press(*keys or [key_of(user.screen, "rose")])
        assert "(backspace takes it back)" not in user.status

    at_review(wordy, act)


def test_what_was_approved_is_said_until_the_next_act(wordy):
    async def act(user):
        await user.press(";", "D")
        await user.pilot.pause(0.1)
        assert user.ui.status._timer is None
        assert "✓ a.jpg: dog, snow (backspace takes it back)" in user.status

    at_review(wordy, act)


def test_an_upper_case_letter_soon_after_an_approval_waits_and_is_meant_when_it_comes_again(wordy):
    async def act(user):
        clock = Clock(user)
        await user.press(";", "D")
        clock.now += SLIP - 0.01
        key = key_of(user.screen, "rose")
        await user.press(key.upper())
        assert user.decided() == ["a.jpg"]
        assert f"CAPS LOCK? {key.upper()} waits: again to use it" in user.status
        for _ in range(3):
            clock.now += 0.03  # it is held down
            await user.press(key.upper())
        assert user.decided() == ["a.jpg"]
        clock.now += 0.2
        await user.press(key.upper())
        assert user.approved("b.png") == {"moon", "rose"}
        clock.now += SLIP
        await user.press("enter", key_of(user.screen, "snow").upper())
        assert user.decided() == ["a.jpg", "b.png", "sea/c.jpg"]

    at_review(wordy, act)


def test_an_upper_case_letter_without_a_label_does_nothing_nor_do_q_and_u(wordy):
    async def act(user):
        await user.press(";")
        free = next(one for one in "xyzwvkh" if one not in cells(user.screen))
        await user.press(free.upper())
        assert f"{free.upper()} has no label" in user.status
        await user.press("Q")
        assert "q leaves" in user.status
        await user.press("U")
        assert "u undoes" in user.status
        await user.press("ф")
        assert "ф is no key here (another keyboard layout?)" in user.status
        assert user.decided() == []
        assert user.kept("a.jpg") is None
        assert "LETTER KEYS" in user.screen

    at_review(wordy, act)


@pytest.mark.parametrize("key", ["escape", "q", "tab"])
def test_letter_keys_stay_on_until_they_are_left(wordy, key):
    async def act(user):
        await user.press(";", ";", "right", "]", "0", "escape")
        assert "LETTER KEYS" in user.screen
        assert not user.ui.has_class("large")
        await user.press(key)
        assert "LETTER KEYS" not in user.screen
        assert user.app.is_running
        assert user.ui.labels.has_focus == (key == "tab")
        await user.press("c")  # is the command again
        assert "cleared 1 photo" in user.status

    at_review(wordy, act)


def test_u_undoes_and_a_letter_that_is_a_command_elsewhere_is_a_label_here(wordy):
    async def act(user):
        await user.press(";", "c", "a")
        assert user.kept("a.jpg") == {"snow", "cat", "car"}
        assert user.decided() == []
        await user.press("u")
        assert user.kept("a.jpg") == {"snow", "cat"}

    at_review(wordy, act)


def test_what_is_checked_below_the_line_is_named_above_it(wordy):
    async def act(user):
        await user.press("c", "right", "left", ";")
        assert "nothing is checked" in user.screen
        await user.press("d")
        assert "nothing is checked" not in user.screen
        assert "checked below: dog" in user.screen

    at_review(wordy, act)


def test_help_and_footer_are_those_of_letter_keys(wordy):
    async def act(user):
        await user.press(";", "?")
        assert "help · letter keys" in user.screen
        assert "one act, one undo" in user.screen
        assert "Copy the labels" not in user.screen
        await user.press("escape", "escape", "?")
        assert "letter keys" in user.screen
        assert "help · letter keys" not in user.screen

    at_review(wordy, act, size=(120, 50))


@pytest.mark.parametrize(("size", "least"), [((80, 24), 24), ((120, 40), FIRST_BANK)])
def test_so_many_labels_have_keys_on_a_screen_of_that_size(worded, size, least):
    async def act(user):
        await user.press(";")
        found = cells(user.screen)
        assert len([key for key in found if not key.startswith(",")]) >= least
        assert len(set(found)) == len(found)
        assert "a.jpg" in user.screen

    at_review(worded, act, size=size)


def test_only_what_is_on_the_screen_counts_as_shown(worded):
    async def act(user):
        await user.press(";")
        shown = {label for label, _ in cells(user.screen).values()}
        assert len(shown) < len(MANY_WORDS)
        more = int(re.search(r"no key: (\d+)", user.screen)[1])
        assert more == len(MANY_WORDS) - len(shown)
        await user.press("enter")
        assert set(user.held("a.jpg")) == shown

    at_review(worded, act, size=(80, 24))


def test_a_comma_opens_the_second_bank_for_one_key(worded):
    async def act(user):
        await user.press(";")
        found = cells(user.screen)
        key = next(key for key in found if key.startswith(","))
        await user.press(",", key[1])
        assert found[key][0] in user.kept("a.jpg")
        await user.press(key[1])
        assert found[key[1]][0] in user.kept("a.jpg") or found[key[1]][1]
        await user.press(",", "escape", key[1])
        assert "LETTER KEYS" in user.screen
        await user.press(",", key[1].upper())
        assert user.decided() == ["a.jpg"]
        assert found[key][0] not in user.approved("a.jpg")

    at_review(worded, act, size=(120, 40))


def test_digits_check_the_labels_that_have_no_letter(worded):
    async def act(user):
        await user.press(";")
        label, checked = cells(user.screen)["3"]
        await user.press("3")
        assert (label in user.kept("a.jpg")) is not checked

    at_review(worded, act, size=(120, 40))


def test_the_third_approval_fixes_a_letter_which_then_is_nobody_elses(wordy):
    async def act(user):
        clock = Clock(user)
        await user.press(";")
        while len(user.decided()) < 3:
            key = key_of(user.screen, "moon")
            is_checked = cells(user.screen)[key][1]
            clock.now += 1
            await user.press("enter" if is_checked else key.upper())
        letter = key_of(user.screen, "moon")
        for _ in range(3):
            await user.press("right")
            assert key_of(user.screen, "moon") == letter
            assert "moon" in user.ui.letters._board.keys.fixed

    at_review(wordy, act)


def test_a_letter_for_a_photo_that_was_not_shown_yet_does_nothing(wordy):
    async def act(user):
        await user.press(";")
        user.ui.grid.cursor.move(1, 0)
        user.ui.photo.position = 0  # as while a key is held down
        await user.pilot.press("D")
        assert "D: did nothing" in user.status
        assert user.decided() == []

    at_review(wordy, act)


def test_a_label_is_found_by_typing_with_the_photo_in_view(wordy):
    async def act(user):
        await user.press(";", "#", "r", "o")
        assert "find a label" in user.screen
        assert "a.jpg" in user.screen.splitlines()[0][50:]
        await user.press("enter")
        assert user.kept("a.jpg") == {"snow", "rose"}
        assert cells(user.screen)[key_of(user.screen, "rose")][1]
        await user.press("=", "t", "r", "tab")
        assert user.approved("a.jpg") == {"snow", "rose", "train"}
        assert user.here == "b.png"
        await user.press("backspace")
        assert user.kept("a.jpg") == {"snow", "rose"}

    at_review(wordy, act)


def test_a_label_is_found_without_letter_keys_too_and_esc_leaves_the_field(wordy):
    async def act(user):
        await user.press("#", "t", "escape")
        assert "find a label" not in user.screen
        assert user.kept("a.jpg") is None
        await user.press("#", "t", "r", "tab")
        assert user.approved("a.jpg") == {"snow", "train"}

    at_review(wordy, act)


def test_a_new_word_is_taken_only_where_the_cursor_was_moved_to_it(wordy, process):
    async def act(user):
        await user.press("#")
        await user.type("kite")
        assert "add the new label “kite”" in user.screen
        await user.press("enter", "tab")
        assert "find a label" in user.screen
        await user.press("down", "tab")
        assert user.decided() == []
        await user.press("enter")
        assert user.kept("a.jpg") == {"snow", "kite"}
        assert "kite" in user.review.labels

    at_review(wordy, act)


def test_a_found_label_without_room_for_a_key_is_on_the_board_nevertheless(worded):
    async def act(user):
        await user.press(";")
        shown = {label for label, _ in cells(user.screen).values()}
        hidden = next(label for label in MANY_WORDS if label not in shown)
        await user.press("#")
        await user.type(hidden)
        await user.press("enter")
        assert cells(user.screen)[key_of(user.screen, hidden)][1]
        assert hidden in user.kept("a.jpg")

    at_review(worded, act, size=(80, 24))


def test_a_click_toggles_a_label_of_the_board(wordy):
    async def act(user):
        await user.press(";")
        await user.click("□ dog")
        assert user.kept("a.jpg") == {"snow", "dog"}

    at_review(wordy, act, size=(120, 40))


def test_the_words_of_the_footer_can_be_clicked_where_they_say_what_to_do(wordy):
    async def act(user):
        await user.press(";")
        await user.click("letter check")
        await user.click("enter approve")
        assert user.decided() == ["a.jpg"]
        await user.click("esc out")
        assert "LETTER KEYS" not in user.screen

    at_review(wordy, act)


def test_the_field_closes_when_something_else_is_clicked(wordy):
    async def act(user):
        await user.press(";", "#", "r")
        await user.click("b.png")
        assert "find a label" not in user.screen
        await user.press("d")
        assert "dog" in user.kept("b.png")

    at_review(wordy, act)


def test_tab_approves_no_range(wordy):
    async def act(user):
        await user.press("v", "right", "#", "r", "o", "tab")
        assert user.decided() == []
        assert "photos are marked" in user.status
        await user.press(";", "D")
        assert user.decided() == []

    at_review(wordy, act)


def test_the_palette_says_the_keys_of_letter_keys(wordy):
    async def act(user):
        await user.press(";")
        titles = {one.title for one in user.app.get_system_commands(user.app.screen)}
        assert "approve (enter)" in titles
        assert "filter" in titles
        assert "undo (backspace u)" in titles

    at_review(wordy, act)


def test_space_marks_and_letters_approve_no_marked_photos(wordy):
    async def act(user):
        await user.press(";", "space", "right", "D")
        assert user.decided() == []
        assert "photos are marked" in user.status
        await user.press("left", "space", "D")
        assert user.decided() == ["a.jpg"]

    at_review(wordy, act)


def test_the_last_photo_is_said_to_be_the_last(wordy):
    async def act(user):
        await user.press(";", "end", "enter")
        assert "✓ g.png: " in user.status
        assert "that was the last photo shown (backspace takes it back)" in user.status
        assert "LETTER KEYS · approved (" in user.screen

    at_review(wordy, act, size=(160, 40))

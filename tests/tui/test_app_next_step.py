"""The line above the keys ends in what to do next; a key that is none says so."""

import pytest

from phototagger.tui.next_step import Progressed, next_step
from phototagger.tui.rebinding import Bound, rebound
from tests.tui.reviewing import at_review

FIRST = "a approves, 1-9 check, # finds a label, ? helps"
HELD = "only held back left: n goes there, b looks"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (Progressed(), ""),
        (Progressed(photos=9, undecided=9, undecided_here=3), FIRST),
        (Progressed(photos=9, undecided=7, undecided_here=3), FIRST),
        (Progressed(photos=9, undecided=6, undecided_here=3), ""),
        (Progressed(photos=9, undecided=9, undecided_here=3, letters=True), ""),
        (Progressed(photos=9, undecided=5, undecided_here=3, finds=3), "; gives every label a key"),
        (Progressed(photos=9, undecided=5, undecided_here=3, finds=3, letters=True), ""),
        (Progressed(photos=9, undecided=5), "folder done: ] goes to the next one"),
        (Progressed(photos=9, undecided=5, held_back=True), HELD),
        (Progressed(photos=9, undecided=5, undecided_here=1, held_back=True, letters=True), HELD),
        (Progressed(photos=9, letters=True), "all done: w writes sidecars, e the tables"),
    ],
)  # fmt: skip
def test_the_next_step_follows_the_work(now, said):
    assert next_step(now, Bound()) == said


def test_the_next_step_names_the_keys_in_force():
    bound = rebound({"approve": "m", "write": "W"})
    assert next_step(Progressed(photos=9, undecided=9, undecided_here=9), bound)[0] == "m"
    assert "W writes sidecars" in next_step(Progressed(photos=9), bound)


def test_the_line_ends_in_it_from_the_first_photo_to_the_last(ran):
    async def act(user):
        assert user.status.rstrip().endswith(FIRST)
        await user.press("a", "h", "N", "G")
        await user.press("]", "g", "l", "a", "g")
        user.ui.say("")
        assert user.status.rstrip().endswith("folder done: ] goes to the next one")
        await user.press("A", "enter")
        assert user.status.rstrip().endswith("all done: w writes sidecars, e the tables")

    at_review(ran, act, (160, 36))


def test_many_finds_in_a_row_tell_of_letter_keys_and_photos_without_do_not(ran):
    async def act(user):
        for _ in range(2):
            await user.press("#", "n", "i", "g", "tab")
        await user.press("a")
        for _ in range(2):
            await user.press("#", "n", "i", "g", "enter", "a")
        assert "gives every label a key" not in user.status
        await user.press("#", "n", "i", "g", "tab")
        assert user.status.rstrip().endswith("; gives every label a key")

    at_review(ran, act, (160, 36))


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("ф", "another keyboard layout?"),
        ("ä", "another keyboard layout?"),
        ("!", "? shows the keys"),
        ("f5", "? shows the keys"),
        ("delete", "? shows the keys"),
    ],
)
def test_a_key_that_is_none_says_so_and_does_nothing(ran, key, why):
    async def act(user):
        for part in ((), ("tab",), ("tab",)):
            await user.press(*part)
            user.ui.say("")
            await user.press(key)
            assert f"{key} is no key here ({why})" in user.status
        assert user.decided() == []
        assert user.review.marked.contents == set()

    at_review(ran, act)


def test_keys_that_do_something_and_letters_of_a_field_are_no_unknown_keys(ran):
    async def act(user):
        for key in (
            "left_shift",
            "j",
            "space",
            "tab",
            "shift+tab",
            "pagedown",
            "?",
            "escape",
            "z",
            "z",
        ):
            await user.press(key)
            assert "is no key here" not in user.status, key
        await user.press("#", "ф")
        assert "is no key here" not in user.status

    at_review(ran, act)

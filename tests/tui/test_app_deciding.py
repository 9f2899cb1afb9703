"""Deciding on one photo: what a key does is on disk, and then on the screen."""

from hashlib import sha1

import pytest

from phototagger.store import decisions
from tests.engine.pictures import picture
from tests.engine.process.processes import process
from tests.tui.conftest import WORDS
from tests.tui.reviewing import at_desk

__all__ = ["process"]

SNOW = {"snow": True, "dog": False, "night": False, "cat": False, "beach": False, "forest": False}


@pytest.mark.parametrize("key", ["a", "enter"])
def test_one_key_approves_what_is_checked_and_goes_on(ran, key):
    async def act(desk):
        assert desk.checked == {"snow"}
        await desk.press(key)
        assert desk.held("a.jpg") == SNOW
        assert desk.here == "b.png"
        assert "✓ a.jpg" in desk.screen
        assert "a.jpg: snow" in desk.status
        assert "6 undecided" in desk.status
        assert "all photos        1/2" in desk.screen
        await desk.press("h")
        assert "1 [x] ✓ snow" in desk.screen
        assert "2 [ ] ✗ dog" in desk.screen

    at_desk(ran, act)


def test_the_last_photo_says_that_it_is_the_last(ran):
    async def act(desk):
        await desk.press("G", "a")
        assert desk.decided() == ["town/g.png"]
        assert desk.here == "town/g.png"
        assert "that was the last photo shown" in desk.status
        assert desk.mark == "✓"

    at_desk(ran, act)


def test_a_photo_without_a_label_is_decided_too(ran):
    async def act(desk):
        await desk.press("1", "a", "h")
        assert desk.decided() == ["a.jpg"]
        assert desk.approved("a.jpg") == set()
        assert desk.mark == "\u2013"
        assert desk.checked == set()

    at_desk(ran, act)


def test_each_digit_toggles_its_label_and_keeps_it_until_approved(wordy):
    async def act(desk):
        labels = [line.label for line in desk.app.checks.lines]
        before = set(desk.app.checks.checked)
        for digit in "123456789":
            await desk.press(digit)
            wanted = before ^ set(labels[: int(digit)])
            assert desk.kept("a.jpg") == wanted
            assert desk.checked == wanted
        assert desk.mark == "✎"
        assert "changed, not yet approved" in desk.screen
        assert desk.held("a.jpg") == {}
        await desk.press("a")
        assert desk.approved("a.jpg") == wanted
        assert set(desk.held("a.jpg")) == wanted | set(labels[:9])
        assert desk.kept("a.jpg") is None

    at_desk(wordy, act, (140, 40))


def test_a_digit_without_a_label_does_nothing(ran):
    async def act(desk):
        await desk.press("7", "8", "9")
        assert desk.kept("a.jpg") is None
        assert desk.checked == {"snow"}

    at_desk(ran, act)


def test_space_toggles_the_label_under_the_cursor_also_past_the_nine(wordy):
    async def act(desk):
        await desk.press("tab", "G", "space")
        last = desk.app.list_.label
        assert last in desk.kept("a.jpg")
        await desk.press("a")
        assert last in desk.approved("a.jpg")
        assert set(desk.held("a.jpg")) == set(WORDS)  # all were scrolled to

    at_desk(wordy, act, (120, 24))


def test_labels_that_nobody_saw_are_not_rejected(wordy):
    async def act(desk):
        await desk.press("a")
        assert len(desk.held("a.jpg")) == 9

    at_desk(wordy, act, (120, 24))


def test_t_checks_what_is_over_the_threshold(ran):
    async def act(desk):
        await desk.press("1", "2", "3")
        assert desk.kept("a.jpg") == {"dog", "night"}
        await desk.press("t")
        assert desk.kept("a.jpg") == desk.checked == {"snow"}

    at_desk(ran, act)


def test_c_unchecks_all_and_makes_undecided(ran):
    async def act(desk):
        await desk.press("a", "h", "c")
        assert desk.held("a.jpg") == {}
        assert desk.kept("a.jpg") == desk.checked == set()
        assert desk.mark == "✎"
        assert "cleared 1 photo, 1 of them decided" in desk.status
        await desk.press("u")
        assert desk.held("a.jpg") == SNOW
        assert desk.mark == "✓"

    at_desk(ran, act)


def test_the_threshold_moves_and_the_checks_with_it(ran):
    async def act(desk):
        await desk.press("-", "-")
        assert "threshold 0.18" in desk.status
        assert desk.checked == {"snow", "dog"}
        assert "✓snow, ✓dog" in desk.screen
        await desk.press("+", "+", "+")
        assert "threshold 0.21" in desk.status
        assert desk.checked == {"snow"}
        await desk.press("+", "+", "+", "+")
        assert desk.checked == set()
        assert desk.kept("a.jpg") is None
        assert desk.decided() == []

    at_desk(ran, act)


def test_the_last_labels_are_repeated(ran):
    async def act(desk):
        await desk.press(".")
        assert "nothing was approved yet" in desk.status
        await desk.press("2", "a", ".")
        assert desk.here == "b.png"
        assert desk.kept("b.png") == desk.checked == {"snow", "dog"}
        await desk.press("a")
        assert desk.approved("b.png") == {"snow", "dog"}

    at_desk(ran, act)


def test_labels_are_copied_and_pasted(ran):
    async def act(desk):
        await desk.press("p")
        assert "nothing was copied yet" in desk.status
        await desk.press("3", "y")
        assert "copied: night, snow" in desk.status
        await desk.press("G", "p")
        assert desk.kept("town/g.png") == desk.checked == {"night", "snow"}
        await desk.press("g", "c", "y", "l", "p")
        assert desk.kept("b.png") == desk.checked == set()

    at_desk(ran, act)


def test_checks_survive_moving_away_and_closing(ran):
    async def change(desk):
        await desk.press("2", "G", "g")
        assert desk.checked == {"snow", "dog"}

    async def look(desk):
        assert desk.checked == {"snow", "dog"}
        assert desk.mark == "✎"
        await desk.press("a")
        assert desk.approved("a.jpg") == {"snow", "dog"}

    at_desk(ran, change)
    at_desk(ran, look)


def test_quitting_asks_nothing_and_ends_well(ran):
    async def act(desk):
        await desk.press("a", "q")
        assert desk.app.return_code == 0
        assert desk.app.return_value == 0
        assert desk.decided() == ["a.jpg"]

    at_desk(ran, act)


def test_a_decision_is_shown_on_every_path_of_that_content(ran):
    (ran.root / "copy.jpg").write_bytes((ran.root / "a.jpg").read_bytes())
    ran.run()

    async def act(desk):
        await desk.press("a")
        assert desk.held("copy.jpg") == SNOW
        assert "✓ copy.jpg" in desk.screen
        assert "6 undecided" in desk.status
        await desk.press("g", "i")
        assert "also at: copy.jpg" in desk.screen

    at_desk(ran, act)


def test_one_key_takes_the_decisions_of_the_picture_before_and_one_takes_them_back(ran):
    async def before(desk):
        await desk.press("a")

    at_desk(ran, before)
    picture(ran.root / "a.jpg", 99)
    ran.run()

    async def act(desk):
        await desk.press("g")
        assert desk.here == "a.jpg"
        assert desk.held("a.jpg") == {}
        assert "O: snow (of the picture before)" in desk.status
        await desk.press("O")
        assert desk.held("a.jpg") == SNOW
        assert desk.mark == "✓"
        assert "1 photo decided as the picture before" in desk.status
        await desk.press("u")
        assert desk.held("a.jpg") == {}
        assert desk.shown_is_on_disk()
        await desk.press("j", "O")
        assert "nothing was decided of another picture here" in desk.status

    at_desk(ran, act)


def test_a_picture_that_changes_under_the_review_is_not_decided_as_the_one_before(ran, process):
    async def act(desk):
        await desk.press("a")
        picture(ran.root / "a.jpg", 99)
        desk.app.start("run")
        await desk.rest()
        await desk.press("g")
        assert desk.here == "a.jpg"
        assert desk.held("a.jpg") == {}
        assert "O: snow (of the picture before)" in desk.status
        await desk.press("O")
        assert desk.approved("a.jpg") == {"snow"}
        with desk.disk() as catalogue:
            assert {one.sha1 for one in decisions(catalogue)} >= {
                sha1((ran.root / "a.jpg").read_bytes()).digest()
            }

    at_desk(ran, act)


def test_a_photo_that_was_rated_meanwhile_is_shown_as_it_was_decided(ran):
    async def before(desk):
        await desk.press("a")

    at_desk(ran, before)
    with (ran.root / "a.jpg").open("ab") as file:
        file.write(b"what another program adds")
    ran.run()

    async def act(desk):
        await desk.press("g")
        assert desk.mark == "✓"
        assert desk.held("a.jpg") == SNOW
        await desk.press("u")
        assert desk.held("a.jpg") == {}
        assert desk.mark != "✓"
        assert desk.shown_is_on_disk()
        await desk.press("ctrl+r")
        assert desk.held("a.jpg") == SNOW
        assert desk.mark == "✓"

    at_desk(ran, act)

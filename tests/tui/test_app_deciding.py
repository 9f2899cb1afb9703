"""Deciding on one photo: what a key does is on disk, and then on the screen."""

from hashlib import sha1

import pytest
from textual import events

from phototagger.errors import UsageError
from phototagger.store import decisions
from tests.engine.pictures import picture
from tests.engine.process.processes import process
from tests.tui.conftest import WORDS
from tests.tui.reviewing import at_review

__all__ = ["process"]

SNOW = {"snow": True, "dog": False, "night": False, "cat": False, "beach": False, "forest": False}


@pytest.mark.parametrize("key", ["a", "enter"])
def test_one_key_approves_what_is_checked_and_goes_on(ran, key):
    async def act(user):
        assert user.checked == {"snow"}
        await user.press(key)
        assert user.held("a.jpg") == SNOW
        assert user.here == "b.png"
        assert "✓ a.jpg" in user.screen
        assert "a.jpg: snow" in user.status
        assert "6 undecided" in user.status
        assert "all photos        6/7" in user.screen
        await user.press("h")
        assert "1 ■ ✓ snow" in user.screen
        assert "2 □ ✗ dog" in user.screen

    at_review(ran, act)


def test_what_was_said_goes_with_the_next_key_that_acts(ran):
    async def act(user):
        await user.press("a", "l")
        assert "a.jpg: snow" in user.status
        await user.press("i")
        assert "a.jpg: snow" not in user.status
        await user.press("v", "right")
        assert "range: move to its other end" in user.status
        user.ui.complain(UsageError("the disk is full", "make room"))
        await user.press("i")
        assert "the disk is full" in user.status

    at_review(ran, act, (160, 36))


def test_the_last_photo_says_that_it_is_the_last(ran):
    async def act(user):
        await user.press("G", "a")
        assert user.decided() == ["town/g.png"]
        assert user.here == "town/g.png"
        assert "that was the last photo shown" in user.status
        assert user.mark == "✓"

    at_review(ran, act)


def test_a_photo_without_a_label_is_decided_too(ran):
    async def act(user):
        await user.press("1", "a", "h")
        assert user.decided() == ["a.jpg"]
        assert user.approved("a.jpg") == set()
        assert user.mark == "\u2013"
        assert user.checked == set()

    at_review(ran, act)


def test_each_digit_toggles_its_label_and_keeps_it_until_approved(wordy):
    async def act(user):
        labels = [line.label for line in user.ui.photo.checks.lines]
        before = set(user.ui.photo.checks.checked)
        for digit in "123456789":
            await user.press(digit)
            wanted = before ^ set(labels[: int(digit)])
            assert user.kept("a.jpg") == wanted
            assert user.checked == wanted
        assert user.mark == "✎"
        assert "changed, not yet approved" in user.screen
        assert user.held("a.jpg") == {}
        await user.press("a")
        assert user.approved("a.jpg") == wanted
        assert set(user.held("a.jpg")) == set(labels)  # all are on this screen
        assert user.kept("a.jpg") is None

    at_review(wordy, act, (140, 40))


def test_a_digit_without_a_label_does_nothing(ran):
    async def act(user):
        await user.press("7", "8", "9")
        assert user.kept("a.jpg") is None
        assert user.checked == {"snow"}

    at_review(ran, act)


def test_space_toggles_the_label_under_the_cursor_also_past_the_nine(wordy):
    async def act(user):
        await user.press("tab", "G", "space")
        last = user.ui.labels.label
        assert last in user.kept("a.jpg")
        await user.press("a")
        assert last in user.approved("a.jpg")
        assert set(user.held("a.jpg")) == set(WORDS)  # all were scrolled to

    at_review(wordy, act, (120, 24))


def test_labels_that_nobody_saw_are_not_rejected(wordy):
    async def act(user):
        there = {word for word in WORDS if f" {word} " in user.screen.replace("┃", " ")}
        await user.press("a")
        assert set(user.held("a.jpg")) == there
        assert len(there) < len(WORDS)

    at_review(wordy, act, (120, 18))


def test_a_checked_label_that_was_not_on_the_screen_is_not_approved(wordy):
    async def act(user):
        await user.press(*"-" * 60, "a")
        assert len(user.ui.photo.checks.checked) == len(WORDS)
        assert user.decided() == []
        assert "was not on the screen yet" in user.status
        await user.press("tab", "pagedown", "pagedown", "pagedown", "a")
        assert user.approved("a.jpg") == set(WORDS)

    at_review(wordy, act, (120, 18))


@pytest.mark.parametrize("keys", ["aa", "la"])
def test_a_key_that_was_read_before_the_labels_were_drawn_approves_nothing(ran, keys):
    async def act(user):
        early = [events.Key(key, key) for key in keys]
        for key in early:  # both are read before anything is drawn
            user.app.post_message(key)
        await user.rest()
        assert user.decided() == (["a.jpg"] if keys == "aa" else [])
        assert user.here == "b.png"
        assert "before this photo's labels were on the screen" in user.status
        await user.press("a")
        assert "b.png" in user.decided()

    at_review(ran, act)


def test_a_photo_without_suggestions_is_not_approved_unless_its_labels_were_chosen(photos, process):
    photos.run("thumbs")
    process.do("raise")  # so that no vector comes

    async def act(user):
        await user.press("escape", "a")
        assert user.decided() == []
        assert "not approved: this photo has no vector yet" in user.status
        await user.press("1", "a")
        assert len(user.approved("a.jpg")) == 1

    at_review(photos, act)


def test_pasted_text_presses_no_key(ran):
    async def act(user):
        user.app.post_message(events.Paste("aaA\r1"))
        await user.rest()
        assert user.decided() == []
        assert user.kept("a.jpg") is None

    at_review(ran, act)


def test_t_checks_what_is_over_the_threshold(ran):
    async def act(user):
        await user.press("2", "a", "h")
        assert user.checked == {"snow", "dog"}
        await user.press("t")
        assert user.kept("a.jpg") == user.checked == {"snow"}

    at_review(ran, act)


def test_c_unchecks_all_and_makes_undecided(ran):
    async def act(user):
        await user.press("a", "h", "c")
        assert user.held("a.jpg") == {}
        assert user.kept("a.jpg") == user.checked == set()
        assert user.mark == "✎"
        assert "cleared 1 photo, 1 of them decided" in user.status
        await user.press("u")
        assert user.held("a.jpg") == SNOW
        assert user.mark == "✓"

    at_review(ran, act)


def test_the_threshold_moves_and_the_checks_with_it(ran):
    async def act(user):
        await user.press("-", "-")
        assert "threshold 0.18" in user.status
        assert user.checked == {"snow", "dog"}
        assert " snow, dog " in user.screen
        await user.press("+", "+", "+")
        assert "threshold 0.21" in user.status
        assert user.checked == {"snow"}
        await user.press("+", "+", "+", "+")
        assert user.checked == set()
        assert user.kept("a.jpg") is None
        assert user.decided() == []

    at_review(ran, act)


def test_the_last_labels_are_repeated(ran):
    async def act(user):
        await user.press(".")
        assert "nothing was approved yet" in user.status
        await user.press("2", "a", ".")
        assert user.here == "b.png"
        assert user.kept("b.png") == user.checked == {"snow", "dog"}
        await user.press("a")
        assert user.approved("b.png") == {"snow", "dog"}

    at_review(ran, act)


def test_labels_are_copied_and_pasted(ran):
    async def act(user):
        await user.press("p")
        assert "nothing was copied yet" in user.status
        await user.press("3", "y")
        assert "copied: night, snow" in user.status
        await user.press("G", "p")
        assert user.kept("town/g.png") == user.checked == {"night", "snow"}
        await user.press("g", "c", "y", "l", "p")
        assert user.kept("b.png") == user.checked == set()

    at_review(ran, act)


def test_checks_survive_moving_away_and_closing(ran):
    async def change(user):
        await user.press("2", "G", "g")
        assert user.checked == {"snow", "dog"}

    async def look(user):
        assert user.checked == {"snow", "dog"}
        assert user.mark == "✎"
        await user.press("a")
        assert user.approved("a.jpg") == {"snow", "dog"}

    at_review(ran, change)
    at_review(ran, look)


def test_quitting_asks_nothing_and_ends_well(ran):
    async def act(user):
        await user.press("a", "q")
        assert user.app.return_code == 0
        assert user.app.return_value == 0
        assert user.decided() == ["a.jpg"]

    at_review(ran, act)


def test_a_decision_is_shown_on_every_path_of_that_content(ran):
    (ran.root / "copy.jpg").write_bytes((ran.root / "a.jpg").read_bytes())
    ran.run()

    async def act(user):
        await user.press("a")
        assert user.held("copy.jpg") == SNOW
        assert "✓ copy.jpg" in user.screen
        assert "6 undecided" in user.status
        await user.press("g", "i")
        assert "also at: copy.jpg" in user.screen

    at_review(ran, act)


def test_one_key_takes_the_decisions_of_the_picture_before_and_one_takes_them_back(ran):
    async def before(user):
        await user.press("a")

    at_review(ran, before)
    picture(ran.root / "a.jpg", 99)
    ran.run()

    async def act(user):
        await user.press("g")
        assert user.here == "a.jpg"
        assert user.held("a.jpg") == {}
        assert "O: snow (of the picture before)" in user.status
        await user.press("O")
        assert user.held("a.jpg") == SNOW
        assert user.mark == "✓"
        assert "1 photo decided as the picture before" in user.status
        await user.press("u")
        assert user.held("a.jpg") == {}
        assert user.shown_is_on_disk()
        await user.press("j", "O")
        assert "nothing was decided of another picture here" in user.status

    at_review(ran, act)


def test_a_picture_that_changes_under_the_review_is_not_decided_as_the_one_before(ran, process):
    async def act(user):
        await user.press("a")
        picture(ran.root / "a.jpg", 99)
        user.ui.engine.start("run")
        await user.rest()
        await user.press("g")
        assert user.here == "a.jpg"
        assert user.held("a.jpg") == {}
        assert "O: snow (of the picture before)" in user.status
        await user.press("O")
        assert user.approved("a.jpg") == {"snow"}
        with user.disk() as catalogue:
            assert {one.sha1 for one in decisions(catalogue)} >= {
                sha1((ran.root / "a.jpg").read_bytes()).digest()
            }

    at_review(ran, act)


def test_a_photo_that_was_rated_meanwhile_is_shown_as_it_was_decided(ran):
    async def before(user):
        await user.press("a")

    at_review(ran, before)
    with (ran.root / "a.jpg").open("ab") as file:
        file.write(b"what another program adds")
    ran.run()

    async def act(user):
        await user.press("g")
        assert user.mark == "✓"
        assert user.held("a.jpg") == SNOW
        await user.press("u", "enter")
        assert user.held("a.jpg") == {}
        assert user.mark != "✓"
        assert user.shown_is_on_disk()
        await user.press("ctrl+r", "enter")
        assert user.held("a.jpg") == SNOW
        assert user.mark == "✓"

    at_review(ran, act)


def test_a_review_that_opens_again_shows_what_was_learned_beside_the_photo_too(ran):
    async def teach(user):
        await user.press("1", "a", "a", "a")

    async def look(user):
        suggested = user.review.photos.checklist(user.ui.grid.cursor.position)
        shown = user.ui.photo.checks
        assert [line.score for line in shown.lines] == [line.score for line in suggested.lines]
        assert all(line.score is not None for line in shown.lines)
        assert shown.checked == suggested.checked
        assert "~" not in user.screen

    at_review(ran, teach)
    at_review(ran, look)

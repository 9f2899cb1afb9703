"""Pages of a label by the real screen: what keys do, what is on disk, what counts as shown."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from phototagger.store import Edit, decide
from phototagger.tui.widgets.page_grid import PageGrid
from tests.review.by_label.conftest import vector_set
from tests.tui.screens.labels.conftest import NARROW, Pager, paging


def test_a_page_shows_yes_and_no_in_words_and_enter_decides_its_label_alone(by_label):
    async def act(user):
        await user.press("L", "enter")
        assert user.head.startswith("PAGES · person: 0 yes, 0 no · page 1 · about ")
        assert "24 of 24 pictures drawn" in user.screen
        page = user.cells
        assert len(page) == 24
        assert not {"q", "u"} & set(page)
        await user.press("enter")
        assert user.said_of("person") == {number: yes for yes, number in page.values()}
        assert user.whole() == 0
        assert "page 1 accepted: 24 yes, 0 no (backspace takes it back)" in user.screen
        assert not {number for _, number in user.cells.values()} & {
            number for _, number in page.values()
        }

    by_label(act)


def test_a_letter_flips_and_an_upper_case_letter_flips_and_accepts(by_label):
    async def act(user):
        await user.press("L", "enter")
        page = user.cells
        await user.press("b")
        assert user.cells == {**page, "b": (not page["b"][0], page["b"][1])}
        assert user.said_of("person") == {}
        await user.press("C")
        flipped = {page[letter][1] for letter in "bc"}
        said = user.said_of("person")
        assert {number for number, yes in said.items() if not yes} == flipped
        assert len(said) == 24

    by_label(act)


def test_backspace_takes_a_page_back_with_its_flips_and_ctrl_r_accepts_it_again(by_label):
    async def act(user):
        await user.press("L", "enter", "b", "z")
        page = user.cells
        await user.press("enter", "backspace")
        assert user.said_of("person") == {}
        assert user.cells == page
        await user.press("ctrl+r")
        assert len(user.said_of("person")) == 24
        await user.press("u", "u")
        assert "no page of this label is left to take back" in user.screen

    by_label(act)


def test_page_down_leaves_a_page_undecided_and_page_up_looks_back(by_label):
    async def act(user):
        await user.press("L", "enter")
        first = user.cells
        await user.press("pagedown")
        assert user.cells != first
        assert user.said_of("person") == {}
        await user.press("pageup")
        assert user.cells == first
        await user.press("pageup")
        assert "this is the first page" in user.screen

    by_label(act)


def test_all_of_a_page_is_made_yes_or_no_by_one_key(by_label):
    async def act(user):
        await user.press("L", "enter", "-")
        assert not any(yes for yes, _ in user.cells.values())
        await user.press("+")
        assert all(yes for yes, _ in user.cells.values())
        await user.press("right", "down", "space")
        assert [letter for letter, (yes, _) in user.cells.items() if not yes] == ["h"]

    by_label(act)


def test_pages_are_swept_to_the_stop_and_the_next_label_is_offered_until_none_is_left(by_label):
    async def act(user):
        await user.press("L", "enter")
        for label in ("person", "dog", "cat", "tree"):
            for _ in range(20):
                if not user.cells:
                    break
                assert f"{label}: " in user.head
                await user.press(*user.wrong(label), "enter")
            assert not user.cells
            assert f"{label}: " in user.head
            await user.press("enter")
        assert "no other label expects any" in " ".join(user.screen.split())
        for label in ("person", "dog", "cat"):
            column = user.known.labels.index(label)
            said = user.said_of(label)
            true = set(user.known.truth[:, column].nonzero()[0].tolist())
            found = {number for number, yes in said.items() if yes}
            assert found <= true
            assert len(found) >= 0.85 * len(true)
        assert user.whole() == 0

    by_label(act)


def test_where_pages_stop_going_on_is_one_key_and_a_random_page_says_its_result(by_label):
    async def act(user):
        await user.press("L", "enter")
        while user.cells:
            await user.press(*user.wrong("person"), "enter")
        assert "Stopped: the next page is expected to hold about " in user.screen
        assert "next label, dog (gains about " in " ".join(user.screen.split())
        assert "letter flip" not in user.screen  # no photo is there to flip
        await user.press("*")
        assert "letter flip" in user.screen
        assert "drawn at random among all that are unseen" in user.screen
        await user.press(*user.wrong("person"), "enter")
        assert "random page: none of 24 is person; with 90% certainty fewer than" in user.screen
        await user.press("pagedown")
        assert user.cells
        assert "page " in user.head

    by_label(act)


def test_a_page_whose_pictures_are_not_drawn_yet_cannot_be_accepted(by_label, monkeypatch):
    async def act(user):
        await user.press("L")
        monkeypatch.setattr(PageGrid, "drawn", lambda *_: set(range(20)))
        monkeypatch.setattr(Pager, "waits", lambda *_: False)
        await user.press("enter", "enter")
        assert "not accepted: 20 of 24 pictures were drawn" in user.screen
        await user.press("z", "Z")
        assert "not accepted: 20 of 24 pictures were drawn" in user.screen
        assert user.said_of("person") == {}

    by_label(act)


def test_a_key_that_was_read_before_the_page_was_drawn_does_nothing(by_label):
    async def act(user):
        await user.press("L", "enter")
        screen = user.app.screen
        screen._decisions.read = 0.0
        assert not screen._decisions._may_accept()
        screen._decisions.flip(0)
        await user.rest()
        assert "not flipped: its picture was not on the screen yet" in user.screen

    by_label(act)


def test_a_page_that_was_just_drawn_and_a_key_that_is_held_down_are_not_accepted(by_label):
    async def act(user):
        await user.press("L", "enter", "enter", "enter")
        assert "not accepted: the page had just been drawn; again accepts it" in user.screen
        assert user.said_of("person") == {}

    by_label(act, settle=30.0)


def test_on_a_narrow_screen_what_is_said_keeps_clear_of_how_many_pictures_are_drawn(by_label):
    async def act(user):
        await user.press("L", "enter", "enter")
        line = next(row for row in user.screen.splitlines() if "not accepted" in row)
        assert re.search(r"again a\S*…  +\d+ of \d+ pictures drawn", line), line

    by_label(act, size=NARROW, settle=30.0)


def test_a_photo_without_a_thumbnail_is_left_out_and_stays_open(by_label):
    async def act(user):
        Path(user.review.photos.files(user.at("IMG_00032.jpg")).thumbnail).unlink()
        await user.press("L", "enter")
        assert "23 of 24 pictures drawn, 1 without" in user.screen
        assert 32 in {number for _, number in user.cells.values()}
        await user.press("enter")
        assert len(user.said_of("person")) == 23
        assert 32 not in user.said_of("person")

    by_label(act)


def test_without_pictures_there_are_names_and_no_page_to_accept(by_label):
    async def act(user):
        await user.press("L", "enter")
        assert "no page can be accepted" in user.screen
        await user.press("enter", "a", "A")
        assert "without pictures nobody can say what is on these photos" in user.screen
        assert user.said_of("person") == {}

    by_label(act, images="none", size=NARROW)


@pytest.mark.parametrize(("images", "count"), [("quadrant", 6), ("kitty", 15)])
def test_at_80_by_24_as_many_photos_are_on_a_page_as_fit(by_label, images, count):
    async def act(user):
        await user.press("L", "enter")
        assert user.screen.count(" ■ YES ") + user.screen.count(" □ no  ") == count
        assert f"{count} of {count} pictures drawn" in user.screen
        assert "left in 90" in user.head
        await user.press("B")
        assert len(user.said_of("person")) == count

    by_label(act, images=images, size=NARROW)


def test_a_page_accepted_on_a_larger_screen_is_corrected_by_what_is_shown_of_it(by_label):
    async def act(user):
        await user.press("L", "enter", "enter")
        accepted = user.said_of("person")
        await user.pilot.resize_terminal(120, 20)
        await user.press("pageup")
        count = user.screen.count(" ■ YES ")
        assert 0 < count < len(accepted)
        assert f"{count} of {count} pictures drawn" in user.screen
        await user.press("a", "enter")
        said = user.said_of("person")
        assert said.keys() == accepted.keys()
        assert list(said.values()).count(False) == 1

    by_label(act)


def test_where_photos_cannot_be_scored_it_says_why_and_waits_for_nothing(by_label, monkeypatch):
    def fails(*_):
        raise OSError(5, "Input/output error", "vectors")

    async def act(user):
        await user.press("L")
        monkeypatch.setattr("phototagger.review.suggester.Suggester.chances", fails)
        await user.press("enter")
        assert "scoring" not in user.screen
        await user.press("enter")
        assert user.status.strip().startswith("no page yet: ")
        assert "Input/output error" in user.status
        monkeypatch.undo()
        await user.press("escape", "enter")
        assert len(user.cells) == 24

    by_label(act)


def test_pages_are_made_anew_where_this_review_takes_over_from_one_that_decided(by_label):
    async def act(user):
        await user.press("L", "enter")
        others = {number for _, number in list(user.cells.values())[:3]}
        sha1 = user.review.photos.listing.sha1
        no = {sha1(user.at(f"IMG_{number:05}.jpg")): False for number in others}
        decide_labels_elsewhere(user.review, no)
        user.review.suggestions.begin_again(user.review.job)
        await user.press("enter")
        assert user.said_of("person") == dict.fromkeys(others, False)
        assert user.head.startswith("PAGES · person: 0 yes, 3 no · page 1 ")
        assert not others & {number for _, number in user.cells.values()}
        await user.press("enter")
        assert len(user.said_of("person")) == 27
        assert not any(user.said_of("person")[number] for number in others)

    def decide_labels_elsewhere(review, verdicts):
        edits = [Edit(sha1, "person", yes) for sha1, yes in verdicts.items()]
        decide(review.job.catalogue, edits, root=review.root)

    by_label(act)


def test_a_photo_is_shown_large_and_no_page_is_accepted_meanwhile(by_label):
    async def act(user):
        await user.press("L", "enter", "right", "0")
        number = user.cells
        assert not number
        assert ".jpg" in user.screen.splitlines()[2]
        await user.press("enter")
        assert "esc shows the page again" in user.screen
        await user.press("escape")
        assert len(user.cells) == 24
        await user.press("escape")
        assert "LABEL LIST" in user.last_line

    by_label(act)


def test_pages_are_of_the_photos_that_are_marked_or_filtered(by_label):
    async def act(user):
        await user.press(
            "space", "right", "right", "space", "right", "right", "space", "L", "enter"
        )
        assert {number for _, number in user.cells.values()} == {0, 2, 4}
        assert "in 3 photos" in user.head

    by_label(act)


def test_the_checklist_shows_what_pages_decided_and_how_many_labels_are(by_label):
    async def act(user):
        await user.press("L", "enter", "enter", "escape", "escape")
        said = user.said_of("person")
        number = next(iter(said))
        user.ui.photo.go_to([user.at(f"IMG_{number:05}.jpg")])
        await user.rest()
        assert "1 of 5 labels decided" in user.screen
        assert "■ ✓ person" in user.screen
        await user.press("t")
        assert "person" in user.kept(f"IMG_{number:05}.jpg")

    by_label(act)


def test_a_review_that_only_reads_says_so_and_decides_nothing(by_label):
    async def act(user):
        from phototagger.errors import LockedError

        user.review.read_only = LockedError("read-only: another decides", "wait", "another")
        await user.press("L", "enter", "enter")
        assert "read-only: another decides" in user.screen
        assert user.said_of("person") == {}

    by_label(act)


def test_a_label_that_is_long_and_wide_leaves_room_for_the_figures(tmp_path):
    known = vector_set()
    wide = "犬" * 150
    labels = [wide if one == "person" else one for one in known.labels]

    async def act(user):
        await user.press("L", "enter")
        assert user.head.startswith("犬")
        assert user.head.endswith(" left in 90")
        assert "Only 犬" in user.screen.splitlines()[1]
        assert user.screen.splitlines()[1].rstrip().endswith("all else stays open.")

    paging(tmp_path, replace(known, labels=labels))(act, size=NARROW)

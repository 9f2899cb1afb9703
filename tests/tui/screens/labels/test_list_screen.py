"""The label list by the real screen."""

import asyncio
import threading

import pytest

from phototagger.store.labels.letters import letters
from phototagger.tui.screens.labels import label_naming
from phototagger.tui.screens.labels.list_screen import LabelTable, columns


def rows(user) -> list[str]:
    """The labels as they stand on the screen."""
    return [line[1:].split()[0] for line in user.screen.splitlines()[2:] if "of 10" in line]


def test_labels_come_by_what_they_are_expected_to_gain(by_label):
    async def act(user):
        await user.press("L")
        assert rows(user) == ["person", "dog", "cat", "tree", "kayak"]
        assert "5 labels, expected to gain most first · 90 photos shown" in user.head
        line = next(line for line in user.screen.splitlines() if ">person" in line)
        assert line.split()[1:] == ["0", "0", "45", "90", "0", "of", "10", "44"]

    by_label(act)


def test_figures_stand_near_the_names_on_a_wide_screen():
    table = LabelTable(["dog"], ["dog"])
    assert table.name_width(300) == table.name_width(120) == 20
    assert LabelTable(["dog"], ["d" * 200]).name_width(120) < 100


def test_what_pages_decided_is_counted_when_they_are_left(by_label):
    async def act(user):
        await user.press("L", "enter", "enter", "escape")
        line = next(line for line in user.screen.splitlines() if "person" in line)
        assert line.split()[1:5] == ["24", "0", "21", "66"]
        assert " yes " in line

    by_label(act)


def test_what_is_learned_beside_the_keys_is_listed_without_a_key(by_label, monkeypatch):
    monkeypatch.setattr("phototagger.tui.screens.labels.list_screen._AGAIN", 0.01)

    async def act(user):
        await user.press("L")
        listing, suggestions = user.review.photos.listing, user.review.suggestions
        truth = {listing.sha1(at): at % 3 == 0 for at in range(90)}  # too many to learn at once
        user.review.decide_label("dog", truth)
        assert "0 of 10" in next(line for line in user.screen.splitlines() if "dog" in line)
        suggestions.learned(suggestions.learning()())
        figures: list[str] = []
        for _ in range(1000):
            line = next(line for line in user.screen.splitlines() if "dog" in line)
            figures = line.split()[1:6]
            if figures == ["30", "60", "0", "0", "yes"]:
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"the list says {figures}")

    by_label(act)


def test_the_list_is_filtered_as_it_is_typed_and_enter_opens_the_pages(by_label):
    async def act(user):
        await user.press("L", "/", "c", "a")
        assert rows(user) == ["cat"]
        await user.press("enter")
        assert "PAGES · cat" in user.head
        await user.press("escape")
        assert rows(user) == ["cat"]
        await user.press("escape")
        assert len(rows(user)) == 5
        await user.press("escape")
        assert "LABEL LIST" not in user.screen

    by_label(act)


def test_the_list_is_put_in_another_order(by_label):
    async def act(user):
        await user.press("L", "s", "2")
        assert rows(user) == ["cat", "dog", "kayak", "person", "tree"]

    by_label(act)


def test_n_goes_to_the_next_label_that_expects_any(by_label):
    async def act(user):
        await user.press("L", "s", "2", "g", "n")
        assert ">dog" in user.screen
        await user.press("n")
        assert ">person" in user.screen
        await user.press("n", "n")
        assert "no label below expects any photo" in user.screen

    by_label(act)


def test_a_letter_is_set_by_the_next_key(by_label):
    async def act(user):
        await user.press("L", ";", "x")
        assert "x is person" in user.screen
        with user.disk() as catalogue:
            assert letters(catalogue) == {"person": "x"}
        await user.press("down", ";", "q")
        assert "q cannot be the letter of a label" in user.screen
        await user.press(";", "escape")
        with user.disk() as catalogue:
            assert letters(catalogue) == {"person": "x"}

    by_label(act)


def test_undo_in_the_list_says_what_it_takes_back_and_waits(by_label):
    async def act(user):
        await user.press("L", "enter", "enter", "escape", "u")
        assert "Take back: approved person 24 on 24 photos" in " ".join(user.screen.split())
        await user.press("enter")
        assert user.said_of("person") == {}
        await user.press("ctrl+r")
        assert len(user.said_of("person")) == 24
        await user.press("q")
        assert user.shown_is_on_disk()

    by_label(act)


@pytest.mark.parametrize("does", ["u", "R"])
def test_what_is_about_many_photos_is_read_and_done_beside_the_keys(by_label, monkeypatch, does):
    monkeypatch.setattr(label_naming, "FEW", 20)
    is_held, goes_on, threads = threading.Event(), threading.Event(), []

    def held(method):
        def in_the_middle(*given, **more):
            threads.append(threading.current_thread() is threading.main_thread())
            is_held.set()
            goes_on.wait(60)
            return method(*given, **more)

        return in_the_middle

    async def act(user):
        await user.press("L", "enter", "enter", "escape")
        names = ("coming", "undo") if does == "u" else ("name_label",)
        for name in names:
            monkeypatch.setattr(user.review, name, held(getattr(user.review, name)))
        if does == "u":
            await user.pilot.press("u")
            await asyncio.to_thread(is_held.wait, 60)
            await user.pilot.press("enter", "escape", "M")
            assert "one moment: reading 24 photos …" in user.screen
            goes_on.set()
            await user.rest()
            assert "Take back: approved person 24 on 24 photos" in " ".join(user.screen.split())
            await user.press("enter")
            assert user.said_of("person") == {}
            await user.press("ctrl+r")
            assert len(user.said_of("person")) == 24
        else:
            await user.press("R", *"human", "enter")
            await user.pilot.press("enter")
            await asyncio.to_thread(is_held.wait, 60)
            await user.pilot.press("q")
            assert "one moment: naming " in user.screen
            goes_on.set()
            await user.rest()
            assert ">human" in user.screen
            assert len(user.said_of("human")) == 24
        assert threads
        assert not any(threads)

    by_label(act)


def test_a_label_is_renamed_merged_and_removed_after_saying_on_how_many_photos(by_label):
    async def act(user):
        await user.press("L", "enter", "enter", "escape")
        await user.press("R", *"human", "enter")
        shown = " ".join(user.screen.replace("│", " ").split())
        assert "Rename person to human?" in shown
        assert "24 photos, 24 approved and 0 rejected." in shown
        await user.press("enter")
        assert ">human" in user.screen
        assert len(user.said_of("human")) == 24
        await user.press("/", *"hum", "enter", "escape")
        assert ">human" in user.screen
        await user.press("M", *"dog", "enter", "enter")
        assert len(user.said_of("dog")) == 24
        assert not user.said_of("human")
        await user.press("u", "enter", "u", "enter")
        assert len(user.said_of("person")) == 24

    by_label(act)


def test_a_synonym_and_removing_are_acts_of_the_list_and_errors_are_said(by_label):
    async def act(user):
        await user.press("L", "=", *"cat", "enter")
        assert "cat is a label already" in user.screen
        await user.press("=", *"human", "enter", "enter")
        assert "human means person" in user.screen
        await user.press("down", "x")
        assert "Remove dog?" in user.screen
        await user.press("enter")
        assert "dog" not in rows(user)
        await user.press("u", "enter")
        assert "dog" in rows(user)
        await user.press("R", "enter")
        assert "is named twice" in user.screen
        assert "LABEL LIST" in user.last_line

    by_label(act)


def test_the_palette_offers_nothing_here_that_would_act_on_the_photos_behind(by_label):
    async def act(user):
        titles = [one.title for one in user.app.get_system_commands(user.app.screen)]
        assert any(one.startswith("approve (") for one in titles)
        await user.press("L")
        assert [one.title for one in user.app.get_system_commands(user.app.screen)] == ["theme"]

    by_label(act)


@pytest.mark.parametrize("width", [20, 40, 59, 79])
def test_however_narrow_the_list_is_names_have_room(width):
    assert width - sum(wide for _, wide in columns(width)) >= 20

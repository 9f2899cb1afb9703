"""Deciding on many photos: folder, marks, everything shown; each asks, and is one undo."""

import asyncio
import re
import shutil
import threading
import time
from collections import Counter

import pytest

from phototagger.core.checklist import Line, Mark, checklist
from phototagger.errors import InterruptedByUser
from phototagger.review.background.rescan import rescan
from phototagger.review.plans import Plans
from phototagger.review.session import Review
from phototagger.store import Who, decisions
from phototagger.tui import engine_bridge
from phototagger.tui.screens.review.act_runner import ActRunner
from tests.engine.pictures import picture
from tests.engine.process.processes import process
from tests.review.conftest import reviewing
from tests.tui.driving import workers_done
from tests.tui.reviewing import at_review

__all__ = ["process"]

ALL = ["a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "sea/e.jpg", "town/f.jpg", "town/g.png"]
SEA = ALL[2:5]


def test_everything_shown_is_approved_as_checked_after_saying_how_many(ran):
    async def act(user):
        wanted = {name: set(user.review.photos.checklist(user.at(name)).checked) for name in ALL}
        await user.press("A")
        labels = Counter(label for checked in wanted.values() for label in checked)
        assert f"Approve as checked: 7 photos, {labels.total()} labels?" in user.screen
        assert "everything shown: 7 photos" in user.screen
        named = ", ".join(f"{label} {count}" for label, count in labels.most_common(1))
        assert named in user.screen
        assert user.decided() == []
        await user.press("enter")
        assert {name: user.approved(name) for name in ALL} == wanted
        assert "approved 7 photos as checked" in user.status
        assert "0 undecided" in user.status
        assert user.screen.count("✓ ") >= 5
        await user.press("u")
        assert user.decided() == []
        assert "7 undecided" in user.status

    at_review(ran, act)


def test_the_question_can_be_refused(ran):
    async def act(user):
        await user.press("A", "escape")
        assert user.decided() == []
        assert "7 undecided" in user.status
        await user.press("A")
        await user.click("cancel")
        assert user.decided() == []

    at_review(ran, act)


def test_enter_that_was_typed_before_the_question_was_seen_answers_nothing(ran):
    async def act(user):
        await user.press("A", "enter", "enter")
        assert "Approve as checked: 7 photos" in user.screen
        await user.pilot.pause(0.45)
        await user.press("enter")
        assert user.decided() == []
        user.app.screen.settle = 0.4  # it has been seen as long
        await user.pilot.pause(0.45)
        await user.press("enter")
        assert len(user.decided()) == 7

    at_review(ran, act, settle=600)


def test_copies_of_photos_are_said_and_decided_with_them(ran):
    for copy in ("a copy.jpg", "sea/b.jpg"):
        shutil.copyfile(ran.root / "a.jpg", ran.root / copy)
    ran.run()

    async def act(user):
        await user.press("A")
        assert "Approve as checked: 7 photos" in user.screen
        assert "2 more photos with the same bytes: decided with them" in user.screen
        await user.press("enter")
        assert user.review.photos.undecided() == 0

    at_review(ran, act)


def test_copies_of_photos_are_said_of_other_acts_on_many_and_in_the_label_list(ran):
    said = "1 more photo with the same bytes: decided with them"
    shutil.copyfile(ran.root / "a.jpg", ran.root / "a copy.jpg")
    ran.run()

    async def act(user):
        photos = len(user.review.photos.listing)
        for key in ("T", "C"):
            await user.press(key)
            assert said in user.screen, key
            await user.press("escape")
        await user.press("]", "T")
        assert "Approve what is over" in user.screen
        assert "the same bytes" not in user.screen  # that folder has none
        await user.press("escape", "L")
        assert f"{photos} photos shown, 1 copy" in user.screen

    at_review(ran, act, size=(120, 40))


def test_only_what_the_filter_shows_and_nobody_decided_is_approved(ran):
    async def act(user):
        await user.press("c", "a", "A")
        assert "Approve as checked: 6 photos" in user.screen
        assert "1 photo decided already: left as they are" in user.screen
        await user.press("enter")
        assert user.approved("a.jpg") == set()
        assert user.decided() == ALL
        await user.press("A")
        assert "nothing to do here; 7 photos decided already: left as they are" in user.status

    at_review(ran, act)


def test_what_is_over_the_threshold_is_approved_in_this_folder_by_auto(ran):
    async def act(user):
        over = {
            name: {
                x.label
                for x in user.review.photos.checklist(user.at(name)).lines
                if x.cosine >= 0.2
            }
            for name in SEA
        }
        await user.press("]", "l", "T")
        labels = sum(map(len, over.values()))
        assert f"Approve what is over 0.20: 3 photos, {labels} labels?" in user.screen
        assert user.decided() == []
        await user.press("enter")
        assert user.decided() == [name for name in SEA if over[name]]
        assert {name: user.approved(name) for name in SEA} == over
        with user.disk() as catalogue:
            assert {one.who for one in decisions(catalogue)} == {Who.AUTO}
        assert f"{sum(map(len, over.values()))} labels over 0.20 on" in user.status
        assert user.here == "sea/d.jpg"
        await user.press("u")
        assert user.decided() == []
        assert re.search(r"sea +3/3", user.screen)

    at_review(ran, act)


def test_a_folder_is_cleared_and_one_undo_brings_it_back(ran):
    async def act(user):
        await user.press("A", "enter", "]", "C")
        assert "Clear: 3 photos, " in user.screen
        assert user.decided() == ALL
        await user.press("enter")
        assert user.decided() == [name for name in ALL if name not in SEA]
        assert "cleared 3 photos, 3 of them decided" in user.status
        assert re.search(r"sea +3/3", user.screen)
        assert [user.kept(name) for name in SEA] == [set(), set(), set()]
        await user.press("u")
        assert user.decided() == ALL
        assert [user.kept(name) for name in SEA] == [None, None, None]

    at_review(ran, act)


def test_a_range_is_drawn_and_counted_and_approved_as_one(ran):
    async def act(user):
        await user.press("l", "v", "l", "l")
        assert "3 marked" in user.status
        assert user.screen.count("+") == 2
        await user.press("a")
        assert "Approve as checked: 3 photos" in user.screen
        assert user.decided() == []
        await user.press("enter")
        assert user.decided() == ["b.png", "sea/c.jpg", "sea/d.jpg"]
        assert "marked" not in user.status
        assert user.here == "sea/d.jpg"
        await user.press("u")
        assert user.decided() == []

    at_review(ran, act)


def test_space_marks_any_photos_and_keys_ask_about_those_of_this_view(ran):
    async def act(user):
        await user.press("space", "l", "l", "space", "G", "space")
        assert "3 marked" in user.status
        assert user.kept("a.jpg") is None
        await user.press("escape", "escape")
        assert "3 marked" in user.status
        await user.press("space", "c", "enter")
        assert [user.kept(name) for name in ALL] == [set(), None, set(), None, None, None, None]

    at_review(ran, act)


def test_marks_elsewhere_are_counted_and_untouched(ran):
    async def act(user):
        await user.press("a", "space", "f", "3")
        assert "0 marked, +1 elsewhere" in user.status
        await user.press("c")
        assert (user.kept("a.jpg"), user.kept("b.png")) == (set(), None)
        await user.press("f", "1")
        assert "1 marked" in user.status
        assert "elsewhere" not in user.status

    at_review(ran, act)


def test_v_marks_its_range_and_capital_v_everything_shown(ran):
    async def act(user):
        await user.press("v", "l", "v", "l")
        assert "2 marked" in user.status
        assert "7 photos marked" not in user.status
        await user.press("V")
        assert "7 marked" in user.status
        await user.press("V")
        assert "marked" not in user.status.replace("unmarked", "")
        assert user.decided() == []

    at_review(ran, act)


def test_a_click_in_the_folders_grows_no_range(ran):
    async def act(user):
        await user.press("space", "l", "v")
        await user.click("town")
        await user.press("enter")
        assert "1 marked" in user.status

    at_review(ran, act)


def test_checks_of_what_is_marked_follow_the_photo_under_the_cursor(ran):
    async def act(user):
        before = {
            name: set(user.review.photos.checklist(user.at(name)).checked) for name in ALL[:3]
        }
        await user.press("v", "l", "l")
        place = 1 + [line.label for line in user.ui.photo.checks.lines].index("forest")
        await user.press(str(place))
        assert "Check forest on 3 photos?" in user.screen
        assert "what is marked: 3 photos" in user.screen
        await user.press("enter")
        assert {name: user.kept(name) for name in ALL[:3]} == {
            name: before[name] | {"forest"} for name in ALL[:3]
        }
        assert "checked forest on 3 photos" in user.status
        assert "✎" in user.screen
        await user.press("u")
        assert "taken back: checked forest on 3 photos" in user.status
        assert [user.kept(name) for name in ALL[:3]] == [None] * 3
        assert user.kept("sea/d.jpg") is None

    at_review(ran, act)


def test_only_photos_whose_checks_change_are_asked_about_and_nothing_else_is_said_to_change(ran):
    async def act(user):
        await user.press("v", "l", "l")
        place = 1 + [line.label for line in user.ui.photo.checks.lines].index("forest")
        await user.press(str(place), "enter", "h", "h", "V")
        had = [
            name for name in ALL if "forest" in user.review.photos.checklist(user.at(name)).checked
        ]
        place = 1 + [line.label for line in user.ui.photo.checks.lines].index("forest")
        await user.press(str(place))
        assert f"Uncheck forest on {len(had)} of 7 photos?" in user.screen
        assert f"{7 - len(had)} photos where it is so already: left as they are" in user.screen
        await user.press("enter")
        assert f"unchecked forest on {len(had)} photos" in user.status
        assert [name for name in ALL if user.kept(name) is not None] == had
        await user.press("u")
        assert f"taken back: unchecked forest on {len(had)} photos" in user.status

    at_review(ran, act)


def test_how_many_photos_are_approved_with_no_label_is_said_first(ran):
    async def act(user):
        await user.press("V", "c", "enter")  # undecided, nothing checked
        await user.press("A")
        assert "Approve as checked: 7 photos, 0 labels?" in user.screen
        assert "everything shown: 7 photos" in user.screen
        assert "7 photos of them with nothing checked: no label" in user.screen

    at_review(ran, act)


def test_copied_labels_are_pasted_on_what_is_marked_and_approved(ran):
    async def act(user):
        await user.press("2", "y", "V", "p", "enter", "A")
        assert "Approve as checked: 7 photos, 14 labels?" in user.screen
        await user.press("enter")
        assert [user.approved(name) for name in ALL] == [{"snow", "dog"}] * 7

    at_review(ran, act)


def test_decided_photos_of_a_range_whose_checks_were_changed_are_approved_anew(ran):
    async def act(user):
        await user.press("a", "a", "g", "v", "l")
        place = 1 + [line.label for line in user.ui.photo.checks.lines].index("forest")
        await user.press(str(place), "enter", "a", "enter")
        assert [user.kept(name) for name in ALL[:2]] == [None, None]
        assert "forest" in user.approved("a.jpg") & user.approved("b.png")
        assert "approved 2 photos as checked" in user.status

    at_review(ran, act)


def test_t_and_c_and_their_capitals_ask_about_a_range(ran):
    async def act(user):
        await user.press("v", "l", "T", "enter")
        assert set(user.decided()) <= {"a.jpg", "b.png"}
        assert user.approved("a.jpg") == {"snow"}
        await user.press("g", "v", "l", "C", "enter")
        assert user.decided() == []
        await user.press("u", "u", "g", "v", "l", "t")
        assert "2 photos where it is so already: left as they are" in user.status
        assert user.kept("a.jpg") is None
        await user.press("c", "enter")
        assert [user.kept(name) for name in ALL[:2]] == [set(), set()]
        assert user.kept("sea/c.jpg") is None

    at_review(ran, act)


def test_t_and_its_capital_never_touch_a_draft(ran):
    async def act(user):
        await user.press("2", "t")
        assert user.kept("a.jpg") == {"snow", "dog"}
        assert "these checks are your own" in user.status
        await user.press("T")
        assert "1 photo with checks not approved yet: left as they are" in user.screen
        await user.press("enter")
        assert user.kept("a.jpg") == {"snow", "dog"}
        assert "a.jpg" not in user.decided()
        await user.press("V", "t")
        assert "1 photo with checks not approved yet: left as they are" in user.screen
        assert user.kept("a.jpg") == {"snow", "dog"}

    at_review(ran, act)


def test_a_range_is_dropped_by_esc_and_nothing_happens(ran):
    async def act(user):
        await user.press("v", "l", "escape")
        assert "marked" not in user.status
        assert "+" not in user.screen
        assert user.decided() == []

    at_review(ran, act)


def test_many_photos_are_decided_beside_the_keys(many, monkeypatch):
    monkeypatch.setattr("phototagger.tui.screens.review.act_runner.FEW", 20)

    async def act(user):
        await user.press("A", "enter")
        assert len(user.decided()) == 67
        assert "approved 67 photos as checked" in user.status
        assert user.review.photos.undecided() == 0
        await user.press("u", "enter")
        assert user.decided() == []
        assert {user.review.photos.listing.mark(one) for one in range(67)} == {Mark.UNDECIDED}

    at_review(many, act)


@pytest.mark.parametrize("ends", [("escape",), ("q",)])
@pytest.mark.parametrize("does", ["decide", "undo"])
def test_an_act_on_many_photos_is_stopped_in_the_middle_with_nothing_done(
    many, monkeypatch, does, ends
):
    monkeypatch.setattr("phototagger.tui.screens.review.act_runner.FEW", 20)
    monkeypatch.setattr("phototagger.tui.screens.review.act_runner._EVERY", 0)
    monkeypatch.setattr("phototagger.store.labels.edits.AT_ONCE", 30)
    runner, said = ActRunner._teller, list[str]()
    is_in_the_middle, goes_on = threading.Event(), threading.Event()

    def in_the_middle(acts, *given):
        tell, background = runner(acts, *given), acts._screen.background

        def told(done):
            if 0 < done < 1:  # the keys come while it goes on
                tell(done)
                is_in_the_middle.set()
                while not goes_on.wait(0.01) and not background.is_leaving:
                    pass
            tell(done)

        return told

    async def act(user):
        if does == "undo":
            await user.press("A", "enter")
            assert len(user.decided()) == 67
        before = user.decided()
        monkeypatch.setattr(ActRunner, "_teller", in_the_middle)
        await user.press("A" if does == "decide" else "u")
        await user.pilot.press("enter")
        await asyncio.to_thread(is_in_the_middle.wait, 60)
        await user.pilot.pause()
        said.append(user.ui.engine_says)
        await user.pilot.press(*ends)
        if ends == ("escape",):
            goes_on.set()
            await user.rest()
            assert user.decided() == before
            assert "stopped: nothing of it was done" in user.status
            assert user.ui.acts.is_free()
            await user.press("A" if does == "decide" else "u", "enter")  # as if nothing had been
            monkeypatch.setattr(ActRunner, "_teller", runner)

    at_review(many, act)
    assert re.fullmatch(r"(approving|taking back) 67 photos … \d+%, esc stops it", said[0])
    with reviewing(many) as review:
        held = list(decisions(review.job.catalogue))
        review.job.catalogue.look_at_all()
        is_done = (does == "decide") == (ends == ("escape",))
        assert bool(held) == is_done


@pytest.mark.parametrize("key", ["u", "A"])
def test_esc_as_reading_ends_leaves_no_question(many, monkeypatch, key):
    monkeypatch.setattr("phototagger.tui.screens.review.act_runner.FEW", 20)

    async def act(user):
        await user.press("A", "enter", *(("u", "enter") if key == "A" else ()))
        before, call = user.decided(), user.app.call_from_thread

        def late(*what):
            user.ui.acts.stop()  # as esc does that comes before what was read is heard of
            return call(*what)

        monkeypatch.setattr(user.app, "call_from_thread", late)
        await user.press(key)
        assert user.app.screen is user.ui
        assert "stopped: nothing of it was done" in user.status
        assert user.decided() == before
        assert user.ui.acts.is_free()

    at_review(many, act)


@pytest.mark.parametrize("key", ["u", "ctrl+r"])
def test_what_is_taken_back_of_many_photos_is_read_beside_the_keys_and_esc_ends_that(
    many, monkeypatch, key
):
    monkeypatch.setattr("phototagger.tui.screens.review.act_runner.FEW", 20)
    coming, is_reading, goes_on = Review._coming, threading.Event(), threading.Event()

    def in_the_middle(*given):
        is_reading.set()
        goes_on.wait(60)
        return coming(*given)

    async def act(user):
        await user.press("A", "enter", *(("u", "enter") if key == "ctrl+r" else ()))
        before = user.decided()
        monkeypatch.setattr(Review, "_coming", in_the_middle)
        await user.pilot.press(key)
        await asyncio.to_thread(is_reading.wait, 60)
        await user.pilot.pause()
        assert user.ui.engine_says == "reading 67 photos …"
        await user.pilot.press("l")
        assert user.ui.grid.cursor.index == 1
        await user.pilot.press("escape")
        goes_on.set()
        await user.rest()
        assert user.app.screen is user.ui
        assert "stopped: nothing of it was done" in user.status
        await user.press(key, "enter")
        assert len(user.decided()) == 67 - len(before)

    at_review(many, act)


@pytest.mark.parametrize("keys", ["A", "VA", "VT", "VC", "Vt", "V1"])
def test_esc_while_photos_are_counted_means_that_nothing_is_asked(many, monkeypatch, keys):
    monkeypatch.setattr("phototagger.tui.screens.review.act_runner.FEW", 20)
    read, is_counting, goes_on = Plans._read, threading.Event(), threading.Event()

    def in_the_middle(*given):
        is_counting.set()
        goes_on.wait(60)
        return read(*given)

    monkeypatch.setattr(Plans, "_read", in_the_middle)

    async def act(user):
        await user.pilot.press(*keys)
        await asyncio.to_thread(is_counting.wait, 60)
        await user.pilot.press("escape")
        goes_on.set()
        await user.rest()
        assert user.app.screen is user.ui
        assert "stopped: nothing of it was done" in user.status
        assert user.ui.acts.is_free()
        await user.press("A")
        assert user.app.screen is not user.ui

    at_review(many, act)


@pytest.mark.parametrize("keys", ["VA", "VT", "VC"])
@pytest.mark.parametrize("is_asked", [False, True])
def test_photos_that_go_before_a_question_is_answered_change_nothing_of_it(
    many, monkeypatch, keys, is_asked
):
    monkeypatch.setattr("phototagger.tui.screens.review.act_runner.FEW", 20)
    read, is_counting, goes_on = Plans._read, threading.Event(), threading.Event()

    def in_the_middle(*given):
        is_counting.set()
        goes_on.wait(60)
        return read(*given)

    monkeypatch.setattr(Plans, "_read", in_the_middle)

    async def act(user):
        await user.pilot.press(*keys)
        await asyncio.to_thread(is_counting.wait, 60)
        if is_asked:
            goes_on.set()
            await user.rest()
        for number in range(0, 60, 2):
            (many.root / f"trip/{number:02}.png").unlink()
        user.ui.views.take_listing(rescan(user.review.job).listing)
        goes_on.set()
        await user.rest()
        await user.press("enter")
        assert user.app.screen is user.ui
        assert user.review.marked.contents == set()
        assert len(user.review.photos.listing) == 37
        assert bool(user.decided()) == (keys != "VC")
        assert user.shown_is_on_disk()

    at_review(many, act)


def test_what_was_taken_back_is_gone_to_although_other_photos_went_meanwhile(many, monkeypatch):
    monkeypatch.setattr("phototagger.tui.screens.review.act_runner.FEW", 20)
    stepped, is_in_the_middle, goes_on = Review._stepped, threading.Event(), threading.Event()

    def in_the_middle(*given, **more):
        is_in_the_middle.set()
        goes_on.wait(60)
        return stepped(*given, **more)

    monkeypatch.setattr(Review, "_stepped", in_the_middle)

    async def act(user):
        await user.press("V", "space", "A", "enter", "u")
        assert (user.here, len(user.decided())) == ("a.jpg", 66)
        await user.pilot.press("enter")
        await asyncio.to_thread(is_in_the_middle.wait, 60)
        (many.root / "a.jpg").unlink()
        user.ui.views.take_listing(rescan(user.review.job).listing)
        goes_on.set()
        await user.rest()
        assert (user.here, user.decided()) == ("b.png", [])
        assert user.shown_is_on_disk()

    at_review(many, act)


def test_q_does_not_wait_for_what_is_learned_of_many_decisions(many, monkeypatch):
    begun, ended = threading.Event(), []

    def without_end(*given):
        check = given[-1]
        begun.set()
        try:
            while True:
                time.sleep(0.01)
                check()
        except InterruptedByUser:
            ended.append(True)
            raise

    async def act(user):
        monkeypatch.setattr("phototagger.review.suggester.heads_of", without_end)
        user.ui.learning.begin()
        await asyncio.to_thread(begun.wait, 60)
        await user.pilot.press("q")

    at_review(many, act)
    assert ended == [True]


def test_checks_of_many_photos_are_changed_beside_the_keys(many, monkeypatch):
    monkeypatch.setattr("phototagger.tui.screens.review.act_runner.FEW", 20)

    async def act(user):
        def checks(name):
            return user.review.photos.checklist(user.at(name)).checked

        names = [user.review.photos.rel_path(one) for one in user.review.photos.view]
        await user.press("V")
        label = user.ui.photo.checks.lines[0].label
        checked = label not in user.ui.photo.checks.checked
        await user.press("1", "enter")
        verb = "checked" if checked else "unchecked"
        assert f"{verb} {label} on " in user.status
        assert {label in checks(name) for name in names} == {checked}
        await user.press("1", "enter")  # they are marked still
        assert {label in checks(name) for name in names} == {not checked}
        await user.press("u", "enter", "u", "enter")
        assert {user.kept(name) for name in names} == {None}

    at_review(many, act)


def test_while_many_are_being_decided_other_decisions_wait(many, monkeypatch):
    monkeypatch.setattr("phototagger.tui.screens.review.act_runner.FEW", 20)

    async def act(user):
        user.ui.acts.busy = "approving 67 photos …"
        await user.press("a", "1", "c", "u", "T", "A")
        assert user.decided() == []
        assert user.kept("a.jpg") is None
        assert "one moment: approving 67 photos" in user.status
        await user.press("l", "j")
        assert user.here != "a.jpg"

    at_review(many, act)


def test_suggestions_that_a_decision_changed_are_shown_at_once(many):
    async def act(user):
        await user.press(*"aaaaaa")
        before = user.screen
        user.ui.grid.reload()  # reads everything again
        await user.rest()
        assert user.screen == before

    at_review(many, act)


def test_a_selection_stays_on_its_photos_where_others_come_and_go(ran):
    async def act(user):
        await user.press("l", "l", "v", "l")
        chosen = {user.review.photos.rel_path(one) for one in user.ui.grid.cursor.selected()}
        (ran.root / "a.jpg").unlink()
        user.ui.views.take_listing(rescan(user.review.job).listing)
        await user.rest()
        assert {
            user.review.photos.rel_path(one) for one in user.ui.grid.cursor.selected()
        } == chosen
        assert user.here == "sea/d.jpg"
        await user.press("s", "2")
        assert not user.ui.grid.cursor.is_selecting

    at_review(ran, act)


def test_a_listing_waits_until_many_photos_are_decided(ran):
    async def act(user):
        before = user.review.photos.listing
        user.ui.acts.busy = "approving"
        (ran.root / "a.jpg").unlink()
        user.ui.views.take_listing(rescan(user.review.job).listing)
        assert user.review.photos.listing is before
        user.ui.acts.rest()
        assert len(user.review.photos.listing) == 6

    at_review(ran, act)


def test_what_becomes_known_meanwhile_takes_no_listings_place_that_waits(ran):
    async def act(user):
        user.ui.acts.busy = "approving"
        (ran.root / "a.jpg").unlink()
        user.ui.views.take_listing(rescan(user.review.job).listing)
        user.ui.arriving.now()
        await user.rest()
        user.ui.acts.rest()
        await user.rest()
        assert len(user.review.photos.listing) == 6

    at_review(ran, act)


def test_what_is_missing_for_photos_that_come_meanwhile_begins_after_that(
    ran, process, monkeypatch
):
    monkeypatch.setattr(engine_bridge, "_FIRST_PAINT", 3600)

    async def act(user):
        user.ui.acts.busy = "approving"
        picture(ran.root / "0.png", 99)
        user.ui.background.rescan()
        await workers_done(user.app)
        user.ui.engine._begin_missing()  # as the timer would
        user.ui.acts.rest()
        await user.rest()
        await user.press("g")
        assert user.here == "0.png"
        assert user.checked

    at_review(ran, act)


def test_a_mark_on_a_photo_that_is_approved_goes_with_the_act_and_says_what_it_is_if_alone(ran):
    async def act(user):
        await user.press("a", "g", "space", "right", "space", "a", "enter")
        assert user.decided() == ALL[:2]
        assert "marked" not in user.status
        await user.press("g", "space", "right", "right", "a")
        assert user.decided() == ALL[:2]
        assert "nothing to do with 1 marked photo; 1 photo decided already" in user.status
        assert "space unmarks it" in user.status

    at_review(ran, act)


def test_suggestions_that_come_in_stand_from_the_top_of_the_list(ran):
    async def act(user):
        labels, position = user.ui.labels, user.ui.grid.cursor.position
        shown = user.ui.photo.checks
        first = sorted(line.label for line in shown.lines)
        labels.put("another photo", checklist([], decided=False))
        labels.put(position, checklist([Line(label) for label in first], decided=False))
        assert labels.label == first[0] != shown.lines[0].label
        labels.put(position, shown)
        assert labels.label == shown.lines[0].label

    at_review(ran, act)

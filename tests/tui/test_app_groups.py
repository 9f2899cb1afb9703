"""Deciding on many photos: folder, selection, everything shown; each is one undo."""

import re

from phototagger.core.checklist import Mark
from phototagger.review.background import rescan
from phototagger.store import Who, decisions
from tests.tui.reviewing import at_desk

ALL = ["a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "sea/e.jpg", "town/f.jpg", "town/g.png"]
SEA = ALL[2:5]


def test_everything_shown_is_approved_as_checked_after_saying_how_many(ran):
    async def act(desk):
        wanted = {name: set(desk.review.checklist(desk.at(name)).checked) for name in ALL}
        await desk.press("A")
        assert "Approve 7 undecided photos shown, as checked?" in desk.screen
        assert desk.decided() == []
        await desk.press("enter")
        assert {name: desk.approved(name) for name in ALL} == wanted
        assert "approved 7 photos as checked" in desk.status
        assert "0 undecided" in desk.status
        assert desk.screen.count("✓ ") >= 5
        await desk.press("u")
        assert desk.decided() == []
        assert "7 undecided" in desk.status

    at_desk(ran, act)


def test_the_question_can_be_refused(ran):
    async def act(desk):
        await desk.press("A", "escape")
        assert desk.decided() == []
        assert "7 undecided" in desk.status
        await desk.press("A")
        await desk.click("cancel")
        assert desk.decided() == []

    at_desk(ran, act)


def test_only_what_the_filter_shows_and_nobody_decided_is_approved(ran):
    async def act(desk):
        await desk.press("c", "a", "A")
        assert "Approve 6 undecided photos shown" in desk.screen
        await desk.press("enter")
        assert desk.approved("a.jpg") == set()
        assert desk.decided() == ALL
        await desk.press("A")
        assert "nothing undecided is left here" in desk.status

    at_desk(ran, act)


def test_what_is_over_the_threshold_is_approved_in_this_folder_by_auto(ran):
    async def act(desk):
        over = {
            name: {x.label for x in desk.review.checklist(desk.at(name)).lines if x.cosine >= 0.2}
            for name in SEA
        }
        await desk.press("]", "l", "T")
        assert desk.decided() == [name for name in SEA if over[name]]
        assert {name: desk.approved(name) for name in SEA} == over
        with desk.disk() as catalogue:
            assert {one.who for one in decisions(catalogue)} == {Who.AUTO}
        assert f"{sum(map(len, over.values()))} labels over 0.20 on" in desk.status
        assert desk.here == "sea/d.jpg"
        await desk.press("u")
        assert desk.decided() == []
        assert re.search(r"sea +3/3", desk.screen)

    at_desk(ran, act)


def test_a_folder_is_cleared_and_one_undo_brings_it_back(ran):
    async def act(desk):
        await desk.press("A", "enter", "]", "C")
        assert desk.decided() == [name for name in ALL if name not in SEA]
        assert "cleared 3 photos, 3 of them decided" in desk.status
        assert re.search(r"sea +3/3", desk.screen)
        assert [desk.kept(name) for name in SEA] == [set(), set(), set()]
        await desk.press("u")
        assert desk.decided() == ALL
        assert [desk.kept(name) for name in SEA] == [None, None, None]

    at_desk(ran, act)


def test_a_range_is_drawn_and_counted_and_approved_as_one(ran):
    async def act(desk):
        await desk.press("l", "v", "l", "l")
        assert "3 selected" in desk.status
        assert desk.screen.count("+") == 2
        await desk.press("a")
        assert desk.decided() == ["b.png", "sea/c.jpg", "sea/d.jpg"]
        assert "selected" not in desk.status
        assert desk.here == "sea/d.jpg"
        await desk.press("u")
        assert desk.decided() == []

    at_desk(ran, act)


def test_checks_of_a_range_follow_the_photo_under_the_cursor(ran):
    async def act(desk):
        before = {name: set(desk.review.checklist(desk.at(name)).checked) for name in ALL[:3]}
        await desk.press("v", "l", "l")
        place = 1 + [line.label for line in desk.app.checks.lines].index("forest")
        await desk.press(str(place))
        assert {name: desk.kept(name) for name in ALL[:3]} == {
            name: before[name] | {"forest"} for name in ALL[:3]
        }
        assert "checks changed on 3 photos" in desk.status
        assert "✎" in desk.screen
        await desk.press("u")
        assert [desk.kept(name) for name in ALL[:3]] == [None] * 3
        assert desk.kept("sea/d.jpg") is None

    at_desk(ran, act)


def test_copied_labels_are_pasted_on_a_range_and_approved(ran):
    async def act(desk):
        await desk.press("2", "y", "v", "G", "p", "A")
        assert "Approve 7 undecided photos selected, as checked?" in desk.screen
        await desk.press("enter")
        assert [desk.approved(name) for name in ALL] == [{"snow", "dog"}] * 7

    at_desk(ran, act)


def test_decided_photos_of_a_range_whose_checks_were_changed_are_approved_anew(ran):
    async def act(desk):
        await desk.press("a", "a", "g", "v", "l")
        place = 1 + [line.label for line in desk.app.checks.lines].index("forest")
        await desk.press(str(place), "a")
        assert [desk.kept(name) for name in ALL[:2]] == [None, None]
        assert "forest" in desk.approved("a.jpg") & desk.approved("b.png")
        assert "approved 2 photos as checked" in desk.status

    at_desk(ran, act)


def test_t_and_c_and_their_capitals_work_on_a_range(ran):
    async def act(desk):
        await desk.press("v", "l", "T")
        assert set(desk.decided()) <= {"a.jpg", "b.png"}
        assert desk.approved("a.jpg") == {"snow"}
        await desk.press("g", "v", "l", "C")
        assert desk.decided() == []
        await desk.press("g", "v", "l", "t")
        assert desk.kept("a.jpg") == {"snow"}
        await desk.press("c")
        assert [desk.kept(name) for name in ALL[:2]] == [set(), set()]
        assert desk.kept("sea/c.jpg") is None

    at_desk(ran, act)


def test_a_range_is_dropped_by_v_and_esc_and_nothing_happens(ran):
    async def act(desk):
        for key in ("v", "escape"):
            await desk.press("v", "l", key)
            assert "selected" not in desk.status
            assert "+" not in desk.screen
        assert desk.decided() == []

    at_desk(ran, act)


def test_many_photos_are_decided_beside_the_keys(many, monkeypatch):
    monkeypatch.setattr("phototagger.tui.screens.review.acting.FEW", 20)

    async def act(desk):
        await desk.press("A", "enter")
        assert len(desk.decided()) == 67
        assert "approved 67 photos as checked" in desk.status
        assert desk.review.undecided() == 0
        await desk.press("u")
        assert desk.decided() == []
        assert {desk.review.listing.mark(one) for one in range(67)} == {Mark.UNDECIDED}

    at_desk(many, act)


def test_checks_of_many_photos_are_changed_beside_the_keys(many, monkeypatch):
    monkeypatch.setattr("phototagger.tui.screens.review.acting.FEW", 20)

    async def act(desk):
        names = [desk.review.rel_path(one) for one in desk.review.view]
        await desk.press("v", "G")
        label = desk.app.checks.lines[0].label
        checked = label not in desk.app.checks.checked
        await desk.press("1")
        assert "checks changed on 67 photos" in desk.status
        assert {label in desk.kept(name) for name in names} == {checked}
        await desk.press("1")  # they are selected still
        assert {label in desk.kept(name) for name in names} == {not checked}
        await desk.press("u", "u")
        assert {desk.kept(name) for name in names} == {None}

    at_desk(many, act)


def test_while_many_are_being_decided_other_decisions_wait(many, monkeypatch):
    monkeypatch.setattr("phototagger.tui.screens.review.acting.FEW", 20)

    async def act(desk):
        desk.app.busy = "approving 67 photos …"
        await desk.press("a", "1", "c", "u", "T", "A")
        assert desk.decided() == []
        assert desk.kept("a.jpg") is None
        assert "one moment: approving 67 photos" in desk.status
        await desk.press("l", "j")
        assert desk.here != "a.jpg"

    at_desk(many, act)


def test_suggestions_that_a_decision_changed_are_shown_at_once(many):
    async def act(desk):
        await desk.press(*"aaaaaa")
        before = desk.screen
        desk.app.grid.reload()  # reads everything again
        await desk.rest()
        assert desk.screen == before

    at_desk(many, act)


def test_a_selection_stays_on_its_photos_where_others_come_and_go(ran):
    async def act(desk):
        await desk.press("l", "l", "v", "l")
        chosen = {desk.review.rel_path(one) for one in desk.app.grid.selected()}
        (ran.root / "a.jpg").unlink()
        desk.app.take_listing(rescan(desk.review.job).listing)
        await desk.rest()
        assert {desk.review.rel_path(one) for one in desk.app.grid.selected()} == chosen
        assert desk.here == "sea/d.jpg"
        await desk.press("s", "2")
        assert not desk.app.grid.is_selecting

    at_desk(ran, act)


def test_a_listing_waits_until_many_photos_are_decided(ran):
    async def act(desk):
        before = desk.review.listing
        desk.app.busy = "approving"
        (ran.root / "a.jpg").unlink()
        desk.app.take_listing(rescan(desk.review.job).listing)
        assert desk.review.listing is before
        desk.app._rest()
        assert len(desk.review.listing) == 6

    at_desk(ran, act)

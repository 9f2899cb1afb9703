"""Decisions: made, taken back, done again, across restarts."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest

from phototagger.errors import InterruptedByUser
from phototagger.store import WHOLE_PHOTO, Catalogue, Edit, Who, decide, decisions, redo, undo
from phototagger.store.catalogue.rows import delete
from phototagger.store.labels.history import next_undo, photos_ahead
from phototagger.store.labels.holding import holding
from tests.store.contents import held, sha1

ROOT, ELSEWHERE = "/photos", "/other"
CAT, DOG = sha1("cat.jpg"), sha1("dog.jpg")


def test_a_decision_is_there_after_a_restart(reopened):
    decide(reopened(), [Edit(CAT, "cat", approved=True)], root=ROOT)
    assert held(reopened()) == {(CAT, "cat"): True}


def test_what_holds_of_all_photos_is_of_one_moment(catalogue):
    photos = [sha1(str(number)) for number in range(5000)]
    decide(catalogue, [Edit(photo, "cat", approved=True) for photo in photos], root=ROOT)
    with closing(Catalogue(catalogue.path.parent, writable=False)) as reader:
        said = holding(reader)
        next(said)
        undo(catalogue, root=ROOT)
        assert sum(1 for _ in said) == len(photos) - 1


def test_undo_and_redo_reach_across_restarts(reopened):
    decide(reopened(), [Edit(CAT, "cat", approved=True)], root=ROOT)
    decide(reopened(), [Edit(CAT, "cat", approved=False)], root=ROOT)
    assert undo(reopened(), root=ROOT) == [CAT]
    assert held(reopened()) == {(CAT, "cat"): True}
    assert undo(reopened(), root=ROOT) == [CAT]
    assert held(reopened()) == {}
    assert redo(reopened(), root=ROOT) == [CAT]
    assert held(reopened()) == {(CAT, "cat"): True}
    assert redo(reopened(), root=ROOT) == [CAT]
    assert held(reopened()) == {(CAT, "cat"): False}


def test_nothing_is_left_to_undo_before_the_first_act_or_to_redo_after_the_last(catalogue):
    assert undo(catalogue, root=ROOT) is None
    assert redo(catalogue, root=ROOT) is None
    decide(catalogue, [Edit(CAT, "cat", approved=True)], root=ROOT)
    assert redo(catalogue, root=ROOT) is None
    undo(catalogue, root=ROOT)
    assert undo(catalogue, root=ROOT) is None


def test_one_act_on_many_photos_is_one_undo_and_names_each_photo_once(catalogue):
    photos = [sha1(number) for number in range(1200)]
    edits = [Edit(one, label, approved=True) for one in photos for label in ("sea", "sky")]
    decide(catalogue, edits, root=ROOT)
    assert len(held(catalogue)) == 2400
    assert undo(catalogue, root=ROOT) == photos
    assert held(catalogue) == {}
    assert redo(catalogue, root=ROOT) == photos
    assert len(held(catalogue)) == 2400


def test_what_an_act_says_last_holds_also_where_it_is_written_in_parts(catalogue, monkeypatch):
    monkeypatch.setattr("phototagger.store.labels.edits.AT_ONCE", 2)
    said = [(CAT, True), (DOG, True), (DOG, False), (CAT, False), (CAT, True)]
    edits = [Edit(photo, "cat", approved=yes) for photo, yes in said]
    written = list[int]()
    decide(catalogue, iter(edits), root=ROOT, tell=written.append)
    assert written == [2, 4, 5]
    assert held(catalogue) == {(CAT, "cat"): True, (DOG, "cat"): False}
    assert undo(catalogue, root=ROOT) == [CAT, DOG]
    assert held(catalogue) == {}
    assert redo(catalogue, root=ROOT) == [CAT, DOG]
    assert held(catalogue) == {(CAT, "cat"): True, (DOG, "cat"): False}
    assert catalogue.look_at_all()


def _stop_at(most: float) -> Callable[[float], None]:
    def tell(done: float) -> None:
        if done >= most:
            raise InterruptedByUser("over", "again")

    return tell


def test_an_act_that_is_stopped_in_the_middle_never_was(catalogue, monkeypatch):
    monkeypatch.setattr("phototagger.store.labels.edits.AT_ONCE", 2)
    decide(catalogue, [Edit(CAT, "cat", approved=False)], root=ROOT)
    edits = [Edit(photo, "cat", approved=True) for photo in (CAT, DOG, sha1("hen"))]
    with pytest.raises(InterruptedByUser):
        decide(catalogue, edits, root=ROOT, tell=_stop_at(2))
    assert held(catalogue) == {(CAT, "cat"): False}
    assert catalogue.look_at_all()


def test_each_act_has_a_number_of_its_own_and_no_edits_are_no_act(catalogue):
    first = decide(catalogue, [Edit(CAT, "cat", approved=True)], root=ROOT)
    assert decide(catalogue, [], root=ROOT) is None
    second = decide(catalogue, [Edit(CAT, "cat", approved=True)], root=ROOT)
    assert first is not None
    assert second is not None
    assert second > first


def test_no_edits_leave_the_redo_tail_alone(catalogue):
    decide(catalogue, [Edit(CAT, "cat", approved=True)], root=ROOT)
    undo(catalogue, root=ROOT)
    decide(catalogue, [], root=ROOT)
    assert redo(catalogue, root=ROOT) == [CAT]


def test_a_new_decision_drops_the_redo_tail_of_its_root_for_good(catalogue):
    decide(catalogue, [Edit(CAT, "cat", approved=True)], root=ROOT)
    decide(catalogue, [Edit(DOG, "dog", approved=True)], root=ELSEWHERE)
    undo(catalogue, root=ROOT)
    undo(catalogue, root=ELSEWHERE)
    decide(catalogue, [Edit(CAT, "pet", approved=True)], root=ROOT)
    assert redo(catalogue, root=ROOT) is None
    assert redo(catalogue, root=ELSEWHERE) == [DOG]
    undo(catalogue, root=ROOT)
    assert redo(catalogue, root=ROOT) == [CAT]
    assert held(catalogue) == {(CAT, "pet"): True, (DOG, "dog"): True}


def test_undo_takes_back_the_last_act_of_its_own_root(catalogue):
    decide(catalogue, [Edit(CAT, "cat", approved=True)], root=ROOT)
    decide(catalogue, [Edit(DOG, "dog", approved=True)], root=ELSEWHERE)
    assert undo(catalogue, root=ROOT) == [CAT]
    assert held(catalogue) == {(DOG, "dog"): True}


def test_undo_and_redo_leave_alone_what_was_decided_elsewhere_since(catalogue):
    decide(catalogue, [Edit(CAT, "cat", approved=True)], root=ROOT)
    decide(catalogue, [Edit(CAT, "cat", approved=False)], root=ELSEWHERE)
    undo(catalogue, root=ROOT)
    assert held(catalogue) == {(CAT, "cat"): False}
    redo(catalogue, root=ROOT)
    assert held(catalogue) == {(CAT, "cat"): False}


def test_what_was_undone_does_not_come_back_when_a_later_act_elsewhere_is_undone(catalogue):
    decide(catalogue, [Edit(CAT, "cat", approved=True)], root=ROOT)
    decide(catalogue, [Edit(CAT, "cat", approved=False)], root=ELSEWHERE)
    undo(catalogue, root=ROOT)
    undo(catalogue, root=ELSEWHERE)
    assert held(catalogue) == {}


def test_what_was_done_again_holds_once_the_later_act_elsewhere_is_undone(catalogue):
    decide(catalogue, [Edit(CAT, "cat", approved=True)], root=ROOT)
    undo(catalogue, root=ROOT)
    decide(catalogue, [Edit(CAT, "cat", approved=False)], root=ELSEWHERE)
    redo(catalogue, root=ROOT)
    assert held(catalogue) == {(CAT, "cat"): False}
    undo(catalogue, root=ELSEWHERE)
    assert held(catalogue) == {(CAT, "cat"): True}


def test_of_two_edits_of_one_label_in_one_act_the_last_holds(catalogue):
    edits = [Edit(CAT, "cat", approved=True), Edit(CAT, "cat", approved=False)]
    decide(catalogue, edits, root=ROOT)
    assert held(catalogue) == {(CAT, "cat"): False}
    undo(catalogue, root=ROOT)
    assert held(catalogue) == {}


def test_a_photo_can_be_decided_without_any_label(catalogue):
    decide(catalogue, [Edit(CAT, WHOLE_PHOTO, approved=True)], root=ROOT)
    assert [(one.sha1, one.label) for one in decisions(catalogue)] == [(CAT, WHOLE_PHOTO)]


def test_a_forgotten_decision_no_longer_holds_and_undo_brings_it_back(catalogue):
    decide(catalogue, [Edit(CAT, "cat", approved=True)], root=ROOT)
    decide(catalogue, [Edit(CAT, "cat", approved=None)], root=ROOT)
    assert held(catalogue) == {}
    undo(catalogue, root=ROOT)
    assert held(catalogue) == {(CAT, "cat"): True}


def test_who_when_model_and_score_come_back_as_they_were_given(reopened):
    berlin = timezone(timedelta(hours=2))
    when = datetime(2024, 5, 1, 12, 30, 59, 999_999, berlin)
    edit = Edit(CAT, "cat", approved=True, score=0.1234567890123)
    decide(reopened(), [edit], root=ROOT, who=Who.AUTO, model="m-1", when=when)
    decide(reopened(), [Edit(DOG, "dog", approved=False)], root=ROOT)
    first, second = decisions(reopened())
    assert first == (CAT, "cat", True, 0.1234567890123, Who.AUTO, when, "m-1", None, "")
    assert first.when.tzinfo is UTC
    assert second[:5] == (DOG, "dog", False, None, Who.PERSON)
    assert second.model == ""
    assert abs(datetime.now(UTC) - second.when) < timedelta(minutes=5)


@pytest.mark.parametrize("microsecond", [0, 1, 7, 499_999, 999_999])
@pytest.mark.parametrize("year", [1969, 2024, 2038, 9998])
def test_times_keep_every_microsecond(catalogue, year, microsecond):
    when = datetime(year, 12, 31, 23, 59, 59, microsecond, UTC)
    decide(catalogue, [Edit(CAT, "cat", approved=True)], root=ROOT, when=when)
    (one,) = decisions(catalogue)
    assert one.when == when


def test_a_root_that_is_not_utf_8_has_an_undo_of_its_own(reopened):
    root = "/photos/caf\udce9"
    decide(reopened(), [Edit(CAT, "cat", approved=True)], root=root)
    assert undo(reopened(), root="/photos/cafe") is None
    assert undo(reopened(), root=root) == [CAT]


def test_decisions_of_some_photos_come_in_the_order_they_were_made(catalogue):
    photos = [sha1(number) for number in range(1100)]
    for start in range(0, len(photos), 100):
        edits = [Edit(one, "sea", approved=True) for one in photos[start : start + 100]]
        decide(catalogue, edits, root=ROOT)
    asked = [*reversed(photos), sha1("unknown"), photos[0]]
    assert [one.sha1 for one in decisions(catalogue, asked)] == photos
    assert list(decisions(catalogue, [sha1("unknown")])) == []
    assert list(decisions(catalogue, [])) == []


def test_an_act_that_fails_half_way_leaves_nothing_behind(catalogue, monkeypatch):
    monkeypatch.setattr("phototagger.store.labels.edits.AT_ONCE", 1)
    decide(catalogue, [Edit(CAT, "cat", approved=True)], root=ROOT)
    undo(catalogue, root=ROOT)

    def edits():
        yield Edit(DOG, "dog", approved=True)
        raise KeyError

    with pytest.raises(KeyError):
        decide(catalogue, edits(), root=ROOT)
    assert held(catalogue) == {}
    assert redo(catalogue, root=ROOT) == [CAT]


@pytest.mark.parametrize("at_once", [1, 2, 4096])
@pytest.mark.parametrize("odd", ["cat", 'a "cat"', ":[false", "null", "c\\t", "caf\u00e9\n", "],"])
def test_what_undo_would_take_back_is_counted_label_by_label(catalogue, monkeypatch, at_once, odd):
    monkeypatch.setattr("phototagger.store.labels.history.AT_ONCE", at_once)
    photos = [sha1(number) for number in range(5)]
    seen = [Edit(photo, WHOLE_PHOTO, approved=True) for photo in photos[:3]]
    approvals = [Edit(photo, label, True, 0.25) for photo in photos for label in (odd, "dog")]
    decide(catalogue, [*seen, *approvals], root="/p")
    past = next_undo(catalogue, root="/p")
    assert past.photos == photos
    assert (past.approved, past.rejected, past.decided) == ({odd: 5, "dog": 5}, {}, True)
    verdicts = [Edit(photos[0], odd, False), Edit(photos[3], odd, None), Edit(photos[3], "", None)]
    decide(catalogue, [*verdicts, Edit(photos[1], "dog", True)], root="/p")
    past = next_undo(catalogue, root="/p")
    assert past.photos == [photos[0], photos[3], photos[1]]
    assert (past.approved, past.rejected, past.decided) == ({"dog": 1}, {odd: 1}, False)


def test_an_act_of_which_a_photo_was_lost_in_a_repair_is_taken_back_all_the_same(catalogue):
    photos = [sha1(number) for number in range(4)]
    decide(catalogue, [Edit(photo, "dog", approved=True) for photo in photos], root="/p")
    with catalogue.transaction() as db:
        delete(db, "verdict", "place IN (0, 2)")
    assert photos_ahead(catalogue, root="/p") == 4
    assert next_undo(catalogue, root="/p").photos == [photos[1], photos[3]]
    assert undo(catalogue, root="/p") == [photos[1], photos[3]]
    assert photos_ahead(catalogue, root="/p") == 0

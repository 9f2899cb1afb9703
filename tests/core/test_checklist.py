"""The checklist: two parts, one scale, rows that stay where they are."""

import pytest

from phototagger.core.checklist import (
    Draft,
    Line,
    approve,
    checklist,
    knows_nothing,
    only,
    row_of,
    show,
    toggle,
)

LINES = [
    Line("dog", 0.24, 0.91, suggested=True),
    Line("fog", 0.27, 0.72, suggested=True),
    Line("cat", 0.26, 0.30),
    Line("sea", 0.10, 0.10),
    Line("new"),
]


def numbers(now):
    return [(row_of(now, at).label, row_of(now, at).number) for at in range(len(now.lines))]


def test_checked_labels_are_one_part_and_the_others_another_each_by_its_number():
    now = checklist(LINES[::-1], decided=False)
    assert numbers(now) == [("dog", 91), ("fog", 72), ("cat", 30), ("sea", 10), ("new", None)]
    assert (now.split, now.checked) == (2, {"dog", "fog"})


def test_arrows_tell_where_learning_added_or_took_away():
    now = checklist(LINES, decided=False)
    assert [row_of(now, at).moved for at in range(5)] == [1, 0, -1, 0, 0]
    assert not any(row_of(now, at).is_plain for at in range(4))


@pytest.mark.parametrize("threshold", [0.1, 0.25, 0.9])
def test_a_plain_cosine_is_put_on_the_same_scale_with_the_threshold_at_50(threshold):
    cosines = [threshold - 0.05, threshold - 1e-9, threshold, threshold + 0.05]
    lines = [Line(f"{at}", one, suggested=one >= threshold) for at, one in enumerate(cosines)]
    now = checklist(lines, decided=False, threshold=threshold)
    found = dict(numbers(now))
    assert found["1"] == 49
    assert found["2"] == 50
    assert 0 < found["0"] < 49
    assert 50 < found["3"] <= 99
    assert all(row_of(now, at).is_plain for at in range(4))


def test_the_number_never_contradicts_the_box():
    lines = [Line("a", 0.1, 0.6), Line("b", 0.3, 0.499, suggested=True), Line("c", 0.3, 1.0)]
    assert dict(numbers(checklist(lines, decided=False))) == {"a": 49, "b": 50, "c": 49}


def test_a_toggle_moves_no_row():
    now = checklist(LINES, decided=False)
    changed = toggle(toggle(now, "fog"), "sea")
    assert numbers(changed) == numbers(now)
    assert changed.split == now.split
    assert [row_of(changed, at).checked for at in range(4)] == [True, False, False, True]
    assert [row_of(changed, at).digit for at in range(5)] == ["1", "2", "3", "4", "5"]


def test_rows_on_the_screen_stay_where_new_scores_and_decisions_come():
    now = only(checklist(LINES, decided=False), {"sea"})
    later = [
        one._replace(score=0.99, suggested=True, decided=one.label == "sea") for one in LINES[:4]
    ]
    again = checklist(later, decided=True, before=now)
    assert numbers(again) == numbers(now)
    assert again.checked == {"sea"}
    assert row_of(again, 0).decided is False
    undone = checklist(later[::-1], decided=False, before=now)
    assert undone.checked == {"dog", "fog"}  # as it was suggested here
    assert numbers(undone) == numbers(now)


def test_a_label_that_had_no_number_gets_one_in_its_place():
    now = checklist(LINES, decided=False)
    later = [*LINES[:-1], Line("new", 0.5, 0.9, suggested=True), Line("newer")]
    again = checklist(later, decided=False, before=now)
    assert [one.label for one in again.lines] == ["dog", "fog", "cat", "sea", "new", "newer"]
    assert again.checked == {"dog", "fog"}


def test_what_is_kept_of_a_draft_is_listed_though_nothing_is_known_of_it():
    now = checklist(LINES, decided=False, draft=Draft(frozenset({"odd", "cat"})))
    assert [one.label for one in now.lines][:2] == ["cat", "odd"]
    assert now.changed


def test_only_what_was_shown_is_rejected():
    now = show(checklist(LINES, decided=False), ["dog", "cat"])
    assert approve(now) == {"dog": True, "fog": True, "cat": False}


def test_a_photo_of_which_nothing_is_known_can_be_approved_once_somebody_chose():
    now = checklist([Line("a"), Line("b")], decided=False)
    assert knows_nothing(now)
    assert not knows_nothing(only(now, ()))
    assert not knows_nothing(checklist(LINES, decided=False))
    assert not knows_nothing(checklist([Line("a")], decided=True))


def test_a_toggle_shows_no_other_label_that_was_not_on_the_screen():
    now = checklist(
        [Line("cat", 0.4, suggested=True), Line("dog", 0.3, suggested=True)], decided=False
    )
    assert toggle(now, "cat").shown == frozenset()
    assert toggle(toggle(now, "cat"), "cat").shown == {"cat"}
    assert only(show(now, ["cat"]), ["cat", "dog", "sea"]).shown == {"cat", "sea"}

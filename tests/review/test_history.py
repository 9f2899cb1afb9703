"""What a review can take back, within the memory that a long day has."""

from __future__ import annotations

from datetime import datetime

from phototagger.core.checklist import Draft
from phototagger.review.history import Checks, Done, Steps, said_of
from phototagger.store.labels.edits import Who
from phototagger.store.labels.history import Past
from phototagger.store.labels.names import Kind, Naming
from tests.review.conftest import at


def checks(*photos: int) -> Checks:
    drafts = {bytes([photo]): Draft(frozenset({"cat"})) for photo in photos}
    return Checks(dict.fromkeys(drafts), dict(drafts))


def test_the_newest_step_is_the_first_to_go_back():
    steps = Steps()
    assert steps.last is None
    first, second = checks(1), Done({}, {})
    steps.push(first)
    steps.push(second)
    assert steps.last is second
    steps.drop()
    assert steps.last is first
    steps.drop()
    steps.drop()
    assert steps.last is None


def test_the_oldest_steps_go_where_the_checks_of_too_many_photos_are_held():
    steps = Steps(most=3)
    kept = [checks(number) for number in range(5)]
    for step in kept:
        steps.push(step)
    for step in (*reversed(kept[2:]), None):
        assert steps.last is step
        steps.drop()


def test_one_act_on_many_photos_can_always_be_taken_back():
    steps = Steps(most=3)
    steps.push(checks(1))
    steps.push(many := checks(*range(9)))
    assert steps.last is many
    steps.drop()
    assert steps.last is None
    steps.push(step := checks(1))
    steps.push(checks(2))
    steps.drop()
    assert steps.last is step


def test_an_approval_older_than_the_remembered_checks_is_still_undone(review):
    review._history = Steps(most=2)
    position = at(review, "a.jpg")
    review.approve(position, review.photos.checklist(position))
    other = at(review, "b.png")
    for _ in range(5):
        review.change(other, review.photos.checklist(other))
    assert [review.undo().said.rpartition(" on ")[0] for _ in range(3)] == [
        "taken back: changed checks",
        "taken back: changed checks",
        "taken back: approved snow",
    ]
    assert review.undo() is None


MOMENT = datetime(2024, 4, 8, 14, 2).astimezone()


def test_a_label_without_decisions_is_called_otherwise_on_no_photo():
    merge = Past(1, Who.PERSON, MOMENT, [], {}, {}, None, Naming(Kind.MERGE, "tree", "dog"))
    assert said_of(merge, "0 photos", MOMENT) == "merged tree into dog, 14:02"


def past(who=Who.PERSON, photos=1, decided=True, rejected=(), **approved):
    shas = [bytes([one]) for one in range(photos)]
    return Past(1, who, MOMENT, shas, approved, dict.fromkeys(rejected, photos), decided)


def test_an_act_is_said_with_its_labels_and_its_time():
    assert said_of(past(dog=1, zoo=1), "a.jpg", MOMENT) == "approved dog, zoo on a.jpg, 14:02"
    assert said_of(past(), "a.jpg", MOMENT) == "approved no label on a.jpg, 14:02"
    assert said_of(past(decided=False), "a.jpg", MOMENT) == "cleared a.jpg, 14:02"
    rejected = past(decided=None, rejected=["dog"])
    assert said_of(rejected, "a.jpg", MOMENT) == "rejected dog on a.jpg, 14:02"
    rejected = past(photos=2, decided=None, rejected=["dog"])
    assert said_of(rejected, "2 photos", MOMENT) == "rejected dog 2 on 2 photos, 14:02"
    page = past(photos=8, decided=None, rejected=["dog"], dog=3)
    page.rejected["dog"] = 5
    assert said_of(page, "8 photos", MOMENT) == "approved dog 3, rejected dog 5 on 8 photos, 14:02"
    assert said_of(past(decided=None), "a.jpg", MOMENT) == "removed decisions on a.jpg, 14:02"
    many = past(Who.AUTO, 9, True, a=9, b=8, c=7, d=6, e=5, f=4)
    said = "approved by auto a 9, b 8, c 7, d 6, e 5 and 1 more label on 9 photos, 14:02"
    assert said_of(many, "9 photos", MOMENT) == said


def test_an_act_of_another_day_is_said_with_its_date():
    later = MOMENT.replace(day=9)
    assert said_of(past(dog=1), "a.jpg", later) == "approved dog on a.jpg, 2024-04-08 14:02"

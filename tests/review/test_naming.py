"""Labels are renamed, merged, removed in the review: one act, learned anew, undone as any other."""

from pathlib import Path

import pytest

from phototagger.core.checklist import only
from phototagger.engine.decisions.naming import GONE, Kind, Naming, plan_naming
from phototagger.errors import UsageError
from phototagger.review.letters import LabelLetters
from phototagger.store import decide
from phototagger.store.labels.letters import keep_letter


def named(review, kind, label, becomes=GONE):
    plan = plan_naming(review.job.catalogue, kind, label, becomes, review.labels)
    return review.name_label(plan)


def approved(review, position):
    return {one.label for one in review.photos.checklist(position).lines if one.decided}


@pytest.fixture
def file(review):
    """The labels file of the review, which holds what is offered."""
    path = Path(review.settings.labels_file)
    path.write_text("\n".join(review.labels))
    return path


def test_a_renamed_label_is_offered_decided_and_has_its_letter_until_it_is_undone(review, file):
    before, old = list(review.labels), review.labels[0]
    review.approve(0, only(review.photos.checklist(0), [old]))
    review.change(1, only(review.photos.checklist(1), [old]))
    keep_letter(review.job.catalogue, old, "z")
    act = named(review, Kind.RENAME, old, "new name")
    assert act.is_naming
    assert act.positions == [0]
    assert review.labels == ["new name", *before[1:]]
    assert approved(review, 0) == {"new name"}
    assert review.photos.checklist(1).checked == {"new name"}
    assert LabelLetters(review).fixed() == {"new name": "z"}
    assert review.suggestions.stale
    taken = review.undo()
    assert taken.is_naming
    assert taken.said.startswith(f"taken back: renamed {old} to new name on")
    assert (review.labels, approved(review, 0)) == (before, {old})
    assert review.photos.checklist(1).checked == {old}
    assert LabelLetters(review).fixed() == {old: "z"}
    again = review.redo()
    assert again.is_naming
    assert review.labels == ["new name", *before[1:]]
    assert review.photos.checklist(1).checked == {"new name"}
    review.undo()
    assert review.undo().said.startswith("taken back: changed checks")
    review.undo()
    assert approved(review, 0) == set()


def test_what_a_merged_label_taught_its_new_one_knows(review, file):
    old, new = review.labels[:2]
    review.approve(0, only(review.photos.checklist(0), [old]))
    review.approve(1, only(review.photos.checklist(1), [new]))
    named(review, Kind.MERGE, old, new)
    suggester = review.suggestions.suggester
    assert old not in suggester.labels
    suggester.rebuild()
    state = suggester.heads.states[suggester.labels.index(new)]
    assert state.positives == 2


def test_a_removed_label_is_offered_again_once_somebody_adds_it(review, file):
    old = review.labels[0]
    named(review, Kind.REMOVE, old)
    assert old not in review.labels
    assert review.add_label(old) == old
    assert old in review.labels
    named(review, Kind.RENAME, old, "new name")
    assert review.add_label(old) == "new name"
    with pytest.raises(UsageError, match=f"{old} is called new name"):
        named(review, Kind.REMOVE, old)


def test_a_name_that_was_given_without_a_screen_is_undone_in_the_review(review, file):
    old = review.labels[0]
    review.change(1, only(review.photos.checklist(1), [old]))
    naming = Naming(Kind.RENAME, old, "new name")
    decide(review.job.catalogue, [], root=review.root, naming=naming)
    review.read_labels_again()
    assert review.photos.checklist(1).checked == {"new name"}
    review._history.clear()
    assert review.undo().is_naming
    assert review.labels[0] == old
    assert review.photos.checklist(1).checked == {old}


def test_a_label_is_found_by_its_synonym_and_its_old_name(review, file):
    first, second = review.labels[:2]
    named(review, Kind.SYNONYM, "zzz", first)
    named(review, Kind.RENAME, second, "new name")
    assert review.photos.find_labels("zz") == [first]
    assert review.photos.find_labels(second) == ["new name"]
    assert review.photos.find_labels("") == review.labels
    named(review, Kind.REMOVE, first)
    assert review.photos.find_labels("zz") == []


@pytest.mark.parametrize("kind", [Kind.RENAME, Kind.MERGE, Kind.REMOVE])
def test_checks_are_as_they_were_once_all_that_came_after_them_is_undone(review, file, kind):
    old, other, third = review.labels[:3]
    review.change(1, only(review.photos.checklist(1), [old, third]))
    named(review, kind, old, {Kind.RENAME: "new name", Kind.MERGE: other}.get(kind, GONE))
    review.change(1, only(review.photos.checklist(1), []))
    assert review.undo().said.startswith("taken back: changed checks")
    assert review.undo().is_naming
    assert review.photos.checklist(1).checked == {old, third}


def test_an_approval_that_is_undone_before_a_name_is_leaves_its_checks_as_they_were(review, file):
    old = review.labels[0]
    review.change(1, only(review.photos.checklist(1), [old]))
    named(review, Kind.RENAME, old, "new name")
    review.approve(1, review.photos.checklist(1))
    review.undo()
    assert review.photos.checklist(1).checked == {"new name"}
    review.undo()
    assert review.photos.checklist(1).checked == {old}

"""Decisions that are taken in where labels are called otherwise: the same holds as by merging."""

from datetime import UTC, datetime

import pytest

from phototagger.store import Decision, Edit, Who, decide, decisions
from phototagger.store.labels.approvals import import_approvals
from phototagger.store.labels.names import Kind, Naming
from tests.store.contents import held, sha1

CAT = sha1("cat.jpg")
ROOT = "/photos"
FIRST, LATER = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2))


def told(label, approved, who=Who.PERSON, when=FIRST):
    return Decision(CAT, label, approved, None, who, when, "m")


@pytest.fixture
def merged(catalogue):
    """A catalogue where puppy was made part of dog."""
    decide(catalogue, [], root=ROOT, naming=Naming(Kind.MERGE, "puppy", "dog"))
    return catalogue


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        (told("dog", True), told("puppy", False), True),
        (told("dog", False), told("puppy", True), True),
        (told("dog", True), told("puppy", False, when=LATER), True),
        (told("dog", False), told("puppy", True, Who.AUTO, LATER), False),
        (told("dog", True, Who.AUTO, LATER), told("puppy", False), False),
        (told("dog", False), told("puppy", False), False),
    ],
)
def test_of_two_words_for_one_label_the_one_is_taken_that_a_merge_would_keep(
    merged, one, other, kept, is_turned
):
    both = [other, one] if is_turned else [one, other]
    assert import_approvals(merged, both, root=ROOT).new == 1
    assert held(merged) == {(CAT, "dog"): kept}
    assert import_approvals(merged, both, root=ROOT).new == 0


@pytest.mark.parametrize("is_turned", [False, True])
def test_a_person_is_before_auto_also_within_one_table(catalogue, is_turned):
    both = [told("dog", False), told("dog", True, Who.AUTO, LATER)]
    import_approvals(catalogue, both[::-1] if is_turned else both, root=ROOT)
    assert [(one.who, one.approved) for one in decisions(catalogue)] == [(Who.PERSON, False)]


def test_what_was_decided_later_than_the_best_of_two_words_stays(merged):
    decide(merged, [Edit(CAT, "dog", approved=False)], root=ROOT, when=LATER)
    import_approvals(merged, [told("dog", False), told("puppy", True)], root=ROOT)
    assert held(merged) == {(CAT, "dog"): False}

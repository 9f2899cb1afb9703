"""What words mean after labels were renamed, merged, removed, given synonyms; and its undo."""

import pytest

from phototagger.core.checklist import Draft
from phototagger.store import Edit, Who, decide, decisions, redo, undo
from phototagger.store.labels.drafts import drafts, save_drafts
from phototagger.store.labels.history import next_redo, next_undo
from phototagger.store.labels.holding import labels_decided
from phototagger.store.labels.names import GONE, Kind, Names, Naming, names
from phototagger.store.labels.renaming import decided_labels, moved
from phototagger.store.repair.damage import damages
from tests.store.contents import held, sha1

ROOT = "/photos"
CAT, DOG, SEA = sha1("cat.jpg"), sha1("dog.jpg"), sha1("sea.jpg")


def given(*namings):
    return Names(list(enumerate(namings, start=1)))


def do(catalogue, kind, label, becomes=GONE):
    naming = Naming(kind, label, becomes)
    decide(catalogue, moved(catalogue, naming).edits, root=ROOT, naming=naming)


def test_words_mean_themselves_where_nothing_was_named():
    now = Names()
    assert not now
    assert now.labels_of(["cat", "dog", "cat"]) == ["cat", "dog"]


def test_an_old_word_means_the_new_name_also_beside_it_and_after_a_second_renaming():
    now = given(Naming(Kind.RENAME, "puppy", "dog"))
    assert now.labels_of(["puppy", "cat"]) == ["dog", "cat"]
    assert now.labels_of(["cat", "dog", "puppy"]) == ["cat", "dog"]
    now = given(Naming(Kind.RENAME, "puppy", "dog"), Naming(Kind.MERGE, "dog", "animal"))
    assert now.labels_of(["puppy", "dog"]) == ["animal"]


def test_a_removed_label_is_none_and_added_it_is_one_again():
    gone = Naming(Kind.REMOVE, "cat", GONE)
    assert given(gone).labels_of(["cat", "dog"]) == ["dog"]
    assert given(gone, Naming(Kind.ADD, "cat", "cat")).labels_of(["cat"]) == ["cat"]


def test_a_label_that_is_renamed_back_has_both_words():
    now = given(Naming(Kind.RENAME, "a", "b"), Naming(Kind.RENAME, "b", "a"))
    assert now.labels_of(["a", "b"]) == ["a"]


SWAP = (
    Naming(Kind.RENAME, "a", "tmp"),
    Naming(Kind.RENAME, "b", "a"),
    Naming(Kind.RENAME, "tmp", "b"),
)


def test_a_name_means_the_label_that_has_it_whoever_had_it_before():
    now = given(*SWAP)
    assert now.labels_of(["a", "b"]) == ["a", "b"]
    assert [now.since(0, "a"), now.since(0, "b")] == ["b", "a"]
    assert [now.since(1, "tmp"), now.since(2, "a"), now.since(3, "a")] == ["b", "a", "a"]


def test_synonyms_follow_their_label_until_they_are_labels_themselves():
    one, two = Naming(Kind.SYNONYM, "puppy", "dog"), Naming(Kind.SYNONYM, "hound", "dog")
    assert given(one, two).synonyms_of("dog") == ["hound", "puppy"]
    now = given(one, two, Naming(Kind.RENAME, "dog", "canine"), Naming(Kind.ADD, "hound", "hound"))
    assert now.synonyms_of("canine") == ["puppy"]
    assert now.labels_of(["hound", "puppy", "dog"]) == ["hound", "canine"]


def test_what_was_decided_is_said_again_under_the_new_name_by_whom_and_when_it_was(catalogue):
    decide(catalogue, [Edit(CAT, "puppy", True, 0.5)], root=ROOT, who=Who.AUTO, model="m")
    decide(catalogue, [Edit(DOG, "puppy", approved=False)], root=ROOT)
    before = list(decisions(catalogue))
    do(catalogue, Kind.RENAME, "puppy", "dog")
    assert list(decisions(catalogue)) == [one._replace(label="dog") for one in before]
    do(catalogue, Kind.RENAME, "dog", "canine")
    assert list(decisions(catalogue)) == [one._replace(label="canine") for one in before]
    assert decided_labels(catalogue) == {"canine"}
    assert next_undo(catalogue, root=ROOT).naming == Naming(Kind.RENAME, "dog", "canine")
    undo(catalogue, root=ROOT)
    assert next_redo(catalogue, root=ROOT).naming == Naming(Kind.RENAME, "dog", "canine")
    assert undo(catalogue, root=ROOT) == [CAT, DOG]
    assert list(decisions(catalogue)) == before
    assert names(catalogue).labels_of(["puppy", "dog"]) == ["puppy", "dog"]
    redo(catalogue, root=ROOT)
    assert list(decisions(catalogue)) == [one._replace(label="dog") for one in before]
    assert list(damages(catalogue.connection)) == []


PERSON_YES, PERSON_NO = (Who.PERSON, True), (Who.PERSON, False)
AUTO_YES = (Who.AUTO, True)


@pytest.mark.parametrize(
    ("old", "there", "kept"),
    [
        (PERSON_YES, PERSON_NO, PERSON_YES),
        (PERSON_NO, PERSON_YES, PERSON_YES),
        (PERSON_NO, PERSON_NO, PERSON_NO),
        (AUTO_YES, PERSON_NO, PERSON_NO),
        (PERSON_NO, AUTO_YES, PERSON_NO),
        (PERSON_YES, AUTO_YES, PERSON_YES),
    ],
)
def test_where_both_are_decided_a_person_wins_and_then_an_approval(catalogue, old, there, kept):
    for label, (who, approved) in (("puppy", old), ("dog", there)):
        decide(catalogue, [Edit(CAT, label, approved)], root=ROOT, who=who)
    decide(catalogue, [Edit(DOG, "puppy", approved=True)], root=ROOT)
    what = moved(catalogue, Naming(Kind.MERGE, "puppy", "dog"))
    assert (what.approved + what.rejected, what.both) == (2, 1)
    assert what.differ == (old[1] != there[1])
    do(catalogue, Kind.MERGE, "puppy", "dog")
    now = {(one.sha1, one.label): (one.who, one.approved) for one in decisions(catalogue)}
    assert now == {(CAT, "dog"): kept, (DOG, "dog"): PERSON_YES}
    undo(catalogue, root=ROOT)
    now = {(one.sha1, one.label): (one.who, one.approved) for one in decisions(catalogue)}
    assert now == {(CAT, "puppy"): old, (CAT, "dog"): there, (DOG, "puppy"): PERSON_YES}


def test_a_removed_label_is_decided_nowhere_until_that_is_undone(catalogue):
    decide(catalogue, [Edit(CAT, "cat", True), Edit(CAT, "sea", True)], root=ROOT)
    do(catalogue, Kind.REMOVE, "cat")
    assert held(catalogue) == {(CAT, "sea"): True}
    assert labels_decided(catalogue, [CAT]) == {CAT: {"cat", "sea"}}
    undo(catalogue, root=ROOT)
    assert held(catalogue) == {(CAT, "cat"): True, (CAT, "sea"): True}


def test_what_is_said_of_a_label_after_it_was_merged_holds(catalogue):
    decide(catalogue, [Edit(CAT, "puppy", approved=True)], root=ROOT)
    do(catalogue, Kind.MERGE, "puppy", "dog")
    decide(catalogue, [Edit(CAT, "dog", approved=False)], root=ROOT)
    assert held(catalogue) == {(CAT, "dog"): False}


def test_checks_that_are_kept_name_labels_as_they_are_called(catalogue):
    save_drafts(catalogue, {CAT: Draft(frozenset({"a", "sea"}), frozenset({"a", "b", "sea"}))})
    for one in SWAP:
        do(catalogue, *one)
    save_drafts(catalogue, {DOG: Draft(frozenset({"a"}))})
    do(catalogue, Kind.REMOVE, "sea")
    assert drafts(catalogue, [CAT, DOG]) == {
        CAT: Draft(frozenset({"b"}), frozenset({"a", "b"})),
        DOG: Draft(frozenset({"a"})),
    }
    for _ in range(4):
        undo(catalogue, root=ROOT)
    assert drafts(catalogue, [CAT]) == {
        CAT: Draft(frozenset({"a", "sea"}), frozenset({"a", "b", "sea"}))
    }


def test_checks_that_were_kept_under_a_new_name_go_back_with_it(catalogue):
    do(catalogue, Kind.RENAME, "puppy", "hound")
    save_drafts(catalogue, {CAT: Draft(frozenset({"hound", "sea"}))})
    undo(catalogue, root=ROOT)
    assert drafts(catalogue, [CAT]) == {CAT: Draft(frozenset({"puppy", "sea"}))}
    redo(catalogue, root=ROOT)
    assert drafts(catalogue, [CAT]) == {CAT: Draft(frozenset({"hound", "sea"}))}
    undo(catalogue, root=ROOT)
    decide(catalogue, [Edit(CAT, "sea", approved=True)], root=ROOT)  # no redo any more
    assert drafts(catalogue, [CAT]) == {CAT: Draft(frozenset({"puppy", "sea"}))}


def test_checks_that_were_kept_while_a_name_was_taken_back_follow_it_when_it_comes_again(catalogue):
    do(catalogue, Kind.RENAME, "puppy", "hound")
    undo(catalogue, root=ROOT)
    save_drafts(catalogue, {CAT: Draft(frozenset({"puppy", "hound"}))})
    assert drafts(catalogue, [CAT]) == {CAT: Draft(frozenset({"puppy", "hound"}))}
    redo(catalogue, root=ROOT)
    assert drafts(catalogue, [CAT]) == {CAT: Draft(frozenset({"hound"}))}

"""What a three-way merge changes, and whose a keyword is afterwards."""

from __future__ import annotations

import pytest

from phototagger.errors import RefusedSidecar
from phototagger.sidecars.xmp.keywords import (
    LEVELS,
    Field,
    KeywordEdit,
    Owned,
    check_label,
    merge,
    same,
)

S, H, T = Field.SUBJECT, Field.HIERARCHY, Field.TAGS


def test_a_label_that_is_there_in_another_case_is_not_added_and_not_ours() -> None:
    merged = merge({S: ("Sunset",)}, Owned(), ["sunset"])
    assert merged.edits == {}
    assert merged.owned == Owned()


def test_spellings_that_differ_only_in_unicode_form_are_one_keyword() -> None:
    assert same("Cafe\u0301  noir") == same("CAF\u00c9 noir")
    assert merge({S: ("cafe\u0301",)}, Owned(), ["caf\u00e9"]).edits == {}


def test_taking_back_an_approval_removes_only_what_is_ours() -> None:
    merged = merge({S: ("family", "sunset")}, Owned(subject=("sunset",)), [])
    assert merged.edits == {S: KeywordEdit(("sunset",), ())}
    assert merge({S: ("family", "sunset")}, Owned(), []).edits == {}


def test_a_label_of_ours_that_somebody_removed_and_that_is_still_wanted_comes_back() -> None:
    merged = merge({S: ("family",), H: ("family",)}, Owned(subject=("sunset",)), ["sunset"])
    assert merged.edits == {S: KeywordEdit((), ("sunset",)), H: KeywordEdit((), ("sunset",))}


def test_a_label_of_ours_that_somebody_removed_and_added_again_after_a_write_is_theirs() -> None:
    gone = merge({S: ("family",)}, Owned(subject=("sunset",)), [])
    assert gone.owned == Owned()
    assert merge({S: ("family", "sunset")}, gone.owned, []).edits == {}


def test_a_second_equal_keyword_was_added_by_somebody_else_so_both_stay() -> None:
    assert merge({S: ("sunset", "sunset")}, Owned(subject=("sunset",)), []).edits == {}


def test_a_keyword_that_somebody_spelled_anew_is_theirs() -> None:
    merged = merge({S: ("Sunset",)}, Owned(subject=("sunset",)), [])
    assert merged.edits == {}
    assert merged.owned == Owned()


def test_a_new_hierarchy_mirrors_every_subject_so_that_darktable_misses_none() -> None:
    merged = merge({S: ("family", "2019")}, Owned(), ["sunset"])
    assert merged.edits[H] == KeywordEdit((), ("family", "2019", "sunset"))
    assert merged.owned == Owned(("sunset",), ("family", "2019", "sunset"), (), True)


def test_a_new_hierarchy_mirrors_a_doubled_subject_once_and_goes_again() -> None:
    there = {S: ("family", "family")}
    merged = merge(there, Owned(), ["sunset"])
    assert merged.edits[H] == KeywordEdit((), ("family", "sunset"))
    assert merge(merged.of(there), merged.owned, []).of(merged.of(there)) == there


def test_no_hierarchy_is_made_where_no_label_is_ours() -> None:
    assert merge({S: ("sunset",)}, Owned(), ["sunset"]).edits == {}


def test_our_hierarchy_follows_what_others_do_to_the_subjects() -> None:
    owned = Owned(("sunset",), ("family", "sunset"), (), True)
    disk = {S: ("sunset", "kids"), H: ("family", "sunset")}
    merged = merge(disk, owned, ["sunset"])
    assert merged.edits == {H: KeywordEdit(("family",), ("kids",))}


def test_our_hierarchy_goes_with_our_last_label_where_only_mirrored_values_are_left() -> None:
    owned = Owned(("sunset",), ("family", "sunset"), (), True)
    disk = {S: ("family", "sunset"), H: ("family", "sunset")}
    merged = merge(disk, owned, [])
    assert merged.edits == {
        S: KeywordEdit(("sunset",), ()),
        H: KeywordEdit(("family", "sunset"), ()),
    }
    assert merged.owned == Owned()


def test_our_hierarchy_stays_where_somebody_added_to_it() -> None:
    owned = Owned(("sunset",), ("family", "sunset"), (), True)
    disk = {S: ("family", "sunset"), H: ("family", "sunset", "People|Ann")}
    assert merge(disk, owned, []).of(disk) == {S: ("family",), H: ("family", "People|Ann")}


def test_a_foreign_hierarchy_gets_our_labels_only_and_each_of_its_levels_counts_as_there() -> None:
    disk = {S: ("Paris", "family"), H: ("Places|France|Paris",), T: ("Places/France/Paris",)}
    assert merge(disk, Owned(), ["paris", "france", "PLACES", "sunset"]).edits == {
        S: KeywordEdit((), ("france", "PLACES", "sunset")),
        H: KeywordEdit((), ("sunset",)),
        T: KeywordEdit((), ("sunset",)),
    }


def test_a_level_that_we_added_to_the_subjects_is_taken_out_of_them_again() -> None:
    disk = {S: ("Paris",), H: ("Places|Paris",)}
    merged = merge(disk, Owned(), ["places"])
    assert merged.owned == Owned(subject=("places",))
    assert merge(merged.of(disk), merged.owned, []).of(merged.of(disk)) == disk


def test_digikam_tags_are_edited_where_they_exist_and_never_made() -> None:
    disk = {S: ("family",), H: ("family",), T: ("Places/Paris",)}
    merged = merge(disk, Owned(), ["sunset"])
    assert merged.edits[T] == KeywordEdit((), ("sunset",))
    assert merge(merged.of(disk), merged.owned, []).of(merged.of(disk)) == disk
    assert T not in merge({S: ("family",)}, Owned(), ["sunset"]).edits


def test_the_same_label_twice_is_one_label() -> None:
    assert merge({}, Owned(), ["Sea", "sea"]).edits[S] == KeywordEdit((), ("Sea",))


@pytest.mark.parametrize(
    "label", ["", " ", "a|b", "a\rb", "a\0b", "a\x1bb", "a\udce4b", "a\ufffeb"]
)
def test_a_label_that_no_sidecar_holds_exactly_is_refused(label: str) -> None:
    with pytest.raises(RefusedSidecar):
        check_label(label)


DOG = LEVELS.join(("animals", "dog"))


def test_a_path_stands_by_its_last_level_in_subject_and_whole_in_the_lists_of_paths():
    disk = {Field.SUBJECT: ("old",), Field.TAGS: ("old",)}
    done = merge(disk, Owned(made_hierarchy=True), [DOG, "snow"])
    after = done.of(disk)
    assert after == {
        Field.SUBJECT: ("old", "dog", "snow"),
        Field.HIERARCHY: ("old", "animals|dog", "snow"),
        Field.TAGS: ("old", "animals/dog", "snow"),
    }
    assert merge(after, done.owned, [DOG, "snow"]).edits == {}
    assert merge(after, done.owned, []).of(after) == disk


def test_a_level_that_two_labels_spell_in_two_ways_is_one_keyword():
    spelled, plain = LEVELS.join(("Animals", "Dog")), LEVELS.join(("animals", "dog", "beagle"))
    merged = merge({}, Owned(), [spelled, plain, "animals", "dog"])
    after = merged.of({})
    assert after[Field.SUBJECT] == ("Dog", "beagle", "animals")
    assert merge(after, merged.owned, []).of(after) == {}


def test_a_level_above_that_is_wanted_too_is_no_root_of_its_own():
    done = merge({}, Owned(made_hierarchy=True), [DOG, "animals"])
    assert done.of({}) == {
        Field.SUBJECT: ("dog", "animals"),
        Field.HIERARCHY: ("animals|dog",),
    }


def test_a_path_is_added_to_a_list_of_paths_that_somebody_has():
    disk = {Field.SUBJECT: ("dog",), Field.HIERARCHY: ("pets|dog",)}
    done = merge(disk, Owned(), [DOG])
    assert done.of(disk) == {
        Field.SUBJECT: ("dog",),
        Field.HIERARCHY: ("pets|dog", "animals|dog"),
    }
    assert done.owned == Owned(hierarchy=("animals|dog",))

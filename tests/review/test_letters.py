from hypothesis import given
from hypothesis import strategies as st

from phototagger.review.letters import (
    APPROVALS,
    DIGITS,
    FIRST_BANK,
    LETTERS,
    LabelLetters,
    give_keys,
    pick_letter,
)
from phototagger.store.labels.history import decide, undo
from phototagger.store.labels.letters import keep_letter, letters
from phototagger.store.labels.names import GONE, Kind, Naming
from tests.review.conftest import at

WORDS = st.lists(st.text(alphabet="abcdqué ", min_size=1, max_size=6), unique=True, max_size=80)


def test_a_label_gets_the_first_free_letter_of_its_word_with_accents_off():
    given = give_keys(["dog", "door", "église", "quay", "dd", "狗"], {}, room=33)
    assert given.keys == {
        "dog": "d", "door": "o", "église": "e", "quay": "a", "dd": "b", "狗": "c",
    }  # fmt: skip


def test_q_and_u_are_never_the_key_of_a_label():
    given = give_keys([f"qu{number}" for number in range(100)], {}, room=100)
    assert len(given.labels) == 2 * FIRST_BANK
    assert not {key[-1] for key in given.labels} & set("quQU")


def test_the_first_nine_rows_without_a_letter_get_the_digits_then_the_second_bank():
    labels = [f"label {number}" for number in range(40)]
    keys = list(give_keys(labels, {}, room=36).labels)
    assert set(keys[:24]) == set(LETTERS)
    assert tuple(keys[24:33]) == DIGITS
    assert keys[33:] == [",l", ",a", ",b"]


def test_a_fixed_letter_is_of_nobody_else_also_where_its_label_is_not_shown():
    given = give_keys(["door", "desk"], {"dog": "d", "desk": "o"}, room=33)
    assert given.keys == {"door": "r", "desk": "o"}
    assert given.fixed == {"desk"}


def test_labels_for_which_there_is_no_room_have_no_key():
    assert list(give_keys(["a", "b", "c"], {}, room=2).keys) == ["a", "b"]
    assert give_keys(["a"], {}, room=0).keys == {}


def test_a_label_that_is_likely_comes_before_a_fixed_one_further_down():
    labels = [f"label {number}" for number in range(30)]
    assert "label 29" not in give_keys(labels, {"label 29": "x"}, room=24).keys


@given(
    WORDS,
    st.dictionaries(st.sampled_from("abcdxyz"), st.text("abc", min_size=1)),
    st.integers(0, 90),
)
def test_every_key_has_one_label_and_every_label_at_most_one_key(labels, letters_of, room):
    fixed = {label: letter for letter, label in letters_of.items()}
    given = give_keys(labels, fixed, room)
    assert len(given.labels) == len(given.keys) <= room
    assert set(given.keys) <= set(labels)
    assert len(given.labels) == min(len(labels), room) or len(given.labels) > FIRST_BANK - len(
        fixed
    )
    for key, label in given.labels.items():
        assert key.removeprefix(",") in {*LETTERS, *DIGITS}
        holder = next((one for one, letter in fixed.items() if letter == key), label)
        assert holder == label


def test_a_label_takes_any_letter_where_none_of_its_word_is_free():
    assert pick_letter("dog", ["x", "y"]) == "x"
    assert pick_letter("dog", []) == ""


def approve(review, name, label):
    position = at(review, name)
    now = review.photos.checklist(position)
    review.approve(position, type(now)(now.lines, frozenset({label}), frozenset({label})))


def test_the_third_approval_fixes_the_letter_that_a_label_has(review):
    own = LabelLetters(review)
    own.read()
    names = ["a.jpg", "sea/c.jpg", "sea/d.jpg"]
    given = own.give(["dab", "dog", "night"], 33)
    assert given.keys["dog"] == "o"
    for approvals, name in enumerate(names, start=1):
        approve(review, name, "dog")
        own.approved({"dog"}, given)
        assert own.fixed() == ({"dog": "o"} if approvals == APPROVALS else {})
    assert letters(review.job.catalogue) == {"dog": "o"}
    again = LabelLetters(review)
    again.read()
    assert again.give(["door", "dog"], 33).keys == {"door": "d", "dog": "o"}


def test_a_label_approved_often_before_letter_keys_were_on_has_a_letter_from_then_on(review):
    for name in ["a.jpg", "sea/c.jpg", "sea/d.jpg"]:
        approve(review, name, "snow")
    own = LabelLetters(review)
    own.read()
    assert own.fixed() == {"snow": "s"}


def test_the_letter_of_a_label_that_is_not_offered_any_more_is_free(review):
    keep_letter(review.job.catalogue, "zebra", "d")
    own = LabelLetters(review)
    own.read()
    assert own.give(["dog"], 33).keys == {"dog": "d"}


def test_a_letter_is_one_labels_and_goes_with_its_name(review):
    catalogue = review.job.catalogue

    def named(kind, label, becomes):
        decide(catalogue, [], root=review.root, naming=Naming(kind, label, becomes))

    keep_letter(catalogue, "dog", "d")
    keep_letter(catalogue, "door", "o")
    named(Kind.RENAME, "dog", "hound")
    assert letters(catalogue) == {"hound": "d", "door": "o"}
    named(Kind.MERGE, "hound", "door")
    assert letters(catalogue) == {"door": "o"}
    keep_letter(catalogue, "cat", "o")
    assert letters(catalogue) == {"cat": "o", "door": "d"}
    named(Kind.REMOVE, "cat", GONE)
    assert letters(catalogue) == {"door": "d"}
    for _ in range(3):
        undo(catalogue, root=review.root)
    assert letters(catalogue) == {"cat": "o", "dog": "d"}

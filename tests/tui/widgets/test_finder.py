"""What words find: labels in their order, and the offer of a new one."""

from phototagger.tui.widgets.finder import matching, new_label

LABELS = ["red door", "dog", "hot dog", "door", "corridor", "do"]


def test_the_label_itself_comes_first_then_those_of_which_a_word_begins_so():
    assert matching("do", LABELS) == ["do", "red door", "dog", "hot dog", "door", "corridor"]
    assert matching("door", LABELS) == ["door", "red door"]
    assert matching("x", LABELS) == []
    assert matching("", LABELS) == LABELS


def test_checked_labels_come_after_the_others_of_their_kind():
    assert matching("d", LABELS, {"red door"})[:5] == ["dog", "hot dog", "door", "do", "red door"]


def test_words_that_make_no_label_say_why():
    assert new_label("  Kite ", LABELS) == ("kite", "")
    assert new_label("DOG", LABELS) == ("", "")
    assert new_label("", LABELS) == ("", "")
    label, why = new_label("a|b", LABELS)
    assert not label
    assert why

"""Where labels stand on the board of letter keys: pure."""

from hypothesis import given
from hypothesis import strategies as st

from phototagger.review.letters import GivenKeys, give_keys
from phototagger.tui.widgets.letter_board import make_board, with_label

LABELS = [f"label {number}" for number in range(200)]


def give(labels, room):
    return give_keys(labels, {}, room)


def test_both_parts_go_down_their_columns_with_a_line_between():
    board = make_board(LABELS[:2], LABELS[2:9], 60, 10, give)
    assert list(board.rows()) == [
        ["label 0", "label 1"],
        [],
        ["label 2", "label 5", "label 8"],
        ["label 3", "label 6"],
        ["label 4", "label 7"],
    ]
    assert not board.left


def test_nothing_checked_keeps_its_row():
    assert next(make_board([], LABELS[:1], 20, 9, give).rows()) == [""]


@given(
    st.integers(0, 60),
    st.integers(0, 120),
    st.integers(1, 120),
    st.integers(1, 60),
    st.integers(0, 5),
)
def test_all_rows_fit_and_what_is_not_on_the_board_has_no_key(checked, others, width, height, more):
    board = make_board(LABELS[:checked], LABELS[checked:][:others], width, height, give)
    for number in range(more):
        board = with_label(board, f"found {number}")
    assert len(list(board.rows())) <= max(height - 1, 2)  # the last line says more
    assert set(board.keys.keys) <= board.labels
    assert board.left == set(LABELS[: checked + others]) - board.labels


def test_a_label_that_is_found_stands_above_the_line_with_its_key():
    board = make_board(["a"], ["b", "c"], 20, 5, lambda *_: GivenKeys({"a": "a", "b": "b"}))
    found = with_label(board, "x", "x")
    assert found.above == ("a", "x")
    assert found.below == ("b",)
    assert found.keys.labels == {"a": "a", "b": "b", "x": "x"}
    assert with_label(found, "y", "y").below == ()
    assert with_label(found, "y", "y").keys.labels == {"a": "a", "x": "x", "y": "y"}

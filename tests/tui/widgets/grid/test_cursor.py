"""The cursor and the selection."""

import numpy as np
import pytest

from phototagger.tui.widgets.grid.cursor import Cursor, place_of

COLUMNS, COUNT = 6, 20  # rows of 6, 6, 6 and 2


@pytest.mark.parametrize(
    ("index", "dx", "dy", "expected"),
    [
        (0, 1, 0, 1),
        (5, 1, 0, 6),
        (6, -1, 0, 5),
        (0, -1, 0, 0),
        (19, 1, 0, 19),
        (0, 0, 1, 6),
        (0, 0, -1, 0),
        (4, 0, -1, 4),
        (13, 0, 1, 19),
        (16, 0, 1, 19),
        (18, 0, 1, 18),
        (4, 0, 100, 19),
        (15, 0, -100, 3),
    ],
)
def test_moving(index, dx, dy, expected):
    assert Cursor(index).moved(dx, dy, COLUMNS, COUNT).index == expected


def test_an_empty_view_has_the_cursor_at_its_beginning():
    assert Cursor(5).at(7, 0) == Cursor(0)
    assert Cursor().moved(1, 1, COLUMNS, 0) == Cursor(0)


def test_a_selection_reaches_from_where_it_began_to_the_cursor():
    begun = Cursor(4).begun()
    assert list(begun.selection) == [4]
    assert list(begun.at(6, COUNT).selection) == [4, 5, 6]
    assert list(begun.at(2, COUNT).selection) == [2, 3, 4]
    assert list(begun.at(2, COUNT).ended().selection) == []


def test_only_cells_that_look_different_changed():
    seen = range(12)
    assert Cursor(1).changed(Cursor(2), seen) == [1, 2]
    assert Cursor(1).changed(Cursor(1), seen) == []
    assert Cursor(3, anchor=1).changed(Cursor(5, anchor=1), seen) == [3, 4, 5]
    assert Cursor(3, anchor=1).changed(Cursor(30, anchor=1), range(2, 6)) == [3, 4, 5]


@pytest.mark.parametrize(
    ("view", "position", "expected"),
    [
        ([0, 1, 2, 3], 2, 2),
        ([0, 3, 7], 2, 1),
        ([0, 3, 7], 9, 3),
        ([7, 3, 0], 3, 1),
        ([7, 3, 0], 2, 5),
        ([7, 3, 0], None, 5),
        ([], 2, 0),
    ],
)
def test_a_photo_that_is_hidden_leaves_the_cursor_to_the_next_one(view, position, expected):
    assert place_of(np.array(view, np.int32), position, 5) == expected

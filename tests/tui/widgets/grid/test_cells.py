"""The layout and the lines of the grid's cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from phototagger.core.checklist import Mark
from phototagger.printable import printable
from phototagger.tui.graphics.blocks import Painted
from phototagger.tui.widgets.grid import cells as grid_cells
from phototagger.tui.widgets.grid.cells import MARKS, Styles, lay_out, shorten
from tests.tui.standin import Chip

STYLES = Styles(*(Style(color=name) for name in ("white", "blue", "red", "grey50", "green")))


def text(line):
    return "".join(segment.text for segment in line)


@pytest.mark.parametrize(
    ("width", "columns"), [(60, 3), (100, 6), (15, 1), (16, 1), (32, 2), (96, 6), (300, 6)]
)
def test_there_are_fewer_columns_where_a_cell_would_be_too_narrow(width, columns):
    layout = lay_out(width, 40, 6, pictures=True)
    assert layout.columns == columns
    assert layout.width * columns <= width


@pytest.mark.parametrize("width", [20, 60, 100, 160, 300])
@pytest.mark.parametrize("height", [3, 9, 16, 20, 44, 90])
def test_rows_of_cells_fit_on_the_screen_and_pictures_are_about_square(width, height):
    layout = lay_out(width, height, 6, pictures=True)
    assert layout.full * layout.height <= max(height, 2)
    assert 0 <= layout.box.rows <= layout.box.columns // 2 + 2
    if height >= 44:
        assert layout.box.rows >= layout.box.columns // 3 or layout.full == 1
    assert layout.page == layout.full * layout.columns


def test_without_pictures_a_cell_has_two_lines():
    layout = lay_out(100, 40, 6, pictures=False)
    assert (layout.height, layout.box.rows, layout.full) == (2, 0, 20)


def test_the_place_of_a_cell_leads_back_to_it():
    layout = lay_out(100, 40, 6, pictures=True)
    for index in range(6, 6 + layout.page):
        x, y = layout.corner(index, top=1)
        assert layout.index_at(x, y, 1) == index
        assert layout.index_at(x + layout.width - 1, y + layout.height - 1, 1) == index
    assert layout.index_at(99, 0, 0) == -1
    assert layout.index_at(99, 0, 0, nearest=True) == 5
    assert layout.index_at(-5, -3, 1, nearest=True) == 0


@pytest.mark.parametrize(
    ("name", "width", "expected"),
    [
        ("IMG_1.jpg", 20, "IMG_1.jpg"),
        ("a long name of a photo.jpeg", 15, "a lon…hoto.jpeg"),
        ("no extension at all here", 11, "no ex… here"),
        (".hidden-and-long-name", 9, ".hid…name"),
        ("a.very-long-last-part", 9, "a.ve…part"),
        ("日本語の写真の名前.jpg", 12, "日本…前.jpg"),
        ("abc.jpeg", 4, "ab…g"),
        ("abcdef", 1, "…"),
        ("abcdef", 0, ""),
    ],
)
def test_a_name_is_cut_in_its_middle_and_keeps_its_extension(name, width, expected):
    assert shorten(name, width) == expected


@given(st.text(max_size=60), st.integers(0, 40))
def test_a_shortened_name_is_printable_and_never_wider(name, width):
    short = shorten(name, width)
    assert cell_len(short) <= width
    assert printable(short) == short


def test_control_and_undecodable_characters_are_escaped():
    assert shorten("a\tb\udcff.jpg", 40) == "a\\x09b\\xff.jpg"


def test_every_mark_has_a_sign_of_its_own_one_column_wide():
    signs = [MARKS[mark] for mark in Mark] + [grid_cells.CHANGED]
    assert len(set(signs)) == 5
    assert {cell_len(sign) for sign in [*signs, grid_cells.CURSOR, grid_cells.SELECTED]} == {1}


@pytest.mark.parametrize(
    ("cursor", "selected", "expected"),
    [
        (False, False, " ✓ IMG_1.jpg   "),
        (True, False, "▸✓ IMG_1.jpg   "),
        (False, True, "+✓ IMG_1.jpg   "),
        (True, True, "▸✓ IMG_1.jpg   "),
    ],
)
def test_a_caption_says_without_colour_where_the_cursor_is(cursor, selected, expected):
    assert grid_cells.caption("✓", "IMG_1.jpg", 15, cursor=cursor, selected=selected) == expected


def test_plain_captions_are_one_segment_up_to_the_cursor():
    cells = [("a", False, False), ("b", False, False), ("c", True, False), ("d", False, False)]
    line = grid_cells.captions(cells, 4, STYLES)
    assert [segment.text for segment in line] == ["a   b   ", "c  ", " d   "]
    assert [segment.style for segment in line] == [STYLES.plain, STYLES.cursor, STYLES.plain]


def chips(found, width=20):
    line = grid_cells.chips(found, width, STYLES)
    assert sum(segment.cell_length for segment in line) == width
    assert all(segment.text for segment in line)
    return text(line).rstrip()


def test_checked_chips_come_first_with_their_sign():
    found = [Chip("dog", 0.3, False), Chip("sea", 0.2, True), Chip("cat", 0.1, True)]
    assert chips(found) == " ✓sea, ✓cat, dog"
    line = grid_cells.chips(found, 20, STYLES)
    assert [one.style for one in line[1:4]] == [STYLES.checked, STYLES.checked, STYLES.chip]


@pytest.mark.parametrize(
    ("found", "width", "expected"),
    [
        ([Chip("golden retriever", None, True)], 12, " ✓golden r…"),
        ([Chip("dog", 0.3, False), Chip("retriever", 0.2, False)], 12, " dog, retr…"),
        ([Chip("dog", 0.3, False), Chip("cat", 0.2, False)], 6, " dog"),
        ([Chip("dog", 0.3, False), Chip("cat", 0.2, False)], 8, " dog, …"),
        ([Chip("犬犬犬犬犬犬", 0.3, True)], 10, " ✓犬犬犬…"),
        ([], 10, ""),
    ],
)
def test_chips_that_do_not_fit_are_cut(found, width, expected):
    assert chips(found, width) == expected


@given(st.lists(st.tuples(st.text(max_size=12), st.booleans()), max_size=6), st.integers(4, 40))
def test_a_line_of_chips_is_as_wide_as_its_cell(found, width):
    chips([Chip(label or "x", None, checked) for label, checked in found], width)


def test_a_picture_stands_where_it_was_fitted():
    painted = Painted([[Segment("##")], [Segment("++")]], 2, left=1, top=1, size=0)
    lines = [text(grid_cells.picture(painted, row, 8, STYLES.plain)) for row in range(4)]
    assert lines == ["        ", "  ##    ", "  ++    ", "        "]
    assert text(grid_cells.picture(None, 1, 8, STYLES.plain)) == " " * 8
    assert text(grid_cells.picture(painted, 1, 8, STYLES.plain, margin=0)) == " ##     "

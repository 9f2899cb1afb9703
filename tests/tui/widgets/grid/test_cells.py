"""The layout and the lines of the grid's cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from phototagger.core.checklist import Cell, Look
from phototagger.printable import printable
from phototagger.tui.graphics.blocks import Painted
from phototagger.tui.widgets.grid import cells as grid_cells
from phototagger.tui.widgets.grid.cells import BARS, SIGNS, Styles, lay_out, on_lines, shorten

STYLES = Styles(
    *(Style(color=name) for name in ("white", "blue", "red", "grey50", "green", "yellow"))
)


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


@pytest.mark.parametrize("width", [60, 100, 160, 300])
@pytest.mark.parametrize("height", [16, 44, 90])
def test_where_a_terminal_keeps_few_pictures_they_are_fewer_and_larger(width, height):
    layout = lay_out(width, height, 6, pictures=True, most=18)
    usual = lay_out(width, height, 6, pictures=True)
    assert layout.page <= 18
    assert layout.width >= usual.width
    assert (layout == usual) == (usual.page <= 18)


def test_without_pictures_a_cell_has_a_caption_and_two_lines_of_labels():
    layout = lay_out(100, 40, 6, pictures=False)
    assert (layout.height, layout.box.rows, layout.full) == (3, 0, 13)


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


def test_every_state_has_a_sign_of_its_own_one_column_wide():
    assert len({SIGNS[look] for look in Look}) == len(Look)
    signs = [*SIGNS.values(), *BARS.values(), grid_cells.CURSOR, grid_cells.SELECTED]
    assert {cell_len(sign) for sign in signs} == {1}
    assert len({BARS[look] for look in Look} - {" "}) == len(Look) - 2  # the undecided have none


@pytest.mark.parametrize(
    ("cursor", "selected", "expected"),
    [
        (False, False, "┃✓ IMG_1.jpg   "),
        (True, False, "▸✓ IMG_1.jpg   "),
        (False, True, "+✓ IMG_1.jpg   "),
        (True, True, "▸✓ IMG_1.jpg   "),
    ],
)
def test_a_caption_says_without_colour_where_the_cursor_is(cursor, selected, expected):
    assert (
        grid_cells.caption(Look.APPROVED, "IMG_1.jpg", 15, cursor=cursor, selected=selected)
        == expected
    )


def test_what_is_decided_steps_back_until_the_cursor_is_on_it():
    def style(look, **more):
        return STYLES.of_caption(look, **{"cursor": False, "selected": False, **more})

    assert style(Look.UNDECIDED) == style(Look.DRAFT) == STYLES.plain
    assert {style(look) for look in (Look.APPROVED, Look.NONE, Look.AUTO)} == {STYLES.chip}
    assert style(Look.APPROVED, cursor=True, selected=True) == STYLES.cursor
    assert style(Look.APPROVED, selected=True) == STYLES.selected


@pytest.mark.parametrize(
    ("labels", "width", "lines"),
    [
        ("dog cat sea", 14, ["dog, cat, sea"]),
        ("dog cat sea fog man", 11, ["dog, cat,", "sea, fog +1"]),
        ("dog cat sea fog man", 8, ["dog, cat", "+3"]),
        ("dog retriever", 7, ["dog,", "retrie…"]),
        ("retriever dog", 7, ["retrie…", "+1"]),
        ("犬犬犬犬犬犬 dog", 9, ["犬犬犬犬…", "+1"]),
        ("", 9, []),
    ],
)
def test_labels_stand_on_two_lines_and_then_how_many_more(labels, width, lines):
    found = on_lines(tuple(labels.split()), width)
    assert found == lines


@given(st.lists(st.text(min_size=1, max_size=12), max_size=30), st.integers(4, 40))
def test_lines_of_labels_are_as_wide_as_their_cell(labels, width):
    cell = Cell(Look.APPROVED, tuple(labels), "no label")
    for row in range(2):
        line = grid_cells.label_line(cell, row, width, STYLES)
        assert sum(segment.cell_length for segment in line) == width


def test_approved_labels_look_different_from_suggested_ones():
    def line(look):
        (segment,) = grid_cells.label_line(Cell(look, ("dog", "sea")), 0, 20, STYLES)
        return segment.text.rstrip(), segment.style

    assert line(Look.UNDECIDED) == ("dog, sea", STYLES.plain)
    assert line(Look.APPROVED) == ("✓dog, ✓sea", STYLES.checked)


def test_words_stand_where_no_label_is_checked():
    cell = Cell(Look.FAILED, (), "this photo is an empty file")
    lines = [text(grid_cells.label_line(cell, row, 16, STYLES)).rstrip() for row in range(2)]
    assert lines == ["this photo is", "an empty file"]


def test_a_picture_stands_where_it_was_fitted():
    painted = Painted([[Segment("##")], [Segment("++")]], 2, left=1, top=1, size=0)
    lines = [text(grid_cells.picture(painted, row, 8, STYLES.plain)) for row in range(4)]
    assert lines == ["        ", "  ##    ", "  ++    ", "        "]
    assert text(grid_cells.picture(None, 1, 8, STYLES.plain)) == " " * 8
    assert text(grid_cells.picture(painted, 1, 8, STYLES.plain, margin=0)) == " ##     "

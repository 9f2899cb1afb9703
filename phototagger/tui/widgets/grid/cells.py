"""How the grid is laid out and what stands in its cells: pure, without a widget."""

from dataclasses import dataclass
from functools import lru_cache
from textwrap import wrap
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from phototagger.core.checklist import Cell, Look
from phototagger.printable import printable
from phototagger.tui.graphics.blocks import Box, Painted
from phototagger.tui.widgets.text import shorten as shorten_text

NARROWEST = 16
"""The least width of a cell, in columns."""

MARGIN = 1
"""How many columns a picture's box begins within its cell."""

LABEL_LINES = 2
TEXT_LINES = 1 + LABEL_LINES  # caption and labels
_LONGEST_EXTENSION = 8

SIGNS = {
    Look.UNDECIDED: "·",
    Look.APPROVED: "✓",
    Look.NONE: "\u2013",
    Look.FAILED: "!",
    Look.DRAFT: "✎",
    Look.AUTO: "⚙",
    Look.WAITING: "…",
    Look.BEHIND: "≈",
    Look.HELD: "║",
}
"""The sign of how a photo stands; they differ in shape, so that no colour is needed."""

BARS = {
    Look.UNDECIDED: " ",
    Look.APPROVED: "┃",
    Look.NONE: "│",
    Look.FAILED: "!",
    Look.DRAFT: "╏",
    Look.AUTO: "┋",
    Look.WAITING: " ",
    Look.BEHIND: "≈",
    Look.HELD: "║",
}
"""The bar at the left of a cell, over its height."""

DECIDED = {Look.APPROVED, Look.NONE, Look.AUTO, Look.BEHIND}
CURSOR = "▸"
SELECTED = "+"


class Styles(NamedTuple):
    """The styles of a cell's text."""

    plain: Style
    cursor: Style
    selected: Style
    chip: Style
    checked: Style
    failed: Style

    def of_caption(self, look: Look, *, cursor: bool, selected: bool) -> Style:
        """Return the style of a caption: what is decided steps back."""
        if cursor or selected:
            return self.cursor if cursor else self.selected
        return self.chip if look in DECIDED else self.plain

    def of_state(self, look: Look) -> Style:
        """Return the colour of a state, for bar and labels."""
        colours = dict.fromkeys((Look.APPROVED, Look.AUTO, Look.BEHIND), self.checked)
        colours[Look.FAILED] = self.failed
        return colours.get(look, self.chip if look is Look.WAITING else self.plain)


@dataclass(frozen=True)
class Layout:
    """Where everything is, in cells: ``full`` rows of ``columns`` cells fit on the screen."""

    columns: int = 1
    width: int = NARROWEST
    height: int = TEXT_LINES
    full: int = 1

    @property
    def box(self) -> Box:
        """The cells of a picture; it has no rows where pictures are not drawn."""
        return Box(self.width - 2 * MARGIN, self.height - TEXT_LINES)

    @property
    def page(self) -> int:
        """How many photos are on the screen."""
        return self.columns * self.full

    def rows(self, count: int) -> int:
        """Return how many rows of cells so many photos take."""
        return -(-count // self.columns)

    def corner(self, index: int, top: int) -> tuple[int, int]:
        """Return where a cell begins, x and y, when the row ``top`` is the first on the screen."""
        row, column = divmod(index, self.columns)
        return column * self.width, (row - top) * self.height

    def index_at(self, x: int, y: int, top: int, *, nearest: bool = False) -> int:
        """Return the index at a place, -1 beside all cells; ``nearest``: at most one row away."""
        column, row = x // self.width, y // self.height
        if nearest:
            column = min(max(0, column), self.columns - 1)
            row = min(max(-1, row), self.full)
        elif not (0 <= column < self.columns and 0 <= row < self.full):
            return -1
        return (top + row) * self.columns + column


def lay_out(
    width: int,
    height: int,
    columns: int,
    *,
    pictures: bool,
    narrowest: int = NARROWEST,
    most: int = 0,
) -> Layout:
    """Return the layout of a grid with at most so many columns, each cell ``narrowest`` at least.

    It has at most ``most`` cells on the screen (0: as many as fit).

    A picture is about half as high as wide in cells, which is square; rows of cells grow and
    shrink a little to fill the height.
    """
    columns = max(1, min(columns, width // narrowest))
    wide = max(4, width // columns)
    if not pictures:
        return Layout(columns, wide, TEXT_LINES, max(1, height // TEXT_LINES))
    nominal = max(1, (wide - 2) // 2) + TEXT_LINES
    full = max(1, round(height / nominal))
    if 0 < most < columns * full and columns > 1:
        options = {"narrowest": narrowest, "most": most}
        return lay_out(width, height, columns - 1, pictures=True, **options)
    return Layout(columns, wide, max(TEXT_LINES, min(height // full, nominal + 2)), full)


def shorten(name: str, width: int) -> str:
    """Return a name in at most so many columns: cut in the middle, its extension kept."""
    name = printable(name)
    if cell_len(name) <= width:
        return name
    stem, dot, extension = name.rpartition(".")
    keep = dot + extension if stem and 0 < len(extension) <= _LONGEST_EXTENSION else ""
    if cell_len(keep) > width // 2:
        keep = ""
    return shorten_text(stem if keep else name, width - cell_len(keep)) + keep


def beginning(text: str, width: int) -> str:
    """Return the longest beginning that fits into so many columns."""
    if cell_len(text) <= width:
        return text
    used = at = 0
    for at, char in enumerate(text):  # noqa: B007
        used += cell_len(char)
        if used > width:
            break
    return text[:at]


def caption(look: Look, name: str, width: int, *, cursor: bool, selected: bool) -> str:
    """Return a caption line, ``width`` columns wide: cursor, mark or bar, then sign and name."""
    sign = SIGNS[look]
    pointer = CURSOR if cursor else SELECTED if selected else BARS[look].replace(sign, " ")
    return set_cell_size(f"{pointer}{sign} {shorten(name, width - 3)}", width)


def bar(look: Look, styles: Styles) -> Segment:
    """Return the first column of a cell's line."""
    return Segment(BARS[look], styles.of_state(look))


def cell_lines(cell: Cell, width: int, most: int = LABEL_LINES) -> list[str]:
    """Return the lines of a cell's labels, or of the words in their place: so many at most."""
    if not cell.labels:
        return wrap(printable(cell.words), max(1, width - 1))[:most]
    sign = SIGNS[Look.AUTO if cell.look is Look.AUTO else Look.APPROVED]
    sign = sign if cell.look in DECIDED else ""
    return on_lines(tuple(sign + printable(label) for label in cell.labels), width - 1, most)


def label_line(
    cell: Cell, row: int, width: int, styles: Styles, most: int = LABEL_LINES
) -> list[Segment]:
    """Return one of these lines, ``width`` columns wide; past the last it is blank."""
    lines = cell_lines(cell, width, most)
    text = lines[row] if row < len(lines) else ""
    style = styles.of_state(cell.look) if cell.labels else styles.chip
    return [Segment(set_cell_size(beginning(text, width), width), style)]


@lru_cache(1024)
def on_lines(labels: tuple[str, ...], width: int, most: int = LABEL_LINES) -> list[str]:
    """Return labels in their order on at most so many lines, then how many more there are.

    A label too long for a line of its own is cut.
    """
    for shown in range(min(len(labels), most * width), 0, -1):  # each takes a column at least
        more = [f"+{len(labels) - shown}"] if shown < len(labels) else []
        words = [beginning(label, width - 1) + "…" if cell_len(label) > width else label
                 for label in labels[:shown]]  # fmt: skip
        lines = [""]
        for word in [*(f"{earlier}," for earlier in words[:-1]), words[-1], *more]:
            joined = f"{lines[-1]} {word}".lstrip()
            if cell_len(joined) <= width:
                lines[-1] = joined
            else:
                lines.append(word)
        if len(lines) <= most or shown == 1:
            return lines[:most]
    return []


def picture(
    painted: Painted | None, row: int, width: int, plain: Style, *, margin: int = MARGIN
) -> list[Segment]:
    """Return one line of a cell's picture, ``width`` columns wide, the box ``margin`` in."""
    at = row - painted.top if painted is not None else -1
    if painted is None or not 0 <= at < len(painted.rows):
        return [Segment(" " * width, plain)]
    left = painted.left + margin
    line = [Segment(" " * left, plain)] if left else []
    line += painted.rows[at]
    return _filled(line, left + painted.columns, width, plain)


def cells_of(painted: Painted, x: int, y: int) -> Region:
    """Return the cells of a picture that Textual does not draw, whose box begins at x, y."""
    return Region(x + painted.left, y + painted.top, painted.columns, painted.lines)


def notice_row(box: Box) -> int:
    """Return the row of a box with words in the place of its picture."""
    return box.rows // 2


def notice(text: str, row: int, box: Box, width: int, plain: Style) -> list[Segment]:
    """Return one line of a cell that has words in the place of its picture."""
    text = beginning(text, width) if row == notice_row(box) else ""
    left = (width - cell_len(text)) // 2
    return [Segment(set_cell_size(" " * left + text, width), plain)]


def empty_line(text: str, y: int, size: Size, plain: Style) -> Strip:
    """Return a line of an empty grid: the text stands in its middle, its lines apart."""
    room = max(1, size.width - 2)
    lines = [line for paragraph in text.split("\n") for line in wrap(paragraph, room) or [""]]
    at = y - (size.height - len(lines)) // 2
    written = lines[at] if 0 <= at < len(lines) else ""
    left = max(0, size.width - cell_len(written)) // 2
    return Strip([Segment(set_cell_size(" " * left + written, size.width), plain)], size.width)


def _filled(line: list[Segment], used: int, width: int, plain: Style) -> list[Segment]:
    if used < width:
        line.append(Segment(" " * (width - used), plain))
    return line

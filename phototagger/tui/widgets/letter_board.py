"""The labels of the focused photo in short rows, each with the key that checks it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from phototagger.core.checklist import LINE, Checklist, row_of
from phototagger.tui.widgets.checklist import (
    IN_FILE,
    DrawnLabels,
    LabelList,
    between,
    decided_sign,
    heading,
    in_file_sign,
    number_text,
)
from phototagger.tui.widgets.colours import faint, readable
from phototagger.tui.widgets.text import listed, padded

if TYPE_CHECKING:
    from phototagger.review.letters import GivenKeys

_CELL = 20  # cells that a key, a box, the most of a label and a score take
_MOST_COLUMNS = 3
_LINES = 2  # the line between the parts, and the last words
_BESIDE = 10  # cells of a row that are not the label's: key, box, score, blanks
_BOLD, _REVERSE = Style(bold=True), Style(reverse=True)


@dataclass(frozen=True)
class Board:
    """Where labels stand: those that will be approved above a line, the others below it.

    Both parts go down their columns. The parts and their order stay while the cursor is on a
    photo; what is checked does not move. ``left`` labels are not on the board, so they have no
    key and were not shown.
    """

    above: tuple[str, ...]
    below: tuple[str, ...]
    keys: GivenKeys
    columns: int
    height: int
    left: frozenset[str]

    @property
    def labels(self) -> frozenset[str]:
        """The labels on the board."""
        return frozenset((*self.above, *self.below))

    def rows(self) -> Iterator[list[str]]:
        """Yield the labels of each row; an empty one is the line between the parts."""
        yield from _rows(self.above, self.columns) or [[""]]
        yield []
        yield from _rows(self.below, self.columns)


def make_board(
    checked: Sequence[str],
    others: Sequence[str],
    width: int,
    height: int,
    give: Callable[[Sequence[str], int], GivenKeys],
) -> Board:
    """Return the board of so many cells; ``give`` gives so many of some labels their keys.

    Labels that fit but got no key are left out below the line, never above it.
    """
    columns = max(1, min(_MOST_COLUMNS, width // _CELL))
    above = tuple(checked[: _room(height, columns)])
    room = len(above) + _room(height, columns, above)
    keys = give([*above, *others], room)
    below = tuple(label for label in keys.keys if label not in set(above))
    left = frozenset((*checked, *others)).difference(above, below)
    return Board(above, below, keys, columns, height, left)


def with_label(board: Board, label: str, key: str = "") -> Board:
    """Return the board with one label more that will be approved, and perhaps its key.

    What does not fit any more goes, with its key: the last labels below the line, or this one.
    """
    if len(board.above) >= _room(board.height, board.columns):
        return board
    above = (*board.above, label)
    room = _room(board.height, board.columns, above)
    below = tuple(other for other in board.below if other != label)
    labels = {
        given_key: other
        for given_key, other in board.keys.labels.items()
        if other not in below[room:]
    }
    labels |= {key: label} if key else {}
    left = board.left.union(below[room:]) - {label}
    keys = replace(board.keys, labels=labels)
    return replace(board, above=above, below=below[:room], keys=keys, left=left)


def _room(height: int, columns: int, above: Sequence[str] | None = None) -> int:
    """Return how many labels fit above the line, or below it where those above are given."""
    taken = 0 if above is None else max(1, -(-len(above) // columns))
    return columns * max(0, height - _LINES - taken)


def _rows(labels: Sequence[str], columns: int) -> list[list[str]]:
    """Return labels by rows that are filled column by column."""
    count = -(-len(labels) // columns)
    return [list(labels[row::count]) for row in range(count)]


class LetterBoard(Widget):
    """Shows a board; a click on a label toggles it, as a key does.

    ``resized`` is called when there is more or less room. Posts ``LabelList.Toggled``.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    LetterBoard {
        border: heavy $border; border-title-color: $foreground; border-title-style: bold reverse;
        border-subtitle-color: $foreground; border-subtitle-style: bold; height: 1fr;
    }
    LetterBoard > .board--key { color: $text-accent; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"board--key"}

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.shown: Callable[[str], str] = str  # how a label is written
        self.resized: Callable[[], object] = lambda: None
        self._photo: Hashable = None
        self._board: Board | None = None
        self._checks = Checklist((), frozenset(), frozenset())
        self._bank = False
        self._in_file: dict[str, None] = {}
        self._rows: list[list[str]] = []
        self._drawn = DrawnLabels()
        self._plain = Style.null()

    def put(
        self, photo: Hashable, board: Board, now: Checklist, state: str, *, bank: bool = False
    ) -> None:
        """Show a photo's checks on a board; ``bank``: the next key is one of the second bank."""
        if photo != self._photo:
            self._drawn = DrawnLabels(photo)
        self._photo, self._board, self._checks, self._bank = photo, board, now, bank
        self._rows = list(board.rows())
        title = f"LETTER KEYS · {heading(now)}"
        if title != self.border_title:
            self.border_title = title
        if state != self.border_subtitle:
            self.border_subtitle = state
        self.refresh()

    def mark(self, in_file: Iterable[str]) -> None:
        """Mark the labels that the photo's file has as keywords; others stand in the last line."""
        marked = dict.fromkeys(in_file)
        if marked != self._in_file:
            self._in_file = marked
            self.refresh()

    def drawn(self, photo: Hashable, before: float) -> list[str]:
        """Return the labels of a photo that were drawn before a moment of the monotonic clock."""
        return self._drawn.of(photo, before)

    def on_resize(self) -> None:
        """Have the board made for the room there is now."""
        self.resized()

    def on_click(self, event: events.Click) -> None:
        """Toggle the label that was clicked."""
        offset = event.get_content_offset(self)
        if offset is None or self._board is None:
            return
        event.stop()
        rows = self._rows
        column = offset.x // self._cell_width
        if offset.y < len(rows) and column < len(rows[offset.y]) and rows[offset.y][column]:
            self.post_message(LabelList.Toggled(self._photo, rows[offset.y][column]))

    @property
    def _cell_width(self) -> int:
        columns = self._board.columns if self._board else 1
        return max(_BESIDE + 1, self.content_size.width // columns)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw some lines; their style is asked for once, it costs as much as a line."""
        self._plain = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width, plain = self.content_size.width, self._plain
        if self._board is None:
            return Strip.blank(width, plain)
        rows = self._rows
        if y == self.content_size.height - 1:
            pieces = [(self._last_words(width), faint(plain))]
        elif y >= len(rows):
            pieces = []
        elif not rows[y]:
            pieces = [(between(width), plain)]
        else:
            pieces = [piece for label in rows[y] for piece in self._cell(label, plain)]
            for label in filter(None, rows[y]):
                self._drawn.note(label)
        # A style of its own costs more bytes than a label.
        strip = Strip([Segment(*piece) for piece in pieces]).simplify()
        return strip.adjust_cell_length(width, plain)

    def _cell(self, label: str, plain: Style) -> list[tuple[str, Style]]:
        """Return key, box, label and score."""
        width, board = self._cell_width, self._board
        if not label or board is None:
            # What was checked since stays below the line: rows do not move under the cursor.
            checked = sorted(self._checks.checked)
            text = listed("checked below: ", checked, self.content_size.width, self.shown)
            return [((text if checked else "nothing is checked").ljust(width), faint(plain))]
        key = board.keys.keys.get(label, "")
        row = row_of(self._checks, self._checks.places[label])
        set_key = plain
        if label in board.keys.fixed:
            set_key += self.get_component_rich_style("board--key", partial=True)
        set_key = readable(set_key)
        if self._bank and key.startswith(","):
            set_key += _REVERSE
        set_label = plain + _BOLD if row.checked else plain
        is_over = row.number is not None and row.number >= LINE
        sign = in_file_sign(label, self._in_file)
        return [
            (f"{key:>2}", set_key),
            (f" {'■' if row.checked else '□'}{decided_sign(row)[0]}", set_label),
            (padded(self.shown(label), width - _BESIDE - len(sign)) + sign, set_label),
            (number_text(row), plain + _BOLD if is_over else plain),
        ]

    def _last_words(self, width: int) -> str:
        board = self._board
        keys = board.keys.labels if board else {}
        words = [
            ", second bank" if any(key.startswith(",") for key in keys) else "",
            f"no key: {len(board.left):,}" if board and board.left else "",
            "# finds any",
        ]
        text = " · ".join(filter(None, words))
        room = width - len(text) - 3
        in_file = [label for label in self._in_file if board and label not in board.labels]
        if in_file and room > 0:
            named = listed(f"{IN_FILE} ", in_file, room, self.shown)
            text = f"{named} · {text}"
        return padded(text, width)

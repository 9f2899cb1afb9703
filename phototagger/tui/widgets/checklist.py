"""The labels of the focused photo: which are checked, how sure they are, what was decided."""

import time
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from phototagger.core.checklist import LINE, Checklist, Row, knows_nothing, row_of, said_alone
from phototagger.tui.bindings import bindings_of
from phototagger.tui.widgets.text import padded, shorten
from phototagger.tui.widgets.virtual_list import Piece, VirtualList

_BEFORE = 6  # cells before the label: digit, box, what was decided
_NUMBER = 5  # cells: a blank, ~ where it is a plain cosine, the number, an arrow
_BAR = 6  # cells of the bar and the blank before it
_ROOMY = 40  # cells from which on a row has a bar
_LONG_NOTE = 30  # cells of panel that hold the whole sentence about unsaved changes
DECIDED = {True: ("✓", "yes"), False: ("✗", "no"), None: (" ", "")}
"""The sign of what was decided of a label, and the name of its colour."""

IN_FILE = "¶"
"""The sign of what the photo or its sidecar has as a keyword."""

_MOVED = {1: "↑", 0: " ", -1: "↓"}


def decided_sign(row: Row) -> tuple[str, str]:
    """Return the sign of what was decided of a row's label, and the name of its colour."""
    sign, color = DECIDED[row.decided]
    return ("⚙" if row.by_auto and row.decided else sign), color


def in_file_sign(label: str, in_file: Collection[str]) -> str:
    """Return what stands behind a label: a sign where the file has it as a keyword."""
    return f" {IN_FILE}" if label in in_file else ""


class DrawnLabels:
    """When each label of a photo was first on the screen: a key is for what was there before it."""

    def __init__(self, photo: Hashable = None) -> None:
        self._photo = photo
        self._first: dict[str, float] = {}

    def note(self, label: str) -> None:
        """Note that a label is drawn now."""
        self._first.setdefault(label, time.monotonic())

    def of(self, photo: Hashable, before: float) -> list[str]:
        """Return the labels of a photo that were drawn before a moment of the monotonic clock."""
        if photo != self._photo:
            return []
        return [label for label, when in self._first.items() if when < before]


class ChecklistRows:
    """A checklist, line by line, with a line between its two parts."""

    def __init__(
        self,
        now: Checklist,
        shown: Callable[[str], str] = str,
        in_file: Collection[str] = frozenset(),
    ) -> None:
        self.now = now
        self.in_file = in_file
        self._shown = shown

    def __len__(self) -> int:
        """Return how many labels there are, and the line between."""
        return len(self.now.lines) + self._is_divided

    @property
    def _is_divided(self) -> bool:
        return self.now.split < len(self.now.lines)

    def place(self, index: int) -> int | None:
        """Return which line of the checklist stands in a row; None: the one between."""
        split = self.now.split
        if self._is_divided and index == split:
            return None
        return index - (self._is_divided and index > split)

    def index(self, place: int) -> int:
        """Return the row in which a line of the checklist stands."""
        return place + (place >= self.now.split)

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """Return what stands in a row."""
        place = self.place(index)
        if place is None:
            return ((between(width), ""),)
        row = row_of(self.now, place)
        decided, color = decided_sign(row)
        bar = _bar(row) if width >= _ROOMY else ""
        if row.provider:
            return self._proposal(row, width)
        sign = in_file_sign(row.label, self.in_file)
        label = padded(self._shown(row.label), width - _BEFORE - _NUMBER - len(bar) - len(sign))
        is_over = row.number is not None and row.number >= LINE
        return (
            (f"{row.digit or ' '} ", "dim"),
            ("■" if row.checked else "□", "bold" if row.checked else ""),
            (f" {decided} ", color),
            (label, "bold" if row.checked else ""),
            (sign, "mark"),
            (bar + number_text(row)[:-1], "bold" if is_over else "dim"),
            (_MOVED[row.moved], "mark" if row.moved else ""),
        )

    def _proposal(self, row: Row, width: int) -> Sequence[Piece]:
        """Return the row of a label that a provider proposed: its name stands for a number."""
        name = shorten(f" {row.provider}", width // 2)
        sign = in_file_sign(row.label, self.in_file)
        return (
            (f"{row.digit or ' '} ", "dim"),
            ("■" if row.checked else "□", "bold" if row.checked else ""),
            ("   ", ""),
            (
                padded(self._shown(row.label), width - _BEFORE - len(name) - len(sign)),
                "bold" if row.checked else "",
            ),
            (sign, "mark"),
            (name, "dim"),
        )


class LabelList(VirtualList):
    """A photo's checklist; shows it and tells what the person did to it."""

    DEFAULT_CSS = """
    LabelList {
        border: round $foreground 40%; border-title-color: $foreground; height: 1fr;
        border-subtitle-color: $foreground; border-subtitle-style: bold;
    }
    LabelList:focus { border: heavy $border; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("toggle", call="toggle_label")]

    rows: ChecklistRows
    empty = "no labels"

    class Toggled(Message):
        """The person checked or unchecked a label; ``photo`` is what ``put`` was given."""

        def __init__(self, photo: Hashable, label: str) -> None:
            self.photo = photo
            self.label = label
            super().__init__()

    class Pointed(Message):
        """The cursor moved to a label: the app may say why it is suggested."""

        def __init__(self, label: str) -> None:
            self.label = label
            super().__init__()

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        nothing = ChecklistRows(Checklist((), frozenset(), frozenset()))
        super().__init__(nothing, id=id, classes=classes)
        self.shown: Callable[[str], str] = str  # how a label is written
        self._photo: Hashable = None
        self._drawn = DrawnLabels()
        self._titles = ("", "")

    def put(self, photo: Hashable, now: Checklist) -> None:
        """Show a checklist; of the same photo, the cursor stays on its label.

        Where suggestions have come in, other labels stand at the top, and what is checked is there.
        """
        came_in = knows_nothing(self._checks) and not knows_nothing(now)
        same = photo == self._photo and not came_in
        label = self.label if same else None
        in_file = self.rows.in_file if photo == self._photo else frozenset()
        self._photo, self.rows = photo, ChecklistRows(now, self.shown, in_file)
        place = now.places.get(label) if label is not None else 0
        self.changed(self.cursor if place is None else self.rows.index(place))
        if not same:
            self._drawn = DrawnLabels(photo)
            self.scroll_to(y=0, animate=False)
        self._say_state()

    def mark(self, in_file: Collection[str]) -> None:
        """Mark the labels that the photo's file has as keywords; no row moves."""
        marked = frozenset(in_file)
        if marked != self.rows.in_file:
            self.rows.in_file = marked
            self.refresh()

    @property
    def in_sight(self) -> frozenset[str]:
        """The labels that are seen without scrolling, with a line of keywords below the list."""
        rows = max(0, self.scrollable_content_region.height - (not self.has_class("short")))
        places = (self.rows.place(index) for index in range(min(rows, len(self.rows))))
        return frozenset(self._checks.lines[place].label for place in places if place is not None)

    def _say_state(self) -> None:
        whole = self.size.width >= _LONG_NOTE
        note = "changed, not yet approved" if whole else "not yet approved"
        checks = self._checks
        title = heading(checks, "will be approved" if whole else "to approve")
        titles = (title, note if checks.changed else said_alone(checks))
        if titles != self._titles:  # either paints the whole frame
            self._titles = self.border_title, self.border_subtitle = titles

    def on_resize(self) -> None:
        """Say as much as fits."""
        super().on_resize()
        self._say_state()

    @property
    def _checks(self) -> Checklist:
        return self.rows.now

    @property
    def label(self) -> str | None:
        """The label under the cursor."""
        place = self.rows.place(self.cursor)
        lines = self._checks.lines
        return lines[place].label if place is not None and place < len(lines) else None

    def go_to(self, label: str) -> None:
        """Move the cursor to a label."""
        if label in self._checks.places:
            self.move_to(self.rows.index(self._checks.places[label]))

    def action_toggle_label(self) -> None:
        """Tell that the label under the cursor is to be toggled."""
        if self.label is not None:
            self.post_message(self.Toggled(self._photo, self.label))

    def click(self, index: int, x: int) -> None:
        """Toggle the label that was clicked."""
        if self.rows.place(index) is not None:
            super().click(index, x)
            self.action_toggle_label()

    def move_to(self, index: int) -> bool:
        """Move the cursor, and tell; the line between the parts is stepped over."""
        if self.rows.place(index) is None:
            index += 1 if index > self.cursor or not index else -1
        moves = super().move_to(index)
        if moves and self.label is not None:
            self.post_message(self.Pointed(self.label))
        return moves

    def drawn(self, photo: Hashable, before: float) -> list[str]:
        """Return the labels of a photo that were drawn before a moment of the monotonic clock."""
        return self._drawn.of(photo, before)

    def render_line(self, y: int) -> Strip:
        """Draw one line, and note when its label was first on the screen."""
        index = y + self.scroll_offset.y
        place = self.rows.place(index) if index < len(self.rows) else None
        if place is not None:
            self._drawn.note(self._checks.lines[place].label)
        return super().render_line(y)


def heading(now: Checklist, coming: str = "will be approved") -> str:
    """Return how many labels are approved, or what is ``coming``, in words."""
    word = "approved" if now.decided and not now.changed else coming
    return f"{word} ({len(now.checked):,})"


def between(width: int) -> str:
    """Return the line between the parts."""
    words = f"─ not checked ({LINE} is the line) "
    return shorten(words if len(words) <= width else "─ not checked ", width).ljust(width, "─")


def _bar(row: Row) -> str:
    full = 0 if row.number is None else min(5, row.number // 20 + 1)
    return " " * _BAR if row.number is None else f" {'▮' * full}{'▯' * (5 - full)}"


def number_text(row: Row) -> str:
    """Return the number of a row in five cells.

    ``~`` stands before it where nothing was learned of it, an arrow behind it where learning moved
    the label over the line.
    """
    if row.number is None:
        return " " * _NUMBER
    return f" {'~' if row.is_plain else ' '}{row.number:02}{_MOVED[row.moved]}"

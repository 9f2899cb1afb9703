"""The labels of the focused photo: which are checked, how sure they are, what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from phototagger.core.checklist import DIGITS, Checklist, Line, over
from phototagger.tui.bindings import bindings_of
from phototagger.tui.widgets.text import padded
from phototagger.tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from textual.binding import BindingType

    from phototagger.tui.widgets.virtual_list import Piece

_SCORE = 6  # cells: a blank, the score, the sign of a suggestion from decisions
_BEFORE = 8  # cells before the label: digit, box, sign of a decision
_LONG_NOTE = 30  # cells of panel that hold the whole sentence about unsaved changes


class ChecklistRows:
    """A checklist, line by line; scores whose cosine is at least the threshold are bold."""

    def __init__(self, now: Checklist, threshold: float | None = None) -> None:
        self.now = now
        self._threshold = threshold

    def __len__(self) -> int:
        """Return how many labels there are."""
        return len(self.now.lines)

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """Return digit, box, decision, label and score of one line."""
        line = self.now.lines[index]
        checked = line.label in self.now.checked
        digit = str(index + 1) if index < DIGITS else " "
        decided = {True: "✓", False: "✗", None: " "}[line.decided]
        color = {True: "yes", False: "no", None: ""}[line.decided]
        room, score = width - _BEFORE - _SCORE, self._set_score(line)
        return (
            (f"{digit} ", "dim"),
            ("[x]" if checked else "[ ]", "bold" if checked else ""),
            (f" {decided} ", color),
            (padded(line.label, room), "bold" if checked else ""),
            (f"{score_text(line):>{_SCORE - 1}}", score),
            ("*", "mark") if line.by_decisions else (" ", score),
        )

    def _set_score(self, line: Line) -> str:
        known = self._threshold is not None
        return "bold" if known and over(line, self._threshold or 0.0) else "dim"


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

    class Shown(Message):
        """Labels were scrolled to: the person has had them before their eyes.

        ``photo`` is what ``put`` was given: by the time this is heard another may be shown.
        """

        def __init__(self, photo: Hashable, labels: Sequence[str]) -> None:
            self.photo = photo
            self.labels = labels
            super().__init__()

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        nothing = ChecklistRows(Checklist((), frozenset(), frozenset()))
        super().__init__(nothing, id=id, classes=classes)
        self._photo: Hashable = None
        self._seen: set[str] = set()
        self._untold: dict[str, None] = {}
        self._said = ("", "")

    def put(self, photo: Hashable, now: Checklist, threshold: float | None = None) -> None:
        """Show a checklist; of the same photo, the cursor stays on its label.

        Scores whose cosine is at least the threshold are bold.
        """
        same = photo == self._photo
        label = self.label if same else None
        self._tell()
        self._photo, self.rows = photo, ChecklistRows(now, threshold)
        self._seen = set(now.shown)
        cursor = now.places.get(label, self.cursor) if label is not None else 0
        self.changed(cursor)
        if not same:
            self.scroll_to(y=0, animate=False)
        self._say_state()

    def _say_state(self) -> None:
        whole = self.size.width >= _LONG_NOTE
        note = "changed, not yet approved" if whole else "not yet approved"
        said = (
            f"labels · {len(self._now.checked)} checked",
            note if self._now.changed else "",
        )
        if said != self._said:  # either paints the whole frame
            self._said = self.border_title, self.border_subtitle = said

    def on_resize(self) -> None:
        """Say as much as fits."""
        super().on_resize()
        self._say_state()

    @property
    def _now(self) -> Checklist:
        return self.rows.now

    @property
    def label(self) -> str | None:
        """The label under the cursor."""
        lines = self._now.lines
        return lines[self.cursor].label if self.cursor < len(lines) else None

    def go_to(self, label: str) -> None:
        """Move the cursor to a label."""
        if label in self._now.places:
            self.move_to(self._now.places[label])

    def action_toggle_label(self) -> None:
        """Tell that the label under the cursor is to be toggled."""
        if self.label is not None:
            self.post_message(self.Toggled(self._photo, self.label))

    def click(self, index: int, x: int) -> None:
        """Toggle the label that was clicked."""
        super().click(index, x)
        self.action_toggle_label()

    def move_to(self, index: int) -> bool:
        """Move the cursor, and tell; note that the labels down to it were gone through."""
        moves = super().move_to(index)
        if moves and self.label is not None:
            self.post_message(self.Pointed(self.label))
            self._note(range(self.cursor + 1))
        return moves

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Note that the labels that are now in view were scrolled to."""
        super().watch_scroll_y(old_value, new_value)
        top = round(new_value)
        if top:
            self._note(range(top, top + self.scrollable_content_region.height))

    def _note(self, rows: range) -> None:
        lines = self._now.lines[rows.start : rows.stop]
        new = {line.label: None for line in lines if line.label not in self._seen}
        if new and not self._untold:
            # one message for all that one key or one turn of the wheel brings into view
            self.call_later(self._tell)
        self._untold |= new
        self._seen |= new.keys()

    def _tell(self) -> None:
        """Tell of the labels that were scrolled to since it was last told."""
        if self._untold:
            self.post_message(self.Shown(self._photo, list(self._untold)))
            self._untold = {}


def score_text(line: Line) -> str:
    """Return the cosine with two decimals; without one the learned score in percent, or nothing."""
    if line.cosine is not None:
        return f"{line.cosine:.2f}"
    return "" if line.score is None else f"{line.score:.0%}"

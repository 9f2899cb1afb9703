"""A short list to choose from, or a long one with a field that narrows it."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from phototagger.tui.screens.dialog import ListDialog
from phototagger.tui.widgets.virtual_list import TextRows

Value = TypeVar("Value")

_DIGITS = 9


class ChooseScreen(ListDialog[Value], Generic[Value]):
    """Shows choices, the present one marked; returns the chosen value, or None for esc.

    ``choices``: (value, text). ``search``: with a field that narrows the list by its words.
    """

    DEFAULT_CSS = """
    ChooseScreen .choose--box { width: 56; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("enter", "accept", "choose"),
        *((str(digit), f"digit({digit})") for digit in range(1, _DIGITS + 1)),
    ]

    def __init__(
        self,
        heading: str,
        choices: Sequence[tuple[Value, str]],
        now: Value | None = None,
        *,
        search: bool = False,
    ) -> None:
        super().__init__()
        self.heading = heading
        self.hints = (("enter", "choose", "accept"),)
        self.size_class = "choose--box dialog--tall" if search else "choose--box"
        self._choices = choices
        self._matching = list(choices)
        self._current_value = now
        self._search = search

    def body(self) -> Iterable[Widget]:
        """Return the field, where there is one, and the list."""
        if self._search:
            yield Input(placeholder="type to narrow", classes="dialog--input", id="words")
        rows = TextRows(classes="dialog--list", id="choices")
        if not self._search:
            rows.styles.height = len(self._choices)
            rows.styles.max_height = "60vh"
        yield rows

    def on_mount(self) -> None:
        """Fill the list; the cursor stands on what holds now."""
        self._fill()
        if not self._search:
            self.query_one(TextRows).focus()

    def _fill(self) -> None:
        rows, cursor = [], 0
        for place, (value, text) in enumerate(self._matching):
            digit = f"{place + 1} " if place < _DIGITS and not self._search else ""
            is_current = value == self._current_value
            rows.append(
                [(f"{'•' if is_current else ' '} {digit}{text}", "bold" if is_current else "")]
            )
            cursor = place if is_current else cursor
        self.query_one(TextRows).put(rows, cursor)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the choices that hold every word."""
        event.stop()
        words = event.value.lower().split()
        self._matching = [
            choice for choice in self._choices if all(word in choice[1].lower() for word in words)
        ]
        self._fill()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Choose from the field as well."""
        event.stop()
        self.action_accept()

    def on_text_rows_clicked(self, event: TextRows.Clicked) -> None:
        """Choose by mouse."""
        event.stop()
        self._choose(event.index)

    def action_accept(self) -> None:
        """Choose what the cursor is on."""
        self._choose(self.query_one(TextRows).cursor)

    def action_digit(self, digit: int) -> None:
        """Choose by number."""
        if not self._search:
            self._choose(digit - 1)

    def _choose(self, place: int) -> None:
        if place < len(self._matching):
            self.dismiss(self._matching[place][0])

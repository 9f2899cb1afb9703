"""The changes that would be made to sidecars, shown before anything is written."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from phototagger.tui.screens.dialog import Dialog
from phototagger.tui.widgets.text import plain
from phototagger.tui.widgets.virtual_list import TextRows

_SETS = {"+": "yes", "-": "no"}


class ChangesScreen(Dialog[bool]):
    """Shows progress, then the changes line by line; enter asks for them to be written.

    The app calls ``progress`` while it plans and writes, ``planned`` with what would change, and
    ``written`` with what was done. Returns True where something was written, else None: leaving
    never undoes, and leaving before enter writes nothing. ``u`` asks for the last write to be taken
    back; that is shown and confirmed in the same way.
    """

    DEFAULT_CSS = """
    ChangesScreen .changes--summary { width: 100%; height: auto; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("enter", "write", "write"),
        ("u", "take_back", "take the last write back"),
    ]

    heading = "sidecars"
    size_class = "dialog--large"

    class WriteAsked(Message):
        """The person has seen the changes and wants them written."""

    class TakeBackAsked(Message):
        """The person wants to see what taking the last write back would change."""

    def __init__(self, doing: str = "Looking at the sidecars …") -> None:
        super().__init__()
        self._doing = doing
        self._ready = False
        self._written = False
        self._can_take_back = False

    def body(self) -> Iterable[Widget]:
        """Return the summary and the list."""
        yield Static(plain(self._doing), classes="changes--summary", id="summary")
        rows = TextRows(classes="dialog--list", id="changes")
        rows.empty = ""
        yield rows

    def on_mount(self) -> None:
        """Let the arrows move the list at once."""
        self.query_one(TextRows).focus()

    def progress(self, doing: str) -> None:
        """Say what is being done, such as ``120 of 1,234 sidecars``."""
        self._say(doing)

    def planned(
        self,
        summary: str,
        lines: Sequence[str],
        *,
        any_change: bool = True,
        verb: str = "write",
        can_take_back: bool = False,
    ) -> None:
        """Show what would change; enter is offered where there is any change.

        ``verb``: what enter does. ``can_take_back``: whether there is a write to be taken back.
        """
        self._ready = any_change
        self._show(summary, lines)
        self._offer(verb if any_change else "", can_take_back=can_take_back)

    def written(
        self, summary: str, lines: Sequence[str] = (), *, can_take_back: bool = False
    ) -> None:
        """Show what was done."""
        self._written = True
        self._show(summary, lines)
        self._offer("", can_take_back=can_take_back)

    def _offer(self, verb: str, *, can_take_back: bool) -> None:
        self._can_take_back = can_take_back
        enter = [("enter", verb, "write")] if verb else []
        back = [("u", "take the last write back", "take_back")] if can_take_back else []
        self.set_hints(*enter, *back, ("↑ ↓", "move", ""))

    def _say(self, text: str) -> None:
        self.query_one("#summary", Static).update(plain(text))

    def _show(self, summary: str, lines: Sequence[str]) -> None:
        self._say(summary)
        self.query_one(TextRows).put(
            [
                [(line, _SETS.get(line.lstrip()[:1], ""))]
                for text in lines
                for line in text.split("\n")
            ]
        )

    def action_write(self) -> None:
        """Ask for the changes to be written, once."""
        if self._ready:
            self._ready = False
            self.set_hints(("↑ ↓", "move", ""))
            self._say("Writing …")
            self.post_message(self.WriteAsked())
        elif self._written:
            self.action_leave()

    def action_take_back(self) -> None:
        """Ask for the last write, before it is taken back."""
        if self._can_take_back:
            self._can_take_back = self._ready = self._written = False
            self._say("Looking at the last write …")
            self.post_message(self.TakeBackAsked())

    def action_leave(self) -> None:
        """Close; True where something was written."""
        self.dismiss(True if self._written else None)

"""What every dialog shares: a box in the middle, a title, a line of keys, esc that leaves."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from phototagger.tui.widgets.text import plain
from phototagger.tui.widgets.virtual_list import VirtualList

Result = TypeVar("Result")

Hint = tuple[str, str, str]
"""A key, what it does, and the action that a click on it runs ('' for none)."""


class Dialog(ModalScreen[Result | None]):
    """A question or a list over the review; esc leaves it with None.

    Subclasses give ``heading``, ``hints`` and ``body()``; ``size_class`` is ``dialog--small``,
    ``dialog--tall`` or ``dialog--large``; ``leaving`` says what esc does.
    """

    DEFAULT_CSS = """
    Dialog { align: center middle; background: transparent; }
    Dialog .dialog--box {
        border: round $border; background: $surface; color: $foreground;
        border-title-color: $foreground; border-title-style: bold;
        padding: 0 1; width: 72; max-width: 100%; height: auto; max-height: 100%;
    }
    Dialog .dialog--tall { height: 80%; min-height: 18; }
    Dialog .dialog--large { width: 100; height: 90%; min-height: 18; }
    Dialog .dialog--hints { height: auto; width: 100%; color: $foreground; margin-top: 1;
        link-style: none; link-color: $foreground; link-background: transparent;
    }
    Dialog .dialog--list { height: 1fr; min-height: 3; background: $surface; }
    Dialog .dialog--input, Dialog .dialog--input:focus {
        border: none; height: 1; padding: 0; background: $boost; margin-bottom: 1;
    }
    Dialog .dialog--text { width: 100%; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "leave")]
    AUTO_FOCUS = "*"

    heading = ""
    hints: tuple[Hint, ...] = ()
    leaving = "leave"
    size_class = "dialog--small"

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes=f"dialog--box {self.size_class}") as box:
            box.border_title = plain(self.heading)
            yield from self.body()
            yield Static(self._hint_line(), classes="dialog--hints", id="hints")

    def ask_on(self, app: App[Any], then: Callable[[Result], None]) -> None:
        """Show the dialog; what is done then is given its result, unless it was left."""
        app.push_screen(self, lambda result: None if result is None else then(result))

    def body(self) -> Iterable[Widget]:
        """Return what stands between the title and the line of keys."""
        return ()

    def _hint_line(self) -> Content:
        shown = [hint for hint in (*self.hints, ("esc", self.leaving, "leave")) if hint[0]]
        return Content("   ").join(
            Content.assemble((f" {key} ", "reverse bold"), f" {word}").stylize(
                f"@click=screen.{action}" if action else ""
            )
            for key, word, action in shown
        )

    def set_hints(self, *hints: Hint) -> None:
        """Show other keys in the line."""
        self.hints = hints
        if self.is_mounted:
            self.query_one("#hints", Static).update(self._hint_line())

    def action_leave(self) -> None:
        """Close the dialog without a result."""
        self.dismiss(None)


class ListDialog(Dialog[Result]):
    """A dialog whose arrows move a list wherever the focus is, such as in a field above it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("down", "move('down')"),
        ("up", "move('up')"),
        ("pagedown", "move('page_down')"),
        ("pageup", "move('page_up')"),
    ]

    def action_move(self, where: str) -> None:
        """Move the cursor of the list."""
        self.query_one(VirtualList).action_move(where)

"""The line in which a search is typed, with what is said of it so far."""

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from phototagger.printable import one_line
from phototagger.tui.widgets.finder import type_into

_MOST_SAID, _GAP = 0.75, 2
"""How much of the line may be said, and the cells before it; the style says the same."""


class SearchField(Horizontal):
    """A field in the place of the status line.

    ``typed`` is called with each new line, ``moved`` with the way to move among what was found,
    ``taken`` with the line that is to stay, ``left`` where none is.
    """

    DEFAULT_CSS = """
    SearchField { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    SearchField > Input, SearchField > Input:focus {
        border: none; height: 1; padding: 0; width: 1fr; min-width: 16; background: $boost;
    }
    SearchField > .search--sign { width: 1; text-style: bold; }
    SearchField > .search--said { width: auto; max-width: 75%; margin-left: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *((key, f"move('{way}')") for key, way in (("down", "down"), ("up", "up"))),
        ("pagedown", "move('page_down')"),
        ("pageup", "move('page_up')"),
        ("tab,shift+tab", "take"),
        ("escape", "leave"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.typed: Callable[[str], object] = lambda _: None
        self.moved: Callable[[str], object] = lambda _: None
        self.taken: Callable[[str], object] = lambda _: None
        self.left: Callable[[], object] = lambda: None
        self.is_open = False

    def compose(self) -> ComposeResult:
        """Lay out the sign, the field and what is said."""
        yield Static("/", classes="search--sign")
        yield Input(placeholder="words, label:dog, 2024-04, a name", select_on_focus=False)
        yield Static(classes="search--said")

    def begin(self) -> None:
        """Begin with nothing."""
        field = self.query_one(Input)
        with field.prevent(Input.Changed):
            field.value = ""
        self.say("")
        self.is_open = True
        self.screen.set_focus(field)  # at once: the next key may be here already

    def say(self, *parts: str) -> None:
        """Say something of what is typed: the first part, and of the others what fits."""
        room = int(self.size.width * _MOST_SAID) - _GAP
        text = ""
        for part in filter(None, map(one_line, parts)):
            longer = f"{text} · {part}" if text else part
            if not text or cell_len(longer) <= room:
                text = longer
        self.query_one(".search--said", Static).update(Content(text))

    def takes(self, key: events.Key) -> bool:
        """Put a letter into the field that was on its way to another widget; tell if it was one."""
        return self.is_open and type_into(self.query_one(Input), key)

    def on_descendant_blur(self) -> None:
        """Close when something else is clicked; what was found stays."""
        self.call_later(self._left)

    def _left(self) -> None:
        if self.is_open and not self.has_focus_within:
            self.action_take()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search as it is typed."""
        event.stop()
        if self.is_open:
            self.typed(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep what is found."""
        event.stop()
        self.action_take()

    def action_move(self, way: str) -> None:
        """Move among what was found."""
        if self.is_open:
            self.moved(way)

    def action_take(self) -> None:
        """Close, and keep what is found; where it is closed already, do nothing."""
        if self.is_open:
            self.is_open = False
            self.taken(self.query_one(Input).value)

    def action_leave(self) -> None:
        """Close, and show what was shown before; where it is closed already, do nothing."""
        if self.is_open:
            self.is_open = False
            self.left()

"""A list of any length with a cursor, drawn line by line.

A widget for each row, or a list that is filled row by row, takes seconds at ten thousand rows;
here only the rows in view are ever drawn.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from phototagger.printable import printable
from phototagger.tui.bindings import bindings_of
from phototagger.tui.widgets.colours import faint, readable
from phototagger.tui.widgets.text import shorten

Piece = tuple[str, str]
"""A text and how it is set: words of ``bold``, ``dim``, ``yes``, ``no``, ``mark``, or nothing."""

_BOLD, _DIM, _REVERSE = Style(bold=True), Style(dim=True), Style(reverse=True)


class Rows(Protocol):
    """What a list shows: so many rows, and what stands in each."""

    def __len__(self) -> int:
        """Return how many rows there are."""

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """Return what stands in a row of so many cells."""


class VirtualList(ScrollView, can_focus=True):
    """Rows, one line each; the cursor's row begins with ``>`` and is set off by colour too."""

    DEFAULT_CSS = """
    VirtualList { overflow-x: hidden; scrollbar-size-vertical: 1; }
    VirtualList > .rows--cursor {
        color: $block-cursor-blurred-foreground; background: $block-cursor-blurred-background;
    }
    VirtualList:focus > .rows--cursor {
        color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold;
    }
    VirtualList > .rows--yes { color: $text-success; }
    VirtualList > .rows--no { color: $text-error; }
    VirtualList > .rows--mark { color: $text-accent; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--cursor",
        "rows--yes",
        "rows--no",
        "rows--mark",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of("up", "down", "page_up", "page_down", "first", "last", call="move('{}')")
    ]

    empty = "nothing here"
    """What is shown where there is no row."""

    has_cursor = True
    """Whether a row can be chosen; a list without a cursor is read, and keys that move scroll."""

    leads = False
    """Whether keys act on its cursor wherever the focus is, as under a field."""

    def __init__(
        self,
        rows: Rows,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.rows = rows
        self._cursor = 0
        self._styles: dict[str, Style] = {}

    @property
    def cursor(self) -> int:
        """The row of the cursor."""
        return self._cursor

    def changed(self, cursor: int | None = None) -> None:
        """Draw again, after the rows changed; the cursor may be put without telling."""
        if cursor is not None:
            self._cursor = cursor
        self._cursor = max(0, min(self._cursor, len(self.rows) - 1))
        self.virtual_size = Size(0, len(self.rows))
        self._keep_in_view()
        width, height = self.scrollable_content_region.size
        self.refresh(Region(0, 0, width, height))  # neither the frame nor the scrollbar

    def move_to(self, index: int) -> bool:
        """Move the cursor to a row, or as near as there is one; tell whether it moved."""
        index = max(0, min(index, len(self.rows) - 1))
        moves = index != self._cursor and len(self.rows) > 0
        if moves:
            self._cursor = index
            self._keep_in_view()
            self.refresh()
        return moves

    def _keep_in_view(self) -> None:
        if not self.has_cursor:
            return
        height = self.scrollable_content_region.height
        top = self.scroll_offset.y
        if height and self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif height and self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False)

    def on_resize(self) -> None:
        """Keep the cursor where it can be seen."""
        self._keep_in_view()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw some lines; their styles are asked for once, each costs as much as a line."""
        names = ("cursor", "yes", "no", "mark")
        self._styles = {name: self.get_component_rich_style(f"rows--{name}") for name in names}
        self._styles[""] = self.rich_style
        self._styles["cursor"] = readable(self._styles["cursor"])
        if self.app.no_color and (self.has_focus or self.leads):  # backgrounds are gone then
            self._styles["cursor"] += _REVERSE
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        base = self._styles[""]
        if index >= len(self.rows):
            text = shorten(self.empty, width) if index == 0 else ""
            return _strip([(text, self._set(base, "dim"))], width, base)
        is_here = self.has_cursor and index == self._cursor
        if is_here:
            base += self._styles["cursor"]
        pieces = [
            (printable(text), self._set(base, set_as))
            for text, set_as in self.rows.row(index, width - 1)
        ]
        # A blank in a style of its own would only cost bytes.
        sign = (">", base) if is_here else (" ", pieces[0][1] if pieces else base)
        return _strip([sign, *pieces], width, base)

    def _set(self, base: Style, set_as: str) -> Style:
        """Return the style of a text on a background, so that it can be read there."""
        style = base
        for word in set_as.split():
            if word == "dim":
                style = style + _DIM if self.app.no_color else faint(style)
            elif word == "bold":
                style += _BOLD
            else:  # of a component only the colour: its background is not the cursor's
                style = readable(style + Style(color=self._styles[word].color))
        return style

    def on_click(self, event: events.Click) -> None:
        """Tell which row and column the mouse is on."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = offset.y + self.scroll_offset.y
        if index < len(self.rows):
            event.stop()
            self.click(index, offset.x)

    def click(self, index: int, x: int) -> None:
        """Put the cursor on a row that was clicked, in a column."""
        self.move_to(index)

    def action_move(self, where: str) -> None:
        """Move the cursor: ``up``, ``down``, ``page_up``, ``page_down``, ``first`` or ``last``.

        Without a cursor the rows scroll.
        """
        page = max(1, self.scrollable_content_region.height - 1)
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page}
        ends = {"first": 0, "last": len(self.rows) - 1}
        at = self._cursor if self.has_cursor else self.scroll_offset.y
        to = ends[where] if where in ends else at + steps[where]
        if self.has_cursor:
            self.move_to(to)
        else:
            self.scroll_to(y=to, animate=False)


class _Texts:
    def __init__(self, rows: Sequence[Sequence[Piece]] = ()) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, index: int, width: int) -> Sequence[Piece]:
        """Return a row; of one text too wide its middle goes, of several the end of the last."""
        pieces = self._rows[index]
        if len(pieces) == 1:
            return [(shorten(pieces[0][0], width), pieces[0][1])]
        if not pieces:
            return []
        *first, (last, set_as) = pieces
        room = width - sum(cell_len(printable(text)) for text, _ in first)
        return [*first, (shorten(last, room, tail=0), set_as)]


class TextRows(VirtualList):
    """Rows of text that is given all at once; tells of a click, enter is the screen's."""

    leads = True

    class Clicked(Message):
        """A row was clicked."""

        def __init__(self, index: int) -> None:
            self.index = index
            super().__init__()

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(_Texts(), id=id, classes=classes)

    def put(self, rows: Sequence[Sequence[Piece]], cursor: int = 0) -> None:
        """Show these rows."""
        self.rows = _Texts(rows)
        self.changed(cursor)

    def click(self, index: int, x: int) -> None:
        """Put the cursor on the row, and tell of the click."""
        super().click(index, x)
        self.post_message(self.Clicked(index))


def _strip(pieces: Sequence[tuple[str, Style]], width: int, base: Style) -> Strip:
    strip = Strip([Segment(text, style) for text, style in pieces if text]).simplify()
    return strip.adjust_cell_length(width, base)

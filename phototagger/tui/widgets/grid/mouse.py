"""The grid under the mouse: click, wheel, drag, double click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

if TYPE_CHECKING:
    from phototagger.tui.widgets.grid.grid import PhotoGrid

_DOUBLE = 2  # clicks


class GridMouse:
    """Does in a grid what the mouse says."""

    def __init__(self, grid: PhotoGrid) -> None:
        self._grid = grid
        self._pressed: int | None = None  # the index where the button is held
        self._dragged = False

    def handle(self, event: events.MouseEvent) -> None:
        """Do what an event of the mouse says."""
        if isinstance(event, events.MouseDown):
            self._press(event)
        elif isinstance(event, events.MouseMove):
            self._drag(event)
        elif isinstance(event, events.MouseUp):
            self._release()
        elif isinstance(event, events.Click):
            self._click(event)
        else:
            event.stop()
            event.prevent_default()
            self._grid.scroll_rows(1 if isinstance(event, events.MouseScrollDown) else -1)

    def _press(self, event: events.MouseDown) -> None:
        """Move the cursor; with shift, select up to here."""
        index, cursor = self._index(event), self._grid.cursor
        if index is None or event.button != 1:
            return
        if not event.shift:
            cursor.end_selection()
        elif not cursor.is_selecting:
            cursor.begin_selection()
        cursor.go(index)
        self._pressed, self._dragged = index, event.shift
        self._grid.capture_mouse()

    def _drag(self, event: events.MouseMove) -> None:
        """Select from where the button was pressed."""
        if self._pressed is None:
            return
        index = self._index(event, nearest=True)
        if index is None or (index == self._pressed and not self._dragged):
            return
        if not self._dragged:
            self._dragged = True
            self._grid.cursor.begin_selection()
        self._grid.cursor.go(index)

    def _release(self) -> None:
        """End a drag; what is selected stays so."""
        self._pressed = None
        self._grid.release_mouse()

    def _click(self, event: events.Click) -> None:
        """Open at a double click."""
        index = self._index(event)
        if event.chain == _DOUBLE and index is not None and not self._dragged:
            self._grid.opened(index)

    def _index(self, event: events.MouseEvent, *, nearest: bool = False) -> int | None:
        left, top = self._grid.content_offset
        return self._grid.index_at(int(event.x) - left, int(event.y) - top, nearest=nearest)

"""The grid under the mouse: click, wheel, drag, double click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.tui.textual_patches.repaint import PictureView

if TYPE_CHECKING:
    from textual import events


class MouseGrid(PictureView):
    """What a grid of cells does with the mouse; what is asked of it is written below."""

    _pressed: int | None = None
    _dragged = False

    def index_at(self, x: int, y: int, *, nearest: bool = False) -> int | None:
        """Return the index of the cell at a place of the content, or None outside of all."""
        raise NotImplementedError

    def go(self, index: int) -> None:
        """Move the cursor."""
        raise NotImplementedError

    def begin_selection(self) -> None:
        """Begin a selection at the cursor."""
        raise NotImplementedError

    def end_selection(self) -> None:
        """Select nothing."""
        raise NotImplementedError

    def scroll_rows(self, rows: int) -> None:
        """Scroll without the cursor."""
        raise NotImplementedError

    def opened(self, index: int) -> None:
        """Tell that a photo was double-clicked."""
        raise NotImplementedError

    @property
    def is_selecting(self) -> bool:
        """Whether there is a selection."""
        raise NotImplementedError

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Move the cursor; with shift, select up to here."""
        index = self._index(event)
        if index is None or event.button != 1:
            return
        if not event.shift:
            self.end_selection()
        elif not self.is_selecting:
            self.begin_selection()
        self.go(index)
        self._pressed, self._dragged = index, event.shift
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Select from where the button was pressed."""
        if self._pressed is None:
            return
        index = self._index(event, nearest=True)
        if index is None or (index == self._pressed and not self._dragged):
            return
        if not self._dragged:
            self._dragged = True
            self.begin_selection()
        self.go(index)

    def on_mouse_up(self) -> None:
        """End a drag; what is selected stays so."""
        self._pressed = None
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Open at a double click."""
        index = self._index(event)
        if event.chain == 2 and index is not None and not self._dragged:  # noqa: PLR2004
            self.opened(index)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll by a row."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll by a row."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        event.prevent_default()
        self.scroll_rows(rows)

    def _index(self, event: events.MouseEvent, *, nearest: bool = False) -> int | None:
        left, top = self.content_offset
        return self.index_at(int(event.x) - left, int(event.y) - top, nearest=nearest)

"""The grid: all photos of the view in one widget that draws nothing but what is seen.

It owns no truth: marks, names and labels are read of the visible photos, and read again when
``reload`` says that they changed. Keys are bound elsewhere and call the methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from phototagger.tui.widgets.grid.cells import Styles, empty_line, lay_out
from phototagger.tui.widgets.grid.cursor import Cursor, index_of, place_of
from phototagger.tui.widgets.grid.drawing import Drawing
from phototagger.tui.widgets.grid.mouse import MouseGrid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from phototagger.tui.graphics.pictures import Pictures
    from phototagger.tui.widgets.grid.cells import Layout
    from phototagger.tui.widgets.grid.drawing import Photos


class PhotoGrid(MouseGrid, can_focus=True, inherit_bindings=False):
    """Photos in rows of cells: picture, caption, chips.

    The cursor and the selection stand on the captions only, so that moving repaints no picture.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "photogrid--cursor",
        "photogrid--selected",
        "photogrid--chip",
        "photogrid--checked",
    }
    DEFAULT_CSS = """
    PhotoGrid { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }
    PhotoGrid > .photogrid--cursor {
        color: $block-cursor-foreground;
        background: $block-cursor-background;
        text-style: bold;
    }
    PhotoGrid > .photogrid--selected { color: $text; background: $primary-muted; }
    PhotoGrid > .photogrid--chip { color: $text-muted; }
    PhotoGrid > .photogrid--checked { color: $text-success; }
    """

    empty_text: reactive[str] = reactive("")
    """What is said where the view is empty."""

    class Moved(Message):
        """The cursor is on another photo, or on none."""

        def __init__(self, position: int | None) -> None:
            self.position = position
            super().__init__()

        def can_replace(self, message: Message) -> bool:
            """Only the last of several moves matters."""
            return isinstance(message, PhotoGrid.Moved)

    class Opened(Message):
        """A photo was double-clicked."""

        def __init__(self, position: int) -> None:
            self.position = position
            super().__init__()

    def __init__(
        self,
        review: Photos,
        pictures: Pictures,
        *,
        empty_text: str = "",
        is_changed: Callable[[int], bool] = lambda _: False,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._review = review
        self._pictures = pictures
        self._wish = pictures.user(self._arrived)
        self._drawing = Drawing(review, pictures, is_changed)
        self._at = Cursor()
        self._told: int | None = None
        self._anchor: int | None = None
        self.set_reactive(PhotoGrid.empty_text, empty_text)

    @property
    def cursor(self) -> int:
        """The cursor's index into the review's view."""
        return self._at.index

    @property
    def position(self) -> int | None:
        """The position of the photo under the cursor, or None where the view is empty."""
        view = self._review.view
        return int(view[self.cursor]) if self.cursor < len(view) else None

    @property
    def seen(self) -> range:
        """The indices on the screen."""
        return self._drawing.seen(self._top)

    def selected(self) -> list[int]:
        """Return the positions that are selected, in the order shown."""
        chosen = self._at.selection
        found: list[int] = self._review.view[chosen.start : chosen.stop].tolist()
        return found

    def move(self, dx: int, dy: int) -> None:
        """Move the cursor by columns and rows."""
        self._put(self._at.moved(dx, dy, self._layout.columns, len(self._review.view)))

    def page(self, direction: int) -> None:
        """Move the cursor and the screen by pages, forward (1) or back (-1)."""
        self._scroll(self._top + direction * self._layout.full)
        self.move(0, direction * self._layout.full)

    def home(self) -> None:
        """Move the cursor to the first photo."""
        self.go(0)

    def end(self) -> None:
        """Move the cursor to the last photo."""
        self.go(len(self._review.view) - 1)

    def go(self, index: int) -> None:
        """Move the cursor to an index into the view."""
        self._put(self._at.at(index, len(self._review.view)))

    def begin_selection(self) -> None:
        """Begin a selection here; it reaches to wherever the cursor moves."""
        self._anchor = self.position
        self._put(self._at.begun())

    def end_selection(self) -> None:
        """Select nothing."""
        self._anchor = None
        self._put(self._at.ended())

    def reload(self, positions: Iterable[int] | None = None) -> None:
        """Read again what changed: of these photos, or everything, the view included.

        The cursor stays on its photo, or goes to the next one that the view still has; a selection
        stays where the view still has the photo that it began at.
        """
        if positions is not None:
            changed = set(positions)
            self._drawing.forget(changed)
            view = self._review.view
            self._repaint([one for one in self.seen if int(view[one]) in changed], lines=2)
            return
        self._drawing.forget()
        self._pictures.retry()
        here = place_of(self._review.view, self._told, self._at.index)
        anchor = index_of(self._review.view, self._anchor)
        self._arrange()
        new = Cursor(here, anchor)
        self._put(new.at(new.index, len(self._review.view)))
        self.refresh()

    def renumber(self, new: Callable[[int], int | None]) -> None:
        """Follow the photos into another listing, before ``reload``; None: it has it no more."""
        kept = [None if one is None else new(one) for one in (self._told, self._anchor)]
        self._told, self._anchor = kept

    def read_labels(self) -> None:
        """Read the labels of all visible photos again; draw those anew that changed."""
        self._repaint(self._drawing.read_again(self.seen), lines=2)

    @property
    def is_selecting(self) -> bool:
        """Whether there is a selection."""
        return self._at.anchor is not None

    def index_at(self, x: int, y: int, *, nearest: bool = False) -> int | None:
        """Return the index of the cell at a place of the content, or None outside of all."""
        index = self._layout.index_at(x, y, self._top, nearest=nearest)
        if nearest:
            return min(max(0, index), max(0, len(self._review.view) - 1))
        return index if index in self.seen else None

    def scroll_rows(self, rows: int) -> None:
        """Scroll without the cursor."""
        self._scroll(self._top + rows)

    def opened(self, index: int) -> None:
        """Tell that a photo was double-clicked."""
        self.post_message(self.Opened(int(self._review.view[index])))

    def render_line(self, y: int) -> Strip:
        """Return a line of the screen."""
        size = self.scrollable_content_region.size
        if not self.virtual_size.width:  # painted before it was laid out
            return Strip.blank(size.width, self.rich_style)
        if not len(self._review.view):
            return empty_line(self.empty_text, y, size, self.rich_style)
        line = self._drawing.line(y, self._top, self._at, self._styles())
        return line.adjust_cell_length(size.width, self.rich_style)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines to paint; the pictures beside them belong to this very paint."""
        if self._pictures.canvas is not None and crop.height > 1:
            self._drawing.note_places(self._top)
        return super().render_lines(crop)

    def on_mount(self) -> None:
        """Have the pictures drawn."""
        if self._pictures.canvas is not None:
            self._pictures.canvas.add(self, self._drawing.placed)

    def on_resize(self) -> None:
        """Lay the cells out anew."""
        self._arrange()
        self._put(self._at)
        self.refresh()

    def on_unmount(self) -> None:
        """Want nothing any more."""
        self._pictures.leave(self._wish)

    def validate_scroll_y(self, value: float) -> float:
        """Scroll by whole rows of cells."""
        height = self._layout.height
        return round(super().validate_scroll_y(value) / height) * height

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for the pictures of what is seen now, once its text is on the screen."""
        super().watch_scroll_y(old_value, new_value)
        self.call_after_refresh(self._want)

    @property
    def _layout(self) -> Layout:
        return self._drawing.layout

    @property
    def _top(self) -> int:
        return round(self.scroll_y / self._layout.height)

    def _styles(self) -> Styles:
        names = ("cursor", "selected", "chip", "checked")
        return Styles(
            self.rich_style, *(self.get_component_rich_style(f"photogrid--{one}") for one in names)
        )

    def _arrange(self) -> None:
        width, height = self.scrollable_content_region.size
        pictures, first = self._pictures.painter is not None, self.seen.start
        layout = lay_out(width, height, self._review.settings.columns, pictures=pictures)
        self._drawing.layout = layout
        past = max(0, layout.rows(len(self._review.view)) - layout.full)
        self.virtual_size = Size(width, height + past * layout.height)
        self._scroll(min(first // layout.columns, past))
        self.call_after_refresh(self._want)

    def _want(self) -> None:
        if self._pictures.painter is None or not self._layout.box.rows:
            return
        seen, page, files = self.seen, self._layout.page, self._drawing.files
        ahead = files(range(seen.stop, seen.stop + page))
        behind = files(range(seen.start - page, seen.start))
        self._pictures.want(self._wish, files(seen), ahead + behind)

    def _arrived(self, paths: Sequence[str]) -> None:
        if self._pictures.canvas is not None:
            self._pictures.canvas.changed()
        came, seen, layout = set(paths), self.seen, self._layout
        for index, file in zip(seen, self._drawing.files(seen), strict=True):
            if file[0] in came and not self._drawing.is_blank(file):
                x, y = layout.corner(index, self._top)
                self.refresh(Region(x, y, layout.width, layout.box.rows))

    def _repaint(self, indices: Iterable[int], lines: int = 1) -> None:
        for index in indices:
            x, y = self._layout.corner(index, self._top)
            top = y + self._layout.box.rows
            self.refresh(Region(x, top, self._layout.width, lines))

    def _scroll(self, top: int) -> None:
        self.scroll_to(y=top * self._layout.height, animate=False)

    def _put(self, new: Cursor) -> None:
        changed = self._at.changed(new, self.seen)
        self._at = new
        row = new.index // self._layout.columns
        if row < self._top or row >= self._top + self._layout.full:
            self._scroll(row if row < self._top else row - self._layout.full + 1)
        else:
            self._repaint(changed)
        if self.position != self._told:
            self._told = self.position
            self.post_message(self.Moved(self._told))

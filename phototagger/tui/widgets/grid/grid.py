"""The grid: all photos of the view in one widget that draws nothing but what is seen.

It owns no truth: marks, names and labels are read of the visible photos, and read again when
``reload`` says that they changed. Keys are bound elsewhere and move the ``cursor``.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from rich.style import Style
from textual import events, on
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from phototagger.tui.graphics.pictures import Pictures, Source
from phototagger.tui.textual_patches.repaint import PictureView
from phototagger.tui.widgets.colours import readable
from phototagger.tui.widgets.grid.cells import (
    MARGIN,
    TEXT_LINES,
    Styles,
    empty_line,
    lay_out,
)
from phototagger.tui.widgets.grid.cursor import Cursor
from phototagger.tui.widgets.grid.drawing import Drawing, GridPhotos
from phototagger.tui.widgets.grid.mouse import GridMouse
from phototagger.tui.widgets.grid.photo_cursor import PhotoCursor


class PhotoGrid(PictureView, can_focus=True, inherit_bindings=False):
    """Photos in rows of cells: picture, caption, labels, and at the left a bar that says the state.

    The cursor and the selection stand on the captions only, so that moving repaints no picture.
    Where labels have no room below it, the caption under the cursor moves up to its picture.
    ``look_at`` is told which photos are seen, those of the next page among them.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "photogrid--cursor",
        "photogrid--selected",
        "photogrid--chip",
        "photogrid--checked",
        "photogrid--failed",
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
    PhotoGrid > .photogrid--failed { color: $text-error; }
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

    class PhotoOpened(Message):
        """A photo was double-clicked."""

        def __init__(self, position: int) -> None:
            self.position = position
            super().__init__()

    def __init__(
        self,
        review: GridPhotos,
        pictures: Pictures,
        *,
        empty_text: str = "",
        is_marked: Callable[[int], bool] = lambda _: False,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._review = review
        self._pictures = pictures
        self.look_at: Callable[[Sequence[int]], None] = lambda _: None
        self._wish = pictures.user(self._arrived)
        self._drawing = Drawing(review, pictures, is_marked)
        self._cell_styles: Styles  # of the paint that goes on
        self._mouse = GridMouse(self)
        self.cursor = PhotoCursor(
            review, self._drawing, self._show_cursor, lambda at: self.post_message(self.Moved(at))
        )
        self.set_reactive(PhotoGrid.empty_text, empty_text)

    @property
    def seen(self) -> range:
        """The indices on the screen."""
        return self._drawing.seen(self.top)

    def page(self, direction: int) -> None:
        """Move the cursor and the screen by pages, forward (1) or back (-1)."""
        rows = direction * self._drawing.layout.full
        self.scroll_rows(rows)
        self.cursor.move(0, rows)

    def reload(self, positions: Iterable[int] | None = None) -> None:
        """Read again what changed: of these photos, or everything, the view included.

        The cursor and a selection find their photos again in another view.
        """
        if positions is not None:
            changed = set(positions)
            self._drawing.forget(changed)
            view = self._review.view
            self._repaint([index for index in self.seen if int(view[index]) in changed], whole=True)
            return
        self._drawing.forget()
        self._pictures.retry()
        self._arrange()
        self.cursor.find_again()
        self.refresh()

    def read_labels(self, *, files: bool = False) -> None:
        """Read the labels of all visible photos again; draw those anew that changed.

        ``files``: photos that were read since have thumbnails now; they stand where they stood.
        """
        if files:
            self._drawing.note_again()
            self._pictures.retry()
            self._want()
        self._repaint(self._drawing.read_again(self.seen), whole=True)

    def index_at(self, x: int, y: int, *, nearest: bool = False) -> int | None:
        """Return the index of the cell at a place of the content, or None outside of all."""
        index = self._drawing.layout.index_at(x, y, self.top, nearest=nearest)
        if nearest:
            return min(max(0, index), max(0, len(self._review.view) - 1))
        return index if index in self.seen else None

    def scroll_rows(self, rows: int) -> None:
        """Scroll without the cursor."""
        self._scroll(self.top + rows)

    def opened(self, index: int) -> None:
        """Tell that a photo was double-clicked."""
        self.post_message(self.PhotoOpened(int(self._review.view[index])))

    def render_line(self, y: int) -> Strip:
        """Return a line of the screen."""
        size = self.scrollable_content_region.size
        if not self.virtual_size.width:  # painted before it was laid out
            return Strip.blank(size.width, self.rich_style)
        if not len(self._review.view):
            return empty_line(self.empty_text, y, size, self.rich_style)
        line = self._drawing.line(y, self.top, self.cursor.at, self._cell_styles)
        return line.adjust_cell_length(size.width, self._cell_styles.plain)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines to paint; the pictures beside them belong to this very paint.

        Styles are asked for once, each costs as much as a line.
        """
        self._cell_styles = _styles(self)
        if self._pictures.canvas is not None and crop.height > 1:
            self._drawing.note_places(self.top)
        return super().render_lines(crop)

    def on_mount(self) -> None:
        """Have the pictures drawn."""
        if self._pictures.canvas is not None:
            self._pictures.canvas.add(self, self._drawing.placed)

    def on_resize(self) -> None:
        """Lay the cells out anew."""
        self._arrange()
        self.cursor.put(self.cursor.at)
        self.refresh()

    @on(events.MouseDown)
    @on(events.MouseMove)
    @on(events.MouseUp)
    @on(events.Click)
    @on(events.MouseScrollDown)
    @on(events.MouseScrollUp)
    def _on_mouse_used(self, event: events.MouseEvent) -> None:
        self._mouse.handle(event)

    def on_unmount(self) -> None:
        """Want nothing any more."""
        self._pictures.leave(self._wish)

    def validate_scroll_y(self, value: float) -> float:
        """Scroll by whole rows of cells."""
        height = self._drawing.layout.height
        return round(super().validate_scroll_y(value) / height) * height

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for the pictures of what is seen now, once its text is on the screen."""
        super().watch_scroll_y(old_value, new_value)
        self.call_after_refresh(self._want)

    @property
    def top(self) -> int:
        """The first row on the screen."""
        return round(self.scroll_y / self._drawing.layout.height)

    def _arrange(self) -> None:
        width, height = self.scrollable_content_region.size
        painter, first = self._pictures.painter, self.seen.start
        columns = self._review.settings.columns
        if painter is None:
            layout = lay_out(width, height, columns, pictures=False)
        else:
            limits = {"narrowest": painter.narrowest, "most": painter.most}
            layout = lay_out(width, height, columns, pictures=True, **limits)
        self._drawing.layout = layout
        past = max(0, layout.rows(len(self._review.view)) - layout.full)
        self.virtual_size = Size(width, height + past * layout.height)
        self._scroll(min(first // layout.columns, past))
        self.call_after_refresh(self._want)

    def _want(self) -> None:
        seen, page, files = self.seen, self._drawing.layout.page, self._drawing.files
        self.look_at(self._drawing.positions(range(seen.start, seen.stop + page)))
        if self._pictures.painter is None or not self._drawing.layout.box.rows:
            return
        ahead = files(range(seen.stop, seen.stop + page))
        behind = files(range(seen.start - page, seen.start))
        self._pictures.want(self._wish, files(seen), ahead + behind)

    def _arrived(self, paths: Sequence[Source]) -> None:
        if self._pictures.canvas is not None:
            self._pictures.canvas.changed()
        came, seen, layout = set(paths), self.seen, self._drawing.layout
        for index, file in zip(seen, self._drawing.files(seen), strict=True):
            if file[0] not in came:
                continue
            if not self._drawing.is_blank(file):
                x, y = layout.corner(index, self.top)
                self.refresh(Region(x, y, layout.width, layout.box.rows))
            if index == self.cursor.index:
                self._repaint([index], whole=True)

    def _repaint(self, indices: Iterable[int], *, whole: bool = False) -> None:
        """Paint captions again, with the labels that a lifted one has below it.

        ``whole``: all labels and bars, too, which spares the pictures.
        """
        drawing, layout = self._drawing, self._drawing.layout
        for index in indices:
            x, y = layout.corner(index, self.top)
            if whole and layout.box.rows:
                self.refresh(Region(x, y, MARGIN, layout.box.rows))
            above = drawing.free_below(index) if whole else drawing.lifted(index, self.top)
            lines = TEXT_LINES if whole or above else 1
            text = Region(x, y + layout.box.rows - above, layout.width, above + lines)
            self.refresh(text)

    def _scroll(self, top: int) -> None:
        self.scroll_to(y=top * self._drawing.layout.height, animate=False)

    def _show_cursor(self, old: Cursor, new: Cursor) -> None:
        """Paint the cursor where it is now, and scroll to where it can be seen."""
        layout = self._drawing.layout
        if not self.virtual_size.width:  # not laid out yet: that scrolls
            return
        row = new.index // layout.columns
        if row < self.top or row >= self.top + layout.full:
            self._scroll(row if row < self.top else row - layout.full + 1)
        else:
            self._repaint(old.changed(new, self.seen))


def _styles(grid: PhotoGrid) -> Styles:
    names = ("cursor", "selected", "chip", "checked", "failed")
    styles = [readable(grid.get_component_rich_style(f"photogrid--{name}")) for name in names]
    if grid.app.no_color:  # backgrounds are gone then
        styles[0] += Style(reverse=True)
    return Styles(grid.rich_style, *styles)

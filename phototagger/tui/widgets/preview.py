"""One photo under its full relative path: beside the grid, or large on the whole screen.

Large it is the photo itself that is drawn, not its thumbnail, fitted or at 100 %; its neighbours
stand below it.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from typing import ClassVar, Protocol

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from phototagger.printable import printable
from phototagger.tui.graphics.blocks import Box, Painted
from phototagger.tui.graphics.outlines import Outline
from phototagger.tui.graphics.pictures import PictureFiles, Pictures, Placed, Source, files_of
from phototagger.tui.graphics.whole import View
from phototagger.tui.textual_patches.repaint import for_pictures
from phototagger.tui.widgets.grid.cells import beginning, cells_of, notice, picture, shorten
from phototagger.tui.widgets.neighbours import ROWS, Neighbours
from phototagger.tui.widgets.page_grid import PagePhotos

REST = 0.15
"""Seconds: of photos that follow each other faster only the last one's picture is painted."""

_STRIP_FROM = 16  # lines from which on there is room for the neighbours

PATH_LINES = 3
"""How many lines a path takes at most; a longer one is cut in its middle."""


class Files(PagePhotos, Protocol):
    """What the preview needs of the review."""

    def rel_path(self, position: int) -> str:
        """Return a photo's path below the root."""


class Zoom(IntEnum):
    """How a photo is shown: by its thumbnail; itself, fitted; itself, at 100 %."""

    SMALL = 0
    FITTED = 1
    FULL = 2


_SAID = {
    Zoom.FITTED: "fitted · again: 100 %",
    Zoom.FULL: "100 % · arrows move about",
}


class Preview(Widget):
    """The path of a photo, and the picture below it.

    ``around`` returns at most so many positions of photos around one, in their order;
    ``outlines_of`` what is outlined in a photo that is shown itself, fitted.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"preview--here"}
    DEFAULT_CSS = """
    Preview { width: 1fr; height: 1fr; }
    Preview > .preview--here {
        color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold;
    }
    """

    def __init__(
        self,
        review: Files,
        pictures: Pictures,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._review = review
        self._pictures = pictures
        self._wish = pictures.user(self._arrived)
        self._position: int | None = None
        self._then: tuple[int, ...] = ()
        self._path_lines: list[str] = []
        self._files: PictureFiles | None = None
        self._place: tuple[PictureFiles, View | None, Box, int] | None = None
        self._before: Placed | None = None
        self._plain = Style.null()
        self._shown = 0.0  # when a photo was shown last
        self._rest: Timer | None = None
        self.zoom = Zoom.SMALL
        self._steps = (0, 0)
        self._view_before: View | None = None  # what is seen until another part of it is there
        self._neighbours = Neighbours(review, pictures)
        self.around: Callable[[int, int], Sequence[int]] = lambda position, _: (position,)
        self.outlines_of: Callable[[int], Iterable[Outline]] = lambda _: ()
        self._outlines: tuple[Outline, ...] = ()  # of the photo that is shown

    @property
    def position(self) -> int | None:
        """The position of the photo that is shown."""
        return self._position

    def show(self, position: int | None, then: Sequence[int] = ()) -> None:
        """Show a photo, or none; its picture is looked for again where it is shown already.

        ``then`` are photos that will be shown next. The picture before stays until the new one is
        there, which spares a slow line the blank between the two, and as long as a key is held
        down: a picture weighs as much as a hundred moves of the cursor.
        """
        lines, before, self._shown = len(self._path_lines), self._shown, time.monotonic()
        moves_on = position != self._position and self._shown - before < REST
        files = None if position is None else files_of(self._review, position)
        if files == self._files and position == self._position and self._rest is None:
            self._then = tuple(then)
            self._outline()  # what is seen in it may be called otherwise now
            self.call_after_refresh(self._want)
            return
        self._position, self._files, self._then = position, files, tuple(then)
        self._outline()
        self._path_lines = self._lines()
        is_ready = position is None or self._picture() is not None
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        if moves_on and len(self._path_lines) == lines:
            self.refresh(Region(0, 0, self.size.width, lines))
            self._rest = self.set_timer(REST, self._rested)
            return
        if is_ready or len(self._path_lines) != lines or not lines:
            self.refresh()
        else:
            self.refresh(Region(0, 0, self.size.width, lines))
        self.call_after_refresh(self._want)

    @property
    def next_zoom(self) -> Zoom:
        """What comes after how the photo is shown; after 100 % it is small again."""
        last = Zoom.FULL if self._pictures.painter is not None else Zoom.FITTED
        return Zoom((self.zoom + 1) % (last + 1))

    def zoom_to(self, zoom: Zoom) -> None:
        """Show the photo so from now on, from its middle."""
        self.zoom, self._steps, self._view_before = zoom, (0, 0), None
        if zoom is not Zoom.FULL:
            self._pictures.whole.let_go()
        self._outline()
        self._path_lines = self._lines()
        self.refresh()
        self.call_after_refresh(self._want)

    def _outline(self) -> None:
        """Look up what is outlined in the photo that is shown."""
        at = self._position if self.zoom is Zoom.FITTED else None
        self._outlines = () if at is None else tuple(self.outlines_of(at))

    def pan(self, columns: int, rows: int) -> bool:
        """Move about in a photo at 100 %, by half of what is seen; tell whether that is shown."""
        painter = self._pictures.painter
        if self.zoom is not Zoom.FULL or self._files is None or painter is None:
            return False
        most = self._pictures.whole.most_steps(self._files.original, painter.square(self._box))
        wanted = zip(self._steps, (columns, rows), most, strict=True)
        right, down = (max(-room, min(room, at + step)) for at, step, room in wanted)
        self._view_before, self._steps = self._view, (right, down)
        self.refresh()
        self._want()
        return True

    def on_mount(self) -> None:
        """Have the picture drawn."""
        if self._pictures.canvas is not None:
            self._pictures.canvas.add(self, self.placed)

    def _rested(self) -> None:
        self._rest = None
        if self._picture() is not None:
            self.refresh()
        self._want()

    def on_resize(self) -> None:
        """Ask for a picture of the new size."""
        self._path_lines = self._lines()
        self.refresh()
        self._want()

    def on_unmount(self) -> None:
        """Want nothing any more."""
        self._pictures.leave(self._wish)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters that apply."""
        return for_pictures(super().get_line_filters())

    def render_line(self, y: int) -> Strip:
        """Return a line of the screen."""
        width, plain = self.size.width, self._plain
        if self._position is None or not width:
            return Strip.blank(width, plain)
        lines = self._path_lines
        if y < len(lines):
            return Strip([Segment(lines[y], plain)]).adjust_cell_length(width, plain)
        painted, row = self._picture(), y - len(lines)
        if row >= self._box.rows:
            highlighted = self.get_component_rich_style("preview--here")
            line = self._neighbours.line(row - self._box.rows, plain, highlighted)
            return Strip(line).adjust_cell_length(width, plain)
        if painted is None and self._pictures.is_missing(*self._wanted(self._position)):
            return Strip(notice("no picture", row, self._box, width, plain), width)
        return Strip(picture(painted, row, width, plain, margin=0), width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines to paint; the picture below them belongs to this very paint.

        The style is asked for once, it costs as much as a line.
        """
        self._plain = self.rich_style
        shown = self._position is not None and all(self._box)
        self._place = None
        if shown and self._files is not None:
            self._place = (self._files, self._view, self._box, len(self._path_lines))
        return super().render_lines(crop)

    def placed(self) -> Iterator[Placed]:
        """Yield the picture of the last paint if Textual does not draw it, and its cells.

        Until it is there, the one before it.
        """
        if self._place is None:
            self._before = None
            return
        if self.zoom:
            yield from self._neighbours.placed(len(self._path_lines) + self._box.rows)
        if self._rest is not None:  # a key is held down
            if self._before is not None:
                yield self._before
            return
        files, view, box, y = self._place
        painted = self._best(files, view, box)
        if self._before is not None:
            self._before = self._before._replace(is_past=True)
        if painted is not None:
            self._before = Placed(cells_of(painted, 0, y), painted) if painted.lines else None
        elif self._pictures.is_missing(files.wanted, box):
            self._before = None
        if self._before is not None:
            yield self._before

    @property
    def _box(self) -> Box:
        rows = self.size.height - len(self._path_lines)
        is_room = self.size.height >= _STRIP_FROM and self._pictures.painter is not None
        return Box(self.size.width, max(0, rows - ROWS if self.zoom and is_room else rows))

    @property
    def _view(self) -> View | None:
        if not self.zoom or self._files is None:
            return None
        steps = self._steps if self.zoom is Zoom.FULL else None
        return View(str(self._files.original), steps, self._outlines)

    def _lines(self) -> list[str]:
        if self._position is None:
            return []
        lines = path_lines(self._review.rel_path(self._position), self.size.width)
        return [*lines, shorten(self._zoom_line(), self.size.width)] if self.zoom else lines

    def _zoom_line(self) -> str:
        """Say how the photo is shown, what is waited for, or why it is not shown."""
        if self._pictures.painter is None:
            return "no pictures (--images)"
        if (view := self._view) is None:
            return ""
        if why := self._pictures.why_missing(view, self._box):
            return f"this photo {why}"
        if self._pictures.request(view, self._box) is None:
            return "decoding the photo …"
        labels = ", ".join(dict.fromkeys(outline.label for outline in self._outlines))
        return f"{_SAID[self.zoom]} · outlined: {labels}" if labels else _SAID[self.zoom]

    def _wanted(self, position: int) -> tuple[Source, Box]:
        files = files_of(self._review, position)
        if not self.zoom:
            return files.wanted, self._box
        shown = self._view if position == self._position else None
        view = shown or View(str(files.original), None, tuple(self.outlines_of(position)))
        return view, self._box

    def _picture(self) -> Painted | None:
        return None if self._files is None else self._best(self._files, self._view, self._box)

    def _best(self, files: PictureFiles, view: View | None, box: Box) -> Painted | None:
        """Return what can be drawn: the photo itself, until then what was seen of it before."""
        before = self._view_before
        seen = [view, before] if before is not None and before.path == files.original else [view]
        own = (
            self._pictures.request(seen_view, box) for seen_view in seen if seen_view is not None
        )
        return next(
            (painted for painted in own if painted is not None), None
        ) or self._pictures.best(files, box)

    def _want(self) -> None:
        at = self._position
        if at is None or not all(self._box):
            self._pictures.want(self._wish, ())
            return
        wanted = [self._wanted(at)]
        if self.zoom:
            wanted.insert(0, (files_of(self._review, at).wanted, self._box))  # is there sooner
            around = self.around(at, self._neighbours.most(self.size.width))
            if self._neighbours.put(around, at):
                self.refresh()
            wanted += self._neighbours.wanted()
        then = self._then if self.zoom is not Zoom.FULL else ()
        self._pictures.want(self._wish, wanted, map(self._wanted, then))

    def _arrived(self, _: Sequence[Source]) -> None:
        canvas, painted = self._pictures.canvas, self._picture()
        if self.zoom:
            self._path_lines = self._lines()
            self.refresh()
        if canvas is not None and painted is not None:
            canvas.changed()
            if not painted.rows:
                return
        if self._rest is None:
            self.refresh(self.size.region)


def path_lines(path: str, width: int) -> list[str]:
    """Return a path in lines of at most so many columns, at most three."""
    if width < 1:
        return []
    rest = printable(path)
    rest = shorten(rest, PATH_LINES * width) if cell_len(rest) > PATH_LINES * width else rest
    lines: list[str] = []
    while rest and len(lines) < PATH_LINES:
        line = beginning(rest, width)
        lines.append(line)
        rest = rest[len(line) :]
    return lines

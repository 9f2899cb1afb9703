"""One photo large, under its full relative path; beside the grid, or on the whole screen."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from phototagger.printable import printable
from phototagger.tui.graphics.blocks import Box
from phototagger.tui.graphics.pictures import HasFiles, Placed, files_of
from phototagger.tui.textual_patches.repaint import for_pictures
from phototagger.tui.widgets.grid.cells import beginning, cells_of, notice, picture, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.filter import LineFilter
    from textual.timer import Timer

    from phototagger.tui.graphics.blocks import Painted
    from phototagger.tui.graphics.pictures import PictureFiles, Pictures

REST = 0.15
"""Seconds: of photos that follow each other faster only the last one's picture is painted."""

PATH_LINES = 3
"""How many lines a path takes at most; a longer one is cut in its middle."""


class Files(HasFiles, Protocol):
    """What the preview needs of the review."""

    def rel_path(self, position: int) -> str:
        """Return a photo's path below the root."""


class Preview(Widget):
    """The path of a photo, and the picture below it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Preview { width: 1fr; height: 1fr; }
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
        self._place: tuple[PictureFiles, Box, int] | None = None
        self._before: Placed | None = None
        self._shown = 0.0  # when a photo was shown last
        self._rest: Timer | None = None

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
            self.call_after_refresh(self._want)
            return
        self._position, self._files, self._then = position, files, tuple(then)
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
        width, plain = self.size.width, self.rich_style
        if self._position is None or not width:
            return Strip.blank(width, plain)
        lines = self._path_lines
        if y < len(lines):
            return Strip([Segment(lines[y], plain)]).adjust_cell_length(width, plain)
        painted, row = self._picture(), y - len(lines)
        if painted is None and self._pictures.is_missing(*self._wanted(self._position)):
            return Strip(notice("no picture", row, self._box, width, plain), width)
        return Strip(picture(painted, row, width, plain, margin=0), width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines to paint; the picture below them belongs to this very paint."""
        shown = self._position is not None and all(self._box)
        self._place = None
        if shown and self._files is not None:
            self._place = (self._files, self._box, len(self._path_lines))
        return super().render_lines(crop)

    def placed(self) -> Iterator[Placed]:
        """Yield the picture of the last paint if Textual does not draw it, and its cells.

        Until it is there, the one before it.
        """
        if self._place is None:
            self._before = None
            return
        if self._rest is not None:  # a key is held down
            if self._before is not None:
                yield self._before
            return
        files, box, y = self._place
        painted = self._pictures.best(files, box)
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
        return Box(self.size.width, max(0, self.size.height - len(self._path_lines)))

    def _lines(self) -> list[str]:
        if self._position is None:
            return []
        return path_lines(self._review.rel_path(self._position), self.size.width)

    def _wanted(self, position: int) -> tuple[str, Box]:
        return files_of(self._review, position).wanted, self._box

    def _picture(self) -> Painted | None:
        return None if self._files is None else self._pictures.best(self._files, self._box)

    def _want(self) -> None:
        shown = () if self._position is None or not all(self._box) else (self._position,)
        then = self._then if shown else ()
        self._pictures.want(self._wish, map(self._wanted, shown), map(self._wanted, then))

    def _arrived(self, _: Sequence[str]) -> None:
        canvas, painted = self._pictures.canvas, self._picture()
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

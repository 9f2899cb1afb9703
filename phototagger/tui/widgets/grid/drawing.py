"""What the grid draws on each of its lines, read from the review for the visible photos only."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from textual.strip import Strip

from phototagger.core.checklist import Cell
from phototagger.settings.model import Settings
from phototagger.tui.graphics.blocks import Box
from phototagger.tui.graphics.pictures import HasFiles, PictureFiles, Pictures, Placed, files_of
from phototagger.tui.widgets.grid import cells as grid_cells
from phototagger.tui.widgets.grid.cells import LABEL_LINES, MARGIN, Layout, Styles
from phototagger.tui.widgets.grid.cursor import Cursor


class GridPhotos(HasFiles, Protocol):
    """What the grid needs of the review. A position is an index into its listing."""

    @property
    def settings(self) -> Settings:
        """The settings; ``columns`` is used."""

    @property
    def view(self) -> NDArray[np.int32]:
        """The positions in the order shown."""

    def name(self, position: int) -> str:
        """Return a photo's file name."""

    def standing_for(self, position: int) -> int:
        """Return the photo of the cell in which one stands; itself where it is not shown."""

    def cells(self, positions: Sequence[int]) -> Sequence[Cell]:
        """Return what to say of photos, reading these only."""


class Drawing:
    """Draws the lines of the grid; keeps the cells of the rows that were asked for last."""

    def __init__(
        self,
        photos: GridPhotos,
        pictures: Pictures,
        is_marked: Callable[[int], bool],
    ) -> None:
        self._photos = photos
        self._pictures = pictures
        self._is_marked = is_marked
        self._cells: dict[int, Cell] = {}
        self._places: list[tuple[tuple[int, int], PictureFiles]] = []
        self._noted = 0
        self.layout = Layout()

    def read(self, visible: range) -> None:
        """Read the cells of the visible indices that are not read yet; forget the others."""
        positions = self._photos.view[visible.start : visible.stop].tolist()
        cells = {
            position: self._cells[position] for position in positions if position in self._cells
        }
        new = [position for position in positions if position not in cells]
        if new:
            cells.update(zip(new, self._photos.cells(new), strict=True))
        self._cells = cells

    def read_again(self, visible: range) -> list[int]:
        """Read the cells of the visible indices anew; return those whose cells changed."""
        before, self._cells = self._cells, {}
        self.read(visible)
        positions = self._photos.view[visible.start : visible.stop].tolist()
        return [
            index
            for index, position in enumerate(positions, visible.start)
            if position in before and before[position] != self._cells[position]
        ]

    def forget(self, positions: Iterable[int] | None = None) -> None:
        """Forget the cells of photos, or of all."""
        if positions is None:
            self._cells = {}
        for position in positions or ():
            self._cells.pop(position, None)

    def files(self, indices: range) -> list[tuple[str, Box]]:
        """Return the thumbnails of a part of the view, each with the box it is drawn in."""
        box = self.layout.box
        return [
            (files_of(self._photos, position).wanted, box) for position in self.positions(indices)
        ]

    def positions(self, indices: range) -> list[int]:
        """Return the photos of a part of the view."""
        shown = self._photos.view[max(0, indices.start) : max(0, indices.stop)]
        return list(map(int, shown))

    def seen(self, top: int) -> range:
        """Return the indices on the screen when ``top`` is its first row of cells."""
        first = top * self.layout.columns
        return range(first, min(first + self.layout.page, len(self._photos.view)))

    def note_places(self, top: int) -> None:
        """Note where the pictures are in the paint that begins."""
        seen, layout = self.seen(top) if self.layout.box.rows else range(0), self.layout
        corners = [layout.corner(index, top) for index in seen]
        files = [files_of(self._photos, position) for position in self.positions(seen)]
        self._noted, self._places = top, list(zip(corners, files, strict=True))

    def note_again(self) -> None:
        """Note what the pictures of that paint are to be drawn from by now."""
        self.note_places(self._noted)

    def placed(self) -> Iterator[Placed]:
        """Yield the pictures of that paint that are there and not drawn as text alone."""
        for (x, y), files in self._places:
            painted = self._pictures.best(files, self.layout.box)
            if painted is not None and painted.lines:
                yield Placed(grid_cells.cells_of(painted, x + MARGIN, y), painted)

    def is_blank(self, file: tuple[str, Box]) -> bool:
        """Tell whether a picture is there and drawn past Textual, in cells left blank."""
        painted = self._pictures.request(*file)
        return painted is not None and painted.lines > 0 and not painted.rows

    def line(self, y: int, top: int, cursor: Cursor, styles: Styles) -> Strip:
        """Return a line of the screen: of pictures, captions or labels."""
        layout = self.layout
        row, line = divmod(y, layout.height)
        if row >= layout.full:
            return Strip([], 0)
        first = (top + row) * layout.columns
        positions = self._photos.view[first : first + layout.columns].tolist()
        self.read(self.seen(top))
        cells: list[Segment] = []
        for index, position in enumerate(positions, first):
            cell = self._cells[position]
            lifted = self.lifted(index, top) if index == cursor.index else 0
            text = line - layout.box.rows + lifted
            if text == 0:
                cells += self._caption(index, position, cursor, styles)
                continue
            cells.append(grid_cells.bar(cell.look, styles))
            if text < 0:
                cells += self._picture(position, line, styles)
            else:
                width, most = layout.width - MARGIN, LABEL_LINES + lifted
                cells += grid_cells.label_line(cell, text - 1, width, styles, most)
        return Strip(cells, layout.width * len(positions)).simplify()

    def lifted(self, index: int, top: int) -> int:
        """Return how many lines the caption of a visible photo stands higher under the cursor.

        That makes room for all its labels, as far as its picture leaves it free.
        """
        self.read(self.seen(top))
        free = self.free_below(index)
        if not free:
            return 0
        cell = self._cells[int(self._photos.view[index])]
        lines = grid_cells.cell_lines(cell, self.layout.width - MARGIN, LABEL_LINES + free)
        return max(0, len(lines) - LABEL_LINES)

    def free_below(self, index: int) -> int:
        """Return how many rows of its box a picture leaves free below it."""
        files, box = files_of(self._photos, int(self._photos.view[index])), self.layout.box
        painted = self._pictures.best(files, box)
        if painted is not None:
            return box.rows - painted.bottom
        missing = self._pictures.is_missing(files.wanted, box)
        return box.rows - grid_cells.notice_row(box) - 1 if missing else 0

    def _picture(self, position: int, line: int, styles: Styles) -> list[Segment]:
        files, box = files_of(self._photos, position), self.layout.box
        width = self.layout.width - MARGIN
        painted = self._pictures.best(files, box)
        if painted is None and self._pictures.is_missing(files.wanted, box):
            return grid_cells.notice("no picture", line, box, width, styles.chip)
        return grid_cells.picture(painted, line, width, styles.plain, margin=0)

    def _caption(self, index: int, position: int, cursor: Cursor, styles: Styles) -> list[Segment]:
        width, look = self.layout.width, self._cells[position].look
        under_cursor, ranged = cursor.looks(index)
        selected = ranged or self._is_marked(position)
        name = self._photos.name(position)
        text = grid_cells.caption(look, name, width - 1, cursor=under_cursor, selected=selected)
        style = styles.of_caption(look, cursor=under_cursor, selected=selected)
        # The last column stays plain, so that neighbours that are selected can be told apart.
        return [Segment(text, style), Segment(" ", styles.plain)]

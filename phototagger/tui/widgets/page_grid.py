"""A page of photos on the screen: of each its picture, a key, YES or no in words, its number.

A picture counts as drawn from when its last line was on the screen; where it is drawn past Textual,
from when it was sent.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Protocol

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from phototagger.review.by_label.label_pages import Page
from phototagger.review.letters import LETTERS
from phototagger.tui.graphics.blocks import Box
from phototagger.tui.graphics.pictures import HasFiles, Pictures, Placed, Source, files_of
from phototagger.tui.textual_patches.repaint import PictureView
from phototagger.tui.widgets.grid.cells import MARGIN, cells_of, empty_line, notice, picture
from phototagger.tui.widgets.grid.page_layout import CAPTION, PageLayout, lay_out_page
from phototagger.tui.widgets.text import shorten

YES, NO = "■ YES", "□ no "


class PagePhotos(HasFiles, Protocol):
    """What a page needs of the review, by positions in its listing."""

    def name(self, position: int) -> str:
        """Return a photo's file name."""


class PageGrid(PictureView, can_focus=True, inherit_bindings=False):
    """Shows a ``Page``; keys are the screen's. ``cursor`` is a place on it."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"page--cursor", "page--yes", "page--no"}
    DEFAULT_CSS = """
    PageGrid { overflow: hidden; height: 1fr; width: 100%; }
    PageGrid > .page--cursor {
        color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold;
    }
    PageGrid > .page--yes { color: $text-success; text-style: bold; }
    PageGrid > .page--no { color: $text-muted; }
    """

    class CellClicked(Message):
        """The cell at a place was clicked."""

        def __init__(self, place: int) -> None:
            self.place = place
            super().__init__()

    class FitChanged(Message):
        """Another number of cells fits now."""

    def __init__(self, photos: PagePhotos, pictures: Pictures, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._photos = photos
        self._pictures = pictures
        self._wish = pictures.user(self._arrived)
        self._page: Page | None = None
        self._most = len(LETTERS)
        self.page_layout = PageLayout(1, 1, 4, CAPTION)
        self._first_drawn: dict[int, float] = {}
        self._places: list[tuple[int, tuple[str, Box]]] = []
        self._plain = Style.null()
        self.empty_text = ""
        self.cursor = 0

    @property
    def has_pictures(self) -> bool:
        """Whether pictures are drawn at all."""
        return self._pictures.painter is not None

    def put(self, page: Page | None, empty_text: str = "") -> None:
        """Show a page, or words in its place; the same photos stay as they are drawn."""
        before, self._page, self.empty_text = self._page, page, empty_text
        same = page is not None and before is not None and page.positions == before.positions
        if same and page is not None and before is not None:
            for place in page.yes ^ before.yes:
                self._repaint_caption(place)
            return
        self._first_drawn, self.cursor = {}, 0
        self._lay_out()
        self.refresh()
        self.call_after_refresh(self._want)

    def drawn(self, before: float) -> set[int]:
        """Return the places whose pictures were drawn before a moment of the monotonic clock."""
        self._note_sent()
        return {place for place, when in self._first_drawn.items() if when < before}

    @property
    def drawn_since(self) -> float:
        """When the last of the pictures that are drawn was drawn, on the monotonic clock."""
        return max(self._first_drawn.values(), default=0.0)

    @property
    def count(self) -> int:
        """How many photos of the page are shown: of one accepted on a larger screen not all."""
        return min(len(self._page.positions) if self._page else 0, self.page_layout.cells)

    def missing(self) -> set[int]:
        """Return the places whose thumbnails are not there, or damaged."""
        return {place for place, file in self._files() if self._pictures.is_missing(*file)}

    def move(self, columns: int, rows: int) -> None:
        """Move the cursor."""
        place = self.cursor + columns + rows * self.page_layout.columns
        if 0 <= place < self.count:
            before, self.cursor = self.cursor, place
            self._repaint_caption(before)
            self._repaint_caption(place)

    @property
    def position(self) -> int | None:
        """The position of the photo at the cursor."""
        if self._page is None or self.cursor >= len(self._page.positions):
            return None
        return self._page.positions[self.cursor]

    # How it is drawn.

    def render_line(self, y: int) -> Strip:
        """Return a line of the screen."""
        size, plain = self.size, self._plain
        if self._page is None or not self._page.positions:
            return empty_line(self.empty_text, y, size, plain)
        row, line = divmod(y, self.page_layout.height)
        first = row * self.page_layout.columns
        places = range(first, min(first + self.page_layout.columns, len(self._page.positions)))
        cells: list[Segment] = []
        for place in places:
            is_caption = line == self.page_layout.box.rows
            cells += self._caption(place) if is_caption else self._picture(place, line)
        return Strip(cells).adjust_cell_length(size.width, plain)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines to paint; the pictures beside them belong to this very paint.

        The style is asked for once, it costs as much as a line.
        """
        self._plain = self.rich_style
        if self._pictures.canvas is not None and crop.height > 1:
            self._places = list(self._files())
        return super().render_lines(crop)

    def _caption(self, place: int) -> list[Segment]:
        page, width = self._page, self.page_layout.width
        assert page is not None
        is_yes, under_cursor = place in page.yes, place == self.cursor
        style = self.get_component_rich_style("page--yes" if is_yes else "page--no")
        if under_cursor:
            style = self.get_component_rich_style("page--cursor")
            style += Style(reverse=True) if self.app.no_color else Style.null()
        number = min(99, int(100 * page.scores[place]))
        start = (
            f"{'▶' if under_cursor else ' '}{LETTERS[place]} {YES if is_yes else NO} {number:02} "
        )
        room = max(1, width - len(start) - 1)
        stem = self._photos.name(page.positions[place]).rpartition(".")[0]
        # of names that count photos the end tells most
        name = shorten(stem or self._photos.name(page.positions[place]), room, room - 1)
        return [
            Segment(set_cell_size(start + name, width - 1), style),
            Segment(" ", self._plain),
        ]

    def _picture(self, place: int, line: int) -> list[Segment]:
        assert self._page is not None
        box, width, plain = self.page_layout.box, self.page_layout.width, self._plain
        file = files_of(self._photos, self._page.positions[place]).wanted, box
        painted = self._pictures.request(*file)
        if painted is None and self._pictures.is_missing(*file):
            return notice("no picture", line, box, width, plain)
        if painted is not None and not painted.lines and line == box.rows - 1:
            self._first_drawn.setdefault(place, time.monotonic())
        return picture(painted, line, width, plain)

    def _placed(self) -> Iterator[Placed]:
        """Yield the pictures of the last paint that are there and not drawn as text."""
        for place, file in self._places:
            painted = self._pictures.request(*file)
            if painted is not None and painted.lines:
                x, y = self.page_layout.corner(place)
                yield Placed(cells_of(painted, x + MARGIN, y), painted)

    def _note_sent(self) -> None:
        """Note which of the pictures that Textual does not draw were sent."""
        canvas = self._pictures.canvas
        if canvas is None or self._page is None:
            return
        for place, file in self._files():
            painted = self._pictures.request(*file)
            if painted is not None and painted.lines:
                x, y = self.page_layout.corner(place)
                when = canvas.drawn_at(self, cells_of(painted, x + MARGIN, y))
                if when is not None:
                    self._first_drawn.setdefault(place, when)

    # What the screen and the mouse say.

    def on_mount(self) -> None:
        """Have the pictures drawn."""
        if self._pictures.canvas is not None:
            self._pictures.canvas.add(self, self._placed)

    def on_unmount(self) -> None:
        """Want nothing any more."""
        self._pictures.leave(self._wish)

    def on_resize(self) -> None:
        """Lay the cells out anew; another number of them may fit."""
        before = self.page_layout
        self._lay_out()
        if self.page_layout != before:
            self._first_drawn = {}
            self.refresh()
            self.call_after_refresh(self._want)
            self.post_message(self.FitChanged())

    def on_click(self, event: events.Click) -> None:
        """Tell of the cell that was clicked."""
        offset = event.get_content_offset(self)
        place = self.page_layout.place_at(*offset) if offset is not None else None
        if place is not None and self._page is not None and place < len(self._page.positions):
            self.move(place - self.cursor, 0)
            self.post_message(self.CellClicked(place))

    def _lay_out(self) -> None:
        painter = self._pictures.painter
        narrowest = None if painter is None else painter.narrowest
        most = self._most if painter is None else min(self._most, painter.most or self._most)
        self.page_layout = lay_out_page(*self.size, most, narrowest)

    def _files(self) -> Iterable[tuple[int, tuple[str, Box]]]:
        if self._page is None or not self.has_pictures:
            return ()
        box, photos = self.page_layout.box, self._photos
        return [
            (place, (files_of(photos, at).wanted, box))
            for place, at in enumerate(self._page.positions[: self.count])
        ]

    def _want(self) -> None:
        self._pictures.want(self._wish, [file for _, file in self._files()])

    def _arrived(self, paths: Sequence[Source]) -> None:
        if self._pictures.canvas is not None:
            self._pictures.canvas.changed()
        came = set(paths)
        for place, file in self._files():
            painted = self._pictures.request(*file)
            if file[0] in came and (painted is None or not painted.lines):
                x, y = self.page_layout.corner(place)
                self.refresh(Region(x, y, self.page_layout.width, self.page_layout.box.rows))

    def _repaint_caption(self, place: int) -> None:
        x, y = self.page_layout.corner(place)
        self.refresh(Region(x, y + self.page_layout.box.rows, self.page_layout.width, CAPTION))

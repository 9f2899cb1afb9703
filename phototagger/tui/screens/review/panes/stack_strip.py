"""The members of a stack in a row, the one that is least like the others first."""

from collections.abc import Iterator, Sequence

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from phototagger.core.checklist import Look
from phototagger.review import Review
from phototagger.review.stacks.cells import TIMES
from phototagger.tui.graphics.blocks import Box
from phototagger.tui.graphics.pictures import Pictures, Placed, files_of
from phototagger.tui.textual_patches.repaint import for_pictures
from phototagger.tui.widgets.grid.cells import SIGNS, cells_of, notice, picture

_NARROWEST, _WIDEST, _HIGH = 6, 12, 4  # cells of a picture


class StackStrip(Widget):
    """Small pictures of a stack's members, each with its state; hidden where there is no stack."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    StackStrip { width: 100%; height: 6; display: none; }
    """

    def __init__(self, review: Review, pictures: Pictures, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._review = review
        self._pictures = pictures
        self._wish = pictures.user(lambda _: self._arrived())
        self._members: list[int] = []
        self._held_back: set[int] = set()
        self._places: list[tuple[int, int]] = []
        self._plain = Style.null()

    def show(self, position: int | None) -> None:
        """Show the stack that a photo stands for; nothing where it stands for itself alone."""
        stacked = self._review.photos.stacked
        members = [] if position is None else stacked.members(position)
        if len(members) < 2:  # noqa: PLR2004
            members, self._held_back = [], set()
        else:
            self._held_back = self._review.stacks.held.of(members)
            farthest = stacked.farthest(members)
            members = [farthest, *(member for member in members if member != farthest)]
        self._members = members
        self.display = bool(members)
        self.refresh()
        self.call_after_refresh(self._want)

    def on_mount(self) -> None:
        """Have the pictures drawn."""
        if self._pictures.canvas is not None:
            self._pictures.canvas.add(self, self._placed)

    def on_resize(self) -> None:
        """Ask for as many pictures as fit."""
        self._want()

    def on_unmount(self) -> None:
        """Want nothing any more."""
        self._pictures.leave(self._wish)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters that apply."""
        return for_pictures(super().get_line_filters())

    @property
    def _box(self) -> Box:
        return Box(self._wide, _HIGH)

    @property
    def _wide(self) -> int:
        room = self.size.width // max(1, len(self._members)) - 1
        return min(_WIDEST, max(_NARROWEST, room))

    @property
    def _shown(self) -> list[int]:
        return self._members[: max(1, self.size.width // (self._wide + 1))]

    def render_line(self, y: int) -> Strip:
        """Return a line of the screen: words, pictures, states."""
        width, plain = self.size.width, self._plain
        shown = self._shown
        if y == 0:
            left = len(self._members) - len(shown)
            more = f" (+{left})" if left else ""
            words = f"{TIMES}{len(self._members)}{more}, least alike first"
            return Strip([Segment(set_cell_size(words, width), plain)], width)
        cells: list[Segment] = []
        for position in shown:
            cells += self._cell(position, y - 1)
            cells.append(Segment(" ", plain))
        return Strip(cells).adjust_cell_length(width, plain)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines to paint; the pictures in them belong to this very paint.

        The style is asked for once, it costs as much as a line.
        """
        self._plain = self.rich_style
        self._places = [(at * (self._wide + 1), member) for at, member in enumerate(self._shown)]
        return super().render_lines(crop)

    def _cell(self, position: int, line: int) -> list[Segment]:
        plain, wide = self._plain, self._wide
        if line >= _HIGH:
            name = self._review.photos.name(position)
            stem = name.rpartition(".")[0] or name  # of names that count photos the end tells most
            caption = f"{self._sign(position)} {stem[2 - wide :]}"
            return [Segment(set_cell_size(caption, wide), plain)]
        files = files_of(self._review.photos, position)
        painted = self._pictures.best(files, self._box)
        if painted is None and self._pictures.is_missing(files.wanted, self._box):
            return notice("-", line, self._box, wide, plain)
        return picture(painted, line, wide, plain, margin=0)

    def _sign(self, position: int) -> str:
        if position in self._held_back:
            return SIGNS[Look.HELD]
        return SIGNS[Look(self._review.photos.listing.mark(position))]

    def _placed(self) -> Iterator[Placed]:
        """Yield the pictures of the last paint that Textual does not draw."""
        if not self._members:
            return
        for x, position in self._places:
            painted = self._pictures.best(files_of(self._review.photos, position), self._box)
            if painted is not None and painted.lines:
                yield Placed(cells_of(painted, x, 1), painted)

    def _want(self) -> None:
        shown = self._shown if self._members and self._pictures.painter is not None else []
        files = [files_of(self._review.photos, member).wanted for member in shown]
        self._pictures.want(self._wish, [(file, self._box) for file in files], [])

    def _arrived(self) -> None:
        if self._pictures.canvas is not None:
            self._pictures.canvas.changed()
        self.refresh()

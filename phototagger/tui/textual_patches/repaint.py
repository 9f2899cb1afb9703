"""Fewer bytes and less work at each repaint: only the changed part of a line is sent.

Textual repaints a line from its widget's left edge to the end of what changed: a picture that
arrives in the last column would send its whole row of neighbours again. What a ``Partial`` is
cropped to begins with a move past its unchanged columns instead.

Textual's compositor asks for such a crop exactly where it paints a part of a line. That is not
promised by its interface, and tested in tests/tui/textual_patches/test_repaint.py; with a Textual
that ``guards`` does not know, lines are left as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import ControlType, Segment
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from phototagger.tui.textual_patches import guards
from phototagger.tui.textual_patches.past import layout_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Self

    from rich.console import RenderableType
    from textual.filter import LineFilter
    from textual.widget import Widget


class Partial(Strip):
    """A line whose first ``unchanged`` columns are on the screen already."""

    def __init__(self, segments: Iterable[Segment], length: int, unchanged: int) -> None:
        super().__init__(segments, length)
        self.unchanged = unchanged

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Divide the line; the piece that the change begins in knows of it."""
        parts = list(super().divide(cuts))
        if parts and parts[0] is not self and parts[0].cell_length > self.unchanged:
            parts[0] = Partial(parts[0], parts[0].cell_length, self.unchanged)
        return parts

    def crop(self, start: int, end: int | None = None) -> Strip:
        """Return a part of the line; one from its beginning is for a partial repaint."""
        stop = self.cell_length if end is None else end
        if start or not 0 < self.unchanged < stop:
            return super().crop(start, end)
        move = Segment(f"\x1b[{self.unchanged}C", None, [(ControlType.CURSOR_FORWARD, 1)])
        return Strip([move, *super().crop(self.unchanged, stop)], stop)


class Changes:
    """What changed on each line of a widget since it was painted last."""

    def __init__(self) -> None:
        self._from: dict[int, int] = {}
        self._all = True
        self._layout: object = None

    def note(self, regions: Sequence[Region]) -> None:
        """Note that regions of the content changed; no regions: everything."""
        self._all = self._all or not regions
        for region in regions:
            for y in region.line_range:
                self._from[y] = min(region.x, self._from.get(y, region.x))

    def painted(self, widget: Widget, crop: Region, strips: list[Strip]) -> list[Strip]:
        """Return the lines about to be painted, those that changed in part as ``Partial``.

        Where widgets were shown, hidden or moved since, others may have stood on these lines: they
        are painted as they are.
        """
        layout = layout_of(widget.screen)
        same = guards.LINES and layout is self._layout and not self._all and crop.x == 0
        changed, self._from, self._all, self._layout = self._from, {}, False, layout
        if not same:
            return strips
        left, top = widget.content_offset
        strips = list(strips)
        for y, x in changed.items():
            at = y + top - crop.y
            if 0 <= at < len(strips) and x + left > 0:
                strips[at] = Partial(strips[at], strips[at].cell_length, x + left)
        return strips


def written(update: RenderableType, screen: Region) -> Iterator[Region]:
    """Yield the cells that a paint writes; the whole screen where that cannot be told."""
    if not guards.LINES:
        yield screen
        return
    from textual._compositor import ChopsUpdate

    if not isinstance(update, ChopsUpdate):
        yield screen
        return
    for y, x1, x2 in update.spans:
        for (x, strip), end in zip(update.chops[y].items(), update.chop_ends[y], strict=False):
            if strip is None or x >= x2 or end <= x1:
                continue
            whole = x1 <= x < x2 and end <= x2
            until = end if whole else min(end, x2)
            partial = not whole and isinstance(strip, Partial) and strip.unchanged < until - x
            start = x + strip.unchanged if partial and isinstance(strip, Partial) else x
            yield Region(start, y, until - start, 1)


def for_pictures(filters: Sequence[LineFilter]) -> list[LineFilter]:
    """Return the line filters without the one that looks at each segment for the 16 colours.

    Pictures of block characters have none of them, and thousands of segments.
    """
    return [one for one in filters if not isinstance(one, ANSIToTruecolor)]


class PartialView(ScrollView):
    """A scrolled view that sends only the changed part of its lines."""

    _changes: Changes | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines to paint."""
        lines = super().render_lines(crop)
        return lines if self._changes is None else self._changes.painted(self, crop, lines)

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Paint regions again, or everything."""
        if repaint:
            if self._changes is None:
                self._changes = Changes()
            self._changes.note(regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


class PictureView(PartialView):
    """One of pictures."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters that apply."""
        return for_pictures(super().get_line_filters())

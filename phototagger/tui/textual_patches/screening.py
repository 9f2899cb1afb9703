"""The last look at each line before Textual paints it: no text can act on the terminal.

Widgets make printable what they show; what one of them forgot is taken out here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App
from textual.filter import LineFilter

from phototagger.printable import without_unfit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.color import Color

ReturnType = TypeVar("ReturnType")


class _Screening(LineFilter):
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        # Half-cells are a segment each, and a screen has thousands of them.
        if "".join([one[0] for one in segments]).isprintable():
            return segments
        return [one if one.control else _screened(one) for one in segments]


def _screened(segment: Segment) -> Segment:
    """Return a segment of as many cells, without what is unfit for a screen."""
    text = without_unfit(segment.text)
    lost = cell_len(segment.text) - cell_len(text)
    return Segment(text + " " * lost, segment.style)


_SCREENING = _Screening()


class ScreeningApp(App[ReturnType]):
    """An app that paints no control characters but its own."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters of every line."""
        return [*super().get_line_filters(), _SCREENING]

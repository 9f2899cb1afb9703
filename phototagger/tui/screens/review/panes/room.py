"""Which parts of the review there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.screen import Screen

_WIDE = 110  # columns from which on the folders are shown
_TALL = 30  # rows from which on the labels have more than their nine
_LOW = 16  # rows below which they have fewer
_INFO = 10  # rows of the information, which stands below them


def make_room(screen: Screen[None], size: Size) -> None:
    """Lay out the parts of the review so that all that is shown is on the screen."""
    screen.set_class(size.width < _WIDE, "narrow")
    screen.set_class(size.height >= _TALL, "tall")
    screen.set_class(size.height < _LOW + _INFO * screen.has_class("info"), "low")

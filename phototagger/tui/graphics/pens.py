"""How pictures get onto the terminal and off it: as text for its driver, one pen a protocol."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from phototagger.tui.graphics.blocks import Painted
from phototagger.tui.graphics.kitty import KittyImages

if TYPE_CHECKING:
    from textual.geometry import Region


class Pen(Protocol):
    """One protocol's way to put pictures on the terminal.

    ``lost_to_text``: text that is written over a picture takes it away, and nothing else does.
    """

    lost_to_text: bool

    def cost(self, painted: Painted) -> int:
        """Return how many bytes drawing a picture takes now, about."""

    def draw(self, painted: Painted, region: Region) -> str:
        """Return what draws a picture in a region of the screen, in cells."""

    def erase(self, painted: Painted, region: Region) -> str:
        """Return what takes away a picture that was drawn there."""

    def tidy(self, shown: Iterable[Painted]) -> str:
        """Return what frees the terminal of what it need not keep."""

    def clear(self) -> str:
        """Return what takes away and frees everything."""


class KittyPen:
    """Places pictures; text passes below them."""

    lost_to_text = False

    def __init__(self, start: int, cell: tuple[int, int]) -> None:
        self._images = KittyImages(start, cell)

    def cost(self, painted: Painted) -> int:
        """Return how many bytes drawing a picture takes now, about."""
        return 0 if self._images.is_sent(painted) else len(painted.data)

    def draw(self, painted: Painted, region: Region) -> str:
        """Return what draws a picture in a region of the screen, in cells."""
        sent = "".join(self._images.send(painted))
        return f"{sent}{_at(region)}{self._images.place(painted, _place(region))}"

    def erase(self, painted: Painted, region: Region) -> str:
        """Return what takes away a picture that was drawn there."""
        return self._images.remove(painted, _place(region))

    def tidy(self, shown: Iterable[Painted]) -> str:
        """Return what frees the terminal of what it need not keep."""
        return "".join(self._images.evict(painted.data for painted in shown))

    def clear(self) -> str:
        """Return what takes away and frees everything."""
        return "".join(self._images.clear())


class PlaceholderPen:
    """Sends pictures through tmux; Textual draws the characters in whose places they are shown."""

    lost_to_text = False

    def __init__(self, cell: tuple[int, int]) -> None:
        self._images = KittyImages(0, cell)

    def cost(self, painted: Painted) -> int:
        """Return how many bytes drawing a picture takes now, about."""
        return 0 if self._images.is_sent(painted) else len(painted.data)

    def draw(self, painted: Painted, region: Region) -> str:
        """Return what sends a picture, unless the terminal has it."""
        return "".join(map(passed_on, self._images.send(painted)))

    def erase(self, painted: Painted, region: Region) -> str:
        """Return nothing: the picture goes with its characters."""
        return ""

    def tidy(self, shown: Iterable[Painted]) -> str:
        """Return what frees the terminal of what it need not keep."""
        return "".join(map(passed_on, self._images.evict(painted.data for painted in shown)))

    def clear(self) -> str:
        """Return what frees everything."""
        return "".join(map(passed_on, self._images.clear()))


class SixelPen:
    """Draws pixels into the cells; they stay until the cells are written."""

    lost_to_text = True

    def cost(self, painted: Painted) -> int:
        """Return how many bytes drawing a picture takes."""
        return len(painted.data)

    def draw(self, painted: Painted, region: Region) -> str:
        """Return what draws a picture in a region of the screen, in cells."""
        return _at(region) + painted.data.decode("ascii")

    def erase(self, painted: Painted, region: Region) -> str:
        """Return nothing: text takes the picture away."""
        return ""

    def tidy(self, shown: Iterable[Painted]) -> str:
        """Return nothing: the terminal keeps none."""
        return ""

    def clear(self) -> str:
        """Return nothing: text takes the pictures away."""
        return ""


def passed_on(sequence: str) -> str:
    """Return a control sequence wrapped so that tmux hands it to the terminal around it."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"


def _at(region: Region) -> str:
    return f"\x1b[{region.y + 1};{region.x + 1}H"


def _place(region: Region) -> int:
    """Return the number of a placement: a place on the screen has one at most."""
    return (region.y << 12 | region.x) + 1

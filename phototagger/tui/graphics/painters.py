"""Which painter draws the pictures, and which pen puts what it painted on the terminal."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from phototagger.tui.graphics.blocks import GRIDS, Blocks
from phototagger.tui.graphics.kitty import Kitty
from phototagger.tui.graphics.pens import KittyPen, Pen, PlaceholderPen, SixelPen
from phototagger.tui.graphics.placeholders import NUMBERS, Placeholders
from phototagger.tui.graphics.sixel import COLOURS, FEWER, Sixels
from phototagger.tui.graphics.terminal import Images, Terminal, best_blocks
from phototagger.tui.textual_patches import guards

if TYPE_CHECKING:
    from phototagger.tui.graphics.pictures import Painter

SMALLEST = (8, 16)
"""The size of a cell where sixels are asked for and nothing is known: rather too small."""

_NUMBERS = 2**20  # where the numbers of our pictures begin: below this many times 2**10


def make_painter(how: Images, terminal: Terminal, colours: str | None) -> Painter | None:
    """Return what draws pictures so; None where names are all that is shown.

    ``colours`` is Rich's name of what the terminal has: ``truecolor``, ``256``.
    """
    if how == "sixel" and not guards.PAINTS:
        # Nothing would say which pictures text has taken away.
        how = best_blocks(terminal)
    if how == "kitty" and terminal.inside:
        return Placeholders(terminal.cell, secrets.randbelow(NUMBERS))
    if how == "kitty":
        return Kitty(terminal.cell)
    if how == "sixel":
        few_or_many = FEWER if terminal.is_slow else COLOURS
        return Sixels(terminal.cell or SMALLEST, few_or_many, inside=terminal.inside)
    if how in GRIDS:
        return Blocks(how, "truecolor" if colours == "truecolor" else "256")
    return None


def fitted_to(painter: Painter | None, cell: tuple[int, int]) -> Painter | None:
    """Return the painter for another size of the cells, or None where that does not matter."""
    return painter.fitted_to(cell) if isinstance(painter, Kitty | Placeholders | Sixels) else None


def make_pen(painter: Painter | None) -> Pen | None:
    """Return what puts a painter's pictures on the terminal; None where Textual draws them."""
    if isinstance(painter, Kitty):
        # Another program's pictures may be numbered from 1.
        return KittyPen(secrets.randbelow(_NUMBERS) << 10, painter.cell)
    if isinstance(painter, Placeholders):
        return PlaceholderPen(painter.cell)
    return SixelPen() if isinstance(painter, Sixels) else None

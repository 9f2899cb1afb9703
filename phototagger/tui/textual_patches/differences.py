"""Of each paint only the cells that differ from what the terminal shows are sent.

Textual paints whole lines of a widget where a part of it changed, and the whole screen when a
dialog opens or closes: 15 kB of text, and all the pictures that it takes away. What the terminal
shows is kept here, cell by cell; stretches that differ are sent, each with the shortest change of
style (ECMA-48, 8.3.117).

That these are Textual's two kinds of paint is not promised by its interface; with a Textual that
``guards`` does not know, it paints as it does. Tested in
tests/tui/textual_patches/test_differences.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from rich.cells import get_character_cell_size, split_graphemes
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from phototagger.tui.textual_patches import guards

Cell = tuple[str, str]
Piece = tuple[int, int, Strip]

_BRIDGED = 6  # equal cells that are sent along: to pass them over takes as many bytes
_ERASED = 12  # blanks in a row from which on they are erased in place of being written
_ERASES = ("xterm", "foot", "alacritty", "wezterm", "rxvt")
_COLOURS = frozenset(map(str, (*range(30, 38), 39, *range(90, 98))))
_BEHIND = frozenset(map(str, (*range(40, 48), 49, *range(100, 108))))
_UNKNOWN = ("", "?")  # what no cell of a paint is
_FLAG_PART = range(0x1F1E6, 0x1F200)
_MODIFIERS = "\U0001f3fb-\U0001f3ff"
_UNSURE = re.compile(f"[\u200d\ufe0f\u20e3{chr(_FLAG_PART[0])}-{chr(_FLAG_PART[-1])}{_MODIFIERS}]")
"""Parts of signs such as joined emoji and flags, to which terminals give different widths."""


class Stretch(NamedTuple):
    """Cells that are sent, beside one another: where they begin, and what they are."""

    x: int
    y: int
    cells: list[Cell]

    @property
    def region(self) -> Region:
        """Where they are on the screen."""
        return Region(self.x, self.y, len(self.cells), 1)


def erases_in_colour(environ: Mapping[str, str]) -> bool:
    """Tell whether a terminal gives cells that it erases the background that is set.

    GNU screen and what is built like it does not, unless it is told to. tmux does, but takes away
    every picture that touches a line in which something is erased.
    """
    return not environ.get("TMUX") and environ.get("TERM", "").startswith(_ERASES)


class ShownCells:
    """What the terminal shows: for each cell its character, and the codes of its style.

    The second cell of a wide character is empty. A sign that a terminal may draw wider or narrower
    than Rich says has as many cells as Rich says; what comes after it is put into its place.
    """

    def __init__(self, *, erases: bool = False) -> None:
        """Begin with a terminal of which nothing is known.

        ``erases``: it erases cells in the colour that is set (as ``bce`` in terminfo says).
        """
        self._lines: dict[int, list[Cell]] = {}
        self._erases = erases

    def forget(self, region: Region | None = None) -> None:
        """Know nothing any more of some cells, or of all: they are sent at their next paint."""
        if region is None:
            self._lines.clear()
            return
        for y in region.line_range:
            if line := self._lines.get(y):
                stop = min(region.right, len(line))
                line[region.x : stop] = [_UNKNOWN] * (stop - region.x)

    def differences(self, update: Any, console: Console, size: Size) -> Differences | None:
        """Return what of a paint has to be sent; None where it is not known how that is made."""
        pieces = _pieces(update)
        if pieces is None:
            self.forget()
            return None
        colours = COLOR_SYSTEMS.get(console.color_system or "")
        stretches: list[Stretch] = []
        for y, x, strip in pieces:
            if y < size.height:
                cells = _cells(strip, colours)[: max(0, size.width - x)]
                stretches += self._take(x, y, cells)
        return Differences(stretches, erases=self._erases)

    def _take(self, x: int, y: int, cells: list[Cell]) -> Iterator[Stretch]:
        line = self._lines.setdefault(y, [])
        end = x + len(cells)
        if len(line) < end:
            line += [_UNKNOWN] * (end - len(line))
        before = line[x:end]
        if before == cells:
            return
        line[x:end] = cells
        changed = [at for at, cell in enumerate(cells) if cell != before[at]]
        first = last = changed[0]
        for at in changed[1:]:
            if at - last > _BRIDGED:
                yield _stretch(y, line, x + first, x + last)
                first = at
            last = at
        yield _stretch(y, line, x + first, x + last)


def _stretch(y: int, line: list[Cell], first: int, last: int) -> Stretch:
    while first and not line[first][0]:  # half of a wide character cannot be sent
        first -= 1
    end = at = first
    while at < len(line) and (at <= last or at < end or not line[at][0]):
        if line[at] == _UNKNOWN:
            break
        end = max(end, at + _widest(line[at][0]))  # what is drawn too wide is written over
        at += 1
    return Stretch(first, y, line[first:at])


@lru_cache(8192)
def _widest(sign: str) -> int:
    """Return how many cells a terminal may draw a sign on, at most; 0 where that is known."""
    return 2 * len(sign) if _UNSURE.search(sign) else 0


if guards.LINES:
    from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
else:

    class CompositorUpdate:  # type: ignore[no-redef]
        """What stands for Textual's own where that is not known."""


class Differences(CompositorUpdate):
    """A paint of stretches of cells."""

    def __init__(self, stretches: list[Stretch], *, erases: bool) -> None:
        self.stretches = stretches
        self._erases = erases

    def __rich_console__(self, console: object, options: object) -> Iterator[Any]:
        """Nothing: what is painted is rendered by ``render_segments``."""
        yield from ()

    def render_segments(self, _: Console) -> str:
        """Return what the terminal is sent."""
        parts: list[str] = []
        current = ""
        for x, y, cells in self.stretches:
            parts.append(f"\x1b[{y + 1};{x + 1}H")
            at = 0
            while at < len(cells):
                codes = cells[at][1]
                end = at
                while end < len(cells) and cells[end][1] == codes and not _widest(cells[end][0]):
                    end += 1
                parts.append(_change(current, codes))
                current = codes
                if end > at:
                    text = "".join([cell[0] for cell in cells[at:end]])
                    parts.append(self._written(text, codes, is_last=end == len(cells)))
                else:
                    end += 1
                    while end < len(cells) and not cells[end][0]:
                        end += 1
                    blanks, back = " " * (end - at), f"\x1b[{y + 1};{x + at + 1}H"
                    parts += [blanks, back, cells[at][0], f"\x1b[{y + 1};{x + end + 1}H"]
                at = end
        if current:
            parts.append("\x1b[0m")
        return "".join(parts)

    def _written(self, text: str, codes: str, *, is_last: bool) -> str:
        rest = text.rstrip(" ")
        blanks = len(text) - len(rest)
        if not self._erases or blanks < _ERASED or _parts(codes)[0]:
            return text
        move = "" if is_last else f"\x1b[{blanks}C"
        return f"{rest}\x1b[{blanks}X{move}"


def written(update: Any, screen: Region) -> list[Region]:
    """Return the cells that a paint writes; the whole screen where that cannot be told."""
    if isinstance(update, Differences):
        return [stretch.region for stretch in update.stretches]
    return [screen]


def _pieces(update: Any) -> Iterable[Piece] | None:
    """Return the pieces of a paint by line and column, as Textual would send them."""
    if isinstance(update, LayoutUpdate):
        x, top = update.region.x, update.region.y
        return [(y, x, Strip.join(line)) for y, line in enumerate(update.strips, top)]
    return _chops(update) if isinstance(update, ChopsUpdate) else None


def _chops(update: ChopsUpdate) -> Iterator[Piece]:
    for y, x1, x2 in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x > x2 or end <= x1:
                continue
            yield y, x, strip if end <= x2 else strip.crop(0, min(end, x2) - x)


def _cells(strip: Iterable[Segment], colours: ColorSystem | None) -> list[Cell]:
    cells: list[Cell] = []
    for text, style, control in strip:
        if control:
            continue
        codes = "" if style is None else _codes(style, colours)
        if text.isascii():
            cells += [(character, codes) for character in text]
            continue
        for sign, wide in _signs(text):
            if wide:
                cells.append((sign, codes))
                cells += [("", codes)] * (wide - 1)
            elif cells:
                cells[-1] = (cells[-1][0] + sign, cells[-1][1])
    return cells


def _signs(text: str) -> Iterator[tuple[str, int]]:
    """Yield the signs of a text, each with its width as Rich counts it."""
    if not _UNSURE.search(text):
        for character in text:
            yield character, get_character_cell_size(character)
        return
    flag = ""
    for start, end, wide in split_graphemes(text)[0]:
        sign = text[start:end]
        is_part = wide == 1 and ord(sign[0]) in _FLAG_PART
        if is_part and not flag:
            flag = sign
            continue
        if flag and not is_part:
            yield flag, 1
        yield (flag + sign, 2) if is_part else (sign, wide)
        flag = ""
    if flag:
        yield flag, 1


@lru_cache(8192)
def _codes(style: Style, colours: ColorSystem | None) -> str:
    """Return the numbers that select a style; links are none."""
    if colours is None:
        return ""
    shown = style.update_link(None).render("x", color_system=colours)
    return shown[2 : shown.index("m")] if shown.startswith("\x1b[") else ""


@lru_cache(8192)
def _parts(codes: str) -> tuple[str, str, str]:
    """Return the codes of a style apart: its attributes, its colour, its background."""
    parts: list[list[str]] = [[], [], []]
    numbers = iter(codes.split(";")) if codes else iter(())
    for number in numbers:
        if number in {"38", "48"}:
            kind = next(numbers)
            more = [next(numbers) for _ in range(3 if kind == "2" else 1)]
            parts[1 + (number == "48")] += [number, kind, *more]
        else:
            parts[1 if number in _COLOURS else 2 if number in _BEHIND else 0].append(number)
    return ";".join(parts[0]), ";".join(parts[1]), ";".join(parts[2])


@lru_cache(8192)
def _change(before: str, after: str) -> str:
    """Return what makes one style of another."""
    if before == after:
        return ""
    old, new = _parts(before), _parts(after)
    if old[0] != new[0]:
        return f"\x1b[0;{after}m" if after else "\x1b[0m"
    colour = "" if old[1] == new[1] else new[1] or "39"
    behind = "" if old[2] == new[2] else new[2] or "49"
    return f"\x1b[{';'.join(filter(None, (colour, behind)))}m"

"""Text that must fit into so many cells of a terminal."""

from collections.abc import Callable, Sequence

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from phototagger.printable import printable, printable_lines, without_unfit

_ELLIPSIS = "…"
_SHORTEST = 8  # cells from which on a word of a list is cut, not left out


def shorten(text: str, width: int, tail: int | None = None) -> str:
    """Return printable text of at most ``width`` cells, the rest taken out of its middle.

    The last ``tail`` characters stay (by default about half), such as a file's extension.
    """
    text = printable(text)
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return _ELLIPSIS[: max(width, 0)]
    room = width - 1
    kept = min(room // 2 if tail is None else tail, room)
    end = ""
    for char in reversed(text):
        if cell_len(char + end) > kept:
            break
        end = char + end
    start = set_cell_size(text, room - cell_len(end)).rstrip()
    return without_unfit(start + _ELLIPSIS + end)  # such as half of a joined emoji's joiner


def padded(text: str, width: int) -> str:
    """Return text of exactly ``width`` cells, shortened in the middle or filled with blanks."""
    return set_cell_size(shorten(text, width), max(width, 0))


def listed(first: str, labels: Sequence[str], width: int, name: Callable[[str], str] = str) -> str:
    """Return as many labels as fit after ``first``, and how many more there are: ``sea, sky +12``.

    ``name`` gives the word of a label.
    """
    shown = ""
    for count, label in enumerate(labels, start=1):
        word, left = name(label), len(labels) - count
        begun = f"{shown}, " if shown else first
        room = width - cell_len(begun) - (len(f" +{left:,}") if left else 0)
        fits = cell_len(printable(word)) <= room
        if shown and not fits and room < _SHORTEST:
            return f"{shown} +{left + 1:,}"
        shown = begun + shorten(word, room)
        if not fits:
            return f"{shown} +{left:,}" if left else shown
    return shown


def plain(text: str) -> Content:
    """Return text of any lines as a widget shows it: printable, and nothing in it is markup."""
    return Content(printable_lines(text))

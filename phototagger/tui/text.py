"""Text that must fit into so many cells of a terminal."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

_ELLIPSIS = "…"


def shorten(text: str, width: int, tail: int | None = None) -> str:
    """Return text of at most ``width`` cells, what is too much taken out of its middle.

    The last ``tail`` characters stay (by default about half), such as a file's extension.
    """
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
    return start + _ELLIPSIS + end


def padded(text: str, width: int) -> str:
    """Return text of exactly ``width`` cells, shortened in the middle or filled with blanks."""
    return set_cell_size(shorten(text, width), max(width, 0))

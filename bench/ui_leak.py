"""``ui_leak``: what 100,000 keys in one review leave in its memory.

A day of reviewing behind a pty, in kitty's protocol: nine keys in ten move, toggle, approve, undo
and change folders, one in ten opens and leaves a dialog, moves the threshold, or shows a photo
large. All pages are turned first, which fills what is kept of pictures (24 MB at most), and a
thousand keys what is kept of styles; growth counts from there.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import Figure, alone, narrate
from bench.library import make_library
from bench.terminal import Terminal
from bench.ui import put_pictures

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOVES = ("\x1b[C", "\x1b[C", "\x1b[B", "\x1b[6~", "\x1b[5~", "\x1b[D", "]", "[")
_DECISIONS = ("1", "2", "3", "a", "a", "u")
_OTHERS = ("f\x1b", "?\x1b", "+-", "zzz", "i", " ")
_AT_ONCE = 20
_WARM = 1000
_PAGE = 12  # photos, at least
_PAGE_DOWN, _HOME = "\x1b[6~", "\x1b[H"
_KEPT = 50  # pieces of output; what came before is looked at no more


def _keys() -> Iterator[str]:
    """Yield keys without end, the same each time."""
    chance = random.Random(3)
    while True:
        kind = chance.choices((_MOVES, _DECISIONS, _OTHERS), (6, 3, 1))[0]
        yield chance.choice(kind)


def _press(terminal: Terminal, keys: str) -> None:
    """Press keys and wait until they are read and shown; those that wait take memory, too."""
    before = terminal.press(keys)
    terminal.settle(0.03, since=before, seconds=1.0)
    terminal.rest()
    del terminal.came[: max(0, len(terminal.came) - _KEPT)]


def _grown(photos: int, keys: int, place: Path) -> float:
    """Return by how many bytes the program grew while it got so many keys, after the first ones."""
    library = make_library(place, photos, labels=115, dimension=512)
    put_pictures(library)
    words = [sys.executable, "-m", "phototagger", "review", *library.words, "--images", "kitty"]
    terminal = Terminal(words, size=(120, 40), XDG_STATE_HOME=str(place / "state"))
    try:
        terminal.wait_for(b"IMG_")
        terminal.settle(1.0)
        for _ in range(photos // _PAGE):
            _press(terminal, _PAGE_DOWN)
        _press(terminal, _HOME)
        pressed, some, begun = 0, _keys(), 0
        while pressed < keys:
            _press(terminal, "".join(next(some) for _ in range(_AT_ONCE)))
            pressed += _AT_ONCE
            if pressed == min(_WARM, keys // 2):
                terminal.settle(1.0)
                begun = terminal.memory()
        terminal.settle(1.0)
        return terminal.memory() - begun
    finally:
        terminal.close()


def ui_leak(*, small: bool) -> list[Figure]:
    """Return the figure of the ``ui_leak`` row."""
    photos, keys = (100, 200) if small else (4000, 100_000)
    narrate(f"ui_leak: {keys:,} keys")
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as place:
        grown = _grown(photos, keys, Path(place)) / 2**20
    return [
        alone(
            "ui_leak", "MB", [grown], "<= 20 MB", lambda megabytes: megabytes <= 20,
            note=f"growth over {keys:,} keys",
        )
    ]  # fmt: skip

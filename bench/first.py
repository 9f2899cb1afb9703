"""``first``: ``phototagger ROOT`` on 3,000 photos that nobody has seen, in a terminal.

The program runs behind a pty that answers at once and draws kitty's pictures. What is waited for:
the names of the first page; a picture on each of its cells, which the EXIF previews give; each of
these drawn from a real thumbnail; the first suggestions. The baselines are the program's imports
alone, and the model loaded alone. The photos of the first pages have 12 megapixels, the others are
small: nobody reads them before those are on the screen.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.figures import Figure, compared, narrate
from bench.pictures import big_photos, small_photos, with_preview
from bench.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

_CAPTION = b"IMG_00000"
_PLACED = re.compile(rb"\x1b_Ga=p,i=(\d+),p=(\d+)")
_SUGGESTED = re.compile(rb"~\s*\d")  # the number of a label that nothing was learned of
_EVERY = 0.01
_LONGEST = 180.0
_FLOOR = "import phototagger.tui.app, phototagger.review.open_review"
_LOAD = "from phototagger.core.clip_model import load_clip; load_clip('embedded')"


class Opening(NamedTuple):
    """Seconds from the start until each was on the screen."""

    names: float
    previews: float
    thumbnails: float
    suggestions: float


def _make(folder: Path, photos: int, big: int) -> Path:
    """Make a library in dated folders; return its root."""
    large = [with_preview(photo) for photo in big_photos(min(8, big))]
    small = [with_preview(photo) for photo in small_photos(24)]
    for number in range(photos):
        pictures = large if number < big else small
        month = folder / "2024" / f"2024-{1 + 12 * number // photos:02}"
        month.mkdir(parents=True, exist_ok=True)
        # Bytes after the end of a JPEG change its SHA-1 and nothing else.
        data = pictures[number % len(pictures)] + number.to_bytes(4, "big")
        (month / f"IMG_{number:05}.jpg").write_bytes(data)
    return folder


def _open(root: Path, place: Path) -> Opening:
    words = [
        *(sys.executable, "-m", "phototagger", root, "--model-name", "embedded"),
        *("--images", "kitty", "--labels", "labels.txt"),
        *("--run-dir", place / "runs", "--cache-dir", place / "cache"),
    ]
    terminal = Terminal(words, XDG_STATE_HOME=str(place / "state"))
    try:
        names = terminal.wait_for(_CAPTION) - terminal.begun
        previews = _until(terminal, lambda out: len(_places(out)) >= _cells(out))
        thumbnails = _until(terminal, lambda out: _replaced(out) >= _cells(out))
        suggestions = _until(terminal, lambda out: _SUGGESTED.search(out) is not None)
        terminal.press("q")
        terminal.process.wait(30)
    finally:
        terminal.close()
    return Opening(names, previews, thumbnails, suggestions)


def _until(terminal: Terminal, holds: Callable[[bytes], bool]) -> float:
    """Wait until something holds of all that was written; return when that was."""
    end = time.perf_counter() + _LONGEST
    while time.perf_counter() < end:
        if holds(terminal.output()):
            return terminal.came[-1].when - terminal.begun
        time.sleep(_EVERY)
    raise TimeoutError(f"never on the screen; the last: {terminal.output()[-500:]!r}")


def _cells(out: bytes) -> int:
    """Return how many photos the first page shows: those whose names were written."""
    return len(set(re.findall(rb"IMG_\d{5}", out)))


def _places(out: bytes) -> dict[bytes, set[bytes]]:
    """Return the numbers of the pictures that were drawn at each place."""
    numbers_at: dict[bytes, set[bytes]] = {}
    for number, place in _PLACED.findall(out):
        numbers_at.setdefault(place, set()).add(number)
    return numbers_at


def _replaced(out: bytes) -> int:
    return sum(len(numbers) > 1 for numbers in _places(out).values())


def _took(code: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begun


def first(*, small: bool) -> list[Figure]:
    """Return the figures of the ``first`` row."""
    rounds, photos, big = (1, 40, 2) if small else (3, 3000, 100)
    opened: list[Opening] = []
    floors: list[float] = []
    loads: list[float] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
        narrate(f"first: making {photos:,} photos")
        root = _make(Path(folder, "photos"), photos, big)
        for number in range(rounds):
            floors.append(_took(_FLOOR))
            loads.append(_took(_LOAD))
            place = Path(folder, str(number))
            place.mkdir()
            opened.append(_open(root, place))
    after = [opening.suggestions - load for opening, load in zip(opened, loads, strict=True)]
    return [
        compared(
            "first names", "s", [opening.names for opening in opened], floors, "<= 1 s",
            lambda took, _: took <= 1, note="baseline: imports alone",
        ),
        compared(
            "first previews", "s", [opening.previews for opening in opened], floors, "<= 1 s",
            lambda took, _: took <= 1, note="a picture in each cell of the page",
        ),
        compared(
            "first thumbnails", "s", [opening.thumbnails for opening in opened], floors, "",
            lambda *_: True, note="each drawn from the photo itself",
        ),
        compared(
            "first suggestions", "s", [opening.suggestions for opening in opened], loads,
            "load + 2 s", lambda *_: max(after) <= 2, note="baseline: the model loaded alone",
        ),
    ]  # fmt: skip

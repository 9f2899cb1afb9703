"""``ui``: the review of 100,000 photos and 1,000 labels, in a terminal that answers within 50 ms.

The program runs in a process of its own behind a pty; no decision was made yet. A paint is finished
when nothing more comes for a while; what came last counts. The cursor moves as under a key that is
held down. What stands beside the grid (path, large picture, labels) follows when the key rests: a
figure of its own, which begins with the key, too.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from bench.figures import Figure, alone, compared, median, narrate
from bench.library import Library, make_library, photo_sha1
from bench.terminal import Terminal
from bench.ui_engine import while_embedding
from phototagger.core.thumbs import thumbnail_path
from phototagger.tui.screens.review.focused_photo import BESIDE
from phototagger.tui.widgets.preview import REST

if TYPE_CHECKING:
    from collections.abc import Iterator

RIGHT, LEFT, DOWN, PAGE_DOWN = "\x1b[C", "\x1b[D", "\x1b[B", "\x1b[6~"
_ROWS = 15  # more than a page has
CAPTION = "· IMG_".encode()
_PLACE = re.compile(rb"(\x1b\[\d+;\d+H)")
_BESIDE = 123  # the first column right of the grid, in a terminal 160 wide
_REST = 0.12  # seconds without output after which a paint is finished
HELD = 0.05  # the same for a key that is held down
_FLOOR = "import numpy, sqlite3, textual.app, textual.scroll_view"
_PROTOCOLS = ("none", "halfcell", "kitty", "sixel")
_THUMBNAILS = 3000  # photos at the beginning that have one that is a picture


class Key(NamedTuple):
    """Seconds from a key to the last byte of its paint, bytes in the grid and beside it."""

    last: float
    grid: int
    beside: int


class Session(NamedTuple):
    """One review from its start: seconds to the captions, what keys took, bytes of memory.

    ``moves`` stay on the page, ``rows`` scroll it by one row, ``slow`` rest after each key.
    """

    start: float
    moves: list[Key]
    rows: list[Key]
    pages: list[Key]
    slow: list[Key]
    memory: int
    peak: int


def pressed(terminal: Terminal, key: str, times: int, rest: float = _REST) -> Iterator[Key]:
    for _ in range(times):
        begun = time.perf_counter()
        before = terminal.press(key)
        came = terminal.settle(rest, since=before)
        sent = b"".join(piece.data for piece in came)
        beside = _beside(sent)
        yield Key(came[-1].when - begun, len(sent) - beside, beside)


def _beside(sent: bytes) -> int:
    """Return how many of these bytes paint what stands right of the grid: path, picture, labels."""
    painted, column = 0, 0
    for piece in _PLACE.split(sent):
        if _PLACE.fullmatch(piece):
            column = int(piece.partition(b";")[2][:-1])
        if column >= _BESIDE:
            painted += len(piece)
    return painted


def _session(library: Library, images: str, times: int) -> Session:
    words = [sys.executable, "-m", "phototagger", "review", *library.words, "--images", images]
    terminal = Terminal(words, delay=0.05, XDG_STATE_HOME=str(library.folder / "state"))
    try:
        start = terminal.wait_for(CAPTION) - terminal.begun
        wait_for_the_scan(terminal)
        moves = [
            move for key in (RIGHT, LEFT) for move in pressed(terminal, key, times // 2, rest=HELD)
        ]
        terminal.settle(_REST)
        rows = list(pressed(terminal, DOWN, _ROWS + times // 4))[_ROWS:]
        pages = list(pressed(terminal, PAGE_DOWN, times))
        slow = list(pressed(terminal, RIGHT, times // 4, rest=2 * REST))
        memory, peak = terminal.memory(), terminal.memory("VmHWM")
        terminal.press("q")
        terminal.process.wait(30)
    finally:
        terminal.close()
    return Session(start, moves, rows, pages, slow, memory, peak)


def wait_for_the_scan(terminal: Terminal) -> None:
    """Wait until the program rests: it looks at the folders again after its first paint."""
    ticks, before = Path(f"/proc/{terminal.process.pid}/stat"), -1.0
    while True:
        fields = ticks.read_text().rpartition(")")[2].split()
        used = float(fields[11]) + float(fields[12])
        if used - before <= 1:
            return
        before = used
        time.sleep(0.3)


def _floor() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", _FLOOR], check=True)
    return time.perf_counter() - begun


def put_pictures(library: Library) -> None:
    """Give the first photos thumbnails that are pictures, eight different ones."""
    for number in range(8):
        noise = np.random.default_rng(number).integers(0, 256, (24, 32, 3), np.uint8)
        picture = Image.fromarray(noise).resize((512, 384), Image.Resampling.BICUBIC)
        picture.save(library.folder / f"{number}.jpg", quality=85)
    for number in range(min(_THUMBNAILS, library.photos)):
        path = thumbnail_path(library.folder / "cache", photo_sha1(number))
        path.unlink()
        os.link(library.folder / f"{number % 8}.jpg", path)


def ui(*, small: bool) -> list[Figure]:
    """Return the figures of the ``ui`` row."""
    rounds, photos, times = (1, 1000, 5) if small else (3, 100_000, 40)
    protocols = _PROTOCOLS[:2] if small else _PROTOCOLS
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as place:
        narrate(f"ui: making {photos:,} photos")
        library = make_library(Path(place), photos, labels=1000)
        put_pictures(library)
        floors: list[float] = []
        sessions_of: dict[str, list[Session]] = {images: [] for images in protocols}
        for _ in range(rounds):
            floors.append(_floor())
            for images, sessions in sessions_of.items():
                sessions.append(_session(library, images, times))
    plain, halves = sessions_of["none"], sessions_of["halfcell"]
    return [
        compared(
            "ui start", "s", [session.start for session in plain], floors, "<= 1 s",
            lambda start, _: start <= 1, note="to the captions; baseline: imports alone",
        ),
        compared(
            "ui start, half-cells", "s", [session.start for session in halves], floors, "<= 1 s",
            lambda start, _: start <= 1,
        ),
        *(
            figure
            for images, sessions in sessions_of.items()
            for figure in _keys(f"ui {images}", sessions)
        ),
        *(
            alone(
                f"ui memory, {images}", "MB", [session.memory / 2**20 for session in sessions],
                "<= 150 MB", lambda megabytes: megabytes <= 150,
                note=f"at most {max(session.peak for session in sessions) / 2**20:.0f} MB",
            )
            for images, sessions in sessions_of.items()
        ),
        *while_embedding(protocols, small=small),
    ]  # fmt: skip


def _keys(name: str, sessions: list[Session]) -> list[Figure]:
    """Return what the keys took: each round's own quantiles."""
    moves, pages = [session.moves for session in sessions], [session.pages for session in sessions]
    rested = [session.slow for session in sessions]
    scrolled = [[key.last for key in session.rows] for session in sessions]
    turned = [[key.last for key in keys] for keys in pages]
    slowest = p95([seconds for times in turned for seconds in times])
    usual = 1000 * float(np.median([key.last for keys in moves for key in keys]))
    weights = [float(np.median([key.grid + key.beside for key in keys])) for keys in moves]
    beside = float(np.median([key.beside for keys in rested for key in keys]))
    most = 700 if "sixel" in name else 150
    return [
        alone(
            f"{name} cursor p95", "ms", [p95([key.last for key in keys]) for keys in moves],
            "<= 16 ms", lambda last: last <= 16, note=f"finished; p50 {usual:.1f} ms",
        ),
        alone(
            f"{name} cursor bytes", "B", weights, "<= 300 B", lambda sent: sent <= 300,
        ),
        alone(
            f"{name} beside", "ms", [1000 * median(key.last for key in keys) for keys in rested],
            note=f"from the key, {1000 * BESIDE:.0f} ms of rest included; {beside:,.0f} B",
        ),
        alone(
            f"{name} row", "ms", [1000 * median(times) for times in scrolled],
            note="a move that scrolls; finished with its pictures",
        ),
        alone(
            f"{name} page down", "ms", [1000 * median(times) for times in turned],
            f"<= {most} ms", lambda last: last <= most, note=f"p95 {slowest:.0f} ms",
        ),
    ]  # fmt: skip


def p95(seconds: list[float]) -> float:
    return 1000 * float(np.quantile(seconds, 0.95))

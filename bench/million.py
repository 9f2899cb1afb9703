"""``million``: the review of 1,000,000 photos against that of 100,000, and ``A`` on all of them.

Both libraries are made once, with about three labels over the threshold on each photo. At the end
all million are approved, and the review is opened once more.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.figures import Figure, alone, compared, narrate
from bench.library import Library, make_library
from bench.terminal import Terminal
from bench.ui import CAPTION, HELD, LEFT, RIGHT, p95, pressed, wait_for_the_scan

_LABELS, _THRESHOLD = 130, "0.072"
_LONGEST = 600.0  # seconds
_DECIDED = "✓ IMG_".encode()  # the caption of a photo that is approved
_SETTLES = 1.0  # seconds, before which a question takes no answer


class Session(NamedTuple):
    """One review: seconds to the captions, bytes held and held at most, keys, seconds of ``q``."""

    start: float
    anonymous: int
    peak: int
    moves: list[float]
    quits: float


class Acts(NamedTuple):
    """Seconds of counting what ``A`` would do, of doing it, of its undo, of doing it again.

    ``asks``: of reading what ``u`` would take back. ``quits``: of ``q`` afterwards.
    """

    counts: float
    does: float
    asks: float
    undoes: float
    redoes: float
    quits: float


def _review(library: Library, *more: str) -> Terminal:
    words = [sys.executable, "-m", "phototagger", "review", *library.words, "--images", "none"]
    state = str(library.folder / "state")
    return Terminal([*words, *more], delay=0.05, XDG_STATE_HOME=state)


def _quit(terminal: Terminal) -> float:
    begun = time.perf_counter()
    terminal.press("q")
    terminal.process.wait(_LONGEST)
    return time.perf_counter() - begun


def session(library: Library, times: int, caption: bytes = CAPTION) -> Session:
    """Open a review, move in it once all is found, and leave it."""
    terminal = _review(library)
    try:
        start = terminal.wait_for(caption, seconds=_LONGEST) - terminal.begun
        wait_for_the_scan(terminal)
        moves = [
            move.last
            for key in (RIGHT, LEFT)
            for move in pressed(terminal, key, times // 2, rest=HELD)
        ]
        anonymous, peak = terminal.memory("RssAnon"), terminal.memory("VmHWM")
        return Session(start, anonymous, peak, moves, _quit(terminal))
    finally:
        terminal.close()


def acts(library: Library) -> Acts:
    """Approve everything, take it back, and do it again."""
    terminal = _review(library, "--threshold", _THRESHOLD)
    taken = []
    try:
        terminal.wait_for(CAPTION, seconds=_LONGEST)
        wait_for_the_scan(terminal)
        for key, comes in (
            ("A", b"Approve as checked"), ("\r", b"approved "), ("u", b"Take back"),
            ("\r", b"taken back"), ("\x12", b"Do again"), ("\r", b"done again"),
        ):  # fmt: skip
            begun = time.perf_counter()
            since = terminal.press(key)
            taken.append(terminal.wait_for(comes, since, _LONGEST) - begun)
            time.sleep(_SETTLES)
        counts, does, asks, undoes, asks_again, redoes = taken
        return Acts(counts, does, asks, undoes, asks_again + redoes, _quit(terminal))
    finally:
        terminal.close()


def million(*, small: bool) -> list[Figure]:
    """Return the figures of the ``million`` row."""
    rounds, sizes, times = (1, (500, 1000), 6) if small else (3, (100_000, 1_000_000), 40)
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as place:
        libraries = []
        for photos in sizes:
            narrate(f"million: making {photos:,} photos")
            folder = Path(place, str(photos))
            folder.mkdir()
            libraries.append(make_library(folder, photos, labels=_LABELS))
        fewer, many = zip(
            *([session(library, times) for library in libraries] for _ in range(rounds)),
            strict=True,
        )
        done = acts(libraries[1])
        decided = session(libraries[1], times, _DECIDED)
    return figures(list(fewer), list(many), done, decided)


def figures(
    fewer: list[Session], many: list[Session], done: Acts, decided: Session
) -> list[Figure]:
    """Return what sessions with fewer and with many photos took."""
    return [
        compared(
            "million start", "s", [review.start for review in many],
            [review.start for review in fewer], "<= 2 s", lambda start, _: start <= 2,
            note="baseline: 100,000 photos",
        ),
        alone(
            "million memory", "MB", [review.anonymous / 2**20 for review in many],
            "<= 350 MB", lambda megabytes: megabytes <= 350,
            note=f"at most {max(review.peak for review in many) / 2**20:.0f} MB "
            "with what is of files",
        ),
        compared(
            "million cursor p95", "ms", [p95(review.moves) for review in many],
            [p95(review.moves) for review in fewer], "<= 1.2 x", lambda _, ratio: ratio <= 1.2,
            note="baseline: 100,000 photos",
        ),
        alone(
            "million q", "s", [review.quits for review in many], "<= 0.3 s",
            lambda took: took <= 0.3,
        ),
        alone(
            "million A", "s", [done.counts + done.does], "<= 20 s", lambda took: took <= 20,
            note=f"counting {done.counts:.1f} s of it",
        ),
        alone(
            "million undo", "s", [done.asks + done.undoes], "<= 20 s", lambda took: took <= 20,
            note=f"reading what it takes back {done.asks:.1f} s of it",
        ),
        alone("million redo", "s", [done.redoes], "<= 20 s", lambda took: took <= 20),
        alone("million q after A", "s", [done.quits], "<= 0.3 s", lambda took: took <= 0.3),
        alone(
            "million decided start", "s", [decided.start], "<= 2 s", lambda start: start <= 2,
            note=f"{decided.anonymous / 2**20:.0f} MB, learning meanwhile",
        ),
    ]  # fmt: skip

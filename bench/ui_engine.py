"""Part of ``ui``: the cursor while the engine embeds, against the same session at rest.

100,000 photos are known, and there are new ones of 12 megapixels; ViT-B-32-256 with random weights
embeds them on the CPU, in its own process, with the niceness that it always has.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.figures import Figure, compared, narrate
from bench.library import make_library
from bench.pictures import big_photos, copies
from bench.terminal import Terminal
from bench.weights import MODEL, SMALL_DIMENSION, SMALL_MODEL, random_weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.library import Library

DIMENSION = 512  # of its model
_RIGHT, _CURSOR, _CAPTION = "\x1b[C", "▸".encode(), "· IMG_".encode()
_EVERY = 0.06  # seconds between two keys, as from a key that is held down


def while_embedding(protocols: tuple[str, ...], *, small: bool) -> list[Figure]:
    """Return how long the cursor takes in each protocol while photos are embedded."""
    photos, new, times = (300, 8, 5) if small else (100_000, 250, 100)
    model, dimension = (SMALL_MODEL, SMALL_DIMENSION) if small else (MODEL, DIMENSION)
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        place = Path(name)
        narrate(f"ui: making {photos:,} photos and {new} new ones")
        random_weights(model, place).rename(place / "weights.pt")
        library = make_library(place, photos, 1000, dimension, model_name=model)
        pictures = big_photos(1 if small else 6)
        figures = []
        for images in protocols[-1:] if small else protocols:
            unseen = [data + images.encode() for data in pictures]
            folder = copies(unseen, place / "new" / images, new)
            rests, embeds = _session(library, images, folder, times, to_the_end=not small)
            shutil.rmtree(library.root / images)
            figures.append(
                compared(
                    f"ui {images} cursor p95 while embedding", "ms", [_p95(embeds)],
                    [_p95(rests)], "<= 2 x", lambda _, ratio: ratio <= 2,
                    note=f"p50 {1000 * float(np.median(embeds)):.1f} ms",
                )
            )  # fmt: skip
    return figures


def _session(
    library: Library, images: str, new: Path, times: int, *, to_the_end: bool
) -> tuple[list[float], list[float]]:
    """Return the seconds from a key to the cursor in its new place, at rest and while it embeds.

    The ``new`` photos come under the root in between. ``to_the_end``: photos must still be embedded
    when the last key was pressed.
    """
    words = [sys.executable, "-m", "phototagger", "review", *library.words, "--images", images]
    terminal = Terminal(words, delay=0.05, XDG_STATE_HOME=str(library.folder / "state"))
    try:
        terminal.wait_for(_CAPTION)
        terminal.settle(1.0)
        rests = list(_moves(terminal, times))
        done = _wait_until_it_embeds(library, 0)  # how many there are
        new.rename(library.root / images)
        before = terminal.press("r")
        terminal.settle(0.3, since=before)
        terminal.press("\r")
        done = _wait_until_it_embeds(library, done)
        embeds = list(_moves(terminal, times))
        if to_the_end:
            _wait_until_it_embeds(library, done)
        terminal.press("q")
        terminal.process.wait(30)
    finally:
        terminal.close()
    return rests, embeds


def _wait_until_it_embeds(library: Library, done: int) -> int:
    """Wait until more than so many thumbnails are made, which embedding does; return how many."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        thumbnails = sum(len(files) for _, _, files in os.walk(library.folder / "cache"))
        if thumbnails > done:
            return thumbnails
        time.sleep(0.1)
    raise TimeoutError("nothing is embedded")


def _moves(terminal: Terminal, times: int) -> Iterator[float]:
    before = terminal.press("g")  # the same moves each time
    terminal.settle(0.5, since=before)
    for _ in range(times):
        begun = time.perf_counter()
        before = terminal.press(_RIGHT)
        yield terminal.wait_for(_CURSOR, since=before) - begun
        time.sleep(_EVERY)


def _p95(seconds: list[float]) -> float:
    return 1000 * float(np.quantile(seconds, 0.95))

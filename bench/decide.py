"""``decide``: the decision on one photo put on disk, against one bare fsync of a small write.

Both take turns in the same folder. The photos have 1,000 labels, of which the first nine count. The
whole act, which also learns from the decision and reads the photo's marks again, is told apart.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bench.figures import Figure, alone, compared, median, narrate
from bench.library import Library, make_library
from phototagger.review import Review
from phototagger.review import suggester as suggest
from phototagger.review.open_review import open_job
from phototagger.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = b"x" * 4096  # as large as a page of SQLite's log


class _Taken(NamedTuple):
    """Milliseconds of bare fsyncs, of decisions put on disk, of whole acts."""

    bare: list[float]
    stored: list[float]
    acts: list[float]


@contextmanager
def _watched(taken: list[float]) -> Iterator[None]:
    """Note how long the review's calls of the store take."""
    store = suggest.decide

    def decide_timed(*what: Any, **how: Any) -> int | None:
        begun = time.perf_counter()
        act = store(*what, **how)
        taken.append(1000 * (time.perf_counter() - begun))
        return act

    suggest.decide = decide_timed
    try:
        yield
    finally:
        suggest.decide = store


def _timed(library: Library, times: int, start: int) -> _Taken:
    settings = Settings(
        root=str(library.root),
        run_dir=str(library.folder / "runs"),
        cache_dir=str(library.folder / "cache"),
        labels_file=str(library.folder / "labels.txt"),
        pretrained=str(library.folder / "weights.pt"),
        max_images=0,
    )
    job, held_by = open_job(settings)
    taken = _Taken([], [], [])
    bare_file = (library.folder / "bare").open("wb", buffering=0)
    with job, bare_file as file, _watched(taken.stored):
        review = Review(job, held_by)
        for position in range(start, start + times):
            checks = review.photos.checklist(position)
            begun = time.perf_counter()
            file.write(_BLOCK)
            os.fsync(file.fileno())
            between = time.perf_counter()
            review.approve(position, checks)
            taken.acts.append(1000 * (time.perf_counter() - between))
            taken.bare.append(1000 * (between - begun))
    return taken


def _apart(library: Library, times: int, start: int) -> _Taken:
    """Time it in a process of its own, which has one thread for arrays as the review has."""
    words = [sys.executable, "-m", "bench.decide", str(library.folder), str(times), str(start)]
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        words, env={**os.environ, **one_thread}, stdout=subprocess.PIPE, check=True
    )
    return _Taken(*json.loads(done.stdout))


def decide(*, small: bool) -> list[Figure]:
    """Return the figures of the ``decide`` row."""
    photos, rounds, times = (2000, 1, 20) if small else (100_000, 5, 500)
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as place:
        narrate(f"decide: making {photos:,} photos")
        library = make_library(Path(place), photos, labels=1000, files=False)
        library.root.mkdir()
        taken = [_apart(library, times, start * times) for start in range(rounds)]
    bare, stored, acts = (
        [_p99(milliseconds) for milliseconds in column] for column in zip(*taken, strict=True)
    )
    return [
        compared(
            "decide p99", "ms", stored, bare, "<= 3x a bare fsync, <= 5 ms",
            lambda value, ratio: ratio <= 3 and value <= 5, note="baseline: p99 of bare fsyncs",
        ),
        compared(
            "decide p50", "ms", [median(timed.stored) for timed in taken],
            [median(timed.bare) for timed in taken], "", lambda *_: True,
        ),
        alone("decide, learned too, p99", "ms", acts),
        alone("decide, learned too, p50", "ms", [median(timed.acts) for timed in taken]),
    ]  # fmt: skip


def _p99(values: list[float]) -> float:
    return float(np.quantile(values, 0.99))


if __name__ == "__main__":
    folder, times, start = sys.argv[1:]
    print(json.dumps(_timed(Library(Path(folder), 0), int(times), int(start))))

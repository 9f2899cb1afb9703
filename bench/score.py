"""``score``: 100,000 photos against 1,000 labels of 768 dimensions, the best 5 of each.

The baseline is the bare matrix product of the same blocks. Vectors are random, and no cosine is
over the threshold, as with a large vocabulary most are not.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.figures import Figure, alone, compared, measured
from phototagger.core.score import BLOCK, rank

if TYPE_CHECKING:
    from collections.abc import Callable

_DIMENSION = 768


def _peak() -> float:
    """Return the most memory that was resident since the last reset, in MB."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match
    return int(match[1]) / 1024


def _more_memory(work: Callable[[], object]) -> float:
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    except OSError:  # not everybody may
        return float("nan")
    before = _peak()
    work()
    return _peak() - before


def score(*, small: bool) -> list[Figure]:
    """Return the figures of the ``score`` row."""
    rounds, photos, labels = (1, 2000, 200) if small else (5, 100_000, 1000)
    random = np.random.default_rng(3)
    images = random.standard_normal((photos, _DIMENSION), np.float32)
    words = random.standard_normal((labels, _DIMENSION), np.float32)
    turned = np.ascontiguousarray(words.T)

    def bare() -> None:
        for start in range(0, photos, BLOCK):
            images[start : start + BLOCK] @ turned

    def ours() -> None:
        for _ in rank(images, words, 0.25, 5):
            pass

    # First of all, while the allocator holds nothing back from earlier rounds.
    memory = _more_memory(ours)
    taken: list[float] = []
    base: list[float] = []
    for _ in range(rounds):
        base.append(measured(bare).cpu)
        taken.append(measured(ours).cpu)
    return [
        compared(
            "score",
            "CPU s",
            taken,
            base,
            "<= 1.4x the product alone",
            lambda _, ratio: ratio <= 1.4,
        ),
        alone("score memory", "MB", [memory], "<= 64 MB beyond", lambda value: not value > 64),
    ]

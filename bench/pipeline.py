"""``pipeline``: 12-megapixel JPEGs → vectors and thumbnails on the CPU, ViT-B-32-256.

Against the same work done bare, on one thread each: read, hash, decode, thumbnail, input; then the
forward passes. Ours is the command, from when its model is loaded to its end. What must be
reached is a share of cores / (decode + forward) in images a second.
Other programs take cores away from it, so where they took more than a twentieth, the share of what
they left is judged alone: what the cores did for us, and what they had nothing to do.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.bare import forward, inputs
from bench.command import command, places
from bench.figures import Figure, compared, measured, median
from bench.pictures import big_photos, copies
from bench.weights import MODEL, SMALL_MODEL, random_weights
from phototagger.core.clip_model import load_clip

if TYPE_CHECKING:
    import numpy as np

_QUIET = 0.05  # of the cores' time that others may take where images a second are judged


def _bare(photos: list[Path], loaded: Any, place: Path) -> tuple[float, float]:
    """Return the CPU seconds of decoding and of the forward passes, each on one thread."""
    pixels: list[np.ndarray] = []
    model, preprocess, *_ = loaded
    decoded = measured(lambda: pixels.append(inputs(photos, preprocess, place))).cpu
    return decoded, measured(lambda: forward(pixels[0], model, preprocess)).cpu


def pipeline(*, small: bool) -> list[Figure]:
    """Return the figures of the ``pipeline`` row."""
    rounds, count, different = (1, 4, 1) if small else (3, 192, 6)
    model = SMALL_MODEL if small else MODEL
    taken: list[float] = []
    base: list[float] = []
    shares: list[float] = []
    left: list[float] = []
    others: list[float] = []
    rates: list[float] = []
    parts: list[tuple[float, float]] = []
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        place = Path(name)
        photos = copies(big_photos(different), place / "photos", count)
        paths = sorted(photos.iterdir())
        weights = random_weights(model, place)
        (place / "thumbs").mkdir()
        loaded = load_clip(model, str(weights), "cpu")
        for number in range(rounds):
            parts.append(_bare(paths, loaded, place / "thumbs"))
            base.append(1000 * sum(parts[-1]) / count)
            words = places(photos, place / str(number), model, weights)
            spent = command("--from-loaded", "embed", *words).said
            every, ours = cores * spent["wall"], spent["cpu"] + spent["idle"]
            taken.append(1000 * spent["cpu"] / count)
            shares.append(100 * sum(parts[-1]) / every)
            left.append(100 * sum(parts[-1]) / ours)
            others.append(max(0.0, 1 - ours / every))
            rates.append(count / spent["wall"])
    busy = median(others)
    decoded, forward = (1000 * median(part[step] for part in parts) / count for step in (0, 1))
    return [
        compared(
            "pipeline CPU", "ms an image", taken, base, "", lambda *_: True,
            note=f"bare: decode {decoded:.0f} + forward {forward:.0f}",
        ),
        compared(
            "pipeline", "%", shares, [100.0] * rounds,
            ">= 90 % of cores / (decode + forward)" if busy <= _QUIET else "",
            lambda value, _: value >= 90 or busy > _QUIET,
            note=f"{median(rates):.1f} images/s; others took {busy:.0%} of the cores",
        ),
        compared(
            "pipeline of the cores left", "%", left, [100.0] * rounds, ">= 90 %",
            lambda value, _: value >= 90,
        ),
    ]  # fmt: skip

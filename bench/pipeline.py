"""``pipeline``: 12-megapixel JPEGs → vectors and thumbnails on the CPU, ViT-B-32-256.

Against the same work done bare, on one thread each: read, hash, decode, thumbnail, input; then the
forward passes. What must be reached is a share of cores / (decode + forward) in images a second.
Other programs take cores away from it, so where they took more than a twentieth, the share of what
they left is judged alone: what the cores did for us, and what they had nothing to do.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from bench.figures import Figure, compared, measured, median
from bench.job import ready_job, scanned
from bench.pictures import big_photos, copies
from bench.weights import MODEL, SMALL_MODEL, random_weights
from phototagger.core.thumbs import LONG_EDGE, encode_thumbnail, save_thumbnail
from phototagger.engine.steps.embed import embed
from phototagger.imaging.decode import decode
from phototagger.imaging.photo_file import read_photo

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.model.preprocess import Preprocess

_QUIET = 0.05  # of the cores' time that others may take where images a second are judged
_PART = 8  # photos in a forward pass: no other number was faster on one thread


def _idle() -> float:
    """Return the seconds that cores had nothing to do since the machine started."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")


def _bare_decode(photos: list[Path], preprocess: Preprocess, place: Path) -> np.ndarray:
    found = []
    for path in photos:
        read = read_photo(path)
        with read.source:
            picture = decode(read.source, path, short=preprocess.needed, long=LONG_EDGE)
        save_thumbnail(encode_thumbnail(picture), place, read.sha1)
        size = (picture.width, picture.height)
        found.append(preprocess.pixels(picture.image, size, picture.box))
    return np.stack(found)


def _bare(job: Job, photos: list[Path], place: Path) -> tuple[float, float]:
    """Return the CPU seconds of decoding and of the forward passes, each on one thread."""
    pixels: list[np.ndarray] = []
    preprocess = job.model.encoder.preprocess
    decoded = measured(lambda: pixels.append(_bare_decode(photos, preprocess, place))).cpu
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    model = job.model.encoder.model

    def passes() -> None:
        with torch.inference_mode():
            for part in torch.from_numpy(pixels[0]).split(_PART):
                model.encode_image(preprocess.normalise(part))

    forward = measured(passes).cpu
    torch.set_num_threads(threads)
    return decoded, forward


def pipeline(*, small: bool) -> list[Figure]:
    """Return the figures of the ``pipeline`` row."""
    rounds, count, different = (1, 4, 1) if small else (3, 64, 6)
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
        for number in range(rounds):
            with ready_job(photos, weights, model, place / str(number)) as job:
                parts.append(_bare(job, paths, place / "thumbs"))
                base.append(1000 * sum(parts[-1]) / count)
                scanned(job)
                idle = _idle()
                spent = measured(lambda job=job: list(embed(job)))
                idle = _idle() - idle
            every = cores * spent.wall
            taken.append(1000 * spent.cpu / count)
            shares.append(100 * sum(parts[-1]) / every)
            left.append(100 * sum(parts[-1]) / (spent.cpu + idle))
            others.append(max(0.0, 1 - (spent.cpu + idle) / every))
            rates.append(count / spent.wall)
    busy = median(others)
    decoded, forward = (1000 * median(part[one] for part in parts) / count for one in (0, 1))
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

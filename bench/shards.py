"""``shards``: what a library costs that is computed in two parts and merged, against in one.

CPU seconds of the commands, loading the model included, and how many vectors differ in any bit.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.command import command, places
from bench.figures import Figure, alone, compared
from bench.pictures import copies, small_photos
from phototagger.core.clip_model import EMBEDDED
from phototagger.store.vectors.by_content import Vectors
from phototagger.store.vectors.keys import as_keys

if TYPE_CHECKING:
    from phototagger.model.vectors import Float32


def shards(*, small: bool) -> list[Figure]:
    """Return the figures of the ``shards`` row."""
    rounds, count = (1, 4) if small else (3, 200)
    whole, parts, different = [], [], []
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        photos = copies(small_photos(min(count, 12)), Path(name, "photos"), count)
        for number in range(rounds):
            unsharded, first, second, both = (
                Path(name, f"{number}{kind}") for kind in ("one", "first", "second", "both")
            )
            whole.append(command("embed", *places(photos, unsharded, EMBEDDED)).spent.cpu)
            ran = [
                command("embed", *places(photos, first, EMBEDDED), "--shard", "1/2"),
                command("embed", *places(photos, second, EMBEDDED), "--shard", "2/2"),
                command(
                    "embed", *places(photos, both, EMBEDDED),
                    "--merge", first / "runs", second / "runs",
                ),
            ]  # fmt: skip
            parts.append(sum(run.spent.cpu for run in ran))
            equal = (_vectors(photos, unsharded) == _vectors(photos, both)).all(axis=1)
            different.append(float(np.count_nonzero(~equal)))
    return [
        compared(
            "shards", "CPU s", parts, whole, "<= 1.5 x one run", lambda _, ratio: ratio <= 1.5,
            note=f"{count} photos, two shards and their merge, embedded",
        ),
        alone("shards, vectors that differ", "photos", different, "none", lambda value: value == 0),
    ]  # fmt: skip


def _vectors(photos: Path, place: Path) -> Float32:
    """Return the vectors of photos, in the order of their names."""
    [folder] = place.glob("runs/vectors/*/images")
    contents = [
        hashlib.sha1(photo.read_bytes(), usedforsecurity=False).digest()
        for photo in sorted(photos.iterdir())
    ]
    return Vectors(folder, writable=False).get(as_keys(contents))

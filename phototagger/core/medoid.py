"""Folder → its typical photo: the one nearest the centroid of the folder's vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phototagger.core.score import Float32, normalised

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Medoid(NamedTuple):
    """A folder's typical photo: its position among the vectors, its cosine to the centroid."""

    photo: int
    cosine_to_centroid: float


def medoids(folders: Mapping[str, Sequence[int]], vectors: Float32) -> dict[str, Medoid]:
    """Return the medoid of each folder.

    ``folders`` maps a folder to the positions of its own photos, subfolders apart, ordered by
    path: of photos that tie, the first is the medoid. ``vectors`` float32 [N, D], not necessarily
    normalised. A folder without photos has none.
    """
    return {
        folder: medoid(vectors[list(members)], members)
        for folder, members in folders.items()
        if len(members)
    }


def medoid(vectors: Float32, members: Sequence[int] | None = None) -> Medoid:
    """Return the medoid of one folder's vectors, float32 [n, D], n ≥ 1."""
    units = normalised(vectors)
    centroid = units.mean(axis=0, dtype=np.float64)
    length = np.linalg.norm(centroid)
    centroid /= length if length > 0 else 1.0
    # float64 and rounding make photos with equal vectors tie on every machine
    cosines = np.round(units.astype(np.float64) @ centroid, 7)
    nearest = int(np.argmax(cosines))
    photo = members[nearest] if members is not None else nearest
    return Medoid(photo, float(cosines[nearest]))

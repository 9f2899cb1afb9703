"""Folder → its typical photo: the one nearest the centroid of the folder's vectors."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from phototagger.core.score import BLOCK
from phototagger.model.vectors import Float32, normalised


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
    nearest = medoid_of_blocks(
        lambda: (vectors[start : start + BLOCK] for start in range(0, len(vectors), BLOCK))
    )
    return nearest if members is None else nearest._replace(photo=members[nearest.photo])


def medoid_of_blocks(blocks: Callable[[], Iterable[Float32]]) -> Medoid:
    """Return the medoid of vectors that come in blocks, float32 [n, D]; they are asked for twice.

    So a folder of any size takes the memory of one block. The photo counts over all blocks.
    """
    total = sum((normalised(block).sum(axis=0, dtype=np.float64) for block in blocks()), 0.0)
    length = np.linalg.norm(total)
    centroid = total / (length if length > 0 else 1.0)
    best, first = Medoid(0, -np.inf), 0
    for block in blocks():
        # float64 and rounding make photos with equal vectors tie on every machine
        cosines = np.round(normalised(block).astype(np.float64) @ centroid, 7)
        nearest = int(np.argmax(cosines))
        if cosines[nearest] > best.cosine_to_centroid:
            best = Medoid(first + nearest, float(cosines[nearest]))
        first += len(block)
    return best

"""Labels that mean nearly the same, by their text vectors.

All label vectors of a model point roughly the same way, so plain cosines say little ("girl" and
"woman" 0.96, "dog" and "animal" 0.94 with CLIP ViT-B/32). What all labels share, their mean, is
taken out, as Mu & Viswanath do with word vectors ("All-but-the-Top", 2018); of few labels it says
little, so it is shrunk by 1/M. From a cosine of 0.7 on we call two labels near synonyms: among 115
everyday words with ViT-B/32, "ski" and "skis" have 0.80, "jacket" and "coat" 0.71, while "dog" and
"puppy" (0.64) or "bicycle" and "motorcycle" (0.63) stay apart.
"""

from typing import NamedTuple

import numpy as np

from phototagger.model.vectors import Float32, normalised

NEAR = 0.7
"""The cosine of two centred label vectors from which on they are near synonyms."""

_CELLS = 8_000_000  # cosines in memory at once


class NearSynonyms(NamedTuple):
    """Two labels as positions in the label list, and the cosine of their centred vectors."""

    first: int
    second: int
    cosine: float


def near_synonyms(label_vectors: Float32, near: float = NEAR) -> list[NearSynonyms]:
    """Return the pairs among M labels that mean nearly the same, the nearest first.

    ``label_vectors`` float32 [M, D] need not be normalised.
    """
    units = normalised(label_vectors)
    count = len(units)
    if not count:
        return []
    centred = normalised(units - np.float32(1 - 1 / count) * units.mean(axis=0))
    pairs = []
    rows = max(1, _CELLS // count)
    for start in range(0, count, rows):
        cosines = centred[start : start + rows] @ centred.T
        for row, second in zip(*np.nonzero(cosines >= near), strict=True):
            first = start + int(row)
            if first < second:
                pairs.append(NearSynonyms(first, int(second), float(cosines[row, second])))
    return sorted(pairs, key=lambda pair: (-pair.cosine, pair.first, pair.second))

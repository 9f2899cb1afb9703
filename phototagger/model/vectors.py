"""Vectors as the models make them: float32, compared by their angle."""

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


def normalised(vectors: Float32) -> Float32:
    """Return rows of length 1; a row of zeros, or one that holds what is no number, is zeros."""
    vectors = np.asarray(vectors, dtype=np.float32)
    # Not linalg.norm, which would hold the squares of all of them.
    lengths = np.sqrt(np.einsum("...i,...i->...", vectors, vectors))[..., None]
    if not np.isfinite(lengths).all():
        vectors = np.where(np.isfinite(lengths), vectors, 0)
        lengths = np.where(np.isfinite(lengths), lengths, 1)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32, copy=False)

"""The kinds of arrays that the learner hands around."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]


def sigmoid(logits: Floats) -> Floats:
    """Return 1 / (1 + exp(-logits)), float32, without overflow."""
    half: Floats = np.tanh(logits * np.float32(0.5))
    half += np.float32(1)
    half *= np.float32(0.5)
    return half


def with_room(array: np.ndarray, needed: int, axis: int = 0) -> np.ndarray:
    """Return the array, or a copy at least twice as long on that axis where it has no room."""
    if array.shape[axis] >= needed:
        return array
    shape = list(array.shape)
    shape[axis] = max(needed, 2 * array.shape[axis], 16)
    grown = np.zeros(shape, array.dtype)
    grown[tuple(slice(0, n) for n in array.shape)] = array
    return grown

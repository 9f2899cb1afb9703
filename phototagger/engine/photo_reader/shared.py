"""An array that several processes have in memory once."""

from __future__ import annotations

import math
import mmap
import os
from collections.abc import Callable
from multiprocessing.reduction import DupFd
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class SharedArray:
    """An array, zeros at first, that goes to processes as they are started.

    It has no name in the system: it is gone with the last process that has it, and takes nothing
    of /dev/shm, of which containers have little.
    """

    def __init__(
        self, shape: tuple[int, ...], dtype: DTypeLike, descriptor: int | None = None
    ) -> None:
        kind = np.dtype(dtype)
        count = math.prod(shape)
        size = max(1, count * kind.itemsize)
        if descriptor is None:
            descriptor = os.memfd_create("phototagger")
            os.ftruncate(descriptor, size)
        self._descriptor = descriptor
        self.array: NDArray[Any] = np.frombuffer(mmap.mmap(descriptor, size), kind, count)
        self.array = self.array.reshape(shape)

    @classmethod
    def of(cls, array: NDArray[Any]) -> SharedArray:
        """Return a copy of an array."""
        shared = cls(array.shape, array.dtype)
        shared.array[...] = array
        return shared

    def close(self) -> None:
        """Give it to no more processes; those that have it keep it."""
        os.close(self._descriptor)

    def __reduce__(self) -> tuple[Callable[..., SharedArray], tuple[Any, ...]]:
        # Only while a process is started: its parent hands the descriptor over.
        return _received, (DupFd(self._descriptor), self.array.shape, self.array.dtype.str)


def _received(handed: Any, shape: tuple[int, ...], dtype: str) -> SharedArray:
    shared = SharedArray(shape, dtype, handed.detach())
    shared.close()
    return shared

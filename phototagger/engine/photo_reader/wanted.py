"""Photos that somebody looks at: a step does them before all others."""

import threading
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray


class PhotosWanted:
    """The photos that are wanted next, by their paths; may be used from any thread."""

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._guard = threading.Lock()

    def put(self, paths: Sequence[str]) -> None:
        """Want these photos, in this order; others that were wanted are wanted no more."""
        with self._guard:
            self._paths = list(paths)

    def take(self) -> list[str]:
        """Return what is wanted, once."""
        with self._guard:
            paths, self._paths = self._paths, []
        return paths

    def first(self, due: NDArray[np.int64], photos: Sequence[str]) -> Iterator[int]:
        """Yield the positions that are due, each once, but those first that are wanted meanwhile.

        ``photos`` are the paths of all photos, in the order of a scan.
        """
        left = np.zeros(len(photos), np.bool_)
        left[due] = True
        for position in due.tolist():
            for path in self.take():
                at = bisect_left(photos, _parts(path), key=_parts)
                if at < len(photos) and photos[at] == path and left[at]:
                    left[at] = False
                    yield at
            if left[position]:
                left[position] = False
                yield position


def _parts(path: str) -> list[str]:
    """Return what a scan is sorted by."""
    return path.split("/")

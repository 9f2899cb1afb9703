"""The vectors of one model, by content: appended in parts, found again by SHA-1."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from phototagger.store.keys import KEY_BYTES, KeyIndex, Keys, as_keys
from phototagger.store.parts import Float32, Part, Parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray


PART_ROWS = 4096
PART_SECONDS = 30.0
"""A part is closed when it has so many rows, or when its first row is so old."""


class Vectors:
    """Vectors by content. One writer at a time (it holds the run_dir's lock); any readers."""

    def __init__(
        self,
        folder: Path,
        *,
        writable: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files = Parts(folder)
        self._clock = clock
        self._waiting: list[tuple[bytes, Float32]] = []
        self._waiting_since = 0.0
        if writable:
            self._files.tidy(PART_ROWS)
        self._use(self._files.whole())

    def __len__(self) -> int:
        return len(self._index) + len(self._waiting)

    def has(self, keys: Keys) -> NDArray[np.bool_]:
        """Tell for each key whether its vector is here; rows still in memory count."""
        found = self._index.has(keys)
        if self._waiting:
            found |= KeyIndex(as_keys(key for key, _ in self._waiting)).has(keys)
        return found

    def has_one(self, key: bytes) -> bool:
        """Tell whether a vector is on disk; may be asked from any thread."""
        return self._index.has_one(key)

    def get(self, keys: Keys) -> Float32:
        """Return float32 [N, D] for keys that are here. Raises KeyError for one that is not."""
        self.flush()
        places = self._index.find(keys)
        if (places < 0).any():
            raise KeyError("there is no vector for one of the photos")
        parts = np.searchsorted(self._starts, places, side="right") - 1
        rows = np.empty((len(keys), self.dimension), np.float32)
        for part in np.unique(parts):
            chosen = parts == part
            rows[chosen] = self._parts[part].rows[places[chosen] - self._starts[part]]
            self._parts[part].forget()
        return rows

    def blocks(self, keys: Keys) -> Iterator[Float32]:
        """Yield the vectors of keys that are here in blocks of a part's size."""
        for start in range(0, len(keys), PART_ROWS):
            yield self.get(keys[start : start + PART_ROWS])

    @property
    def dimension(self) -> int:
        """D, the length of a vector; 0 while there is none."""
        return int(self._parts[0].rows.shape[1]) if self._parts else 0

    def append(self, keys: Sequence[bytes], rows: Float32) -> None:
        """Add rows float32 [n, D]; they are on disk when their part is closed."""
        if not self._waiting:
            self._waiting_since = self._clock()
        self._waiting.extend(zip(keys, rows, strict=True))
        due = self._clock() - self._waiting_since >= PART_SECONDS
        if due or len(self._waiting) >= PART_ROWS:
            self.flush()

    def flush(self) -> None:
        """Close the open part: its rows are on disk when this returns."""
        if not self._waiting:
            return
        keys = as_keys(key for key, _ in self._waiting)
        rows = np.stack([row for _, row in self._waiting]).astype(np.float32, copy=False)
        number = self._parts[-1].number + 1 if self._parts else 0
        part = self._files.write(number, keys, rows)
        self._waiting.clear()
        self._use([*self._parts, part])

    def _use(self, parts: list[Part]) -> None:
        self._parts = parts
        counts = [len(part.keys) for part in parts]
        self._starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))[:-1]
        empty = np.zeros((0, KEY_BYTES), np.uint8)
        self._index = KeyIndex(np.concatenate([empty, *(part.keys for part in parts)]))

"""The vectors of one model, by content: appended in parts, found again by SHA-1."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phototagger.store.keys import KEY_BYTES, KeyIndex, Keys, as_bytes, as_keys
from phototagger.store.parts import Float32, Part, Parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray


PART_ROWS = 4096
PART_SECONDS = 30.0
"""A part is closed when it has so many rows, or when its first row is so old."""


class _OnDisk(NamedTuple):
    """The whole parts, the number of rows before each, and where every key is among all rows."""

    parts: list[Part]
    starts: NDArray[np.int64]
    keys: KeyIndex


class Vectors:
    """Vectors by content. One process writes (it holds the run_dir's lock); any may read.

    Several threads may use it: who asks never waits for a part that is being written.
    """

    def __init__(
        self,
        folder: Path,
        *,
        writable: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files = Parts(folder)
        self._clock = clock
        self._waiting: dict[bytes, Float32] = {}
        self._waiting_since = 0.0
        self._guard = threading.Lock()  # of what is known; held for moments
        self._writing = threading.Lock()
        if writable:
            self._files.tidy(PART_ROWS)
        self._disk = _on_disk(self._files.whole())

    def __len__(self) -> int:
        disk, waiting = self._now()
        return len(disk.keys) + len(waiting)

    def _now(self) -> tuple[_OnDisk, dict[bytes, Float32]]:
        with self._guard:
            return self._disk, dict(self._waiting)

    def has(self, keys: Keys) -> NDArray[np.bool_]:
        """Tell for each key whether its vector is here; rows still in memory count."""
        disk, waiting = self._now()
        found = disk.keys.has(keys)
        if waiting:
            absent = np.flatnonzero(~found)
            found[absent] = [key in waiting for key in as_bytes(keys[absent])]
        return found

    @property
    def index(self) -> KeyIndex:
        """The keys of the vectors that are on disk now."""
        return self._disk.keys

    def has_one(self, key: bytes) -> bool:
        """Tell whether a vector is on disk."""
        return self._disk.keys.has_one(key)

    def get(self, keys: Keys) -> Float32:
        """Return float32 [N, D] for keys that are here. Raises KeyError for one that is not."""
        disk, waiting = self._now()
        places = disk.keys.find(keys)
        rows = np.empty((len(keys), _dimension(disk, waiting)), np.float32)
        absent = np.flatnonzero(places < 0)
        for place, key in zip(absent.tolist(), as_bytes(keys[absent]), strict=True):
            if key not in waiting:
                raise KeyError("there is no vector for one of the photos")
            rows[place] = waiting[key]
        parts = np.searchsorted(disk.starts, places, side="right") - 1
        parts[absent] = -1
        for part in np.unique(parts[parts >= 0]):
            chosen = parts == part
            rows[chosen] = disk.parts[part].rows[places[chosen] - disk.starts[part]]
            disk.parts[part].forget()
        return rows

    def blocks(self, keys: Keys) -> Iterator[Float32]:
        """Yield the vectors of keys that are here in blocks of a part's size."""
        for start in range(0, len(keys), PART_ROWS):
            yield self.get(keys[start : start + PART_ROWS])

    @property
    def dimension(self) -> int:
        """D, the length of a vector; 0 while there is none."""
        return _dimension(*self._now())

    def append(self, keys: Sequence[bytes], rows: Float32) -> None:
        """Add rows float32 [n, D]; they are on disk when their part is closed."""
        with self._guard:
            if not self._waiting:
                self._waiting_since = self._clock()
            self._waiting.update(zip(keys, rows, strict=True))
            due = self._clock() - self._waiting_since >= PART_SECONDS
            due = due or len(self._waiting) >= PART_ROWS
        if due:
            self.flush()

    def flush(self) -> None:
        """Close the open part: its rows are on disk when this returns."""
        with self._writing:
            disk, waiting = self._now()
            if not waiting:
                return
            rows = np.stack(list(waiting.values())).astype(np.float32, copy=False)
            number = disk.parts[-1].number + 1 if disk.parts else 0
            part = self._files.write(number, as_keys(waiting), rows)
            after = _on_disk([*disk.parts, part])
            with self._guard:
                self._disk = after
                for key in waiting:
                    del self._waiting[key]


def _on_disk(parts: list[Part]) -> _OnDisk:
    counts = [len(part.keys) for part in parts]
    starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))[:-1]
    empty = np.zeros((0, KEY_BYTES), np.uint8)
    index = KeyIndex(np.concatenate([empty, *(part.keys for part in parts)]))
    return _OnDisk(parts, starts, index)


def _dimension(disk: _OnDisk, waiting: dict[bytes, Float32]) -> int:
    if disk.parts:
        return int(disk.parts[0].rows.shape[1])
    return len(next(iter(waiting.values()))) if waiting else 0

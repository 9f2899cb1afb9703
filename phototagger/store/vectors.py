"""The vectors of one model, by content: appended in parts, found again by SHA-1."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.errors import PhototaggerError, printable
from phototagger.store.keys import KeyIndex, Keys, as_keys
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
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._files = Parts(folder)
        self._writable = writable
        self._sound: set[int] = set()  # numbers of parts that were checked
        self._clock = clock
        self._waiting: list[tuple[bytes, Float32]] = []
        self._waiting_since = 0.0
        if writable:
            for damaged in self._files.tidy(PART_ROWS):
                say(
                    f"{printable(damaged)}: the vectors in it were damaged, so it was removed; "
                    "they are computed again"
                )
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
        """Return float32 [N, D] for keys that are here. Raises KeyError for one that is not.

        A part is checked when it is read first. Raises PhototaggerError where it is damaged.
        """
        self.flush()
        places = self._index.find(keys)
        if (places < 0).any():
            raise KeyError("there is no vector for one of the photos")
        parts = np.searchsorted(self._starts, places, side="right") - 1
        rows = np.empty((len(keys), self.dimension), np.float32)
        for part in np.unique(parts):
            self._check(self._parts[part])
            chosen = parts == part
            rows[chosen] = self._parts[part].rows[places[chosen] - self._starts[part]]
            self._parts[part].forget()
        return rows

    def _check(self, part: Part) -> None:
        if part.number in self._sound:
            return
        if part.is_sound():
            self._sound.add(part.number)
            return
        where = printable(self._files.path(part.number, "npy"))
        if not self._writable:
            raise PhototaggerError(
                f"{where}: the vectors in it are damaged (their checksum differs); remove the "
                "file, then compute them again with `phototagger embed`"
            )
        self._files.remove([part])
        self._use([one for one in self._parts if one is not part])
        raise PhototaggerError(
            f"{where}: the vectors in it were damaged (their checksum differed), so it was "
            "removed; run the same command again: it computes them again"
        )

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
        self._sound.add(number)
        self._waiting.clear()
        self._use([*self._parts, part])

    def _use(self, parts: list[Part]) -> None:
        ends = np.cumsum([0, *(len(part.keys) for part in parts)], dtype=np.int64)
        keys = np.concatenate([as_keys(()), *(part.keys for part in parts)])
        # Each part's keys are a view, so that they are in memory once.
        self._parts = [
            part._replace(keys=keys[first:last])
            for part, first, last in zip(parts, ends[:-1], ends[1:], strict=True)
        ]
        self._starts = ends[:-1]
        self._index = KeyIndex(keys)

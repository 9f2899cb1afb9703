"""The vectors of one model, by content: appended in parts, found again by SHA-1."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.errors import PhototaggerError
from phototagger.printable import printable
from phototagger.store.vectors.keys import KeyIndex, Keys, as_bytes, as_keys
from phototagger.store.vectors.parts import Float32, Part, Parts

PART_ROWS = 4096
PART_SECONDS = 30.0
"""A part is closed when it has so many rows, or when its first row is so old."""


_BLOCK_ROWS = 512  # which stay in the processor's cache while they are looked at twice
_TINY = 1e-12


class _StoredParts(NamedTuple):
    """The whole parts, the number of rows before each, and where every key is among all rows."""

    parts: list[Part]
    starts: NDArray[np.int64]
    keys: KeyIndex


class _RowsAsked(NamedTuple):
    """Keys that were asked for last, and where they are among all rows; -1: nowhere."""

    keys: Keys
    disk: _StoredParts
    places: NDArray[np.int64]


class Vectors:
    """Vectors by content. One process writes (it holds the run_dir's lock); any may read.

    Several threads may use it: none waits for a part that another one writes. ``check`` raises
    where nothing may be written any more.
    """

    def __init__(
        self,
        folder: Path,
        *,
        writable: bool = True,
        clock: Callable[[], float] = time.monotonic,
        say: Callable[[str], None] = lambda _: None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._files = Parts(folder)
        self._writable = writable
        self._check_place = check
        self._sound: set[int] = set()  # numbers of parts that were checked
        self._placed: _RowsAsked | None = None
        self._clock = clock
        self._waiting: dict[bytes, Float32] = {}
        self._waiting_since = 0.0
        self._guard = threading.Lock()  # of what is known; held for moments
        self._writing = threading.Lock()
        if writable:
            check()
            for damaged in self._files.tidy(PART_ROWS):
                say(
                    f"{printable(damaged)}: the vectors in it were damaged, so it was removed; "
                    "they are computed again"
                )
        self._disk = _on_disk(self._files.whole())

    def __len__(self) -> int:
        disk, waiting = self._snapshot()
        return len(disk.keys) + len(waiting)

    def _snapshot(self) -> tuple[_StoredParts, dict[bytes, Float32]]:
        with self._guard:
            return self._disk, dict(self._waiting)

    def has(self, keys: Keys) -> NDArray[np.bool_]:
        """Tell for each key whether its vector is here; rows still in memory count."""
        disk, waiting = self._snapshot()
        is_here = disk.keys.has(keys)
        if waiting:
            absent = np.flatnonzero(~is_here)
            is_here[absent] = [key in waiting for key in as_bytes(keys[absent])]
        return is_here

    @property
    def index(self) -> KeyIndex:
        """The keys of the vectors that are on disk now."""
        return self._disk.keys

    def has_one(self, key: bytes) -> bool:
        """Tell whether a vector is on disk."""
        return self._disk.keys.has_one(key)

    def get(self, keys: Keys) -> Float32:
        """Return float32 [N, D] for keys that are here. Raises KeyError for one that is not.

        A part is checked when it is read first. Raises PhototaggerError where it is damaged.
        """
        disk, waiting = self._snapshot()
        places = disk.keys.find(keys)
        rows = np.empty((len(keys), _dimension(disk, waiting)), np.float32)
        absent = np.flatnonzero(places < 0)
        for place, key in zip(absent.tolist(), as_bytes(keys[absent]), strict=True):
            if key not in waiting:
                raise KeyError("there is no vector for one of the photos")
            rows[place] = waiting[key]
        parts = np.searchsorted(disk.starts, places, side="right") - 1
        parts[absent] = -1
        for part in sorted({*parts[parts >= 0].tolist()}):  # np.unique imports a tenth of NumPy
            self._check(disk.parts[part])
            chosen = parts == part
            rows[chosen] = disk.parts[part].rows[places[chosen] - disk.starts[part]]
            disk.parts[part].forget()
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
                f"{where}: the vectors in it are damaged (another checksum, or not finite)",
                "remove the file, then compute them again with `phototagger embed`",
            )
        with self._writing:
            self._check_place()
            self._files.remove([part])
            left = [other for other in self._disk.parts if other.number != part.number]
            after = _on_disk(left)
            with self._guard:
                self._disk = after
        raise PhototaggerError(
            f"{where}: the vectors in it were damaged (another checksum, or not finite), so it "
            "was removed",
            "run the same command again: it computes them again",
        )

    def blocks(self, keys: Keys) -> Iterator[Float32]:
        """Yield the vectors of keys that are here in blocks of a part's size."""
        for start in range(0, len(keys), PART_ROWS):
            yield self.get(keys[start : start + PART_ROWS])

    def cosines(self, keys: Keys, vector: Float32) -> Float32:
        """Return the cosine of each key's vector with one [D], float32 [N]; NaN where none is here.

        All vectors are read once, in the order in which they lie, a block in memory at a time.
        Asked again for the same array of keys, unchanged, it does not look them up again.
        """
        disk, waiting = self._snapshot()
        unit = vector / max(float(np.linalg.norm(vector)), _TINY)
        by_row = np.empty(len(disk.keys) + 1, np.float32)
        by_row[-1] = np.nan  # where a key is not found
        for part, start in zip(disk.parts, disk.starts.tolist(), strict=True):
            self._check(part)
            for first in range(0, len(part.keys), _BLOCK_ROWS):
                rows = part.rows[first : first + _BLOCK_ROWS]
                lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
                at = start + first
                by_row[at : at + len(rows)] = rows @ unit / np.maximum(lengths, _TINY)
            part.forget()
        if self._placed is None or self._placed.keys is not keys or self._placed.disk is not disk:
            self._placed = _RowsAsked(keys, disk, disk.keys.find(keys))
        cosines: Float32 = by_row[self._placed.places]
        for at in np.flatnonzero(np.isnan(cosines)).tolist() if waiting else ():
            row = waiting.get(keys[at].tobytes())
            if row is not None:
                cosines[at] = row @ unit / max(float(np.linalg.norm(row)), _TINY)
        return cosines

    @property
    def dimension(self) -> int:
        """D, the length of a vector; 0 while there is none."""
        return _dimension(*self._snapshot())

    def append(self, keys: Sequence[bytes], rows: Float32) -> None:
        """Add rows float32 [n, D]; they are on disk when their part is closed.

        Raises ValueError where one is not finite: it would be like no photo, or like all.
        """
        if not np.isfinite(rows).all():
            raise ValueError("a vector that is not finite cannot be kept")
        with self._guard:
            if not self._waiting:
                self._waiting_since = self._clock()
            self._waiting.update(zip(keys, rows, strict=True))
            due = self._clock() - self._waiting_since >= PART_SECONDS
            due = due or len(self._waiting) >= PART_ROWS
        if due:
            self.flush()

    def bring(self, parts: Iterable[Part]) -> Iterator[tuple[Part, int | None]]:
        """Add those rows of whole parts of another store that are not here.

        Yields each part with how many of its rows were new, which are on disk by then; None, and
        nothing of it is taken, where it is damaged. They are known here once all are through, as
        to know them after each part would take longer the more there are.
        """
        self.flush()
        with self._writing:
            before = self._disk
            number = before.parts[-1].number + 1 if before.parts else 0
            brought: list[Part] = []
            try:
                for part in parts:
                    if not part.is_sound():
                        yield part, None
                        continue
                    new = np.flatnonzero(~before.keys.has(part.keys))
                    if len(new):
                        self._check_place()
                        rows = part.rows[new]
                        brought.append(self._files.write(number, part.keys[new], rows))
                        self._sound.add(number)
                        number += 1
                    part.forget()
                    yield part, len(new)
            finally:
                after = _on_disk([*before.parts, *brought])
                with self._guard:
                    self._disk = after

    def flush(self) -> None:
        """Close the open part: its rows are on disk when this returns."""
        with self._writing:
            disk, waiting = self._snapshot()
            if not waiting:
                return
            self._check_place()
            rows = np.stack(list(waiting.values())).astype(np.float32, copy=False)
            number = disk.parts[-1].number + 1 if disk.parts else 0
            part = self._files.write(number, as_keys(waiting), rows)
            self._sound.add(number)
            after = _on_disk([*disk.parts, part])
            with self._guard:
                self._disk = after
                for key in waiting:
                    del self._waiting[key]


def _on_disk(parts: list[Part]) -> _StoredParts:
    ends = np.cumsum([0, *(len(part.keys) for part in parts)], dtype=np.int64)
    keys = np.concatenate([as_keys(()), *(part.keys for part in parts)])
    # Each part's keys are a view, so that they are in memory once.
    views = [
        part._replace(keys=keys[first:last])
        for part, first, last in zip(parts, ends[:-1], ends[1:], strict=True)
    ]
    return _StoredParts(views, ends[:-1], KeyIndex(keys))


def _dimension(disk: _StoredParts, waiting: dict[bytes, Float32]) -> int:
    if disk.parts:
        return int(disk.parts[0].rows.shape[1])
    return len(next(iter(waiting.values()))) if waiting else 0

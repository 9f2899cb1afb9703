"""The vectors of one model: append-only parts of float32 rows, and the SHA-1 each row belongs to.

A part is ``N.npy`` (rows) and ``N.keys`` (20 bytes a row). The rows are written and renamed first,
the keys last, so a part exists only where its keys do and the counts agree; what a killed process
left otherwise goes at the next start of a writer. Rows are read through a memory map.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.core.files import remove_leftovers, write_atomically
from phototagger.store.keys import KEY_BYTES, KeyIndex, Keys, as_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Float32 = NDArray[np.float32]

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
        self._folder = folder
        self._clock = clock
        self._waiting: list[tuple[bytes, Float32]] = []
        self._waiting_since = 0.0
        if writable:
            folder.mkdir(parents=True, exist_ok=True)
            self._tidy()
        self._load()

    def __len__(self) -> int:
        return len(self._index) + len(self._waiting)

    def has(self, keys: Keys) -> NDArray[np.bool_]:
        """Tell for each key whether its vector is here; rows still in memory count."""
        found = self._index.find(keys) >= 0
        if self._waiting:
            found |= KeyIndex(as_keys(key for key, _ in self._waiting)).find(keys) >= 0
        return found

    def has_one(self, key: bytes) -> bool:
        """Tell whether a vector is on disk; may be asked from any thread."""
        return bool(self._index.find(as_keys([key]))[0] >= 0)

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
            rows[chosen] = self._map(int(part))[places[chosen] - self._starts[part]]
        return rows

    @property
    def dimension(self) -> int:
        """D, the length of a vector; 0 while there is none."""
        return int(self._map(0).shape[1]) if self._numbers else 0

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
        number = self._numbers[-1] + 1 if self._numbers else 0
        self._write(number, keys, rows)
        self._waiting.clear()
        self._load()

    def _write(self, number: int, keys: Keys, rows: Float32) -> None:
        with write_atomically(self._rows_path(number)) as file:
            np.save(file, rows)
        with write_atomically(self._keys_path(number)) as file:
            file.write(keys.tobytes())

    def _load(self) -> None:
        self._numbers = [number for number in self._listed() if self._is_whole(number)]
        all_keys = [self._read_keys(number) for number in self._numbers]
        counts = [len(keys) for keys in all_keys]
        self._starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))[:-1]
        self._maps: dict[int, Float32] = {}
        empty = np.zeros((0, KEY_BYTES), np.uint8)
        self._index = KeyIndex(np.concatenate([empty, *all_keys]))

    def _map(self, part: int) -> Float32:
        if part not in self._maps:
            self._maps[part] = np.load(self._rows_path(self._numbers[part]), mmap_mode="r")
        return self._maps[part]

    def _listed(self) -> list[int]:
        names = (path.stem for path in self._folder.glob("*.keys"))
        return sorted(int(name) for name in names if name.isdecimal())

    def _is_whole(self, number: int) -> bool:
        size = self._keys_path(number).stat().st_size
        try:
            rows = np.load(self._rows_path(number), mmap_mode="r")
        except (OSError, ValueError, EOFError):
            return False
        fits = rows.dtype == np.float32 and rows.ndim == 2  # noqa: PLR2004
        return bool(fits and len(rows) * KEY_BYTES == size)

    def _read_keys(self, number: int) -> Keys:
        return as_keys([self._keys_path(number).read_bytes()])

    def _rows_path(self, number: int) -> Path:
        return self._folder / f"{number:08}.npy"

    def _keys_path(self, number: int) -> Path:
        return self._folder / f"{number:08}.keys"

    def _tidy(self) -> None:
        """Remove what no whole part needs, then merge neighbours that fit into one part."""
        remove_leftovers(self._folder)
        whole = [number for number in self._listed() if self._is_whole(number)]
        names = {f"{number:08}" for number in whole}
        for path in self._folder.iterdir():
            if path.suffix in (".npy", ".keys") and path.stem not in names:
                path.unlink()
        group: list[int] = []
        rows = 0
        for number in whole:
            count = self._keys_path(number).stat().st_size // KEY_BYTES
            if rows + count > PART_ROWS:
                self._merge(group, whole)
                group, rows = [], 0
            group.append(number)
            rows += count
        self._merge(group, whole)

    def _merge(self, group: list[int], whole: list[int]) -> None:
        if len(group) <= 1:
            return
        rows = np.concatenate([np.load(self._rows_path(number)) for number in group])
        keys = np.concatenate([self._read_keys(number) for number in group])
        merged = whole[-1] + 1
        whole.append(merged)
        self._write(merged, keys, rows)
        # A kill from here on leaves rows twice, which does no harm.
        for number in group:
            self._keys_path(number).unlink()
            self._rows_path(number).unlink()

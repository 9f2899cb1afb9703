"""The files of a vector store: parts of float32 rows, and the SHA-1 each row belongs to.

A part is ``N.npy`` (rows), ``N.sum`` (CRC-32 of the rows, 4 bytes) and ``N.keys`` (20 bytes a row).
The rows are written and renamed first, the keys last, so a part exists only where its keys do and
the counts agree; what a killed process left otherwise goes at the next start of a writer. A part
never changes once it is there. Parts of the first phototaggers have no checksum.
"""

import mmap
import os
import re
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.files.atomic import remove_leftovers, write_atomically
from phototagger.files.own import make_folder, naming, open_to_read, read_own
from phototagger.store.vectors.keys import KEY_BYTES, KeyIndex, Keys

Float32 = NDArray[np.float32]

_NAME = re.compile(r"([0-9]{8,})\.(npy|sum|keys)")
_HEADER_BYTES = 128
_MOST_LOOKS = 20
_KINDS = ("keys", "sum", "npy")  # in the order in which they go


class Part(NamedTuple):
    """A whole part: uint8 [n, 20] keys and float32 [n, D] rows, which lie in mapped ``pages``."""

    number: int
    keys: Keys
    rows: Float32
    pages: mmap.mmap
    checksum: bytes | None

    def is_sound(self) -> bool:
        """Read all rows, and tell whether they are those that were written, and numbers all."""
        is_written = self.checksum is None or _checksum(self.rows) == self.checksum
        return is_written and bool(np.isfinite(self.rows).all())

    def forget(self) -> None:
        """Let the memory of rows that were read go; they are read again when they are needed."""
        self.pages.madvise(mmap.MADV_DONTNEED)


class Parts:
    """The parts of one folder. Only the holder of the run_dir's lock may write or tidy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def whole(self) -> list[Part]:
        """Return every whole part, by number."""
        listed = self._listed()
        for _ in range(_MOST_LOOKS):
            parts = [self._read(number) for number in listed]
            # A writer that starts meanwhile merges parts away: look again until nothing moved.
            before, listed = listed, self._listed()
            if listed == before:
                break
        return [part for part in parts if part]

    def write(self, number: int, keys: Keys, rows: Float32) -> Part:
        """Write a part; it is on disk when this returns."""
        rows = np.ascontiguousarray(rows, "<f4")
        checksum = _checksum(rows)
        with write_atomically(self.path(number, "npy")) as file:
            file.write(_header(*rows.shape))
            file.write(rows.data)
        with write_atomically(self.path(number, "sum")) as file:
            file.write(checksum)
        with write_atomically(self.path(number, "keys")) as file:
            file.write(keys.tobytes())
        return Part(number, keys, *_mapped(self.path(number, "npy"), *rows.shape), checksum)

    def tidy(self, most_rows: int) -> list[Path]:
        """Remove what no whole part needs, then merge neighbours that fit into one part.

        Returns the rows' files of damaged parts, which went, too.
        """
        make_folder(self._folder)
        remove_leftovers(self._folder)
        listed, whole = self._listed(), self.whole()
        numbers = {part.number for part in whole}
        damaged = [self.path(number, "npy") for number in listed if number not in numbers]
        for path in self._folder.iterdir():
            match = _NAME.fullmatch(path.name)
            if match and int(match[1]) not in numbers:
                path.unlink()
        whole = self._without_merged(whole)
        free = whole[-1].number + 1 if whole else 0
        for group in _groups(whole, most_rows):
            sound: list[Part] = []
            for part in group:
                if part.is_sound():
                    sound.append(part)
                else:
                    damaged.append(self.path(part.number, "npy"))
            if sound:
                keys = np.concatenate([part.keys for part in sound])
                self.write(free, keys, np.concatenate([part.rows for part in sound]))
                free += 1
            # A kill from here on leaves rows twice, which does no harm.
            self.remove(group)
        return damaged

    def _without_merged(self, whole: list[Part]) -> list[Part]:
        """Remove the parts that an interrupted merge had already put into the last one."""
        if not whole:
            return whole
        last = KeyIndex(whole[-1].keys)
        once: list[Part] = [whole[-1]]
        twice: list[Part] = []
        for part in reversed(whole[:-1]):
            (twice if _is_within(part.keys, last) else once).append(part)
        self.remove(twice)
        return once[::-1]

    def remove(self, parts: list[Part]) -> None:
        """Remove parts, the keys first: so none is ever there in part."""
        for part in parts:
            for kind in _KINDS:
                self.path(part.number, kind).unlink(missing_ok=kind == "sum")

    def _listed(self) -> list[int]:
        try:
            matches = [_NAME.fullmatch(path.name) for path in self._folder.iterdir()]
        except FileNotFoundError:
            return []
        return sorted(int(match[1]) for match in matches if match and match[2] == "keys")

    def _read(self, number: int) -> Part | None:
        """Return a part, None where it is not whole; another error of reading is none of its."""
        try:
            data = read_own(self.path(number, "keys"))
            rows = self.path(number, "npy")
            with naming(rows), open(open_to_read(rows), "rb") as file:  # noqa: PTH123
                size = os.fstat(file.fileno()).st_size - _HEADER_BYTES
                header = file.read(_HEADER_BYTES)
        except FileNotFoundError:
            return None
        count = len(data) // KEY_BYTES
        dimension = size // (4 * count) if count else 0
        if dimension < 1 or (len(data), size) != (KEY_BYTES * count, 4 * count * dimension):
            return None
        if header != _header(count, dimension):
            return None
        keys = np.frombuffer(data, np.uint8).reshape(-1, KEY_BYTES)
        try:
            mapped = _mapped(self.path(number, "npy"), count, dimension)
        except FileNotFoundError:
            return None
        return Part(number, keys, *mapped, self._read_checksum(number))

    def _read_checksum(self, number: int) -> bytes | None:
        try:
            return read_own(self.path(number, "sum"))
        except FileNotFoundError:
            return None

    def path(self, number: int, kind: str) -> Path:
        """Return the path of one of a part's files."""
        return self._folder / f"{number:08}.{kind}"


def _checksum(rows: Float32) -> bytes:
    return zlib.crc32(rows.data).to_bytes(4, "little")


def _header(count: int, dimension: int) -> bytes:
    """Return what ``np.save`` writes before rows: NumPy's own format, version 1.0."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count}, {dimension}), }}"
    length = _HEADER_BYTES - 10
    return (
        b"\x93NUMPY\1\0" + length.to_bytes(2, "little") + header.encode().ljust(length - 1) + b"\n"
    )


def _mapped(path: Path, count: int, dimension: int) -> tuple[Float32, mmap.mmap]:
    with naming(path), open(open_to_read(path), "rb") as file:  # noqa: PTH123  (a descriptor)
        pages = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    rows = np.frombuffer(pages, np.float32, count * dimension, _HEADER_BYTES)
    return rows.reshape(count, dimension), pages


def _is_within(keys: Keys, index: KeyIndex) -> bool:
    fits = len(keys) <= len(index) and index.find(keys[:1])[0] >= 0
    return bool(fits and (index.find(keys) >= 0).all())


def _groups(parts: list[Part], most_rows: int) -> list[list[Part]]:
    """Return the runs of neighbours that are at most so many rows together, two or more each."""
    groups: list[list[Part]] = [[]]
    for part in parts:
        if sum(len(earlier.keys) for earlier in groups[-1]) + len(part.keys) > most_rows:
            groups.append([])
        groups[-1].append(part)
    return [group for group in groups if len(group) > 1]

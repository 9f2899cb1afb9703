"""Many absolute paths, each folder's text held once: a quarter of the memory of as many strings."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import overload

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 1024  # paths made into strings together
_NEAR = 2**16  # bytes of paths that are taken together


class PathColumn(Sequence[str]):
    """Paths in the order in which they were added, as bytes: any name a disk can hold survives.

    A slice is a list of strings.
    """

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self._folders: list[str] = []  # each ends with its separator
        self._folder = array("i")
        self._names = bytearray()  # each ends with a zero byte, which no name holds
        self._ends = array("q")
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        """Put one more path at the end."""
        begin = path.rfind(os.sep) + 1
        self._add_folder(path[:begin])
        self._folder.append(len(self._folders) - 1)
        self._names += os.fsencode(path[begin:]) + b"\0"
        self._ends.append(len(self._names))

    def extend(self, paths: bytes) -> None:
        """Put more paths at the end, each with a zero byte after it; fastest in their order."""
        begin = 0
        while begin < len(paths):
            folder = _folder_of(paths[begin : paths.find(b"\0", begin)])
            end = _end_of(paths, folder, begin)
            if not self._add_siblings(folder, paths[begin:end]):
                for other, siblings in groupby(paths[begin : end - 1].split(b"\0"), _folder_of):
                    self._add_siblings(other, b"\0".join([*siblings, b""]))
            begin = end

    def _add_siblings(self, folder: bytes, paths: bytes) -> bool:
        """Put paths at the end that are all in one folder; tell whether they are, else put none."""
        # Cut from all of them together, as no path holds a zero byte.
        names = (b"\0" + paths).replace(b"\0" + folder, b"\0")[1:]
        count = len(names) - np.count_nonzero(np.frombuffer(names, np.uint8))
        if len(paths) - len(names) != count * len(folder) or b"/" in names:
            return False
        self._add_names(os.fsdecode(folder), names)
        return True

    def _add_names(self, folder: str, names: bytes) -> None:
        ends = np.flatnonzero(np.frombuffer(names, np.uint8) == 0) + len(self._names) + 1
        self._add_folder(folder)
        self._folder.frombytes(np.full(len(ends), len(self._folders) - 1, np.int32).tobytes())
        self._names += names
        self._ends.frombytes(ends.tobytes())

    def _add_folder(self, folder: str) -> None:
        # A folder that is returned to stands there twice: still far below one for each photo.
        if not self._folders or self._folders[-1] != folder:
            self._folders.append(folder)

    def cut(self, most: int) -> None:
        """Keep the first so many paths."""
        del self._folder[most:], self._ends[most:]
        del self._folders[self._folder[-1] + 1 if self._folder else 0 :]
        del self._names[self._ends[-1] if self._ends else 0 :]

    def at(self, positions: NDArray[np.int64]) -> list[str]:
        """Return the paths at these positions."""
        first, last = (positions.min(), positions.max()) if len(positions) else (0, -1)
        if last - first >= 2 * len(positions):
            return [self[position] for position in positions.tolist()]
        near = self[int(first) : int(last) + 1]
        return [near[offset] for offset in (positions - first).tolist()]

    def only(self, positions: NDArray[np.int64]) -> PathColumn:
        """Return a column of the paths at these positions."""
        return PathColumn(map(self.__getitem__, positions.tolist()))

    def by_folder(self) -> tuple[PathColumn, NDArray[np.int64]]:
        """Return these paths folder after folder, and where each of them stands here, int64 [N].

        The folders are in the order of a walk. The names in each have to be in that of their code
        points or of their bytes, and are in that of their bytes then.
        """
        bounds = np.searchsorted(self.folder_of, np.arange(len(self._folders) + 1)).tolist()
        ends = [self._ends[bound - 1] if bound else 0 for bound in bounds]
        walk = sorted(range(len(self._folders)), key=lambda run: walk_key(self._folders[run]))
        column, places = PathColumn(), [np.zeros(0, np.int64)]
        for folder, runs in groupby(walk, key=self._folders.__getitem__):
            parts = list(runs)
            positions = np.concatenate([np.arange(*bounds[run : run + 2]) for run in parts])
            names = b"".join([self._names[slice(*ends[run : run + 2])] for run in parts])
            if not names.isascii():  # bytes that are no text stand elsewhere among code points
                each = names.split(b"\0")[:-1]
                by_name = sorted(range(len(each)), key=each.__getitem__)
                names = b"".join([each[at] + b"\0" for at in by_name])
                positions = positions[by_name]
            column._add_names(folder, names)
            places.append(positions)
        return column, np.concatenate(places)

    @property
    def folders(self) -> list[str]:
        """The folders, each with its separator; one that is returned to stands there again."""
        return self._folders

    @property
    def folder_of(self) -> NDArray[np.int32]:
        """Of which of the folders each path is, int32 [N]."""
        return np.array(self._folder, np.int32)

    def runs(self, positions: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Return ascending positions cut where one's folder is not that of the one before."""
        folder = self.folder_of[positions]
        return np.split(positions, np.flatnonzero(np.diff(folder)) + 1) if len(positions) else []

    def __len__(self) -> int:
        return len(self._ends)

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _AT_ONCE):
            yield from self._strings(start, min(start + _AT_ONCE, len(self)))

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            if step == 1:
                return self._strings(start, max(start, stop))
            return [self[position] for position in range(start, stop, step)]
        end = self._ends[at] - 1
        first = self._names.rfind(b"\0", 0, end) + 1
        return self._folders[self._folder[at]] + os.fsdecode(bytes(self._names[first:end]))

    def _strings(self, start: int, stop: int) -> list[str]:
        if start == stop:
            return []
        first = self._ends[start - 1] if start else 0
        # Decoded together: a name that is not UTF-8 ends with its zero byte like any other.
        names = os.fsdecode(bytes(self._names[first : self._ends[stop - 1] - 1])).split("\0")
        folders = self._folders
        return [
            folders[run] + name for run, name in zip(self._folder[start:stop], names, strict=True)
        ]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PathColumn) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


class PathIndex:
    """Finds paths in a column, at 16 bytes for each: in a dict one takes 130."""

    def __init__(self, paths: PathColumn) -> None:
        self._paths = paths
        hashes = _hashes(paths)
        self._order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[self._order]

    def find(self, paths: Sequence[str]) -> NDArray[np.int64]:
        """Return the position of each of the paths, -1 where it is not there.

        Of two paths with one hash, which no library is large enough to have, only the first is
        found: the other's photo is then read again.
        """
        if not len(self._paths):
            return np.full(len(paths), -1, np.int64)
        wanted = _hashes(paths)
        places = np.searchsorted(self._hashes, wanted)
        places[places == len(self._hashes)] = 0
        positions = self._order[places]
        for start in range(0, len(paths), _AT_ONCE):
            block = positions[start : start + _AT_ONCE]
            pairs = zip(paths[start : start + _AT_ONCE], self._paths.at(block), strict=True)
            block[[path != other for path, other in pairs]] = -1
        return positions


def _folder_of(path: bytes) -> bytes:
    return path[: path.rfind(b"/") + 1]


def _end_of(paths: bytes, folder: bytes, begin: int) -> int:
    """Return where paths in their order stop beginning with a folder, as the first of them does.

    Not far from the first, as what stands in folders below is found by looking at each of them.
    """
    end = paths.find(b"\0", min(begin + _NEAR, len(paths) - 1)) + 1
    while begin < end:
        middle = max(begin, paths.rfind(b"\0", begin, (begin + end) // 2) + 1)
        if paths.startswith(folder, middle):
            begin = paths.find(b"\0", middle) + 1
        else:
            end = middle
    return begin


def walk_key(folder: str) -> bytes:
    """Return what a folder is sorted by, so that it comes before all that begins with its name."""
    return os.fsencode(folder).replace(b"/", b"\0")


def _hashes(paths: Sequence[str]) -> NDArray[np.int64]:
    return np.fromiter(map(hash, paths), np.int64, len(paths))

"""The photos under review by columns, folder after folder, and what holds for each.

A photo whose file nobody has read yet has no content that anything could be kept for: a stand-in of
its path takes the place of that until then.
"""

from __future__ import annotations

import hashlib
import os
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.checklist import Mark
from phototagger.core.scan import relative
from phototagger.store.labels.marks import files_under, marks
from phototagger.store.vectors.keys import KEY_BYTES, Keys, as_bytes, as_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from phototagger.engine.library.library import Opened
    from phototagger.engine.library.photos import Photos
    from phototagger.store.catalogue.database import Catalogue

_Row = tuple[bytes, bytes]


class Listing:
    """N photos, in the order of their folders and then of their names.

    ``paths`` are absolute, ``keys`` uint8 [N, 20]; ``folder_of`` int32 [N] numbers the ``folders``
    (relative to the root, ``.`` for itself). Photos with the same content share one mark. The key
    of a photo that is ``unread``, bool [N], only stands in.
    """

    def __init__(self, root: str, files: Iterable[tuple[bytes, bytes]], most: int = 0) -> None:
        """Take (path, SHA-1) of photos in any order; the first ``most`` in scan order (0: all).

        The SHA-1 is empty where nobody has read the file.
        """
        self.root = root
        rows = list(files)
        if most and len(rows) > most:
            rows = sorted(rows, key=lambda row: row[0].replace(b"/", b"\0"))[:most]
        rows = self._by_folder(rows)
        # Decoded together, which takes a fifth of the time: no path holds a zero byte.
        self.paths = os.fsdecode(b"\0".join([path for path, _ in rows])).split("\0") if rows else []
        self.keys: Keys = as_keys([sha1 or _stand_in(path) for path, sha1 in rows])
        self.unread = np.array([not sha1 for _, sha1 in rows], np.bool_)
        same = self.keys.view(f"S{KEY_BYTES}").reshape(-1)
        # S drops trailing zero bytes, which digests of equal length compare the same without.
        first, self._content = np.unique(same, return_inverse=True)
        self._contents = first
        self._marks = np.zeros(len(first), np.uint8)
        self._content = self._content.astype(np.int32)

    def _by_folder(self, rows: list[_Row]) -> list[_Row]:
        """Return the rows in the order of the listing; note which folders there are."""
        found: dict[bytes, list[_Row]] = {}
        for row in rows:
            folder = row[0].rpartition(b"/")[0]
            if folder in found:
                found[folder].append(row)
            else:
                found[folder] = [row]
        order = sorted(found, key=lambda folder: folder.replace(b"/", b"\0"))
        names = [os.fsdecode(one) for one in order]
        self.folders = [relative(one, self.root) if one != self.root else "." for one in names]
        counts = [len(found[one]) for one in order]
        self.folder_starts = [0, *accumulate(counts)][:-1]
        self.folder_of = np.repeat(np.arange(len(order), dtype=np.int32), counts)
        for some in found.values():
            some.sort()
        return [row for folder in order for row in found[folder]]

    def __len__(self) -> int:
        return len(self.paths)

    def is_same(self, other: Listing) -> bool:
        """Tell whether another listing has the same files with the same contents."""
        return self.has_files_of(other) and bool((self.keys == other.keys).all())

    def has_files_of(self, other: Listing) -> bool:
        """Tell whether another listing has the same files, so that positions mean the same."""
        return self.paths == other.paths

    @property
    def marks(self) -> NDArray[np.uint8]:
        """The ``Mark`` of each photo, uint8 [N]."""
        return self._marks[self._content]

    def mark(self, position: int) -> Mark:
        """Return what holds for a photo."""
        return Mark(int(self._marks[self._content[position]]))

    def read_marks(self, catalogue: Catalogue) -> None:
        """Read what holds for every photo from the catalogue."""
        self._marks[:] = Mark.UNDECIDED
        self._put(marks(catalogue))

    def read_marks_of(self, catalogue: Catalogue, sha1s: Sequence[bytes]) -> None:
        """Read again what holds for some contents."""
        found = dict.fromkeys(sha1s, Mark.UNDECIDED) | dict(marks(catalogue, sha1s))
        self._put(found.items())

    def _put(self, found: Iterable[tuple[bytes, Mark]]) -> None:
        rows = list(found)
        if not rows or not len(self._contents):
            return
        wanted = np.array([sha1 for sha1, _ in rows], f"S{KEY_BYTES}")
        places = np.searchsorted(self._contents, wanted)
        places[places == len(self._contents)] = 0
        here = self._contents[places] == wanted
        self._marks[places[here]] = np.array([mark for _, mark in rows], np.uint8)[here]

    def sha1(self, position: int) -> bytes:
        """Return a photo's content."""
        return bytes(self.keys[position])

    def same_content(self, position: int) -> list[int]:
        """Return every position that holds the content of this one, itself included."""
        return np.flatnonzero(self._content == self._content[position]).tolist()

    def positions_of(self, sha1s: Iterable[bytes]) -> list[int]:
        """Return every position that holds one of these contents."""
        wanted = np.array(list(sha1s), f"S{KEY_BYTES}")
        if not len(self._contents):
            return []
        places = np.searchsorted(self._contents, wanted)
        places[places == len(self._contents)] = 0
        asked = np.zeros(len(self._contents), np.bool_)
        asked[places[self._contents[places] == wanted]] = True
        return np.flatnonzero(asked[self._content]).tolist()

    def positions_from(self, other: Listing, positions: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return where photos of another listing are here, in their order; those that are."""
        places = {path: at for at, path in enumerate(self.paths)}
        there = (places.get(other.paths[one]) for one in positions.tolist())
        return np.array([one for one in there if one is not None], np.int32)

    def count_contents(self, positions: NDArray[np.int32]) -> int:
        """Return how many different contents are at some positions."""
        return len(np.unique(self._content[positions]))

    def in_folder(self, folder: int) -> range:
        """Return the positions of a folder's own photos."""
        starts = [*self.folder_starts, len(self)]
        return range(starts[folder], starts[folder + 1])

    def counts(self) -> NDArray[np.int64]:
        """Return photos by folder and mark, int64 [F, 4]."""
        flat = self.folder_of.astype(np.int64) * len(Mark) + self.marks
        size = len(self.folders) * len(Mark)
        return np.bincount(flat, minlength=size).reshape(len(self.folders), len(Mark))


def _stand_in(path: bytes) -> bytes:
    return hashlib.sha1(b"unread\0" + path, usedforsecurity=False).digest()


def known_listing(job: Opened) -> Listing:
    """Return the photos that are known by now, without looking at the root."""
    return Listing(job.root, files_under(job.catalogue, job.root), job.settings.max_images)


def found_listing(job: Opened, photos: Photos) -> Listing:
    """Return the photos of a look at the root, those that nobody has read among them."""
    sha1s = as_bytes(photos.keys)
    files = zip(map(os.fsencode, photos.paths), sha1s, photos.known.tolist(), strict=True)
    return Listing(job.root, ((path, sha1 if known else b"") for path, sha1, known in files))

"""The photos under review by columns, folder after folder, and what holds for each.

A photo whose file nobody has read yet has no content that anything could be kept for: a stand-in of
its path takes the place of that until then.
"""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.core.checklist import Mark
from phototagger.core.path_column import PathColumn, PathIndex, walk_key
from phototagger.core.scan import relative
from phototagger.engine.library.photos import Photos
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.marks import Marks, files_under, marks
from phototagger.store.vectors.keys import KeyIndex, Keys, as_keys

if TYPE_CHECKING:
    from phototagger.engine.library.library import Opened

_FEW = 5000  # photos that are looked up one by one; of more all are read
_ACTS = 100  # that are remembered while marks are read


class Listing:
    """N photos, in the order of their folders and then of their names.

    ``paths`` are absolute, ``keys`` uint8 [N, 20]; ``folder_of`` int32 [N] numbers the ``folders``
    (relative to the root, ``.`` for itself). Photos with the same content share one mark. The key
    of a photo that is ``unread``, bool [N], only stands in.
    """

    def __init__(
        self,
        root: str,
        paths: PathColumn,
        keys: Keys,
        known: NDArray[np.bool_] | None = None,
    ) -> None:
        """Take photos in the order of a scan or of their paths' bytes.

        ``known`` bool [N]: whose files were read (all).
        """
        self.root = root
        self.paths, order = paths.by_folder()
        self.keys: Keys = keys[order]
        self.unread = np.zeros(len(order), np.bool_) if known is None else ~known[order]
        for at in np.flatnonzero(self.unread).tolist():
            self.keys[at] = np.frombuffer(_stand_in(os.fsencode(self.paths[at])), np.uint8)
        names = [name.rstrip("/") or "/" for name in self.paths.folders]
        self.folders = [relative(name, root) if name != root else "." for name in names]
        self.folder_of = self.paths.folder_of
        starts = np.searchsorted(self.folder_of, np.arange(len(names)))
        self.folder_starts: list[int] = starts.tolist()
        self._index = KeyIndex(self.keys)
        self._content = self._index.firsts().astype(np.int32)
        self._marks = np.zeros(len(self), np.uint8)  # by the first position of a content
        self.marked_at: int | None = None  # when its marks were read, as ``Touched`` counts

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
        """Read what holds for every photo from the catalogue; it is shown once all is read."""
        fresh = np.full(len(self), Mark.UNDECIDED, np.uint8)
        self._put(marks(catalogue), fresh)
        self._marks = fresh

    def read_marks_of(self, catalogue: Catalogue, sha1s: Sequence[bytes]) -> None:
        """Read again what holds for some contents."""
        if len(sha1s) > _FEW:
            self.read_marks(catalogue)
            return
        places = self._index.find(as_keys(sha1s))
        self._marks[places[places >= 0]] = Mark.UNDECIDED
        self.put_marks(marks(catalogue, sha1s))

    def put_marks(self, marked: Iterable[Marks]) -> None:
        """Put what holds for photos in the place of what held; the last of each counts."""
        self._put(marked, self._marks)

    def _put(self, marked: Iterable[Marks], into: NDArray[np.uint8]) -> None:
        for keys, marks_of_keys in marked:
            places = self._index.find(keys)
            is_here = places >= 0
            into[places[is_here]] = marks_of_keys[is_here]

    def sha1(self, position: int) -> bytes:
        """Return a photo's content."""
        return bytes(self.keys[position])

    def same_content(self, position: int) -> list[int]:
        """Return every position that holds the content of this one, itself included."""
        return np.flatnonzero(self._content == self._content[position]).tolist()

    def contents(self, positions: Iterable[int]) -> list[bytes]:
        """Return the contents of photos, each once."""
        return list(dict.fromkeys(self.sha1(position) for position in positions))

    def positions_of(self, sha1s: Iterable[bytes]) -> list[int]:
        """Return every position that holds one of these contents."""
        places = self._index.find(as_keys(sha1s))
        asked = np.zeros(len(self), np.bool_)
        asked[places[places >= 0]] = True
        return np.flatnonzero(asked[self._content]).tolist()

    def positions_from(self, other: Listing, positions: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return where photos of another listing are here, in their order; those that are."""
        places = PathIndex(self.paths).find(other.paths.at(positions.astype(np.int64)))
        return places[places >= 0].astype(np.int32)

    def find(self, path: str) -> int | None:
        """Return the position of a photo, None where it is not here."""
        at = self.place(path)
        return at if at < len(self) and self.paths[at] == path else None

    def place(self, path: str) -> int:
        """Return the position that a photo has, or would have."""
        return bisect_left(self.paths, _order(path), key=_order)

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


class Touched:
    """Which contents acts decided of late: marks that were read beside the keys lack these.

    ``count`` is how many acts there were.
    """

    def __init__(self) -> None:
        self._acts: deque[Sequence[bytes] | None] = deque(maxlen=_ACTS)
        self.count = 0

    def add(self, sha1s: Sequence[bytes]) -> None:
        """Take note of an act, once it is on disk."""
        self._acts.append(sha1s if len(sha1s) <= _FEW else None)
        self.count += 1

    def marking(self, listing: Listing, catalogue: Catalogue) -> Listing:
        """Return a listing that is not shown yet with its marks read, as of now; on any thread."""
        listing.marked_at = self.count
        listing.read_marks(catalogue)
        return listing

    def bring_up(self, listing: Listing, catalogue: Catalogue) -> None:
        """Bring marks up to date before they are shown; quick, if they were read a moment ago."""
        later = None if listing.marked_at is None else self._since(listing.marked_at)
        if later is None:
            listing.read_marks(catalogue)
        else:
            listing.read_marks_of(catalogue, later)

    def _since(self, count: int) -> list[bytes] | None:
        """Return the contents that were decided after so many acts; None where they are many."""
        missed = self.count - count
        if missed > len(self._acts):
            return None
        later = list(self._acts)[len(self._acts) - missed :]
        named = [sha1s for sha1s in later if sha1s is not None]
        if len(named) < len(later):
            return None
        return list(dict.fromkeys(chain.from_iterable(named)))


def _order(path: str) -> tuple[bytes, bytes]:
    """Return what a listing is sorted by."""
    folder, _, name = path.rpartition(os.sep)
    return walk_key(folder + os.sep), os.fsencode(name)


def _stand_in(path: bytes) -> bytes:
    return hashlib.sha1(b"unread\0" + path, usedforsecurity=False).digest()


def known_listing(job: Opened) -> Listing:
    """Return the photos that are known by now, without looking at the root."""
    paths, keys = files_under(job.catalogue, job.root)
    most = job.settings.max_images
    if 0 < most < len(paths):
        first = sorted(range(len(paths)), key=lambda at: walk_key(paths[at]))[:most]
        chosen = np.array(sorted(first), np.int64)
        paths, keys = paths.only(chosen), keys[chosen]
    return Listing(job.root, paths, keys)


def marked_listing(job: Opened) -> Listing:
    """Return the photos that are known by now, and what holds of each: both are read at once."""
    with ThreadPoolExecutor(1) as beside:
        marked = beside.submit(lambda: list(marks(job.catalogue)))
        listing = known_listing(job)
    listing.put_marks(marked.result())
    return listing


def found_listing(job: Opened, photos: Photos) -> Listing:
    """Return the photos of a look at the root, those that nobody has read among them."""
    return Listing(job.root, photos.paths, photos.keys, photos.known)

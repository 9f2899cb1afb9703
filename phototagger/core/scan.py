"""Folder → photos: which files under a root are photos, in an order that no locale changes."""

from __future__ import annotations

import os
import stat
from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, overload

from phototagger.core.path_column import PathColumn
from phototagger.errors import UsageError
from phototagger.files.atomic import time_ns
from phototagger.formats import USUAL, endings_of, has_ending
from phototagger.printable import printable
from phototagger.reasons import Reason

_CACHE_TAG = "CACHEDIR.TAG"  # marks a folder of thumbnails, of ours or of others
_SKIPPED_FOLDERS = frozenset({"@eaDir"})
_TOLD_AFTER = 256  # photos


class ScannedPhoto(NamedTuple):
    """One photo of a scan: absolute path, size in bytes, time of change in ns."""

    path: str
    size: int
    mtime_ns: int


class FoundPhotos(Sequence[ScannedPhoto]):
    """Photos by columns, which take a tenth of the memory of as many tuples.

    ``sizes`` and ``mtimes_ns`` are arrays of 64-bit integers beside the ``paths``.
    """

    def __init__(self, photos: Iterable[ScannedPhoto] = ()) -> None:
        self.paths = PathColumn()
        self.sizes = array("q")
        self.mtimes_ns = array("q")
        for photo in photos:
            self.add(*photo)

    def add(self, path: str, size: int, mtime_ns: int) -> None:
        """Put one more photo at the end."""
        self.paths.add(path)
        self.sizes.append(size)
        self.mtimes_ns.append(mtime_ns)

    def cut(self, most: int) -> None:
        """Keep the first so many photos."""
        self.paths.cut(most)
        del self.sizes[most:], self.mtimes_ns[most:]

    def __len__(self) -> int:
        return len(self.paths)

    @overload
    def __getitem__(self, at: int) -> ScannedPhoto: ...
    @overload
    def __getitem__(self, at: slice) -> FoundPhotos: ...
    def __getitem__(self, at: int | slice) -> ScannedPhoto | FoundPhotos:
        if isinstance(at, slice):
            return FoundPhotos(self[position] for position in range(*at.indices(len(self))))
        return ScannedPhoto(self.paths[at], self.sizes[at], self.mtimes_ns[at])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FoundPhotos) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


class Failure(NamedTuple):
    """A path that cannot be used, and why."""

    path: str
    reason: str


@dataclass
class Scan:
    """What a scan found: photos and failures in order; ``total`` counts photos before the cut.

    ``left_out`` counts the photos in each folder that was to be skipped, where it holds any.
    ``pairs`` has the raw of each JPEG that has one beside it, and is the photo for both.
    """

    root: str
    photos: FoundPhotos = field(default_factory=FoundPhotos)
    failures: list[Failure] = field(default_factory=list)
    total: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    pairs: dict[str, str] = field(default_factory=dict)


def scan(
    root: str | os.PathLike[str],
    *,
    max_images: int = 0,
    skip: Collection[str | os.PathLike[str]] = (),
    formats: Sequence[str] = USUAL,
    pair_raw: bool = False,
    tell: Callable[[FoundPhotos], None] = lambda _: None,
) -> Scan:
    """Find the photos under a root, ordered by path parts in code points.

    Names beginning with a dot, ``@eaDir`` folders and marked caches are passed over, and the
    folders in ``skip`` (absolute). Links to folders are not followed; a link to a regular file
    is a photo. A name of a photo that is something else or an empty file, and a folder that cannot
    be read, is a failure. ``formats``: names out of ``phototagger.formats.FORMATS``. ``pair_raw``:
    a raw with its JPEG beside it is no photo of its own. ``max_images`` cuts the list (0: all).
    ``tell`` is given the photos so far, which it must not keep, again and again. Raises UsageError
    where the root is no folder.
    """
    base = check_root(os.path.abspath(os.fspath(root)))
    skipped = frozenset(_identity(folder) for folder in skip) - {None}
    walk = _Walk(
        endings_of(formats), skipped, tell, pair_raw={"jpeg", "raw"} <= {*formats} and pair_raw
    )
    result = Scan(base, walk.photos(base), walk.failures, pairs=walk.pairs)
    for folder in walk.passed_over:
        if count := len(_Walk(walk.endings, skipped, pair_raw=pair_raw).photos(folder)):
            result.left_out[folder] = count
    result.total = len(result.photos)
    if max_images:
        result.photos.cut(max_images)
    return result


def check_root(root: str) -> str:
    """Return the root. Raises UsageError where it is no folder."""
    if not os.path.isdir(root):  # noqa: PTH112
        why = "is not a folder" if os.path.lexists(root) else "does not exist"
        raise UsageError(
            f"{printable(root)}: the root {why}", "name a folder of photos with --root"
        )
    return root


def _identity(folder: str | os.PathLike[str] | os.DirEntry[str]) -> tuple[int, int] | None:
    """Return what a folder is known by, whichever of its paths leads to it."""
    try:
        status = os.stat(folder)  # noqa: PTH116
    except OSError:
        return None
    return status.st_dev, status.st_ino


@dataclass
class _Walk:
    """A walk through folders: the photos in them, each folder's where its name stands.

    So they need no sorting at the end. A folder comes before what begins with its name, as the
    parts of their paths are compared.
    """

    endings: tuple[str, ...]
    skipped: frozenset[tuple[int, int] | None]
    tell: Callable[[FoundPhotos], None] = lambda _: None
    pair_raw: bool = False
    failures: list[Failure] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    pairs: dict[str, str] = field(default_factory=dict)

    def photos(self, base: str) -> FoundPhotos:
        """Return the photos below a folder."""
        photos = FoundPhotos()
        waiting = self._entries(base)
        while waiting:
            entry = waiting.pop()
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting += self._folder(entry)
            elif has_ending(entry.name, self.endings):
                why = _look_at(entry, photos)
                if why is not None:
                    self.failures.append(Failure(entry.path, why))
                elif len(photos) % _TOLD_AFTER == 0:
                    self.tell(photos)
        return photos

    def _folder(self, entry: os.DirEntry[str]) -> list[os.DirEntry[str]]:
        """Return what lies in a folder that is not passed over."""
        if entry.name in _SKIPPED_FOLDERS:
            return []
        if self.skipped and _identity(entry) in self.skipped:
            self.passed_over.append(entry.path)
            return []
        if has_ending(entry.name, self.endings):
            self.failures.append(Failure(entry.path, "is a folder with the name of a photo"))
        return self._entries(entry.path)

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        """Return what lies in a folder, but for the raws that go with a JPEG."""
        entries = _entries(folder, self.failures)
        if not self.pair_raw:
            return entries
        paired = _pairs(entries)
        self.pairs |= {jpeg.path: raw.path for jpeg, raw in paired}
        raws = {raw.name for _, raw in paired}
        return [entry for entry in entries if entry.name not in raws]


def _pairs(entries: Sequence[os.DirEntry[str]]) -> list[tuple[os.DirEntry[str], os.DirEntry[str]]]:
    """Return each JPEG in a folder with the raw of the same name, the first of several of each."""
    stems = [_by_stem(entries, endings_of([name])) for name in ("jpeg", "raw")]
    return [(jpeg, stems[1][stem]) for stem, jpeg in stems[0].items() if stem in stems[1]]


def _by_stem(
    entries: Sequence[os.DirEntry[str]], endings: tuple[str, ...]
) -> dict[str, os.DirEntry[str]]:
    return {
        entry.name.rpartition(".")[0]: entry
        for entry in entries  # the last name first
        if has_ending(entry.name, endings) and not entry.name.startswith(".") and entry.is_file()
    }


def _entries(folder: str, failures: list[Failure]) -> list[os.DirEntry[str]]:
    """Return what lies in a folder, the last name first; nothing of one marked as a cache."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name, reverse=True)
    except OSError as error:
        failures.append(Failure(folder, f"the folder cannot be read: {error.strerror}"))
        return []
    return [] if any(entry.name == _CACHE_TAG for entry in entries) else entries


def _look_at(entry: os.DirEntry[str], photos: FoundPhotos) -> str | None:
    """Add a photo to those that were found; return why, where it is none."""
    try:
        status = entry.stat()
    except FileNotFoundError:
        return "is a link to nothing" if entry.is_symlink() else "vanished during the scan"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if stat.S_ISREG(status.st_mode):
        if not status.st_size:
            return str(Reason("empty"))
        photos.add(entry.path, status.st_size, time_ns(status))
        return None
    if stat.S_ISDIR(status.st_mode):
        return "is a link to a folder, which is not followed"
    return "is not a regular file (a pipe, a socket or a device)"


def relative(path: str, root: str) -> str:
    """Return a photo's path relative to its root, both absolute."""
    return path[len(root) :].lstrip(os.sep) if root != os.sep else path[1:]


def folder_of(rel_path: str) -> str:
    """Return the folder of a relative path; ``.`` for the root itself."""
    return rel_path.rpartition(os.sep)[0] or "."

"""Folder → photos: which files under a root are photos, in an order that no locale changes."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from phototagger.core.errors import UsageError, printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

EXTENSIONS = (".jpg", ".jpeg", ".png")
"""What a photo's name ends with, in any case."""

_SKIPPED_FOLDERS = frozenset({"@eaDir"})


class FoundPhoto(NamedTuple):
    """One photo of a scan: absolute path, size in bytes, time of change in ns."""

    path: str
    size: int
    mtime_ns: int


class Failure(NamedTuple):
    """A path that cannot be used, and why."""

    path: str
    reason: str


@dataclass
class Scan:
    """What a scan found: photos and failures in order; ``total`` counts photos before the cut."""

    root: str
    photos: list[FoundPhoto] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    total: int = 0


def scan(
    root: str | os.PathLike[str],
    *,
    max_images: int = 0,
    skip: Collection[str | os.PathLike[str]] = (),
) -> Scan:
    """Find the photos under a root, ordered by path parts in code points.

    Names beginning with a dot and ``@eaDir`` folders are passed over, and the folders in ``skip``
    (absolute). Links to folders are not followed; a link to a regular file is a photo. A name of
    a photo that is something else, and a folder that cannot be read, is a failure.
    ``max_images`` cuts the list (0: all). Raises UsageError where the root is no folder.
    """
    base = check_root(os.path.abspath(os.fspath(root)))
    skipped = frozenset(_identity(folder) for folder in skip) - {None}
    found = Scan(base)
    photos = list(_walk(base, skipped, found.failures))
    # A separator sorts before every other character, as the end of a path part must.
    photos.sort(key=lambda photo: photo.path.replace(os.sep, "\0"))
    found.failures.sort(key=lambda failure: failure.path.replace(os.sep, "\0"))
    found.total = len(photos)
    found.photos = photos[:max_images] if max_images else photos
    return found


def check_root(root: str) -> str:
    """Return the root. Raises UsageError where it is no folder."""
    if not os.path.isdir(root):  # noqa: PTH112
        why = "is not a folder" if os.path.lexists(root) else "does not exist"
        raise UsageError(f"{printable(root)}: the root {why}; name a folder of photos with --root")
    return root


def _identity(folder: str | os.PathLike[str] | os.DirEntry[str]) -> tuple[int, int] | None:
    """Return what a folder is known by, whichever of its paths leads to it."""
    try:
        found = os.stat(folder)  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _walk(
    base: str, skipped: frozenset[tuple[int, int] | None], failures: list[Failure]
) -> Iterator[FoundPhoto]:
    waiting = [base]
    while waiting:
        folder = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            failures.append(Failure(folder, f"the folder cannot be read: {error.strerror}"))
            continue
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if name in _SKIPPED_FOLDERS or (skipped and _identity(entry) in skipped):
                    continue
                waiting.append(entry.path)
                if _is_photo_name(name):
                    failures.append(Failure(entry.path, "is a folder with the name of a photo"))
            elif _is_photo_name(name):
                found = _look_at(entry)
                if isinstance(found, FoundPhoto):
                    yield found
                else:
                    failures.append(found)


def _is_photo_name(name: str) -> bool:
    return name.lower().endswith(EXTENSIONS)


def _look_at(entry: os.DirEntry[str]) -> FoundPhoto | Failure:
    try:
        found = entry.stat()
    except FileNotFoundError:
        why = "is a link to nothing" if entry.is_symlink() else "vanished during the scan"
        return Failure(entry.path, why)
    except OSError as error:
        return Failure(entry.path, f"cannot be read: {error.strerror}")
    if stat.S_ISREG(found.st_mode):
        return FoundPhoto(entry.path, found.st_size, found.st_mtime_ns)
    if stat.S_ISDIR(found.st_mode):
        return Failure(entry.path, "is a link to a folder, which is not followed")
    return Failure(entry.path, "is not a regular file (a pipe, a socket or a device)")


def relative(path: str, root: str) -> str:
    """Return a photo's path relative to its root, both absolute."""
    return path[len(root) :].lstrip(os.sep) if root != os.sep else path[1:]


def folder_of(rel_path: str) -> str:
    """Return the folder of a relative path; ``.`` for the root itself."""
    return rel_path.rpartition(os.sep)[0] or "."

"""The folder of thumbnails: which one may be ours, and which files in it are.

A cache may be, or come with, somebody's photos; stores of photos by content name them as thumbnails
are named. So only what is a thumbnail by its looks is ever replaced or removed.
"""

import contextlib
import hashlib
import itertools
import os
import re
import threading
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from phototagger.errors import UsageError
from phototagger.files.atomic import remove_leftovers, write_atomically
from phototagger.files.folders import holds
from phototagger.files.own import (
    TEMPORARY_PREFIX,
    check_owner,
    make_below,
    make_folder,
    open_to_read,
    read_own,
)
from phototagger.formats import FORMATS, endings_of, has_ending
from phototagger.imaging.jpeg_header import HEADER_BYTES, picture_size
from phototagger.printable import printable
from phototagger.reasons import Reason

LONG_EDGE = 512
"""The long edge of a thumbnail, in pixels."""

CACHE_TAG = "CACHEDIR.TAG"
"""The file by which a cache is known: a scan passes it over, and only there thumbnails go."""

Look = Literal["name", "size", "ends"]
"""How closely the cache is looked at."""

_TAG_LINE = b"# phototagger keeps thumbnails here"
_TAG_TEXT = (
    b"""Signature: 8a477f597d28d172789f06886806bc55
%b (Cache Directory Tagging Specification, bford.info/cachedir).
"""
    % _TAG_LINE
)
_TAG_BYTES = 4096
_LEFT_SECONDS = 3600.0
_LOOKED_AT = 2000  # files and folders, where photos are compared with their thumbnails
_OTHERS_READ, _OTHERS_ENTER = 0o044, 0o011
_SHA1 = 20  # bytes
_FOLDER = re.compile(r"[0-9a-f]{2}")
_THUMBNAIL = re.compile(r"[0-9a-f]{40}\.jpg")
_LEAST_BYTES = 100  # a JPEG of one pixel takes six times as many
_MOST_BYTES = 4 * LONG_EDGE**2  # noise in three colours takes less
_ENDS = (b"\xff\xd8", b"\xff\xd9")  # with what a JPEG begins and ends
StrPath = str | os.PathLike[str]


def check_cache(cache_dir: StrPath, root: StrPath | None = None) -> None:
    """Raise UsageError where a folder must not be a cache; nothing is written.

    It must not be or hold the photos, belong to a stranger, or hold anything where it lacks our
    CACHEDIR.TAG: other programs' tags say nothing of whose the files are.
    """
    cure = "name an empty or a new folder with --cache-dir"
    where = f"cache_dir: {printable(cache_dir)}"
    if not os.path.lexists(cache_dir):
        return
    if not os.path.isdir(cache_dir):  # noqa: PTH112
        raise UsageError(f"{where} is no folder", cure)
    if root is not None and holds(cache_dir, root):
        raise UsageError(f"{where} is the root or a folder above it", cure)
    if not is_cache(cache_dir):
        with os.scandir(cache_dir) as entries:
            if any(not entry.name.startswith(TEMPORARY_PREFIX) for entry in entries):
                raise UsageError(
                    f"{where} holds files and was not made by phototagger (its {CACHE_TAG} does "
                    "not say so); nothing was written",
                    cure,
                )
    check_owner(cache_dir, "cache_dir", root)


def is_cache(cache_dir: StrPath) -> bool:
    """Tell whether a folder is marked as a cache of ours."""
    try:
        return _TAG_LINE in read_own(Path(cache_dir, CACHE_TAG), _TAG_BYTES)
    except OSError:
        return False


_BEGINNING = threading.Lock()  # what one thread has half made is no stranger's to another


def begin_cache(cache_dir: StrPath) -> None:
    """Make the folder of thumbnails, marked as a cache. Raises UsageError where it is not ours."""
    with _BEGINNING:
        check_cache(cache_dir)
        if not is_cache(cache_dir):
            make_folder(cache_dir)
            with write_atomically(Path(cache_dir, CACHE_TAG), durable=False) as file:
                file.write(_TAG_TEXT)


def thumbnail_path(cache_dir: StrPath, sha1: bytes) -> Path:
    """Return where the thumbnail of a photo's content is kept."""
    return Path(thumbnail_file(cache_dir, sha1))


def thumbnail_file(cache_dir: StrPath, sha1: bytes) -> str:
    """Return the same as text: of a million Paths Python would keep all parts."""
    name = sha1.hex()
    return os.path.join(cache_dir, name[:2], f"{name}.jpg")  # noqa: PTH118


def save_thumbnail(data: bytes, cache_dir: StrPath, sha1: bytes) -> bool:
    """Put a photo's thumbnail in its place, whole or not at all.

    Returns False, and changes nothing, where something that is no thumbnail has its place.
    """
    target = thumbnail_file(cache_dir, sha1)
    try:
        make_below(cache_dir, sha1.hex()[:2], flag="--cache-dir")
    except FileNotFoundError:  # somebody removed the cache while it was in use
        begin_cache(cache_dir)
        make_below(cache_dir, sha1.hex()[:2], flag="--cache-dir")
    if os.path.lexists(target) and not is_thumbnail(target, sha1):
        return False
    # A cache need not survive a power cut: durability would cost more than making it again.
    with write_atomically(target, durable=False) as file:
        file.write(data)
    return True


def read_thumbnail(cache_dir: StrPath, sha1: bytes) -> bytes | None:
    """Return the bytes of a photo's thumbnail; None where none of ours is in its place."""
    target = thumbnail_file(cache_dir, sha1)
    try:
        return read_own(target) if is_thumbnail(target, sha1) else None
    except OSError:
        return None


def place_taken(file: StrPath) -> Reason:
    """Return what is said of a photo whose thumbnail's place something else has."""
    return Reason("place_taken", {"file": printable(file)})


def is_thumbnail(file: StrPath, sha1: bytes) -> bool:
    """Tell whether what lies in a thumbnail's place was made by us, whole or not.

    It is a regular file, no larger than our pictures are, and not named by its own SHA-1, as an
    original in a store of photos by content is. One of nothing but zeros is what a power cut left.
    """
    try:
        with open(open_to_read(file), "rb") as opened:  # noqa: PTH123  (a descriptor)
            size = picture_size(opened.read(HEADER_BYTES))
            if size is not None and max(size) > LONG_EDGE:
                return False  # without reading what may be long
            opened.seek(0)
            data = opened.read(_MOST_BYTES + 1)
    except OSError:
        return False
    if len(data) > _MOST_BYTES:
        return False
    if size is None:
        return not data.strip(b"\0")
    return hashlib.sha1(data, usedforsecurity=False).digest() != sha1


def thumbnail_keys(cache_dir: StrPath, look: Look = "size") -> bytes:
    """Return the SHA-1s of all photos whose thumbnail is there, 20 bytes each, one after another.

    ``look``: at names alone; at sizes, too, which finds what a power cut emptied (half a second
    for 100,000); or also at both ends of each file, which finds what was cut off (two seconds).
    A million keys are 20 MB so, where a set of them takes ten times as much.
    """
    keys = bytearray()
    for folder in _folders(cache_dir):
        with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
            mine = (entry for entry in entries if _THUMBNAIL.fullmatch(entry.name))
            keys += _sha1s([entry.name for entry in mine if _passes(entry, look)], folder[-2:])
    return bytes(keys)


def _folders(cache_dir: StrPath) -> list[str]:
    """Return the folders of a cache; a link to a folder is none of ours."""
    try:
        with os.scandir(cache_dir) as entries:
            return [
                entry.path
                for entry in entries
                if _FOLDER.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
            ]
    except FileNotFoundError:
        return []


def _passes(entry: os.DirEntry[str], look: Look) -> bool:
    if look == "name":
        return True
    try:
        if not entry.is_file() or entry.stat().st_size < _LEAST_BYTES:
            return False
        return look == "size" or _has_both_ends(entry.path)
    except OSError:
        return False  # it vanished, or cannot be read: to be made again


def is_whole(target: Path) -> bool:
    """Tell whether a thumbnail is there, from its first byte to its last."""
    try:
        return target.stat().st_size >= _LEAST_BYTES and _has_both_ends(str(target))
    except OSError:
        return False


def _has_both_ends(file: str) -> bool:
    with open(open_to_read(file), "rb", buffering=0) as opened:  # noqa: PTH123  (a descriptor)
        begin = opened.read(2)
        opened.seek(-2, os.SEEK_END)
        return (begin, opened.read(2)) == _ENDS


def _sha1s(names: list[str], folder: str) -> bytes:
    return bytes.fromhex("".join([name[:-4] for name in names if name.startswith(folder)]))


def cached_thumbnails(cache_dir: StrPath) -> set[bytes]:
    """Return the SHA-1s of all photos that have a thumbnail, whole or not, by their names."""
    flat = thumbnail_keys(cache_dir, "name")
    return {flat[start : start + _SHA1] for start in range(0, len(flat), _SHA1)}


def more_readable(thumbnail: StrPath, root: StrPath) -> bool:
    """Tell whether others can read a thumbnail, and not one of the first photos under a root."""
    open_to = _open_to(Path(thumbnail).absolute())
    photos = itertools.islice(Path(root).absolute().rglob("*"), _LOOKED_AT)
    endings = endings_of(FORMATS)
    return any(open_to & ~_open_to(path) for path in photos if has_ending(path, endings))


def _open_to(path: Path) -> int:
    """Return which of a file's rights to be read, of group and others, its folders let through."""
    with contextlib.suppress(OSError):
        rights = path.stat().st_mode & _OTHERS_READ
        for folder in path.parents:
            rights &= (folder.stat().st_mode & _OTHERS_ENTER) << 2
        return rights
    return _OTHERS_READ  # it vanished: nobody's photo is hidden by that


@dataclass(frozen=True)
class Pruned:
    """How many thumbnails were removed, of how many bytes; the files that were left, sorted."""

    count: int
    size: int
    left: list[str]


def tidy_cache(cache_dir: StrPath) -> None:
    """Remove the temporary files that killed processes left in a cache of ours.

    They go once they are an hour old: another host may be writing younger ones.
    """
    if is_cache(cache_dir):
        for folder in _folders(cache_dir):
            remove_leftovers(folder, older_than=_LEFT_SECONDS)


def prune_thumbnails(
    cache_dir: StrPath, used: Container[bytes], gone: Container[bytes], *, pretend: bool = False
) -> Pruned:
    """Remove the thumbnails of contents that are known and ``gone``.

    Those of ``used`` contents stay; what is neither, or no thumbnail of ours, is left and told.
    ``pretend`` removes nothing. Nothing goes from a folder that is not marked as a cache of ours.
    """
    if not is_cache(cache_dir):
        return Pruned(0, 0, [])
    if not pretend:
        tidy_cache(cache_dir)
    count = size = 0
    left = []
    for sha1 in cached_thumbnails(cache_dir):
        if sha1 in used:
            continue
        target = thumbnail_file(cache_dir, sha1)
        if sha1 not in gone or not is_thumbnail(target, sha1):
            left.append(target)
            continue
        with contextlib.suppress(FileNotFoundError):
            size += os.lstat(target).st_size
            count += 1
            if not pretend:
                os.unlink(target)  # noqa: PTH108
    return Pruned(count, size, sorted(left))

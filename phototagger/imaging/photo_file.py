"""A photo's bytes, read once, with the SHA-1 that they are known by and what the picture is."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from phototagger.errors import UnreadablePhoto
from phototagger.files.atomic import time_ns
from phototagger.imaging.picture_data import PictureData, picture_data
from phototagger.printable import printable
from phototagger.reasons import Reason

if TYPE_CHECKING:
    from phototagger.imaging.taken import Taken

_IN_MEMORY = 64 * 2**20  # longer files are hashed in blocks and decoded from disk
_BLOCK = 2**20
_MOST_BYTES = 4 * 2**30
"""A file can say that it has terabytes, and take no room on the disk: to read it takes hours."""
_NO_MEMORY = "out of memory error"  # how Pillow's decoders tell it
_NO_DECODER = re.compile(r"^decoder \w+ not available")
_RAISE_LIMIT = "raise the limit (`ulimit -n 4096`), then run again"
_REINSTALL = "type `pip install --force-reinstall pillow`, then run again"


@dataclass(frozen=True)
class Read:
    """The bytes of one photo and what is known of them before any decoding.

    ``taken`` is None where nobody asked.
    """

    source: BinaryIO
    sha1: bytes
    size: int
    mtime_ns: int
    picture: PictureData
    taken: Taken | None = None

    @contextlib.contextmanager
    def held(self, path: str | bytes | os.PathLike[str]) -> Iterator[BinaryIO]:
        """Give the bytes to decode, then close them.

        Raises UnreadablePhoto where a file that is decoded from disk is not any more what it was
        when it was hashed, whatever else went wrong.
        """
        with self.source:
            try:
                yield self.source
            finally:
                self._refuse_changed(path)

    def _refuse_changed(self, path: str | bytes | os.PathLike[str]) -> None:
        if isinstance(self.source, io.BytesIO):
            return
        now = os.fstat(self.source.fileno())
        if (self.size, self.mtime_ns) != (now.st_size, time_ns(now)):
            raise UnreadablePhoto(path, Reason("changed"))


def read_photo(path: str | bytes | os.PathLike[str]) -> Read:
    """Read a photo's bytes once, with their SHA-1.

    Raises UnreadablePhoto where it is no regular file, has more than 4 GiB, cannot be read, or
    changes meanwhile.
    """
    with open_photo(path) as file:
        try:
            return _read(file.fileno(), path)
        except OSError as error:
            raise UnreadablePhoto(path, unreadable(error)) from error


def open_photo(path: str | bytes | os.PathLike[str]) -> BinaryIO:
    """Open a photo's file and read nothing of it yet; raises UnreadablePhoto as ``read_photo``."""
    try:
        # A FIFO would make a plain open() wait for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:  # ValueError: no file can have that name
        raise UnreadablePhoto(path, unreadable(error)) from error
    try:
        _refuse_no_photo(os.fstat(handle), path)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def _refuse_no_photo(status: os.stat_result, path: str | bytes | os.PathLike[str]) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UnreadablePhoto(path, Reason("not_a_file"))
    if not status.st_size:
        raise UnreadablePhoto(path, Reason("empty"))
    if status.st_size > _MOST_BYTES:
        fields = {"size": status.st_size, "most": _MOST_BYTES}
        raise UnreadablePhoto(path, Reason("too_long", fields))


def _read(handle: int, path: str | bytes | os.PathLike[str]) -> Read:
    before = os.fstat(handle)
    source, sha1 = _hashed(handle, before.st_size)
    try:
        read = Read(source, sha1, before.st_size, time_ns(before), picture_data(source))
        source.seek(0)
        _refuse_changed(before, os.fstat(handle), path)
    except BaseException:
        source.close()
        raise
    return read


def _refuse_changed(
    before: os.stat_result, after: os.stat_result, path: str | bytes | os.PathLike[str]
) -> None:
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UnreadablePhoto(path, Reason("changed"))


def _hashed(handle: int, size: int) -> tuple[BinaryIO, bytes]:
    with os.fdopen(os.dup(handle), "rb") as file:
        if size <= _IN_MEMORY:
            data = file.read(size + 1)  # one that grows has its change noticed, not its end awaited
            return io.BytesIO(data), hashlib.sha1(data, usedforsecurity=False).digest()
        digest = hashlib.sha1(usedforsecurity=False)
        while block := file.read(_BLOCK):
            digest.update(block)
    again = os.fdopen(os.dup(handle), "rb")
    again.seek(0)
    return again, digest.digest()


def unreadable(error: OSError | ValueError) -> Reason:
    """Return the reason of a photo whose bytes cannot be read."""
    if lacking := not_the_photos(error):
        return lacking
    return Reason("unreadable", {"error": getattr(error, "strerror", None) or str(error)})


def not_the_photos(error: Exception) -> Reason | None:
    """Return the reason where it is this machine that fails, whatever photo it is; else None."""
    number = getattr(error, "errno", None)
    if isinstance(error, MemoryError) or number == errno.ENOMEM or _NO_MEMORY in str(error):
        return Reason("memory")
    if number in (errno.EMFILE, errno.ENFILE):
        return Reason("environment", {"cause": os.strerror(number), "cure": _RAISE_LIMIT})
    if isinstance(error, ImportError) or (number is None and _NO_DECODER.search(str(error))):
        return pillow_lacks(printable(str(error)))
    return None


def pillow_lacks(what: str) -> Reason:
    """Return the reason where Pillow is not whole."""
    cause = f"Pillow does not work here: {what}"
    return Reason("environment", {"cause": cause, "cure": _REINSTALL})

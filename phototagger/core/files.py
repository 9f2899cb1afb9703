"""Files that are there whole or not at all, and the lines of those that people write."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from phototagger.core.own_files import (
    TEMPORARY_PREFIX,
    TEMPORARY_SUFFIX,
    create_file,
    temporary_beside,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def write_atomically(target: str | os.PathLike[str], *, durable: bool = True) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes the target's place once it is closed.

    It is written beside the target under a temporary name, and removed where anything fails. A
    link in the target's place is replaced, never followed.
    ``durable``: the file and its folder's entry are on disk before this returns.
    """
    temporary = temporary_beside(target)
    try:
        with open(create_file(temporary), "wb") as file:  # noqa: PTH123  (a descriptor)
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, target)  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)  # noqa: PTH108
        raise
    if durable:
        sync_folder(os.path.dirname(target) or os.curdir)  # noqa: PTH120


def time_ns(status: os.stat_result) -> int:
    """Return when a file was changed, in ns, within 64 bits: file systems can hold any year."""
    return max(-(2**63), min(2**63 - 1, status.st_mtime_ns))


def sync_folder(folder: str | os.PathLike[str]) -> None:
    """Put a folder's entries on disk, so that a new name survives a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_leftovers(folder: str | os.PathLike[str], *, older_than: float = 0.0) -> None:
    """Remove temporary files, of this age in seconds, that a killed process left in a folder."""
    for left in Path(folder).glob(f"{TEMPORARY_PREFIX}*{TEMPORARY_SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):
            status = left.lstat()
            if stat.S_ISREG(status.st_mode) and time.time() - status.st_mtime >= older_than:
                left.unlink()


def line_at(data: bytes, offset: int) -> int:
    """Return the number of the line that holds a byte, whatever ends the lines."""
    return len(re.findall(rb"\r\n|\r|\n", data[:offset])) + 1

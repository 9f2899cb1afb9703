"""Files that are there whole or not at all, and the lines of those that people write."""

import contextlib
import os
import re
import stat
import time
from collections.abc import Iterator
from typing import BinaryIO

from phototagger.files.own import (
    create_file,
    naming,
    temporary_beside,
)

# SQLite keeps files of its own beside one that it writes.
_LEFT = re.compile(r"\.phototagger-([0-9a-f]{8})[0-9a-f]{8}\.tmp(?:-journal|-wal|-shm)?")
_OF_THE_SYSTEM = re.compile(r"\(os error (\d+)\)")  # how libraries in Rust, as polars, tell of it
_BEGAN = time.time()


@contextlib.contextmanager
def write_atomically(target: str | os.PathLike[str], *, durable: bool = True) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes the target's place once it is closed.

    It is written beside the target under a temporary name, and removed where anything fails. A
    link in the target's place is replaced, never followed.
    ``durable``: the file and its folder's entry are on disk before this returns.
    """
    temporary = temporary_beside(target)
    try:
        with naming(target), open(create_file(temporary), "wb") as file:  # noqa: PTH123
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        try:
            os.replace(temporary, target)  # noqa: PTH105
        except OSError as error:
            error.filename = os.fspath(target)  # nobody knows the temporary file
            raise
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)  # noqa: PTH108
        if not isinstance(error, OSError) and (number := _OF_THE_SYSTEM.search(str(error))):
            code = int(number[1])
            raise OSError(code, os.strerror(code), os.fspath(target)) from error
        raise
    if durable:
        sync_folder(os.path.dirname(target) or os.curdir)  # noqa: PTH120


def write_new(target: str | os.PathLike[str], data: bytes) -> None:
    """Write a file whose name is not taken. Raises FileExistsError where it is, by whatever."""
    with naming(target):
        os.close(create_file(target))
    try:
        with write_atomically(target) as file:
            file.write(data)
    except BaseException:
        os.unlink(target)  # noqa: PTH108
        raise


def time_ns(status: os.stat_result) -> int:
    """Return when a file was changed, in ns, within 64 bits: file systems can hold any year."""
    return max(-(2**63), min(2**63 - 1, status.st_mtime_ns))


def sync_folder(folder: str | os.PathLike[str]) -> None:
    """Put a folder's entries on disk, so that a new name survives a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with naming(folder):
            os.fsync(handle)
    finally:
        os.close(handle)


def remove_leftovers(folder: str | os.PathLike[str], *, older_than: float = 0.0) -> None:
    """Remove temporary files, of this age in seconds, that a killed process left in a folder.

    They are known by their names, which say whose process made them, and belong to this user or to
    the owner of the folder.
    """
    owners = {os.geteuid(), os.stat(folder).st_uid}  # noqa: PTH116
    with os.scandir(folder) as entries:
        named = [(entry.path, match) for entry in entries if (match := _LEFT.fullmatch(entry.name))]
    for path, match in named:
        with contextlib.suppress(FileNotFoundError):
            status = os.lstat(path)
            age = time.time() - status.st_mtime
            is_ours = stat.S_ISREG(status.st_mode) and status.st_uid in owners
            if is_ours and age >= older_than and _has_ended(int(match[1], 16), status):
                os.unlink(path)  # noqa: PTH108


def _has_ended(pid: int, status: os.stat_result) -> bool:
    """Say whether the process that made a file has ended; its number may be another's by now."""
    if pid == os.getpid():
        return status.st_mtime < _BEGAN
    try:
        os.kill(pid, 0)
    except PermissionError:
        return False
    except (ProcessLookupError, OverflowError):
        return True
    return False


def line_at(data: bytes, offset: int) -> int:
    """Return the number of the line that holds a byte, whatever ends the lines."""
    return len(re.findall(rb"\r\n|\r|\n", data[:offset])) + 1

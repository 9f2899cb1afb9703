"""Files of ours in folders that may be somebody else's, as a run_dir that came with an album.

Nothing in such a folder is trusted because it is there. What is changed in place has to be a
regular file with a single name, of an owner who may be trusted; what is read, a regular file. No
link is followed, and no pipe or device is waited for.
"""

import contextlib
import errno
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from phototagger.errors import UsageError
from phototagger.printable import printable

TEMPORARY_PREFIX = ".phototagger-"
TEMPORARY_SUFFIX = ".tmp"

_CAREFUL = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_ALL = 0o777
_READ_WRITE = 0o666
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
_OTHERS_WRITE = 0o022
_GROUP_WRITES = 0o020
StrPath = str | os.PathLike[str]


def temporary_beside(target: StrPath) -> str:
    """Return a name that nothing has, in the target's folder; a leftover of it is known as ours.

    It says which process made it, so that nobody removes what is still being written.
    """
    # Not as a Path: Python keeps a table of all parts of Paths, which grows with a million names.
    folder, _ = os.path.split(target)
    name = f"{TEMPORARY_PREFIX}{os.getpid():08x}{secrets.token_hex(4)}{TEMPORARY_SUFFIX}"
    return os.path.join(folder, name)  # noqa: PTH118


def is_temporary(name: str) -> bool:
    """Say whether a file's name is one that ``temporary_beside`` gives."""
    return re.fullmatch(r"\.phototagger-[0-9a-f]{16}\.tmp", name) is not None


def create_file(path: StrPath, *, private: bool = False) -> int:
    """Return a new file, open to write, with no right for others that its folder does not give.

    Where it is ``private``, with none at all.

    Raises FileExistsError where the name is taken, by whatever.
    """
    folder = os.stat(os.path.dirname(path) or os.curdir)  # noqa: PTH116, PTH120
    given = 0 if private else folder.st_mode & _READ_WRITE
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _CAREFUL
    handle = os.open(path, flags, _PRIVATE_FILE | given)
    if not private:
        _share(handle, folder, _READ_WRITE)
    return handle


def _share(handle: int, parent: os.stat_result, rights: int = _ALL) -> None:
    """Give what is new in a group's folder (setgid) the group's rights there, whatever the umask.

    A file system without rights of its own, or one that refuses, leaves it as it is.
    """
    if parent.st_mode & stat.S_ISGID and (given := parent.st_mode & stat.S_IRWXG & rights):
        with contextlib.suppress(OSError):
            os.fchmod(handle, stat.S_IMODE(os.fstat(handle).st_mode) | given)


def new_folder(folder: StrPath, rights: int | None = None) -> None:
    """Make a folder with no right for others that the one above lacks, or with these ``rights``.

    What a group shares (setgid) is shared in it, too. Raises FileExistsError for a taken name.
    """
    parent = os.stat(os.path.dirname(folder) or os.curdir)  # noqa: PTH116, PTH120
    os.mkdir(folder, parent.st_mode & _ALL if rights is None else rights)  # noqa: PTH102
    if parent.st_mode & stat.S_ISGID:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | _CAREFUL)
        try:
            _share(handle, parent)
        finally:
            os.close(handle)


def open_own(path: StrPath, within: StrPath, flags: int = os.O_RDWR) -> int:
    """Return a file of ours, open to be changed in place; made now where there is none.

    ``within`` is the run_dir it belongs to. Raises UsageError, before anything is changed, where
    the file may be somebody else's.
    """
    with contextlib.suppress(FileExistsError):
        os.close(create_file(path))
    # Looked at before it is opened, too: to open a device may do something already.
    check_own(path, within)
    handle = os.open(path, flags | _CAREFUL)
    try:
        _check(path, os.fstat(handle), within)
    except BaseException:
        os.close(handle)
        raise
    return handle


def add_to(path: StrPath, within: StrPath) -> BinaryIO:
    """Open a file of ours to add to its end; see ``open_own``."""
    return os.fdopen(open_own(path, within, os.O_WRONLY | os.O_APPEND), "ab")


def check_own(path: StrPath, within: StrPath) -> os.stat_result | None:
    """Return what is known of a file that is to be changed in place; None where there is none.

    Raises UsageError where it may be somebody else's.
    """
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    _check(path, status, within)
    return status


def _check(path: StrPath, status: os.stat_result, within: StrPath) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise _refused(path, "is a link")
    if not stat.S_ISREG(status.st_mode):
        raise _refused(path, "is no regular file")
    if status.st_nlink != 1:
        raise _refused(path, "has another name as well (a hard link)")
    if not _may_be_ours(status, within):
        raise _refused(path, f"belongs to another user (number {status.st_uid})")


def _refused(path: StrPath, why: str, flag: str = "--run-dir") -> UsageError:
    return UsageError(
        f"{printable(path)}: {why}, so it may not be phototagger's own; it was left as it is",
        f"move it away, or name another folder with {flag}",
    )


def _may_be_ours(status: os.stat_result, folder: StrPath) -> bool:
    """Tell whether a file's owner is this user, or one whom the folder's owner let write there."""
    there = os.stat(folder)  # noqa: PTH116
    return (
        status.st_uid in (os.geteuid(), there.st_uid)
        or _group_alone_writes(there)
        or status.st_uid == _uid_in(folder)
    )


def _group_alone_writes(folder: os.stat_result) -> bool:
    return folder.st_mode & _OTHERS_WRITE == _GROUP_WRITES


def _uid_in(folder: StrPath) -> int | None:
    """Return this user's number on the folder's file system, which may know them by another."""
    probe = temporary_beside(os.path.join(folder, "x"))  # noqa: PTH118
    try:
        handle = create_file(probe)
    except OSError:
        return None
    try:
        return os.fstat(handle).st_uid
    finally:
        os.close(handle)
        os.unlink(probe)  # noqa: PTH108


def check_owner(folder: StrPath, setting: str, root: StrPath | None = None) -> None:
    """Raise UsageError where a run_dir or cache_dir belongs to a stranger.

    It may be this user's, the superuser's, of whoever owns the photos, or of a group whose members
    write there, where this user is one.
    """
    status = os.stat(folder)  # noqa: PTH116
    if _group_alone_writes(status) and status.st_gid in {os.getegid(), *os.getgroups()}:
        return
    owner, known = status.st_uid, {os.geteuid(), 0}
    if root is not None:
        known.add(os.stat(root).st_uid)  # noqa: PTH116
    if owner not in known and owner != _uid_in(folder):
        flag = "--" + setting.replace("_", "-")
        raise UsageError(
            f"{setting}: {printable(folder)} belongs to another user (number {owner}), who does "
            "not own the photos; nothing was written",
            f"name a folder of your own with {flag}",
        )


def make_folder(folder: StrPath) -> None:
    """Make a folder, and what is missing above it, for this user alone.

    In a folder that hands its group on (setgid) it is the group's as well.
    """
    path = Path(os.path.abspath(folder))
    missing = []
    for ancestor in (path, *path.parents):
        if ancestor.exists():
            break
        missing.append(ancestor)
    for ancestor in reversed(missing):
        with contextlib.suppress(FileExistsError):
            new_folder(ancestor, _PRIVATE_FOLDER)
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def make_below(within: StrPath, *names: str, flag: str = "--run-dir") -> str:
    """Make folders, each in the one before, with no right for others that ``within`` lacks.

    Returns the last one. Raises UsageError where one is a link or no folder: what is written there
    would land elsewhere.
    """
    folder = os.fspath(within)
    for name in names:
        if not name or name in (os.curdir, os.pardir) or "/" in name or "\0" in name:
            raise _refused(folder, f"is to hold a folder with the name {name!r}", flag)
        folder = os.path.join(folder, name)  # noqa: PTH118
        try:
            new_folder(folder)
        except FileExistsError:
            if not is_real_folder(folder):
                raise _refused(folder, "is a link or no folder", flag) from None
    return folder


def is_real_folder(path: StrPath) -> bool:
    """Tell whether there is a folder, and no link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def open_to_read(path: StrPath) -> int:
    """Return a regular file, open to read. Raises OSError where it is a link or another kind."""
    handle = os.open(path, os.O_RDONLY | _CAREFUL)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.ELOOP, "is no regular file", os.fspath(path))
    return handle


@contextlib.contextmanager
def naming(path: StrPath) -> Iterator[None]:
    """Name the file in errors of what is done with it once it is open: the system does not."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename = os.fspath(path)
        raise


def read_own(path: StrPath, most: int = -1) -> bytes:
    """Return the bytes of a regular file, of ``most`` of them one more. Raises OSError else."""
    with naming(path), open(open_to_read(path), "rb") as file:
        return file.read(most + 1 if most >= 0 else -1)


def read_own_json(path: StrPath, most: int) -> dict[str, Any]:
    """Return the JSON object in a file of at most so many bytes; empty where none can be read."""
    try:
        data = json.loads(read_own(path, most))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}

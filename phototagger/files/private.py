"""Folders for copies that nobody else sees, which do not outlive what they are for."""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_LOCK = "lock"
_UNLOCKED_SECONDS = 60.0


@contextlib.contextmanager
def private_folder(prefix: str, parent: Path) -> Iterator[Path]:
    """Give a new folder in ``parent``, for this user alone; it goes afterwards.

    Its name begins with ``prefix``; a lock on a file inside says that its owner lives. Raises
    OSError where there is no room for it.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(prefix: str, parent: Path) -> None:
    """Remove the private folders of this user in ``parent`` whose owners were killed."""
    for folder in parent.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            _remove_abandoned(folder)


def _remove_abandoned(folder: Path) -> None:
    status = folder.lstat()
    if status.st_uid != os.getuid() or not stat.S_ISDIR(status.st_mode):
        return
    try:
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:  # its maker was killed, or is about to lock it
        if time.time() - status.st_mtime > _UNLOCKED_SECONDS:
            folder.rmdir()
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    finally:
        os.close(handle)
    shutil.rmtree(folder, ignore_errors=True)

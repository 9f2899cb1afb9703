"""Files that a person names on the command line, read within limits.

What is named may be a device without an end, a pipe that nobody writes to, a folder, or something
huge: none of it is waited for, or fills the memory.
"""

import errno
import os
import stat
from typing import BinaryIO

from phototagger.formats import PathLike


def open_named(path: PathLike, *, pipe: bool = False) -> BinaryIO:
    """Open a regular file, or a ``pipe`` where one will do. Raises OSError that says what it is.

    A pipe without a writer ends at once.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode) or (pipe and stat.S_ISFIFO(mode)):
        os.set_blocking(handle, True)
        return os.fdopen(handle, "rb")
    os.close(handle)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    raise OSError(errno.EINVAL, "it is a pipe, a socket or a device, no regular file", path)


def read_named(path: PathLike, most: int, *, pipe: bool = False) -> bytes:
    """Return the bytes of a file, ``most`` at the most. Raises OSError that says what is wrong."""
    with open_named(path, pipe=pipe) as file:
        return read_at_most(file, most, path)


def read_at_most(file: BinaryIO, most: int, path: PathLike) -> bytes:
    """Return the bytes of an open file. Raises OSError where there are more."""
    data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it has more than {most / 1e6:,.0f} MB", path)
    return data

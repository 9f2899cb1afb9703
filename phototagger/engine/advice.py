"""Errors of the outside world, told with their cause and their cure."""

import errno
import sqlite3

from phototagger.errors import MissingError, PhototaggerError
from phototagger.printable import printable
from phototagger.settings.environment import blamed
from phototagger.store.catalogue.trouble import explained

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CURES = {
    errno.EEXIST: "something else has that name: move it away, then run again",
    errno.ENOTDIR: "a part of that path is a file: move it away, or name another folder",
    errno.EISDIR: "it is a folder where a file is to be: move it away, then run again",
    errno.ENOENT: "it is not there any more: bring it back, or name another, then run again",
    errno.ELOOP: "no link, pipe or device belongs there: move it away, then run again",
    errno.EIO: "the disk or the network fails: check it, then run again",
    errno.ESTALE: "the network folder went away: mount it again, then run again",
    errno.EMFILE: "too many files are open: raise the limit (`ulimit -n 4096`), then run again",
    errno.ENAMETOOLONG: "the name is too long: name a folder with a shorter path",
}
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def told(error: Exception) -> PhototaggerError:
    """Return an error of the outside world as one that names cause and cure."""
    if isinstance(error, PhototaggerError):
        return error
    if isinstance(error, sqlite3.Error):
        return explained(error)
    if isinstance(error, OSError):
        return _of_the_system(error)
    return _of_python(error)


def _of_python(error: Exception) -> PhototaggerError:
    if isinstance(error, MemoryError):
        return MissingError("there is not enough memory", "use a smaller --batch-images")
    if caused := blamed(error):
        return caused
    if isinstance(error, ImportError):
        return MissingError(
            f"a Python package cannot be loaded: {printable(str(error))}",
            "`phototagger doctor` says which is missing; install it again, then run again",
        )
    return PhototaggerError(
        f"something that phototagger did not expect: {type(error).__name__}: {error}",
        "report it, with REPORT.md of the run folder",
    )


def _of_the_system(error: OSError) -> PhototaggerError:
    where = printable(error.filename) if error.filename else ""
    if error.errno in _FULL:
        return MissingError(
            f"{where or 'the disk'}: {error.strerror}",
            "make room, then run again: it goes on where it stopped",
        )
    if error.errno in _FORBIDDEN:
        return MissingError(
            f"{where or 'a file'}: {error.strerror}",
            "give yourself the right to write there, "
            "or name other folders with --run-dir and --cache-dir",
        )
    cure = _CURES.get(error.errno or 0, "look at what the cause names, then run again")
    cause = f"{where}: {error.strerror}" if where else str(error)
    return PhototaggerError(cause, cure)

"""Errors of the outside world, told with their cause and their cure."""

from __future__ import annotations

import errno
import sqlite3

from phototagger.core.errors import MissingError, PhototaggerError, printable
from phototagger.store.trouble import explained

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def told(error: Exception) -> PhototaggerError:
    """Return an error of the outside world as one that names cause and cure."""
    if isinstance(error, PhototaggerError):
        return error
    if isinstance(error, sqlite3.Error):
        return explained(error)
    if isinstance(error, MemoryError):
        return MissingError("there is not enough memory; use a smaller --batch-images")
    if isinstance(error, OSError):
        return _of_the_system(error)
    return PhototaggerError(
        f"something that phototagger did not expect: {type(error).__name__}: {error}; "
        "report it, with REPORT.md of the run folder"
    )


def _of_the_system(error: OSError) -> PhototaggerError:
    where = printable(error.filename) if error.filename else ""
    if error.errno in _FULL:
        return MissingError(
            f"{where or 'the disk'}: {error.strerror}; "
            "make room, then run again: it goes on where it stopped"
        )
    if error.errno in _FORBIDDEN:
        return MissingError(
            f"{where or 'a file'}: {error.strerror}; give yourself the right to write there, "
            "or name other folders with --run-dir and --cache-dir"
        )
    return PhototaggerError(f"{where}: {error.strerror}" if where else str(error))

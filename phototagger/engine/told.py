"""Errors of the outside world, told with their cause and their cure."""

from __future__ import annotations

import errno
import sqlite3

from phototagger.core.errors import MissingError, PhototaggerError, printable


def told(error: Exception) -> PhototaggerError:
    """Return an error of the outside world as one that names cause and cure."""
    if isinstance(error, PhototaggerError):
        return error
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        where = printable(error.filename) if error.filename else "the disk"
        return MissingError(
            f"{where}: {error.strerror}; make room, then run again: it goes on where it stopped"
        )
    if isinstance(error, MemoryError):
        return MissingError("there is not enough memory; use a smaller --batch-images")
    if isinstance(error, sqlite3.Error):
        return PhototaggerError(f"the catalogue cannot be used: {error}")
    if isinstance(error, OSError):
        where = f"{printable(error.filename)}: " if error.filename else ""
        return PhototaggerError(f"{where}{error.strerror or error}")
    return PhototaggerError(str(error))

"""SQLite's errors, told with their cause and their cure."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from phototagger.core.errors import MissingError, PhototaggerError, printable

if TYPE_CHECKING:
    import os

CATALOGUE_NAME = "catalogue.db"


def explained(
    error: sqlite3.Error, path: str | os.PathLike[str] = CATALOGUE_NAME, action: str = "be used"
) -> PhototaggerError:
    """Return an error of the catalogue at ``path``, which could not ``action``, with its cure."""
    where = printable(path)
    # The extended codes of SQLite hold the primary one in their lowest byte.
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return PhototaggerError(
                f"{where}: the catalogue is damaged ({error}). It was left as it is",
                f"move it away "
                f"(and {CATALOGUE_NAME}-wal, where that is), then put a copy in its place, such as "
                f"{CATALOGUE_NAME}.bak-N beside it, or begin with a new one",
            )
        case sqlite3.SQLITE_FULL:
            return MissingError(
                f"{where}: the disk is full",
                "make room, then run again: it goes on where it stopped",
            )
        case sqlite3.SQLITE_IOERR:
            return MissingError(
                f"{where}: the disk fails under the catalogue ({error})",
                "make room or check the disk, then run again: it goes on where it stopped",
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return MissingError(
                f"{where}: the catalogue cannot be opened ({error})",
                "make the folder writable, or name another with --run-dir",
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return PhototaggerError(
                f"{where}: another program keeps the catalogue busy", "end it, then run again"
            )
    return PhototaggerError(
        f"{where}: the catalogue cannot {action}: {error}",
        "look at what the cause names, then run again",
    )

"""SQLite's errors, told with their cause and their cure."""

import os
import shlex
import sqlite3
from pathlib import Path

from phototagger.errors import DamagedCatalogueError, MissingError, PhototaggerError
from phototagger.printable import printable

CATALOGUE_NAME = "catalogue.db"
REPAIRED = f"{CATALOGUE_NAME}.repaired"
"""The name of a new catalogue that is complete and not yet in its place."""

UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; the second where damage is in the words of its own message."""

_USE = "be used"
# What SQLite says of a table or text that is not what it was made as.
_ASTRAY = (
    "no such table",
    "no such column",
    "unsupported file format",
    "Could not decode to UTF-8",
    "can't decode",
)


def damaged(path: Path, said: str) -> DamagedCatalogueError:
    """Return the error that says what is damaged in the catalogue at a path, and the cure."""
    named = f" --run-dir {shlex.quote(printable(path.parent))}" if path.name != str(path) else ""
    return DamagedCatalogueError(
        f"{printable(path)}: the catalogue is damaged: {said}. Nothing more is written into it",
        f"`phototagger doctor --repair{named}` makes a new one from what can be read and from its "
        "last good copy",
    )


def explained(
    error: sqlite3.Error | UnicodeDecodeError,
    path: str | os.PathLike[str] | None = None,
    action: str = _USE,
) -> PhototaggerError:
    """Return an error of the catalogue at ``path``, which could not ``action``, with its cure.

    Without a path it is the one that the error names, if it does.
    """
    path = path if path is not None else str(getattr(error, "filename", CATALOGUE_NAME))
    where = printable(path)
    # The extended codes of SQLite hold the primary one in their lowest byte.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if action == _USE and any(words in str(error) for words in _ASTRAY):
        code = sqlite3.SQLITE_CORRUPT
    match code:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged(Path(path), str(error))
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

"""How an older catalogue is brought to this version, and what is said where that takes long."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from phototagger.notices import tell
from phototagger.printable import printable
from phototagger.store.catalogue.foreign import check_schema
from phototagger.store.catalogue.rows import seal_all, sealed_tables
from phototagger.store.catalogue.schema import MIGRATIONS, REWRITTEN, TABLES, VERSION, add_functions

_LONG = 30_000_000  # bytes of a catalogue that takes more than a second


def say_that_it_takes_long(path: Path, version: int, *, for_good: bool) -> None:
    """Say of a large catalogue what is about to be done; without ``for_good`` to a copy of it."""
    size = path.stat().st_size
    if size < _LONG:
        return
    which = f"the catalogue of {printable(path.parent)} ({size / 1e6:,.0f} MB)"
    if for_good:
        tell(f"bringing {which} to version {VERSION}; once, and it may take a minute …")
    else:
        tell(
            f"bringing a copy of {which} to version {VERSION}, which may take a minute each time; "
            "a command that writes there does it for good …"
        )


def bring_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Make the tables of this version out of those of another, within a transaction."""
    steps = [MIGRATIONS[step] for step in range(version, VERSION)] if version else [TABLES]
    keep = sealed_tables(connection) - REWRITTEN
    add_functions(connection)
    for statement in _statements("".join(steps)):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version={VERSION}")
    seal_all(connection, secrets.randbits(62), keep)
    check_schema(connection, path, VERSION)


def _statements(script: str) -> Iterator[str]:
    """Yield a script's statements: executescript() would commit before the first one."""
    statement = ""
    for piece in re.split("(?<=;)", script):
        statement += piece
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    yield statement

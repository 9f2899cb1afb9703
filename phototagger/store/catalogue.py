"""The catalogue: one SQLite file in the run_dir that remembers photos and decisions."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.core.errors import NewerCatalogueError, PhototaggerError, printable
from phototagger.store.filesystem import is_network
from phototagger.store.schema import MIGRATIONS, TABLES, VERSION

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

CATALOGUE_NAME = "catalogue.db"
_WAIT_SECONDS = 30.0


class Catalogue:
    """Opens the catalogue of a run_dir, with one connection for each thread that asks.

    The owner of the run_dir's lock opens it with ``writable``: only then is a missing catalogue
    made and an older one migrated. Raises NewerCatalogueError for one of a newer phototagger.
    """

    def __init__(self, run_dir: str | os.PathLike[str], *, writable: bool = True) -> None:
        self.path = Path(run_dir) / CATALOGUE_NAME
        self._writable = writable
        self._journal = "DELETE" if is_network(run_dir) else "WAL"
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self.close()
            raise PhototaggerError(
                f"{printable(self.path)}: the catalogue is damaged ({error}). Nothing was changed; "
                f"restore a copy of it, such as {CATALOGUE_NAME}.bak-N beside it, or move it away "
                "to begin with a new one"
            ) from error

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._connect()
            self._local.connection = found
        return found

    def _connect(self) -> sqlite3.Connection:
        mode = "rwc" if self._writable else "ro"
        made = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,  # close() is called from the thread that opened the store
        )
        made.execute("PRAGMA synchronous=FULL")
        made.execute("PRAGMA foreign_keys=ON")
        with self._guard:
            self._open.append(made)
        return made

    def _prepare(self) -> None:
        connection = self.connection
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            self.close()
            raise NewerCatalogueError(
                f"{printable(self.path)}: the catalogue has version {version}, this phototagger "
                f"knows versions up to {VERSION}; use the newer phototagger that wrote it"
            )
        if not self._writable:
            return
        connection.execute(f"PRAGMA journal_mode={self._journal}")
        if version < VERSION:
            self._migrate(version)

    def _migrate(self, version: int) -> None:
        if version:
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copy2(self.path, self.path.with_name(f"{CATALOGUE_NAME}.bak-{version}"))
        steps = [MIGRATIONS[step] for step in range(version, VERSION)] if version else [TABLES]
        with self.transaction() as connection:
            for statement in _statements("".join(steps)):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give this thread's connection in a transaction that is on disk when it ends."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Close every thread's connection."""
        with self._guard:
            for connection in self._open:
                connection.close()
            self._open.clear()
        self._local = threading.local()


def _statements(script: str) -> Iterator[str]:
    """Yield a script's statements: executescript() would commit before the first one."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""

"""The catalogue: one SQLite file in the run_dir that remembers photos and decisions."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phototagger.errors import (
    DamagedCatalogueError,
    MissingError,
    NewerCatalogueError,
    PhototaggerError,
)
from phototagger.printable import printable
from phototagger.store.catalogue.copies import copies_of, copy_whole
from phototagger.store.catalogue.filesystem import is_network
from phototagger.store.catalogue.foreign import check_files, check_same, check_schema
from phototagger.store.catalogue.head import Head, contents_of
from phototagger.store.catalogue.in_place import InPlace
from phototagger.store.catalogue.migrating import bring_up, say_that_it_takes_long
from phototagger.store.catalogue.reading import Reading
from phototagger.store.catalogue.rows import (
    PARAMETERS,
    CatalogueState,
    note_change,
    sealed_version,
    state,
)
from phototagger.store.catalogue.schema import VERSION
from phototagger.store.catalogue.trouble import (
    CATALOGUE_NAME,
    REPAIRED,
    UNREADABLE,
    damaged,
    explained,
)
from phototagger.store.places import knows_run_dir
from phototagger.store.repair.damage import (
    SEALED,
    refuse_behind,
    refuse_damaged,
    refuse_emptied,
    refuse_unsealed,
)

if TYPE_CHECKING:
    from phototagger.store.lock import RunDirLock

__all__ = ["CATALOGUE_NAME", "Catalogue"]

_WAIT_SECONDS = 30.0
_LONGEST = 2**27  # bytes of a value, where somebody else may have written it
_WORK = "SELECT 1 FROM act UNION SELECT 1 FROM draft"  # what no command could make again
_STEPS = 100_000  # of SQLite's machine, a few milliseconds, between two looks whether to stop


_ours = threading.Lock()
_open_here: Counter[str] = Counter()  # catalogues that this process has open


class Catalogue:
    """Opens the catalogue of a run_dir, with one connection for each thread that asks.

    The owner of the run_dir's lock opens it with ``writable``: only then is a missing catalogue
    made and an older one migrated. Whoever only reads an older one gets a private copy that was
    migrated, and the file stays as it is. Every value is looked at first; whoever must not wait for
    that passes ``check=False``, and calls ``check`` meanwhile. Raises NewerCatalogueError for one
    of a newer phototagger, DamagedCatalogueError for one that is damaged, another PhototaggerError
    with the cure for one that cannot be opened.

    What was deleted, moved or replaced since it was opened is not written to: MissingError says so.
    ``in_place`` looks after it; with the ``lock`` the lock's file belongs to it. ``is_new``: this
    opening made it. ``found_version`` is the version of the file as it was found.
    """

    def __init__(
        self,
        run_dir: str | os.PathLike[str],
        *,
        writable: bool = True,
        lock: RunDirLock | None = None,
        check: bool = True,
    ) -> None:
        self.path = Path(run_dir) / CATALOGUE_NAME
        self._head = Head(self.path)
        self._reading = Reading(self.path)
        self.in_place = InPlace(self.path.parent)
        if lock is not None:
            self.in_place.add(lock.path, lock.status())
        self._handle = -1
        self._copy: Path | None = None
        self.writable = writable
        self.is_new = False
        self.found_version = VERSION
        self._journal = "DELETE" if is_network(run_dir) else "WAL"
        self._looking = threading.Lock()
        self._is_sound = check or self._journal != "WAL"  # without a log a look holds up a key
        self._damage: DamagedCatalogueError | None = None
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._state: CatalogueState | None = None
        self._changes = 0  # of rows, in transactions: others are written past the digests
        self._opened_as = os.path.realpath(self.path)
        self._notes_contents = check and writable
        with _ours:
            is_as_noted = check and not _open_here[self._opened_as] and self._is_as_noted()
            _open_here[self._opened_as] += 1
            self._counts = True
        try:
            self._prepare(check=self._is_sound and not is_as_noted)
        except UNREADABLE as error:
            self.close()
            raise explained(error, self.path) from error
        except BaseException:
            self.close()
            raise

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect("rw" if self.writable else "ro")
            self._local.connection = connection
            with self._guard:
                if not self._open:
                    # Not for reading: to close that would give SQLite's own locks back.
                    self._handle = os.open(self.path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
                    self.in_place.add(self.path, os.fstat(self._handle))
                self._open.append(connection)
        return connection

    def _connect(self, mode: str) -> sqlite3.Connection:
        self.in_place.check()
        looked_at = check_files(self.path, make=mode == "rw" and not self._open)
        connection = sqlite3.connect(
            self._reading.uri() if mode == "ro" else f"{self.path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,  # close() is called from the thread that opened the store
        )
        try:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            check_same(self.path, looked_at)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, *, check: bool) -> None:
        where = printable(self.path)
        if not self.path.exists() and self.path.with_name(REPAIRED).exists():
            raise damaged(self.path, "its repair was cut short")
        if not self.path.exists() and (copies := copies_of(self.path)):
            raise damaged(
                self.path,
                f"it is gone, and {copies[0].name} is there (remove its copies to begin anew)",
            )
        if not self.writable and not self.path.exists():
            raise PhototaggerError(
                f"{where}: there is no catalogue yet",
                "run phototagger with this run_dir first, or name the right one with --run-dir",
            )
        version = 0
        if os.path.lexists(self.path):
            version = self.found_version = self._look(check=check)
        else:
            refuse_emptied(self._noted(), self.path)
        self.is_new = not version
        if version < VERSION and not self.writable:
            self._migrate_copy(version)
        if self.writable:
            self.connection.execute(f"PRAGMA journal_mode={self._journal}")
            if version < VERSION:
                self._migrate(version)
            self._state = state(self.connection)
            if self._state:
                self._head.write(self._state)

    def _noted(self) -> CatalogueState | None:
        note = self._head.read()
        return note and note.state

    def _is_as_noted(self) -> bool:
        """Tell whether the file holds just what it held when it was closed and sound.

        A note that came with somebody's album says nothing: it may fit whatever came with it.
        """
        if not knows_run_dir(self.path.parent):
            return False
        note = self._head.read()
        return bool(note and note.contents and contents_of(self.path) == note.contents)

    def _look(self, *, check: bool) -> int:
        """Return the version of the catalogue that is there, once it is known to be sound.

        This only reads: a writer would put a log, whosever it is, into the catalogue on closing.
        """
        noted = self._noted()  # before the catalogue, which may be written meanwhile
        # A rollback journal that a kill left is for a writer.
        is_left = self.writable and self.path.with_name(f"{self.path.name}-journal").exists()
        connection = self._connect("rw" if is_left else "ro")
        try:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if sealed_version(connection) not in (None, version):
                raise damaged(self.path, f"its header says version {version}, which it is not")
            if version > VERSION:
                raise NewerCatalogueError(
                    f"{printable(self.path)}: the catalogue has version {version}, this "
                    f"phototagger knows versions up to {VERSION}",
                    "use the newer phototagger that wrote it",
                )
            check_schema(connection, self.path, version)
            if 0 < version < VERSION:
                say_that_it_takes_long(self.path, version, for_good=self.writable)
            if version == 0:
                refuse_emptied(noted, self.path)
            elif version < SEALED:
                refuse_unsealed(connection, self.path)
            else:
                refuse_behind(connection, noted, self.path)
                if check or version < VERSION:
                    refuse_damaged(connection, self.path)
        finally:
            connection.close()
        return version

    def check(self, is_stopped: Callable[[], bool] | None = None) -> bool:
        """Look at every value once, as all of it was at one moment; from any thread.

        Returns whether it is sound; False where it was stopped before that was known.

        Raises DamagedCatalogueError; nothing is written from then on. Takes 2 s for 1,000,000 rows.
        """
        with self._looking:
            self._is_sound = self._is_sound or self.look_at_all(is_stopped)
            return self._is_sound

    def look_at_all(self, is_stopped: Callable[[], bool] | None = None) -> bool:
        """Look at every value again; False where it was stopped. Raises as ``check``."""
        connection = self.connection
        connection.set_progress_handler(is_stopped, _STEPS)
        try:
            refuse_damaged(connection, self.path)
        except DamagedCatalogueError as error:
            if is_stopped and is_stopped():  # what was interrupted could not be read
                return False
            self._damage = error
            raise
        except UNREADABLE as error:
            if is_stopped and is_stopped():
                return False
            raise explained(error, self.path) from error
        finally:
            connection.set_progress_handler(None, 0)
        return True

    @contextmanager
    def blaming_damage(self) -> Iterator[None]:
        """Where something breaks before every value was looked at, tell of damage, if that is why.

        Raises DamagedCatalogueError, or what broke.
        """
        try:
            yield
        except PhototaggerError:
            raise
        except Exception:
            self.check()
            raise

    def check_place(self) -> None:
        """Raise MissingError where the catalogue is not in its place any more.

        One that was deleted is saved first, as long as it is open: in a new folder beside its own.
        """
        try:
            self.in_place.check()
        except MissingError as gone:
            saved = self._saved()
            if saved is None:
                raise
            where = printable(saved)
            raise MissingError(
                gone.cause,
                f"what was decided is saved in {where}: rename that, or name it with --run-dir, "
                "then open it again",
            ) from gone

    def _saved(self) -> Path | None:
        """Return the folder of a copy of a catalogue that has no name any more, if one is had."""
        with self._guard:
            is_open = self.writable and hasattr(self._local, "connection")
            is_lost = is_open and not os.fstat(self._handle).st_nlink
            if is_lost and self._copy is None and self.connection.execute(_WORK).fetchone():
                run_dir = self.path.absolute().parent
                folder = run_dir.with_name(f"{run_dir.name}.saved-{datetime.now():%Y%m%d-%H%M%S}")
                with contextlib.suppress(OSError, sqlite3.Error):
                    folder.mkdir(mode=0o700)
                    copy_whole(self.connection, folder / CATALOGUE_NAME)
                    self._copy = folder
            return self._copy

    def _migrate(self, version: int) -> None:
        if version:
            copy_whole(self.connection, self.path.with_name(f"{CATALOGUE_NAME}.bak-{version}"))
        with self._explained_migration(version), self.transaction() as connection:
            bring_up(connection, self.path, version)

    def _migrate_copy(self, version: int) -> None:
        """Migrate a private copy, which is read from now on."""
        self._reading.use_copy()
        with self._explained_migration(version), closing(self._connect("ro")) as connection:
            connection.execute("BEGIN IMMEDIATE")
            bring_up(connection, self.path, version)
            connection.execute("COMMIT")

    @contextmanager
    def _explained_migration(self, version: int) -> Iterator[None]:
        try:
            yield
        except UNREADABLE as error:
            action = f"be brought from version {version} to {VERSION}"
            raise explained(error, self.path, action) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give this thread's connection in a transaction that is on disk when it ends.

        One within another is a part of it: all of it happens or nothing.
        """
        connection = self.connection
        if connection.in_transaction:
            yield connection
            return
        if self._damage is not None:
            raise self._damage
        connection.execute("BEGIN IMMEDIATE")
        before, mark = connection.total_changes, None
        try:
            yield connection
            if connection.total_changes != before:
                mark = note_change(connection)
            self.in_place.check()
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:  # SQLite has ended it itself where the disk is full
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                error.filename = os.fspath(self.path)  # type: ignore[attr-defined]  # as OSError's
            if isinstance(error, sqlite3.Error | MissingError):
                self.check_place()  # which says more than what came of it
            raise
        if mark is not None:
            self._state = mark
            self._head.write(mark)
            with self._guard:
                self._changes += connection.total_changes - before

    def rows_of(self, query: str, values: Sequence[bytes | int]) -> Iterator[Any]:
        """Yield the rows of a query for contents or acts; ``{}`` in it stands for their places.

        Each part is fetched at once: a reader that stopped half-way would hold up writers.
        """
        for start in range(0, len(values), PARAMETERS):
            block = list(values[start : start + PARAMETERS])
            places = ",".join("?" * len(block))
            yield from self.connection.execute(query.format(places), block).fetchall()

    def close(self) -> None:
        """Close every thread's connection."""
        with self._guard:
            if self._changes != sum(connection.total_changes for connection in self._open):
                self._notes_contents = False
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._reading.close()
            if self._handle >= 0:
                os.close(self._handle)
                self._handle = -1
        self._local = threading.local()
        with _ours:
            if self._counts:
                self._counts = False
                _open_here[self._opened_as] -= 1
                self._note_contents()

    def _note_contents(self) -> None:
        """Note what the file holds, where it is known to be sound and nobody here has it open."""
        is_sound = self._is_sound and self._damage is None
        if not (self._notes_contents and is_sound and self._state):
            return
        if not _open_here[self._opened_as] and (contents := contents_of(self.path)):
            self._head.write(self._state, contents)

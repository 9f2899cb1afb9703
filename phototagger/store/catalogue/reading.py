"""Reads a catalogue that may not be written, nor SQLite's own files beside it.

Readers of a catalogue with a write-ahead log keep a file of their own beside it, ``-shm``. Where it
is not there and cannot be made, as on a full disk, the catalogue is read as it lies, if there is no
log of a writer that was killed; else in a private copy, in which SQLite can put that log into it.
One of an older version is read in such a copy, too, which is brought to this version.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from phototagger.errors import MissingError, PhototaggerError
from phototagger.files.own import naming, open_to_read
from phototagger.files.private import private_folder, remove_abandoned
from phototagger.printable import printable

_LOGS = ("-wal", "-journal")
_COPY = "phototagger-copy-"
_ATTEMPTS = 3
_BLOCK = 2**20
_MAY_NOT_WRITE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
_NO_ROOM = (sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMMAP)


class Reading:
    """How a catalogue is opened to be read: found out once, kept until ``close``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._uri = ""
        self._folder: Path | None = None
        self._stack = ExitStack()

    def uri(self) -> str:
        """Return the URI by which SQLite reads the catalogue.

        Raises MissingError where it may not be read, or where there is no room for a copy;
        PhototaggerError where somebody writes it all the time.
        """
        if not self._uri:
            self._uri = self._working_uri()
        return self._uri

    def use_copy(self) -> None:
        """Let a private copy, which may be written, be read from now on.

        Raises as ``uri`` does.
        """
        if self._folder is None:
            self._uri = f"{self._copied().as_uri()}?mode=rw"

    def _working_uri(self) -> str:
        plain = f"{self._path.absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(plain, uri=True)) as db:
                db.execute("SELECT 1 FROM sqlite_master")
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0)
            if code not in _NO_ROOM and code & 0xFF not in _MAY_NOT_WRITE:
                return plain  # whoever reads meets it again, and tells it
        else:
            return plain
        if not self._files()[1:]:
            self._refuse_unreadable()
            return f"{plain}&immutable=1"
        return f"{self._copied().as_uri()}?mode=rw"

    def _files(self) -> list[Path]:
        """Return the catalogue and the logs that hold something."""
        logs = [self._path.with_name(self._path.name + log) for log in _LOGS]
        return [self._path, *(log for log in logs if os.path.exists(log) and log.stat().st_size)]  # noqa: PTH110

    def _refuse_unreadable(self) -> None:
        try:
            os.close(open_to_read(self._path))
        except OSError as error:
            raise _unreadable(self._path, error) from error

    def _copied(self) -> Path:
        parent = Path(tempfile.gettempdir())
        remove_abandoned(_COPY, parent)
        folder = self._folder = self._stack.enter_context(private_folder(_COPY, parent))
        for _ in range(_ATTEMPTS):
            files = self._files()
            before = _state(files)
            for file in files:
                self._copy(file, folder / file.name)
            if _state(self._files()) == before:
                return folder / self._path.name
            for file in files:
                (folder / file.name).unlink()
        raise PhototaggerError(
            f"{printable(self._path)}: was written again and again while it was read",
            "run again when the other phototagger has ended",
        )

    def _copy(self, file: Path, target: Path) -> None:
        try:
            handle = open_to_read(file)
        except OSError as error:
            raise _unreadable(file, error) from error
        with naming(target), open(handle, "rb") as source, target.open("xb") as copy:  # noqa: PTH123
            shutil.copyfileobj(source, copy, _BLOCK)

    def close(self) -> None:
        """Remove the copy, where there is one."""
        if self._folder is not None:
            self._stack.close()
            self._folder, self._uri = None, ""


def _state(files: Sequence[Path]) -> list[tuple[Path, int, int]]:
    pairs = [(file, file.stat()) for file in files]
    return [(file, status.st_size, status.st_mtime_ns) for file, status in pairs]


def _unreadable(file: Path, error: OSError) -> MissingError:
    return MissingError(
        f"{printable(file)}: cannot be read: {error.strerror}",
        "give yourself the right to read it, or name another folder with --run-dir",
    )

"""Two good copies of the catalogue, one a day: ``catalogue.db.day-1`` (the newer) and ``-2``."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.files.atomic import sync_folder
from phototagger.files.own import create_file, naming, temporary_beside
from phototagger.store.catalogue.rows import one_moment

if TYPE_CHECKING:
    from phototagger.store.catalogue.database import Catalogue

_DAY = 24 * 60 * 60
_ROOM = 64 * 2**20  # left on the disk for what a person does next
_PAGES = 256  # copied between two looks whether to stop


def copies_of(path: Path) -> list[Path]:
    """Return the copies of a catalogue that are there, the newest first."""
    days = [path.with_name(f"{path.name}.day-{number}") for number in (1, 2)]
    return [copy for copy in days if copy.is_file() and not copy.is_symlink()]


def is_due(path: Path, now: float) -> bool:
    """Tell whether the newest copy is older than a day; one from the future counts as old."""
    newest = copies_of(path)[:1]
    return not newest or not 0 <= now - newest[0].stat().st_mtime < _DAY


def keep_copy(
    catalogue: Catalogue,
    is_stopped: Callable[[], bool] = lambda: False,
    now: Callable[[], float] = time.time,
) -> str:
    """Copy a catalogue, where a copy is due and it is sound.

    May be called on any thread while others write. Returns what a person should know: empty, or
    that there is no room. A copy that is stopped, or killed, leaves those before as they are.
    Raises DamagedCatalogueError.
    """
    path = catalogue.path
    if not is_due(path, now()):
        return ""
    size = path.stat().st_size
    if shutil.disk_usage(path.parent).free < size + _ROOM:
        return (
            f"no copy of the catalogue was made: it needs {size / 1e6:,.0f} MB, and the disk "
            "has hardly more; make room, it is tried again"
        )
    db = catalogue.connection
    with _temporary_beside(path) as temporary:
        with one_moment(db):  # what is looked at is what is copied
            is_sound = catalogue.look_at_all(is_stopped)
            if not (is_sound and _copy_database(db, temporary, is_stopped)):
                return ""
        first, second = (path.with_name(f"{path.name}.day-{number}") for number in (1, 2))
        if first.exists():
            first.replace(second)
        temporary.replace(first)
        sync_folder(path.parent)
    return ""


def copy_whole(source: sqlite3.Connection, target: Path) -> None:
    """Copy a catalogue, its write-ahead log included, also while others read it."""
    with _temporary_beside(target) as temporary:
        with naming(target):
            _copy_database(source, temporary)
        temporary.replace(target)
        sync_folder(target.parent)


@contextmanager
def _temporary_beside(target: Path) -> Iterator[Path]:
    """Give a new file in the target's folder, which is gone afterwards if it was not renamed.

    So is what SQLite leaves beside it on a full disk.
    """
    temporary = Path(temporary_beside(target))
    os.close(create_file(temporary))
    try:
        yield temporary
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            temporary.with_name(f"{temporary.name}{suffix}").unlink(missing_ok=True)


def _copy_database(
    source: sqlite3.Connection, target: Path, is_stopped: Callable[[], bool] = lambda: False
) -> bool:
    """Copy a database, its log included, into one file that is on disk; False where stopped."""

    class _StoppedError(Exception):
        pass

    def look(_status: int, _remaining: int, _total: int) -> None:
        if is_stopped():
            raise _StoppedError

    with closing(sqlite3.connect(target)) as copy:
        try:
            source.backup(copy, pages=_PAGES, progress=look)
        except _StoppedError:
            return False
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole without a log beside it
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return True

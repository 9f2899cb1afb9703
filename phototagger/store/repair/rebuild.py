"""A new catalogue beside a damaged one: of its rows whose digests fit, and of the good copies.

The newest source is asked first. One in which a table is whole is the last for that table, so that
rows removed since do not come back. Nothing is overwritten: the damaged files get new names, and
the new catalogue is complete on disk before the first of them does.
"""

import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress
from pathlib import Path
from typing import NamedTuple

from phototagger.errors import DamagedCatalogueError, UsageError
from phototagger.files.atomic import sync_folder
from phototagger.files.own import check_own, is_real_folder
from phototagger.printable import printable
from phototagger.store.catalogue.copies import copies_of
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.foreign import check_files, check_schema
from phototagger.store.catalogue.head import Head
from phototagger.store.catalogue.rows import (
    CatalogueState,
    Row,
    delete,
    digests,
    insert,
    renumber,
    seal_all,
    shape,
    state,
    tables,
)
from phototagger.store.catalogue.schema import VERDICTS_BY_PHOTO, VERSION
from phototagger.store.catalogue.trouble import CATALOGUE_NAME, REPAIRED
from phototagger.store.repair.damage import refuse_damaged
from phototagger.store.repair.salvage import Database, Source, sources_of

_STAGE = ".phototagger-repair-"
_LOGS = ("-wal", "-journal")
_GROWS = (
    "act",
    "verdict",
    "naming",
    "grouping",
)  # no row is ever removed: what lies about is no leftover


@dataclass
class Brought:
    """What became of a table: rows by where they came from; ``there`` were written, if known."""

    table: str
    there: int | None = None
    found: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows were brought back."""
        return sum(self.found.values())

    @property
    def lost(self) -> int | None:
        """How many rows are lost; None where nobody knows how many there were."""
        return None if self.there is None else max(0, self.there - self.rows)


class Repaired(NamedTuple):
    """What became of a catalogue: its tables, and how many of its last changes nobody can find.

    ``tables`` are none where a repair that was cut short had its new catalogue ready.
    """

    tables: list[Brought]
    missing: int = 0


def repair(run_dir: Path, now: Callable[[], datetime] = datetime.now) -> Repaired:
    """Make a new catalogue of what can be read, and put it in the place of the damaged one.

    The caller holds the run_dir's lock. Raises UsageError where nothing is damaged.
    """
    path = run_dir / CATALOGUE_NAME
    ready = path.with_name(REPAIRED)
    repaired = Repaired([])
    if not _is_ready(ready):
        _refuse_sound(path)
        repaired = _make(path, ready, now())
    _swap(path, ready, now())
    return repaired


def _is_ready(ready: Path) -> bool:
    """Tell whether a repair that was cut short left its new catalogue complete."""
    if check_own(ready, ready.parent) is None:
        return False
    with closing(sqlite3.connect(f"{ready.absolute().as_uri()}?mode=ro", uri=True)) as db:
        try:
            check_schema(db, ready, VERSION)
            refuse_damaged(db, ready)
        except (DamagedCatalogueError, sqlite3.Error):
            return False
    return True


def _refuse_sound(path: Path) -> None:
    if not path.exists() and not copies_of(path):
        raise UsageError(f"{printable(path)}: there is none", "name its folder with --run-dir")
    if not path.exists():
        return
    check_files(path, make=False)
    try:
        Catalogue(path.parent, writable=False).close()
    except DamagedCatalogueError:
        return
    raise UsageError(f"{printable(path)}: it is not damaged", "there is nothing to repair")


def _make(path: Path, ready: Path, now: datetime) -> Repaired:
    """Make the new catalogue in a folder of its own; when it is complete it gets its name."""
    for left in path.parent.glob(f"{_STAGE}*"):
        if is_real_folder(left) and all(map(_is_ours, left.iterdir())):
            shutil.rmtree(left, ignore_errors=True)  # of a repair that was killed
    folder = Path(tempfile.mkdtemp(prefix=_STAGE, dir=path.parent))
    note = Head(path).read()
    noted = note and note.state
    catalogue = Catalogue(folder)
    try:
        db = catalogue.connection
        db.execute("PRAGMA foreign_keys=OFF")  # what a row belongs to may be lost
        with ExitStack() as stack, catalogue.transaction():
            new = Database("", folder / CATALOGUE_NAME, "mode=ro", stack)
            sources = sources_of(path, new, noted, stack)
            brought = [
                _fill_verdicts(db, sources, noted)
                if table == "verdict"
                else _fill(db, table, sources, noted)
                for table in tables(db)
            ]
            _complete(db, now)
            seal_all(db, 0)
            known = [state for state in (noted, *(source.state for source in sources)) if state]
            if known:
                renumber(
                    db,
                    CatalogueState(known[0].catalogue, max(state.changes for state in known) + 1),
                )
        refuse_damaged(db, catalogue.path)
        db.execute("PRAGMA journal_mode=DELETE")
    finally:
        catalogue.close()
    new_path = folder / CATALOGUE_NAME
    if path.exists():
        new_path.chmod(stat.S_IMODE(path.stat().st_mode))
    with new_path.open("rb") as file:
        os.fsync(file.fileno())
    new_path.replace(ready)
    sync_folder(ready.parent)
    shutil.rmtree(folder, ignore_errors=True)
    return Repaired(brought, _missing(sources, noted))


def _is_ours(file: Path) -> bool:
    """Tell whether a file in a repair's folder is one that a repair makes there."""
    return file.name.startswith(CATALOGUE_NAME) and stat.S_ISREG(file.lstat().st_mode)


def _missing(sources: Sequence[Source], noted: CatalogueState | None) -> int:
    """Return how many changes were noted that no source has."""
    newest = next((source.state for source in sources if source.state), None)
    return max(0, noted.changes - newest.changes) if noted and newest else 0


_BY_LABEL = """
CREATE TEMP TABLE by_label (
    id INTEGER PRIMARY KEY, act INTEGER NOT NULL, sha1 BLOB NOT NULL, label TEXT NOT NULL,
    approved INTEGER, score REAL, said INTEGER, row_digest INTEGER NOT NULL
)
"""


def _fill_verdicts(
    db: sqlite3.Connection, sources: Sequence[Source], noted: CatalogueState | None
) -> Brought:
    """Take what acts said of photos; of those that are lost, what older versions kept by label."""
    brought = _fill(db, "verdict", sources, noted)
    if brought.lost == 0:
        return brought
    db.execute(_BY_LABEL)
    by_label = _fill(db, "verdict", sources, noted, "by_label")
    there = {*db.execute("SELECT act, sha1 FROM verdict")}
    free = dict(db.execute("SELECT act, max(place) + 1 FROM verdict GROUP BY act"))
    rows = [
        (act, free.get(act, 0) + place, sha1, labels)
        for act, place, sha1, labels in db.execute(VERDICTS_BY_PHOTO.format(table="by_label"))
        if (act, sha1) not in there
    ]
    insert(db, "verdict", ("act", "place", "sha1", "labels"), rows)
    db.execute("DROP TABLE by_label")
    if not brought.rows:
        return by_label
    if rows:
        brought.found["a copy of an older version"] = len(rows)
    return brought


def _fill(
    db: sqlite3.Connection,
    table: str,
    sources: Sequence[Source],
    noted: CatalogueState | None,
    into: str = "",
) -> Brought:
    """Take a table's rows from the sources, the newest first, each row once.

    A row without a value that each has is another table's, of equal length: NULL adds nothing to
    a digest.
    """
    is_behind = _missing(sources, noted) > 0
    into = into or table
    wanted = shape(db, into).columns
    info = db.execute(f"PRAGMA table_info({into})").fetchall()
    required = [wanted.index(name) for _, name, _, must, *_ in info if must and name in wanted]
    seal = next((source.seals[table] for source in sources if table in source.seals), None)
    brought = Brought(table, seal[0] if seal else None)
    once = [[wanted.index(name) for name in names] for names in _unique(db, into)]
    taken: list[set[Row]] = [set() for _ in once]
    total = 0
    for source in sources:
        count = count_here = total_here = 0
        for carried, rows in source.rows(table, wanted):
            whole = [all(row[at] is not None for at in required) for row in rows]
            count_here, total_here = (
                count_here + sum(whole),
                total_here + sum(compress(carried, whole)),
            )
            new = []
            for row in compress(rows, whole):
                keys = [tuple(row[at] for at in places) for places in once]
                if not any(key in known for key, known in zip(keys, taken, strict=True)):
                    for key, known in zip(keys, taken, strict=True):
                        known.add(key)
                    new.append(row)
            if new:
                insert(db, into, wanted, new)
                total += int(digests(wanted, new).sum())
                count += len(new)
        if count:
            brought.found[source.name] = brought.found.get(source.name, 0) + count
        is_whole = (count_here, total_here) == source.seals.get(table)
        if (is_whole or seal == (brought.rows, total)) and not (table in _GROWS and is_behind):
            break
    return brought


def _unique(db: sqlite3.Connection, table: str) -> list[tuple[str, ...]]:
    """Return the columns of each key that no two rows of a table share."""
    keys = [shape(db, table).keys]
    for _, index, unique, origin, _ in db.execute(f"PRAGMA index_list({table})").fetchall():
        if unique and origin == "u":
            rows = db.execute(f"PRAGMA index_info({index})").fetchall()
            keys.append(tuple(name for _, _, name in rows))
    return keys


_ACTS_LOST = """
SELECT v.act, coalesce(b.root, x'2F'), coalesce(b.who, 'person'), coalesce(b.at, ?),
    coalesce(b.model, ''), 0
FROM (
    SELECT act FROM verdict UNION SELECT act FROM naming UNION SELECT act FROM grouping
    EXCEPT SELECT id FROM act
) v
LEFT JOIN act b
ON b.id = coalesce(
    (SELECT max(id) FROM act WHERE id < v.act), (SELECT min(id) FROM act WHERE id > v.act))
"""


def _complete(db: sqlite3.Connection, now: datetime) -> None:
    """Give decisions whose act is lost an act like the one before."""
    acts = db.execute(_ACTS_LOST, (int(now.timestamp()) * 1_000_000,)).fetchall()
    if acts:
        insert(db, "act", ("id", "root", "who", "at", "model", "state"), acts)
    delete(db, "suggestion", "scoring NOT IN (SELECT id FROM scoring)")


def _swap(path: Path, ready: Path, now: datetime) -> None:
    """Give the damaged files new names, logs first, and the new catalogue its own."""
    aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}")
    while any(os.path.lexists(f"{aside}{log}") for log in (*_LOGS, "")):
        aside = aside.with_name(f"{aside.name}-2")
    for log in (*_LOGS, ""):
        old = path.with_name(path.name + log)
        if os.path.lexists(old):
            old.rename(aside.with_name(aside.name + log))
            sync_folder(path.parent)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    with closing(sqlite3.connect(f"{ready.absolute().as_uri()}?mode=ro", uri=True)) as db:
        new = state(db)
    if new is not None:
        Head(path).write(new)
    ready.rename(path)
    sync_folder(path.parent)

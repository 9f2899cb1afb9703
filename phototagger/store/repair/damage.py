"""What is damaged in a catalogue: rows whose digests do not fit, rows that are gone.

SQLite's own check sees pages and indexes, hardly what is in them; the digests see every value.
"""

# ruff: noqa: S608  (names of tables and columns are the schema's)

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from phototagger.store.catalogue.kinds import unfit, unfit_suggestions
from phototagger.store.catalogue.rows import (
    SEAL,
    CatalogueState,
    blocks,
    digests_of,
    one_moment,
    shape,
    state,
    tables,
)
from phototagger.store.catalogue.trouble import UNREADABLE, damaged

MEANING = {
    "act": "what was done, to be undone",
    "certificate": "what was promised of approvals, and on which sample",
    "draft": "checks not yet approved",
    "discovered": "what providers proposed for photos",
    "discovery": "which providers were asked",
    "drawn": "which photos a sample holds",
    "edition": "which contents are one photo",
    "exported": "which tables are up to date",
    "file": "which file holds which photo",
    "former": "whose decisions are offered for a file",
    "grouping": "which photos stand in stacks",
    "letter": "labels' letter keys",
    "medoid": "typical photos",
    "naming": "what labels are called",
    "photo": "photos' sizes",
    "picture": "what photos' pictures are",
    "scoring": "what suggestions were made with",
    "sidecar": "what is ours in sidecars",
    "sidecar_intent": "sidecars being written",
    "suggestion": "suggestions",
    "taken": "when and with what photos were taken",
    "unread": "what is to be read once more",
    "verdict": "decisions",
    "weights": "which weights a model has",
    "word": "labels added in the review",
}


SEALED = 3
"""The version from which on a catalogue has seals."""


class Damage(NamedTuple):
    """What is wrong with one table; with the file, where ``table`` is empty."""

    table: str
    said: str

    def __str__(self) -> str:
        if not self.table:
            return self.said
        meaning = MEANING.get(self.table)
        return f"{self.table}{f' ({meaning})' if meaning else ''}: {self.said}"


def refuse_damaged(db: sqlite3.Connection, path: Path) -> None:
    """Raise DamagedCatalogueError, naming every table, where a catalogue is damaged."""
    with one_moment(db):
        problems = list(damages(db))
    if problems:
        raise damaged(path, "; ".join(map(str, problems)))


def refuse_behind(db: sqlite3.Connection, noted: CatalogueState | None, path: Path) -> None:
    """Raise DamagedCatalogueError where a catalogue is not the one that was written last."""
    now = state(db)
    if now is None:
        raise damaged(path, "its seal is gone")
    if noted is None or (now.catalogue == noted.catalogue and now.changes >= noted.changes):
        return
    cause = "it is another one than was written here last"
    if now.catalogue == noted.catalogue:
        cause = f"its last {noted.changes - now.changes:,} changes are not in it"
    raise damaged(
        path,
        f"{cause} ({path.name}-wal is lost or another's; where you put a copy in its place "
        f"yourself, remove {path.name}.head)",
    )


def refuse_emptied(noted: CatalogueState | None, path: Path) -> None:
    """Raise DamagedCatalogueError where a catalogue that was written is empty or gone."""
    if noted is not None:
        raise damaged(
            path,
            f"it is empty or gone, and {noted.changes:,} changes were written to it (where you "
            f"want to begin anew, remove {path.name}.head)",
        )


def refuse_unsealed(db: sqlite3.Connection, path: Path) -> None:
    """Raise DamagedCatalogueError where a catalogue without seals shows damage all the same."""
    problems = list(_wrong_pages(db))
    orphans = db.execute("PRAGMA foreign_key_check").fetchmany(3)
    problems += [Damage(row[0], f"a row without its {row[2]}") for row in orphans]
    if problems:
        raise damaged(path, "; ".join(map(str, problems)))


def damages(db: sqlite3.Connection) -> Iterator[Damage]:
    """Yield what is wrong: by SQLite's own check of pages and indexes, then value by value."""
    try:
        seals = _read_seals(db)
        yield from _wrong_pages(db)
    except UNREADABLE as error:
        yield Damage("", f"it cannot be read ({error})")
        return
    for table in tables(db):
        if problem := _wrong_in(db, table, seals.get(table)):
            yield Damage(table, problem)


def _read_seals(db: sqlite3.Connection) -> dict[str, tuple[int, int]]:
    rows = db.execute(f"SELECT name, rows, total FROM {SEAL} NOT INDEXED").fetchall()
    return {name: (count, total) for name, count, total in rows}


def _wrong_pages(db: sqlite3.Connection) -> Iterator[Damage]:
    messages = [message for (message,) in db.execute("PRAGMA integrity_check(3)")]
    if messages != ["ok"]:
        yield Damage("", " ".join("; ".join(messages).split()))


def _wrong_in(db: sqlite3.Connection, table: str, seal: tuple[int, int] | None) -> str:
    """Return what is wrong with a table, empty where nothing is."""
    count = total = wrong = 0
    strange = ""
    try:
        names = shape(db, table).columns
        for stored, *columns in blocks(db, table):
            carried = np.array(stored, np.int64)
            wrong += int(np.count_nonzero(digests_of(names, columns, len(carried)) != carried))
            count, total = count + len(carried), total + int(carried.sum())
            strange = strange or unfit(table, names, columns)
            if table == "suggestion" and not strange and unfit_suggestions(db, names, columns):
                strange = "positions"
    except (*UNREADABLE, ValueError, OverflowError, TypeError) as error:
        return f"cannot be read ({error})"
    if wrong:
        return f"{wrong:,} of {count:,} rows are not as they were written"
    if seal != (count, total):
        return f"{count:,} rows, of {seal[0] if seal else 0:,} that were written"
    return f"its column {strange} holds what phototagger does not write" if strange else ""

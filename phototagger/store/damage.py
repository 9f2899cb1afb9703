"""What is damaged in a catalogue: rows whose digests do not fit, rows that are gone.

SQLite's own checks see pages and indexes, hardly what is in them; these see every value.
"""

# ruff: noqa: S608  (names of tables and columns are the schema's)

from __future__ import annotations

import shlex
import sqlite3
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phototagger.core.errors import DamagedCatalogueError, printable
from phototagger.store.rows import DIGEST, SEAL, Row, blocks, digests, shape, tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MEANING = {
    "act": "what was done, to be undone",
    "decision": "which decisions hold",
    "draft": "checks not yet approved",
    "exported": "which tables are up to date",
    "file": "which file holds which photo",
    "medoid": "typical photos",
    "photo": "photos' sizes",
    "scoring": "what suggestions were made with",
    "sidecar": "what is ours in sidecars",
    "sidecar_intent": "sidecars being written",
    "suggestion": "suggestions",
    "verdict": "decisions",
    "weights": "which weights a model has",
    "word": "labels added in the review",
}


class Damage(NamedTuple):
    """What is wrong with one table."""

    table: str
    said: str

    def __str__(self) -> str:
        meaning = MEANING.get(self.table)
        return f"{self.table}{f' ({meaning})' if meaning else ''}: {self.said}"


def refuse_damaged(db: sqlite3.Connection, path: Path) -> None:
    """Raise DamagedCatalogueError, naming every table, where a catalogue is damaged."""
    if found := list(damages(db)):
        raise damaged(path, "; ".join(map(str, found)))


def damaged(path: Path, said: str) -> DamagedCatalogueError:
    """Return the error that names what is damaged, and the cure."""
    folder = shlex.quote(printable(path.parent))
    return DamagedCatalogueError(
        f"{printable(path)}: the catalogue is damaged: {said}. Nothing more is written into it",
        f"`phototagger doctor --repair --run-dir {folder}` makes a new one from what can be read "
        "and from its last good copy",
    )


def damages(db: sqlite3.Connection) -> Iterator[Damage]:
    """Yield what is wrong, table by table: every value is read. Takes 2 s for 1,000,000 rows."""
    seals = _read_seals(db)
    if isinstance(seals, Damage):
        yield seals
        return
    for table in tables(db):
        if said := _wrong_in(db, table, seals.get(table)):
            yield Damage(table, said)
    for table, compare in (("act", _wrong_acts), ("decision", _wrong_decisions)):
        try:
            said = compare(db)
        except sqlite3.Error as error:
            said = f"cannot be compared ({error})"
        if said:
            yield Damage(table, said)


def _read_seals(db: sqlite3.Connection) -> dict[str, tuple[int, int]] | Damage:
    try:
        rows = db.execute(f"SELECT name, rows, total FROM {SEAL}").fetchall()
    except sqlite3.Error as error:
        return Damage(SEAL, f"cannot be read ({error})")
    return {name: (count, total) for name, count, total in rows}


def _wrong_in(db: sqlite3.Connection, table: str, seal: tuple[int, int] | None) -> str:
    """Return what is wrong with a table, empty where nothing is."""
    count = total = wrong = 0
    last: Row = ()
    is_in_order = True
    try:
        columns, keys = shape(db, table)
        places = [columns.index(key) for key in keys]
        for rows, carried in blocks(db, table):
            wrong += int(np.count_nonzero(digests(columns, rows) != carried))
            count, total = count + len(rows), total + int(carried.sum())
            found = [tuple(row[at] for at in places) for row in rows]
            is_in_order = is_in_order and _ascending([last, *found] if last else found)
            last = found[-1]
        lost = count - _found_by_key(db, table, keys)
    except (sqlite3.Error, ValueError, OverflowError, TypeError) as error:
        return f"cannot be read ({error})"
    if wrong:
        return f"{wrong:,} of {count:,} rows are not as they were written"
    if seal != (count, total):
        return f"{count:,} rows, of {seal[0] if seal else 0:,} that were written"
    if lost or not is_in_order:
        return f"of {count:,} rows some are not found by their key"
    return ""


def _ascending(keys: Sequence[Row]) -> bool:
    return all(one < later for one, later in pairwise(keys))


def _found_by_key(db: sqlite3.Connection, table: str, keys: Sequence[str]) -> int:
    same = " AND ".join(f"b.{name} = a.{name}" for name in (*keys, DIGEST))
    query = f"SELECT count(*) FROM {table} a NOT INDEXED CROSS JOIN {table} b ON {same}"
    return int(db.execute(query).fetchone()[0])


_DERIVED = """
SELECT count(*), sum(d.verdict IS NOT x.held) FROM (
    SELECT v.sha1, v.label, max(CASE a.state WHEN 0 THEN v.id END) AS held
    FROM verdict v INDEXED BY verdict_of_photo LEFT JOIN act a ON a.id = v.act
    GROUP BY v.sha1, v.label
) x LEFT JOIN decision d ON d.sha1 = x.sha1 AND d.label = x.label
"""


def _wrong_acts(db: sqlite3.Connection) -> str:
    """Compare acts with their decisions, as the indexes lead to them."""
    query = "SELECT sum(row_digest) FROM verdict INDEXED BY verdict_of_act WHERE act = act.id"
    (wrong,) = db.execute(f"SELECT count(*) FROM act WHERE verdicts IS NOT ({query})").fetchone()
    if wrong:
        return f"of {wrong:,} not all decisions are there"
    (said,) = db.execute("PRAGMA integrity_check(act)").fetchone()
    return "" if said == "ok" else str(said)


def _wrong_decisions(db: sqlite3.Connection) -> str:
    """Compare which decisions hold with what the acts say."""
    decided, wrong = db.execute(_DERIVED).fetchone()
    (there,) = db.execute("SELECT count(*) FROM decision NOT INDEXED").fetchone()
    if wrong or decided != there:
        return f"{wrong or abs(decided - there):,} of {decided:,} are not what the acts say"
    return ""

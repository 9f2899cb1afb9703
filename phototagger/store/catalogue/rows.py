"""Rows that show where they were damaged: every write of a table goes through here.

Each table has one more column, ``row_digest``: 32 bits of all the others. ``seal`` holds, for each
table, how many rows there are and the sum of their digests, so that rows that vanish, come twice
or come from elsewhere show, too. ``put``, ``insert``, ``update`` and ``delete`` keep both right, in
the transaction that the caller is in; ``repair/damage.py`` compares.

The digest of a row is a sum over its columns, of mixed codes of the value and the column's name.
NULL adds nothing, so a column that a later version adds leaves the digests as they are. Numbers
that are equal have equal codes, as SQLite may keep 1.0 as 1. CRC-32 (bytes, text) and the finaliser
of SplitMix64 (Steele, Lea and Flood 2014) find accidents; they are no defence against an adversary.
"""

# ruff: noqa: S608  (names of tables and columns are the schema's, conditions are the callers')

import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.store.catalogue.schema import REMOVED

Digests = NDArray[np.int64]
Row = tuple[Any, ...]

_VERSION = " version"  # no table's name
SEAL, DIGEST = "seal", "row_digest"
PARAMETERS = 500
"""Values that are given to one statement: SQLite has a limit, which is 999 where it is smallest."""

_BLOCK = 4096  # rows held as Python objects at once
_BYTES, _TEXT, _REAL = (np.uint64(salt << 40) for salt in (1, 2, 3))
_NULL = np.uint64(0xD1B54A32D192ED03)  # no other value has it but by chance


class Shape(NamedTuple):
    """A table's columns but ``row_digest``, and those of its primary key."""

    columns: tuple[str, ...]
    keys: tuple[str, ...]


class CatalogueState(NamedTuple):
    """A state of a catalogue: a number by which it is known, and how often it was changed."""

    catalogue: int
    changes: int


def tables(db: sqlite3.Connection) -> list[str]:
    """Return the tables that are sealed: all but SQLite's own, the seals, and what was removed."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    unsealed = {SEAL, *(name for _, name in REMOVED)}
    return [name for (name,) in rows if name not in unsealed and not name.startswith("sqlite_")]


def shape(db: sqlite3.Connection, table: str) -> Shape:
    """Return a table's columns."""
    table_info = db.execute(f"PRAGMA table_info({table})").fetchall()
    keys = [(place, name) for _, name, _, _, _, place in table_info if place]
    names = (name for _, name, *_ in table_info)
    return Shape(tuple(name for name in names if name != DIGEST), tuple(k for _, k in sorted(keys)))


def digests(names: Sequence[str], rows: Sequence[Row]) -> Digests:
    """Return the digests of rows, int64 [N] in 0..2^32-1; their values are of these columns."""
    return digests_of(names, list(zip(*rows, strict=True)), len(rows))


def digests_of(names: Sequence[str], columns: Sequence[Sequence[Any]], count: int) -> Digests:
    """Return the digests of rows that are given by columns, int64 [N]."""
    if not count:
        return np.zeros(0, np.int64)
    codes = np.array([_codes(values) for values in columns])
    mixed = _mixed(codes + _salts(tuple(names)))
    mixed[codes == _NULL] = 0
    return (_mixed(mixed.sum(axis=0, dtype=np.uint64)) >> np.uint64(32)).astype(np.int64)


def put(db: sqlite3.Connection, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows, each in place of the one that has its primary key; other columns become NULL."""
    keys = shape(db, table).keys
    places = [columns.index(key) for key in keys]
    new = {tuple(row[place] for place in places): row for row in rows}
    query = f"SELECT {DIGEST} FROM {table} WHERE {_each_is(keys)}"
    old = [row[0] for key in new for row in db.execute(query, key)]
    written = list(new.values())
    verb = f"INSERT OR REPLACE INTO {table}"
    total = _write(db, verb, columns, written, digests(columns, written))
    _count(db, table, len(new) - len(old), total - sum(old))


def next_id(db: sqlite3.Connection, table: str) -> int:
    """Return the number of the next row of a table numbered by ``id``."""
    return int((db.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0) + 1)


def insert(
    db: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    rows: list[Row],
    made: Digests | None = None,
) -> None:
    """Add rows, of which the table holds none; ``made`` are their digests, where they are known."""
    row_digests = digests(columns, rows) if made is None else made
    total = _write(db, f"INSERT INTO {table}", columns, rows, row_digests)
    _count(db, table, len(rows), total)


def update(
    db: sqlite3.Connection,
    table: str,
    changes: dict[str, Any],
    where: str,
    params: Sequence[Any] = (),
) -> int:
    """Change columns of the rows that a condition chooses; return how many they are."""
    if not db.execute(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1", params).fetchone():
        return 0
    columns, keys = shape(db, table)
    query = f"SELECT {DIGEST}, {', '.join(columns)} FROM {table} WHERE {where}"
    old = db.execute(query, params).fetchall()
    rows = [dict(zip(columns, row[1:], strict=True)) for row in old]
    new_digests = digests(columns, [tuple((row | changes).values()) for row in rows]).tolist()
    sets = ", ".join(f"{name} = ?" for name in (DIGEST, *changes))
    db.executemany(
        f"UPDATE {table} SET {sets} WHERE {_each_is(keys)}",
        [
            (digest, *changes.values(), *(row[key] for key in keys))
            for digest, row in zip(new_digests, rows, strict=True)
        ],
    )
    _count(db, table, 0, sum(new_digests) - sum(row[0] for row in old))
    return len(old)


def delete(db: sqlite3.Connection, table: str, where: str, params: Sequence[Any] = ()) -> None:
    """Remove the rows that a condition chooses."""
    gone = [
        digest for (digest,) in db.execute(f"SELECT {DIGEST} FROM {table} WHERE {where}", params)
    ]
    if gone:
        db.execute(f"DELETE FROM {table} WHERE {where}", params)
        _count(db, table, -len(gone), -sum(gone))


@contextmanager
def one_moment(db: sqlite3.Connection) -> Iterator[None]:
    """Have all that is read within be as it was at one moment, whatever others write meanwhile."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("ROLLBACK")


def blocks(db: sqlite3.Connection, table: str) -> Iterator[list[tuple[Any, ...]]]:
    """Yield a table by columns, the digests first, in blocks and in its own order.

    No index is asked, and no key of an inner page.
    """
    names = ", ".join((DIGEST, *shape(db, table).columns))
    rows = db.execute(f"SELECT {names} FROM {table} NOT INDEXED")
    while block := rows.fetchmany(_BLOCK):
        yield list(zip(*block, strict=True))


def is_sealed(db: sqlite3.Connection) -> bool:
    """Tell whether a catalogue has seals."""
    return bool(db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (SEAL,)).fetchone())


def sealed_tables(db: sqlite3.Connection) -> set[str]:
    """Return the tables that have a seal."""
    return {name for (name,) in db.execute(f"SELECT name FROM {SEAL}")} if is_sealed(db) else set()


def seal_all(db: sqlite3.Connection, catalogue: int, but: Collection[str] = ()) -> None:
    """Give every row its digest and every table its seal, whatever they were before.

    Tables that have no column for it get one; each of them has a primary key. A catalogue that
    has no number yet gets the one that is given. ``but``: these tables keep what they have, as
    nothing in them was changed.
    """
    db.execute(f"INSERT OR IGNORE INTO {SEAL} VALUES ('', 0, ?)", (catalogue,))
    (version,) = db.execute("PRAGMA user_version").fetchone()
    db.execute(f"INSERT OR REPLACE INTO {SEAL} VALUES (?, ?, 0)", (_VERSION, version))
    for table in tables(db):
        if table in but:
            continue
        names = [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")]
        if DIGEST not in names:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {DIGEST} INTEGER NOT NULL DEFAULT 0")
        _seal(db, table)
    db.execute(f"UPDATE act SET verdicts = (SELECT sum({DIGEST}) FROM verdict WHERE act = act.id)")
    _seal(db, "act")


def renumber(db: sqlite3.Connection, now: CatalogueState) -> None:
    """Make a catalogue the one that had this number, with so many changes."""
    db.execute(
        f"UPDATE {SEAL} SET total = ?, rows = ? WHERE name = ''", (now.catalogue, now.changes)
    )


def note_change(db: sqlite3.Connection) -> CatalogueState | None:
    """Count a change of the catalogue; return its state with it."""
    db.execute(f"UPDATE {SEAL} SET rows = rows + 1 WHERE name = ''")
    return state(db)


def sealed_version(db: sqlite3.Connection) -> int | None:
    """Return the version that a catalogue was sealed with; None where that is not known."""
    if not is_sealed(db):
        return None
    row = db.execute(f"SELECT rows FROM {SEAL} WHERE name = ?", (_VERSION,)).fetchone()
    return row and int(row[0])


def state(db: sqlite3.Connection) -> CatalogueState | None:
    """Return which state a catalogue is in; None where its seal is gone."""
    row = db.execute(f"SELECT total, rows FROM {SEAL} WHERE name = ''").fetchone()
    return CatalogueState(*row) if row else None


def _seal(db: sqlite3.Connection, table: str) -> None:
    columns, keys = shape(db, table)
    places = [columns.index(key) for key in keys]
    named, holes = ", ".join(keys), ", ".join("?" * len(keys))
    page = f"SELECT {', '.join(columns)} FROM {table} {{}} ORDER BY {named} LIMIT {_BLOCK}"
    change = f"UPDATE {table} SET {DIGEST} = ? WHERE {_each_is(keys)}"
    count = total = 0
    rows = db.execute(page.format("")).fetchall()
    while rows:
        new_digests = digests(columns, rows)
        count, total = count + len(rows), total + int(new_digests.sum())
        of = [tuple(row[at] for at in places) for row in rows]
        db.executemany(
            change, ((digest, *key) for digest, key in zip(new_digests.tolist(), of, strict=True))
        )
        rows = db.execute(page.format(f"WHERE ({named}) > ({holes})"), of[-1]).fetchall()
    db.execute(f"INSERT OR REPLACE INTO {SEAL} VALUES (?, ?, ?)", (table, count, total))


def _write(
    db: sqlite3.Connection, verb: str, columns: Sequence[str], rows: list[Row], new_digests: Digests
) -> int:
    """Write rows with their digests; return the sum of these.

    Many go into one statement: between two of them another thread may hold this one up.
    """
    names = ", ".join((DIGEST, *columns))
    holes = f"({', '.join('?' * (len(columns) + 1))})"
    several = PARAMETERS // (len(columns) + 1)
    sealed = ((digest, *row) for digest, row in zip(new_digests.tolist(), rows, strict=True))
    at_once = f"{verb} ({names}) VALUES {', '.join([holes] * several)}"
    for _ in range(len(rows) // several):
        db.execute(at_once, list(chain.from_iterable(islice(sealed, several))))
    db.executemany(f"{verb} ({names}) VALUES {holes}", sealed)
    return int(new_digests.sum())


def _count(db: sqlite3.Connection, table: str, rows: int, total: int) -> None:
    db.execute(
        f"UPDATE {SEAL} SET rows = rows + ?, total = total + ? WHERE name = ?", (rows, total, table)
    )


def _each_is(keys: Sequence[str]) -> str:
    return " AND ".join(f"{key} = ?" for key in keys)


@cache
def _salts(columns: tuple[str, ...]) -> NDArray[np.uint64]:
    """Return a number for each column, uint64 [C, 1]."""
    salts = [zlib.crc32(name.encode()) << 32 | 0x9E3779B9 for name in columns]
    return np.array(salts, np.uint64)[:, None]


def _mixed(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    codes = (codes ^ (codes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    codes = (codes ^ (codes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return codes ^ (codes >> np.uint64(31))


def _codes(values: Sequence[Any]) -> NDArray[np.uint64]:
    """Return a code for each value of a column."""
    kinds = set(map(type, values))
    if len(kinds) == 1:
        return _codes_of(kinds.pop(), values)
    codes = np.zeros(len(values), np.uint64)
    for kind in kinds:
        rows = [at for at, value in enumerate(values) if type(value) is kind]
        codes[rows] = _codes_of(kind, [values[at] for at in rows])
    return codes


def _codes_of(kind: type, values: Sequence[Any]) -> NDArray[np.uint64]:
    count = len(values)
    if kind is bytes:
        return np.fromiter(map(zlib.crc32, values), np.uint64, count) + _BYTES
    if issubclass(kind, str):
        codes = {text: zlib.crc32(text.encode("utf-8", "surrogatepass")) for text in set(values)}
        return np.fromiter(map(codes.__getitem__, values), np.uint64, count) + _TEXT
    if issubclass(kind, float):
        reals = np.array(values, np.float64)
        whole = (np.abs(reals) < 2.0**62) & (reals == np.floor(reals))
        ints = np.where(whole, reals, 0).astype(np.int64).view(np.uint64)
        coded = np.where(whole, ints, reals.view(np.uint64) ^ _REAL)
        return np.where(np.isnan(reals), _NULL, coded)  # as which SQLite keeps it
    if kind is type(None):
        return np.full(count, _NULL)
    return np.array(values, np.int64).view(np.uint64)

"""Where the rows of a damaged catalogue may be found again: what SQLite reads, its pages, copies.

A row counts where its digest fits. Rows come by the columns of the new catalogue's tables.
"""

# ruff: noqa: S608  (names of tables and columns are the schema's)

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from phototagger.store.catalogue.copies import copies_of
from phototagger.store.catalogue.rows import (
    DIGEST,
    SEAL,
    CatalogueState,
    Row,
    blocks,
    digests,
    shape,
    state,
)
from phototagger.store.catalogue.trouble import UNREADABLE
from phototagger.store.repair.carve import Record, pages_of, pages_of_log, records

_BEFORE = {"verdict": ("id", "act", "sha1", "label", "approved", "score", "said", DIGEST)}
"""The records of tables as versions before 12 had them."""

Names = tuple[str, ...]
Found = tuple[list[int], list[Row]]


class Database:
    """A catalogue or a copy of one, as far as SQLite reads it."""

    def __init__(self, name: str, path: Path, how: str, stack: ExitStack) -> None:
        self.name = name
        self.state: CatalogueState | None
        self.seals: dict[str, tuple[int, int]]
        uri = f"{path.absolute().as_uri()}?{how}"
        self.db = stack.enter_context(closing(sqlite3.connect(uri, uri=True)))
        try:
            self.state = state(self.db)
            rows = self.db.execute(f"SELECT name, rows, total FROM {SEAL}")
            self.seals = {table: (count, total) for table, count, total in rows}
        except UNREADABLE:
            self.state, self.seals = None, {}

    def rows(self, table: str, wanted: Names) -> Iterator[Found]:
        """Yield digests and rows, in blocks, up to where SQLite cannot go on."""
        try:
            names = shape(self.db, table).columns
            for carried, *columns in blocks(self.db, table):
                yield fitting(names, list(carried), list(zip(*columns, strict=True)), wanted)
        except (*UNREADABLE, ValueError, OverflowError, TypeError):
            return


class Pages:
    """The pages of a damaged catalogue and of its log, read one by one."""

    name = "single pages of it"

    def __init__(self, path: Path, known: Sequence[Database], number: int | None) -> None:
        self._known = known
        pages = pages_of(path)
        log = path.with_name(f"{path.name}-wal")
        newer = pages_of_log(log) if log.exists() else {}
        of_log = [record for at, page in newer.items() for record in records(page, at, pages)]
        of_file = [
            record for at, page in enumerate(pages, start=1) for record in records(page, at, pages)
        ]
        seals = _seals(of_log)
        if "" in seals and seals[""][1] != (number or seals[""][1]):
            of_log, seals = [], {}  # it is another catalogue's
        self.seals = _seals(of_file) | seals
        changes, catalogue = self.seals.get("", (0, 0))
        self.state = CatalogueState(catalogue, changes) if "" in self.seals else None
        self._by_length: dict[int, list[Record]] = {}
        for record in [*of_log, *of_file]:  # what the log holds is newer
            self._by_length.setdefault(len(record.values), []).append(record)

    def rows(self, table: str, wanted: Names) -> Iterator[Found]:
        """Yield digests and rows of a table."""
        known = [_as_stored(database.db, table) for database in self._known]
        for stored in dict.fromkeys(_orders([*known, _BEFORE.get(table, ())])):
            records = self._by_length.get(len(stored), [])
            if DIGEST not in stored or not records:
                continue
            place = stored.index(DIGEST)
            names = stored[:place] + stored[place + 1 :]
            rows, carried = [], []
            for rowid, values in records:
                if stored[0] == "id" and values[0] is None:
                    values = (rowid, *values[1:])  # noqa: PLW2901
                if isinstance(values[place], int):
                    carried.append(values[place])
                    rows.append(values[:place] + values[place + 1 :])
            yield fitting(names, carried, rows, wanted)


Source = Database | Pages


def sources_of(
    path: Path, new: Database, noted: CatalogueState | None, stack: ExitStack
) -> list[Source]:
    """Return where rows may be taken from, the newest first.

    ``new`` has the tables of now, ``noted`` the state that was written last, as far as is known.
    """
    copies = [Database(copy.name, copy, "immutable=1", stack) for copy in copies_of(path)]
    if not path.exists():
        return [*copies]
    with_log = Database("the damaged catalogue", path, "mode=ro", stack)
    alone = Database("the damaged catalogue", path, "immutable=1", stack)
    number = (alone.state or noted or CatalogueState(0, 0)).catalogue or None
    pages = Pages(path, [alone, with_log, *copies, new], number)
    # Each change counts itself, so a log that adds none to the file is none of its own.
    adds = with_log.state and (not alone.state or with_log.state.changes > alone.state.changes)
    is_own = adds and number in (None, with_log.state.catalogue if with_log.state else None)
    return [*([with_log] if is_own else []), alone, pages, *copies]


def fitting(names: Names, carried: list[int], rows: list[Row], wanted: Names) -> Found:
    """Return those of some rows whose digests fit, by the wanted columns.

    A row of zeros has no values, and a digest that fits.
    """
    if not rows:
        return [], []
    places = [names.index(name) if name in names else -1 for name in wanted]
    fits = digests(names, rows).tolist()
    good = [at for at, digest in enumerate(carried) if digest and digest == fits[at]]
    picked = [tuple(rows[at][place] if place >= 0 else None for place in places) for at in good]
    return [carried[at] for at in good], picked


def _orders(known: Iterable[Names]) -> Iterator[Names]:
    """Yield columns as they may stand in records: what was added later stands behind the digest."""
    for stored in known:
        yield stored
        names = [name for name in stored if name != DIGEST]
        for place in range(1, len(stored)):
            yield (*names[:place], DIGEST, *names[place:])


def _as_stored(db: sqlite3.Connection, table: str) -> Names:
    """Return a table's columns in the order of its records: keys first where it has no rowid."""
    try:
        info = db.execute(f"PRAGMA table_info({table})").fetchall()
        (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    except (*UNREADABLE, TypeError):
        return ()
    if "WITHOUT ROWID" in sql:
        info.sort(key=lambda row: (row[5] == 0, row[5] or row[0]))
    return tuple(name for _, name, *_ in info)


def _seals(records: Sequence[Record]) -> dict[str, tuple[int, int]]:
    """Return the seals among records; the nameless one holds changes and the catalogue's number."""
    return {
        values[0]: (values[1], values[2])
        for _, values in reversed(records)  # the first is the newest
        if list(map(type, values)) == [str, int, int]
    }

"""What the catalogue knows of photos: where each content was seen, its size, why it failed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from phototagger.store.catalogue import Catalogue
from phototagger.store.keys import Keys, as_keys

ROWS_AT_ONCE = 256
"""Rows in one of the engine's transactions, so that a key press never waits behind a long one."""


class KnownFile(NamedTuple):
    """A file as it was when it was read last. ``reason`` says why it could not be decoded."""

    path: str
    sha1: bytes
    size: int
    mtime_ns: int
    width: int | None
    height: int | None
    reason: str | None


def known_files(catalogue: Catalogue, root: str) -> Iterator[KnownFile]:
    """Yield what is known of the files under a root (absolute)."""
    base = os.fsencode(root.rstrip(os.sep)) + b"/"
    rows = catalogue.connection.execute(
        "SELECT f.path, f.sha1, f.size, f.mtime_ns, p.width, p.height, p.reason "
        "FROM file f JOIN photo p ON p.sha1 = f.sha1 WHERE f.path >= ? AND f.path < ?",
        (base, base[:-1] + b"0"),  # 0 follows / in ASCII
    )
    for path, *rest in rows:
        yield KnownFile(os.fsdecode(path), *rest)


def known_photos(catalogue: Catalogue) -> Keys:
    """Return the contents that were looked at, uint8 [N, 20]."""
    return as_keys(sha1 for (sha1,) in catalogue.connection.execute("SELECT sha1 FROM photo"))


def photo_of(catalogue: Catalogue, sha1: bytes) -> tuple[int | None, int | None, str | None]:
    """Return a content's width, height and reason. Raises KeyError where it is not known."""
    row = catalogue.connection.execute(
        "SELECT width, height, reason FROM photo WHERE sha1 = ?", (sha1,)
    ).fetchone()
    if row is None:
        raise KeyError(sha1.hex())
    width, height, reason = row
    return width, height, reason


def paths_of(catalogue: Catalogue, sha1: bytes) -> list[str]:
    """Return every path at which a content was seen."""
    rows = catalogue.connection.execute(
        "SELECT path FROM file WHERE sha1 = ? ORDER BY path", (sha1,)
    )
    return [os.fsdecode(path) for (path,) in rows]


def remember_files(catalogue: Catalogue, files: Iterable[KnownFile]) -> None:
    """Keep what was learnt of files, on disk when this returns."""
    rows = list(files)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        with catalogue.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO photo VALUES (?, ?, ?, ?)",
                [(row.sha1, row.width, row.height, row.reason) for row in some],
            )
            db.executemany(
                "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)",
                [(os.fsencode(row.path), row.sha1, row.size, row.mtime_ns) for row in some],
            )

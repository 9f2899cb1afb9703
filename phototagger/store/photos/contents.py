"""What the catalogue knows of photos: where each content was seen, its size, why it failed."""

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.imaging.taken import Taken
from phototagger.reasons import Reason
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import put
from phototagger.store.photos.arrivals import Alike, Arrival, is_decided, note_arrivals, unlike
from phototagger.store.photos.paths import paths_under
from phototagger.store.photos.taken import note_taken
from phototagger.store.vectors.keys import KEY_BYTES, KeyIndex, Keys, as_keys

ROWS_AT_ONCE = 250
"""Rows in one of the engine's transactions, so that a key press never waits behind a long one:
256 with the seals of the tables that are written."""

_FILE = ("path", "sha1", "size", "mtime_ns")
_ROWS_READ = 4096  # rows held as Python objects at once


class KnownFile(NamedTuple):
    """A file as it was when it was read last. ``reason`` says why it could not be decoded.

    ``picture`` and ``look``: as an ``Arrival`` has them. ``taken`` is None where nobody asked.
    """

    path: str
    sha1: bytes
    size: int
    mtime_ns: int
    width: int | None
    height: int | None
    reason: Reason | None
    picture: bytes | None = None
    look: bytes | None = None
    taken: Taken | None = None


class SeenFile(NamedTuple):
    """A file whose bytes were read, but which nobody has decoded."""

    sha1: bytes
    path: str
    size: int
    mtime_ns: int
    picture: bytes | None = None


class KnownFiles(NamedTuple):
    """N files as they were when they were read last, by columns.

    ``keys`` uint8 [N, 20]; ``sizes`` and ``mtimes_ns`` int64 [N]; ``shapes`` int32 [N, 2] width and
    height, 0 where they are not known; ``reasons`` why one could not be decoded, by position.
    """

    paths: list[str]
    keys: Keys
    sizes: NDArray[np.int64]
    mtimes_ns: NDArray[np.int64]
    shapes: NDArray[np.int32]
    reasons: dict[int, Reason]


def known_files(catalogue: Catalogue, root: str) -> Iterator[KnownFiles]:
    """Yield what is known of the files under a root (absolute), in blocks.

    Contents are looked up in arrays: a join in SQLite takes four times as long.
    """
    rows = catalogue.connection.execute(
        "SELECT path, sha1, size, mtime_ns FROM file WHERE path >= ? AND path < ?",
        paths_under(root),
    )
    contents = None
    while block := rows.fetchmany(_ROWS_READ):
        contents = contents or _ContentColumns(catalogue)
        yield contents.of(block)


def times_under(catalogue: Catalogue, root: str) -> dict[bytes, int]:
    """Return when the files under a root (absolute) were changed, in nanoseconds, by path."""
    rows = catalogue.connection.execute(
        "SELECT path, mtime_ns FROM file WHERE path >= ? AND path < ?",
        paths_under(root),
    )
    return dict(rows.fetchall())


class _ContentColumns:
    """What is known of every content, by columns."""

    def __init__(self, catalogue: Catalogue) -> None:
        rows = catalogue.connection.execute("SELECT sha1, width, height, reason FROM photo")
        digests, shapes = bytearray(), bytearray()
        self.reasons: dict[int, Reason] = {}
        while block := rows.fetchmany(_ROWS_READ):
            first = len(digests) // KEY_BYTES
            keys, wide, high, reasons = zip(*block, strict=True)
            digests += b"".join(keys)
            pairs = [[side or 0 for side in wide], [side or 0 for side in high]]
            shapes += np.array(pairs, np.int32).T.tobytes()
            for at, text in enumerate(reasons):
                if text is not None:
                    self.reasons[first + at] = Reason.from_json(text)
        self.index = KeyIndex(np.frombuffer(digests, np.uint8).reshape(-1, KEY_BYTES))
        self.shapes = np.frombuffer(shapes, np.int32).reshape(-1, 2)

    def of(self, rows: list[tuple[bytes, bytes, int, int]]) -> KnownFiles:
        """Return files by columns; one whose content is not known is left out."""
        places = self.index.find(as_keys(sha1 for _, sha1, _, _ in rows))
        if (places < 0).any():
            rows = [row for row, place in zip(rows, places.tolist(), strict=True) if place >= 0]
            places = places[places >= 0]
        paths, digests, sizes, mtimes_ns = zip(*rows, strict=True) if rows else ((),) * 4
        reasons = self.reasons
        failed = [place in reasons for place in places.tolist()] if reasons else []
        return KnownFiles(
            [os.fsdecode(path) for path in paths],
            as_keys(digests),
            np.array(sizes, np.int64),
            np.array(mtimes_ns, np.int64),
            self.shapes[places],
            {int(at): reasons[int(places[at])] for at in np.flatnonzero(failed)},
        )


def known_photos(catalogue: Catalogue) -> Keys:
    """Return the contents that were looked at, uint8 [N, 20]."""
    return as_keys(sha1 for (sha1,) in catalogue.connection.execute("SELECT sha1 FROM photo"))


def contents_in_place(catalogue: Catalogue) -> tuple[set[bytes], set[bytes]]:
    """Return the contents that at least one file still holds, by its name, and those none does."""
    rows = catalogue.connection.execute("SELECT path, sha1 FROM file")
    in_place = {sha1 for path, sha1 in rows if os.path.lexists(path)}
    known = catalogue.connection.execute("SELECT sha1 FROM photo UNION SELECT sha1 FROM file")
    return in_place, {sha1 for (sha1,) in known} - in_place


def photo_of(catalogue: Catalogue, sha1: bytes) -> tuple[int | None, int | None, Reason | None]:
    """Return a content's width, height and reason. Raises KeyError where it is not known."""
    row = catalogue.connection.execute(
        "SELECT width, height, reason FROM photo WHERE sha1 = ?", (sha1,)
    ).fetchone()
    if row is None:
        raise KeyError(sha1.hex())
    width, height, text = row
    return width, height, None if text is None else Reason.from_json(text)


def paths_of(catalogue: Catalogue, sha1: bytes) -> list[str]:
    """Return every path at which a content was seen."""
    rows = catalogue.connection.execute(
        "SELECT path FROM file WHERE sha1 = ? ORDER BY path", (sha1,)
    )
    return [os.fsdecode(path) for (path,) in rows]


def remember_files(catalogue: Catalogue, files: Iterable[KnownFile], alike: Alike = unlike) -> int:
    """Keep what was learnt of files, on disk when this returns.

    Returns how many of them are decided photos whose metadata were edited since.
    """
    rows = list(files)
    carried = 0
    each = ROWS_AT_ONCE // 4  # a file is a row in four tables
    for start in range(0, len(rows), each):
        block = rows[start : start + each]
        with catalogue.transaction() as db:
            arrivals = [Arrival(row.path, row.sha1, row.picture, row.look) for row in block]
            carried += _note(catalogue, arrivals, alike)
            photos = [
                (row.sha1, row.width, row.height, row.reason and row.reason.as_json())
                for row in block
            ]
            put(db, "photo", ("sha1", "width", "height", "reason"), photos)
            seen = [(os.fsencode(row.path), row.sha1, row.size, row.mtime_ns) for row in block]
            put(db, "file", _FILE, seen)
            note_taken(db, {row.sha1: row.taken for row in block if row.taken is not None})
    return carried


def _note(catalogue: Catalogue, arrivals: list[Arrival], alike: Alike) -> int:
    """Keep what photos contents are; return how many decided ones have become another content."""
    pairs = zip(arrivals, note_arrivals(catalogue, arrivals, alike), strict=True)
    edited = [arrival.sha1 for arrival, what in pairs if what.edition_of is not None]
    return sum(is_decided(catalogue, sha1) for sha1 in edited)


def seen_file(catalogue: Catalogue, path: str) -> SeenFile | None:
    """Return a file as it was when its bytes were read last, None where they never were."""
    row = catalogue.connection.execute(
        "SELECT sha1, size, mtime_ns FROM file WHERE path = ?", (os.fsencode(path),)
    ).fetchone()
    return SeenFile(row[0], path, row[1], row[2]) if row else None


def remember_seen(catalogue: Catalogue, files: Iterable[SeenFile], alike: Alike = unlike) -> int:
    """Keep what files hold, where the catalogue may be written; on disk when this returns.

    Of their contents only the picture is kept: a file is known only once it was decoded. Returns
    how many of them are decided photos whose metadata were edited since.
    """
    rows = list(files) if catalogue.writable else []
    carried = 0
    each = ROWS_AT_ONCE // 2  # a file is a row in two tables
    for start in range(0, len(rows), each):
        block = rows[start : start + each]
        with catalogue.transaction() as db:
            arrivals = [Arrival(row.path, row.sha1, row.picture) for row in block]
            carried += _note(catalogue, arrivals, alike)
            seen = [(os.fsencode(row.path), row.sha1, row.size, row.mtime_ns) for row in block]
            put(db, "file", _FILE, seen)
    return carried

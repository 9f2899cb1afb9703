"""Files that were seen before their pictures were told apart, and their times and cameras noted."""

import os
from collections.abc import Sequence

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import delete
from phototagger.store.photos.contents import SeenFile
from phototagger.store.photos.paths import paths_under

# CROSS JOIN: file by file in their order, however few are unread.
_UNREAD = "FROM file CROSS JOIN unread USING (sha1) WHERE path > ? AND path < ?"
_UNTIMED = (
    "FROM file WHERE path > ? AND path < ? AND NOT EXISTS "
    "(SELECT 1 FROM taken WHERE taken.sha1 = file.sha1 AND camera IS NOT NULL)"
)


def any_unread(catalogue: Catalogue) -> bool:
    """Tell whether there are any, under whatever root."""
    row = catalogue.connection.execute("SELECT EXISTS (SELECT 1 FROM unread)").fetchone()
    return bool(row[0])


def unread_count(catalogue: Catalogue, root: str) -> int:
    """Return how many there are under a root (absolute)."""
    row = catalogue.connection.execute(f"SELECT count(*) {_UNREAD}", paths_under(root)).fetchone()
    return int(row[0])


def those_unread(catalogue: Catalogue, sha1s: Sequence[bytes]) -> list[bytes]:
    """Return those of some contents whose pictures were not told apart yet."""
    query = "SELECT sha1 FROM unread WHERE sha1 IN ({})"
    return [sha1 for (sha1,) in catalogue.rows_of(query, sha1s)]


def unread_files(catalogue: Catalogue, root: str, after: str, count: int) -> list[SeenFile]:
    """Return the next ones under a root, at most so many, in the order of their paths."""
    return _next_of(catalogue, _UNREAD, root, after, count)


def forget_unread(catalogue: Catalogue, count: int) -> bool:
    """Forget contents that no file holds any more, at most so many; tell whether there were any."""
    with catalogue.transaction() as db:
        gone = "NOT EXISTS (SELECT 1 FROM file WHERE file.sha1 = unread.sha1)"
        query = f"SELECT sha1 FROM unread WHERE {gone} LIMIT ?"  # noqa: S608
        keys = db.execute(query, (count,)).fetchall()
        for key in keys:
            delete(db, "unread", "sha1 = ?", key)
    return bool(keys)


def any_untimed(catalogue: Catalogue, root: str) -> bool:
    """Tell whether a root (absolute) has files of which nobody has read when they were taken."""
    # In the order of contents, as `taken` is: a quarter of the time that the order of paths takes.
    these = _UNTIMED.replace("FROM file", "FROM file INDEXED BY file_of_photo")
    query = f"SELECT EXISTS (SELECT 1 {these})"
    return bool(catalogue.connection.execute(query, paths_under(root)).fetchone()[0])


def untimed_files(catalogue: Catalogue, root: str, after: str, count: int) -> list[SeenFile]:
    """Return the next ones, at most so many, in the order of their paths."""
    return _next_of(catalogue, _UNTIMED, root, after, count)


def _next_of(catalogue: Catalogue, these: str, root: str, after: str, count: int) -> list[SeenFile]:
    first, end = paths_under(root)
    rows = catalogue.connection.execute(
        f"SELECT sha1, path, size, mtime_ns {these} ORDER BY path LIMIT ?",
        (max(first, os.fsencode(after)), end, count),
    ).fetchall()
    return [SeenFile(sha1, os.fsdecode(path), *stamp) for sha1, path, *stamp in rows]

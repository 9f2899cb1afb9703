"""What holds for photos as a whole, and the paths to review: read in bulk.

A photo is decided by its own approval, or by auto; a person who decides one label of it leaves it
undecided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.checklist import Mark
from phototagger.core.path_column import PathColumn
from phototagger.store.catalogue.trouble import damaged
from phototagger.store.labels.history import HOLDING
from phototagger.store.photos.editions import by_first, editions
from phototagger.store.photos.paths import paths_under
from phototagger.store.vectors.keys import KEY_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from phototagger.store.catalogue.database import Catalogue
    from phototagger.store.vectors.keys import Keys

_FILES_READ = 16_384  # together: no value may be larger than 128 MB, and a path has 4 KB at most

_FAILED = "SELECT sha1 FROM photo WHERE reason IS NOT NULL {}"
_DECIDED = (
    "SELECT d.sha1, max(v.approved AND d.label != '') "
    + HOLDING
    + " {} GROUP BY d.sha1 HAVING max((d.label = '' AND v.approved) OR a.who = 'auto')"
)

# One row for many files: other threads go on meanwhile, and no file is a Python object.
_NEXT_FILES = (
    "SELECT CAST(group_concat(path, x'00') AS BLOB), CAST(group_concat(sha1, '') AS BLOB) FROM "
    "(SELECT path, sha1 FROM file WHERE path > ? AND path < ? ORDER BY path LIMIT ?)"
)


def marks(
    catalogue: Catalogue, sha1s: Sequence[bytes] | None = None
) -> Iterator[tuple[bytes, Mark]]:
    """Yield (SHA-1, mark) of the contents that are not undecided; of some, or of all."""
    if sha1s is None:
        db = catalogue.connection
        failed: Iterable[tuple[bytes]] = db.execute(_FAILED.format(""))
        decided: Iterable[tuple[bytes, int]] = db.execute(_DECIDED.format(""))
        contents = editions(catalogue)
    else:
        contents = by_first(catalogue, sha1s)
        failed = catalogue.rows_of(_FAILED.format("AND sha1 IN ({})"), sha1s)
        decided = catalogue.rows_of(_DECIDED.format("AND d.sha1 IN ({})"), list(contents))
    yield from ((sha1, Mark.FAILED) for (sha1,) in failed)
    for first, approved in decided:
        mark = Mark.APPROVED if approved else Mark.NONE
        yield from ((sha1, mark) for sha1 in contents.get(first, (first,)))


def files_under(catalogue: Catalogue, root: str) -> tuple[PathColumn, Keys]:
    """Return path and SHA-1 of every file under a root (absolute) that was looked at.

    They are in the order of the paths' bytes; keys uint8 [N, 20]. Raises DamagedCatalogueError
    where one of them cannot be.
    """
    db, (last, end) = catalogue.connection, paths_under(root)
    column, digests = PathColumn(), bytearray()
    while (files := db.execute(_NEXT_FILES, (last, end, _FILES_READ)).fetchone())[0]:
        paths, sha1s = files
        column.extend(paths + b"\0")
        digests += sha1s
        if len(digests) != KEY_BYTES * len(column):
            raise damaged(catalogue.path, "a path in it is none, or a SHA-1")
        last = paths[paths.rfind(b"\0") + 1 :]
    return column, np.frombuffer(digests, np.uint8).reshape(-1, KEY_BYTES)


_IN_STACKS = (
    f"SELECT d.sha1 {HOLDING} AND d.label = '' AND v.approved AND a.source = 'stack' "
    "AND d.sha1 IN ({})"
)


def decided_in_stacks(catalogue: Catalogue, sha1s: Sequence[bytes]) -> set[bytes]:
    """Return those of some contents that were decided with others of their stack, and still are."""
    contents = by_first(catalogue, sha1s)
    rows = catalogue.rows_of(_IN_STACKS, list(contents))
    return {sha1 for (first,) in rows for sha1 in contents[first]}

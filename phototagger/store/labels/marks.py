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
from phototagger.store.labels.edits import WHOLE_PHOTO
from phototagger.store.labels.history import Who, acts_by, holding
from phototagger.store.photos.editions import by_first, editions
from phototagger.store.photos.paths import paths_under
from phototagger.store.vectors.keys import KEY_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from phototagger.store.catalogue.database import Catalogue
    from phototagger.store.vectors.keys import Keys

_FILES_READ = 16_384  # together: no value may be larger than 128 MB, and a path has 4 KB at most

_FAILED = "SELECT sha1 FROM photo WHERE reason IS NOT NULL {}"

# Of most photos one act said all, in which a text tells what holds: within a label a quotation mark
# is escaped. What several acts said, or repeated of another label, has to be read; also where a
# label may begin as what follows on one does.
_AT_A_GLANCE = """
SELECT v.sha1, count(*) = 1 AND n.act IS NULL AND NOT instr(v.labels, char(92))
        AND NOT instr(',' || substr(v.labels, 2), ',":['),
    iif(a.who = 'auto',
        instr(v.labels, '":[true') OR instr(v.labels, '":[false'),
        instr(v.labels, '"":[true')),
    instr(replace(v.labels, '"":[true', ''), '":[true')
FROM verdict v CROSS JOIN act a ON a.id = v.act LEFT JOIN naming n ON n.act = v.act
WHERE a.state = 0 AND {} GROUP BY v.sha1
"""

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
        contents = editions(catalogue)
    else:
        contents = by_first(catalogue, sha1s)
        failed = catalogue.rows_of(_FAILED.format("AND sha1 IN ({})"), sha1s)
    yield from ((sha1, Mark.FAILED) for (sha1,) in failed)
    decided = _decided(catalogue, None if sha1s is None else list(contents))
    if not contents:
        yield from decided
    for first, mark in decided:
        yield from ((sha1, mark) for sha1 in contents.get(first, (first,)))


def _decided(catalogue: Catalogue, firsts: list[bytes] | None) -> Iterator[tuple[bytes, Mark]]:
    """Yield the marks of photos that are decided, by their first contents."""
    rows: Iterable[tuple[bytes, int, int, int]] = (
        catalogue.connection.execute(_AT_A_GLANCE.format("true"))
        if firsts is None
        else catalogue.rows_of(_AT_A_GLANCE.format("v.sha1 IN ({})"), firsts)
    )
    unclear = []
    for first, is_clear, is_decided, is_approved in rows:
        if not is_clear:
            unclear.append(first)
        elif is_decided:
            yield first, Mark.APPROVED if is_approved else Mark.NONE
    by_auto = acts_by(catalogue, Who.AUTO)
    for first, held in holding(catalogue, unclear):
        is_decided = any(one.said_by in by_auto for one in held.values())
        whole = held.pop(WHOLE_PHOTO, None)
        if is_decided or (whole and whole.approved):
            yield first, Mark.APPROVED if any(one.approved for one in held.values()) else Mark.NONE


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


def decided_in_stacks(catalogue: Catalogue, sha1s: Sequence[bytes]) -> set[bytes]:
    """Return those of some contents that were decided with others of their stack, and still are."""
    contents = by_first(catalogue, sha1s)
    decided = {
        first: whole.said_by
        for first, held in holding(catalogue, contents)
        if (whole := held.get(WHOLE_PHOTO)) and whole.approved
    }
    query = "SELECT id FROM act WHERE source = 'stack' AND id IN ({})"
    in_stacks = {act for (act,) in catalogue.rows_of(query, list(set(decided.values())))}
    return {sha1 for first, act in decided.items() if act in in_stacks for sha1 in contents[first]}

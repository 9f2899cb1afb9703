"""What holds for photos as a whole, and the paths to review: read in bulk.

A photo is decided by its own approval, or by auto; a person who decides one label of it leaves it
undecided.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.core.checklist import Mark
from phototagger.core.path_column import PathColumn
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import one_moment
from phototagger.store.catalogue.trouble import damaged
from phototagger.store.labels.edits import WHOLE_PHOTO, Who
from phototagger.store.labels.holding import acts_by, holding
from phototagger.store.photos.editions import by_first, editions
from phototagger.store.photos.paths import paths_under
from phototagger.store.vectors.keys import KEY_BYTES, Keys, as_bytes, as_keys, repeated

_FILES_READ = 16_384  # together: no value may be larger than 128 MB, and a path has 4 KB at most

_FAILED = "SELECT sha1 FROM photo WHERE reason IS NOT NULL {}"

_UNCLEAR = 9  # no mark

# Of most photos one act said all, in which a text tells what holds: within a label a quotation mark
# is escaped. What is repeated of another label has to be read, also where a label may begin as what
# follows on one does. A person's approval begins with the photo as a whole. ``?`` is the brace.
_AT_A_GLANCE = f"""
SELECT v.act, v.place, v.sha1, CASE
    WHEN n.act IS NOT NULL OR v.labels GLOB '*\\*'
        OR v.labels GLOB '?":[[]*' OR v.labels GLOB '*,":[[]*' THEN {_UNCLEAR}
    WHEN v.labels GLOB '?"":[[]true],*":[[]true*' THEN {Mark.APPROVED}
    WHEN NOT (v.labels GLOB '*"":[[]true*' OR a.who = '{Who.AUTO}'
        AND (v.labels GLOB '*":[[]true*' OR v.labels GLOB '*":[[]false*')) THEN {Mark.UNDECIDED}
    WHEN instr(replace(v.labels, '"":[true', ''), '":[true') THEN {Mark.APPROVED}
    ELSE {Mark.NONE} END AS mark
FROM verdict v CROSS JOIN act a ON a.id = v.act LEFT JOIN naming n ON n.act = v.act
WHERE a.state = 0 AND {{which}}
"""  # noqa: S608

# One row for many photos, or files: other threads go on meanwhile, and none is a Python object.
_MARKS = f"""
SELECT CAST(group_concat(sha1, '') AS BLOB), CAST(group_concat(mark, '') AS BLOB),
    max((act << 32) + place)
FROM ({_AT_A_GLANCE})
"""  # noqa: S608
_MARKS_READ = 65_536  # together
_NEXT_FILES = (
    "SELECT CAST(group_concat(path, x'00') AS BLOB), CAST(group_concat(sha1, '') AS BLOB) FROM "
    "(SELECT path, sha1 FROM file WHERE path > ? AND path < ? ORDER BY path LIMIT ?)"
)


class Marks(NamedTuple):
    """Photos' ``keys``, uint8 [N, 20], and the ``Mark`` of each, uint8 [N]."""

    keys: Keys
    marks: NDArray[np.uint8]


def marks(catalogue: Catalogue, sha1s: Sequence[bytes] | None = None) -> Iterator[Marks]:
    """Yield the marks of contents, of some or of all; one that is not yielded is undecided.

    Of one that comes twice the last holds. Raises DamagedCatalogueError where a SHA-1 is none.
    """
    if sha1s is None:
        db = catalogue.connection
        failed: Iterable[tuple[bytes]] = db.execute(_FAILED.format(""))
        contents = editions(catalogue)
    else:
        contents = by_first(catalogue, sha1s)
        failed = catalogue.rows_of(_FAILED.format("AND sha1 IN ({})"), sha1s)
    yield _marks_of([(sha1, Mark.FAILED) for (sha1,) in failed])
    with one_moment(catalogue.connection):  # also where it is read in several pieces
        marks_of_firsts = list(_decided(catalogue, None if sha1s is None else list(contents)))
    for decided in marks_of_firsts:
        if not contents:
            yield decided
            continue
        pairs = zip(as_bytes(decided.keys), decided.marks.tolist(), strict=True)
        yield _marks_of(
            [(sha1, mark) for first, mark in pairs for sha1 in contents.get(first, (first,))]
        )


def _marks_of(pairs: list[tuple[bytes, int]]) -> Marks:
    return Marks(
        as_keys(sha1 for sha1, _ in pairs), np.array([mark for _, mark in pairs], np.uint8)
    )


def _decided(catalogue: Catalogue, firsts: list[bytes] | None) -> Iterator[Marks]:
    """Yield the marks of photos that are decided, by their first contents."""
    rows: Iterable[tuple[bytes | None, bytes | None, int]] = (
        _all_marks(catalogue.connection)
        if firsts is None
        else catalogue.rows_of(_MARKS.format(which="v.sha1 IN ({})"), firsts)
    )
    blocks = [(sha1s, digits) for sha1s, digits, _ in rows if sha1s and digits]
    said = b"".join(sha1s for sha1s, _ in blocks)
    found = np.frombuffer(b"".join(digits for _, digits in blocks), np.uint8) - ord("0")
    if len(said) != KEY_BYTES * len(found):
        raise damaged(catalogue.path, "a SHA-1 in it is none")
    keys = np.frombuffer(said, np.uint8).reshape(-1, KEY_BYTES)
    found[repeated(keys)] = _UNCLEAR
    is_decided = (found != Mark.UNDECIDED) & (found != _UNCLEAR)
    yield Marks(keys[is_decided], found[is_decided])
    by_auto = acts_by(catalogue, Who.AUTO)
    read = list[tuple[bytes, int]]()
    for first, held in holding(catalogue, set(as_bytes(keys[found == _UNCLEAR]))):
        is_by_auto = any(one.said_by in by_auto for one in held.values())
        whole = held.pop(WHOLE_PHOTO, None)
        if is_by_auto or (whole and whole.approved):
            is_approved = any(one.approved for one in held.values())
            read.append((first, Mark.APPROVED if is_approved else Mark.NONE))
    yield _marks_of(read)


def _all_marks(db: sqlite3.Connection) -> Iterator[tuple[bytes | None, bytes | None, int]]:
    """Yield what acts say of all photos, so many at once: no value may be larger than 128 MB."""
    which = "(v.act, v.place) > (?, ?) ORDER BY v.act, v.place LIMIT ?"
    last = -1
    while True:
        act, place = last >> 32, last & 0xFFFF_FFFF
        row = db.execute(_MARKS.format(which=which), (act, place, _MARKS_READ)).fetchone()
        if row[2] is None:
            return
        yield row
        last = row[2]


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

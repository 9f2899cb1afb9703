"""Which photos a person put together in a stack, or took out of one: each by one act.

An act that is undone said nothing. What is said of a photo last holds. It is kept under the first
of the contents that are one photo, as decisions are.
"""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import insert
from phototagger.store.photos.editions import editions, firsts

ALONE = 0
"""The number of a photo that stands alone."""


class Grouping(NamedTuple):
    """Photos, by their contents, that are one stack from now on, or that stand alone each."""

    sha1s: Sequence[bytes]
    is_one: bool


def groupings(catalogue: Catalogue) -> dict[bytes, int]:
    """Return of the photos of which anything is said ``ALONE``, or the number of their stack."""
    rows = catalogue.connection.execute(
        "SELECT sha1, stack FROM grouping JOIN act ON act.id = act WHERE state = 0 ORDER BY act"
    ).fetchall()
    stacks = dict(rows)
    all_editions = editions(catalogue) if stacks else {}
    return {
        edition: stack
        for sha1, stack in stacks.items()
        for edition in all_editions.get(sha1, (sha1,))
    }


def group(catalogue: Catalogue, db: sqlite3.Connection, act: int, how: Grouping) -> None:
    """Record what an act says of how photos stand, in its transaction."""
    first = firsts(catalogue, how.sha1s)
    kept = dict.fromkeys(first.get(sha1, sha1) for sha1 in how.sha1s)
    rows = [(act, sha1, act if how.is_one else ALONE) for sha1 in kept]
    insert(db, "grouping", ("act", "sha1", "stack"), rows)


def grouping_of(db: sqlite3.Connection, act: int) -> Grouping | None:
    """Return what an act said of how photos stand, done or not; None where it said nothing."""
    rows = db.execute("SELECT sha1, stack FROM grouping WHERE act = ?", (act,)).fetchall()
    return Grouping([sha1 for sha1, _ in rows], bool(rows[0][1])) if rows else None

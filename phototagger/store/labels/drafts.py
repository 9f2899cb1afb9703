"""Checks that were changed and not yet approved: they survive moving away and closing."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from phototagger.core.checklist import Draft
from phototagger.store.catalogue.rows import delete, put
from phototagger.store.labels.names import GONE, names
from phototagger.store.photos.editions import by_first, firsts, in_use

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from phototagger.store.catalogue.database import Catalogue

_FEW = 5000  # photos that are asked for one by one; of more it is seen first which have any


def save_drafts(catalogue: Catalogue, found: Mapping[bytes, Draft | None]) -> None:
    """Keep the checks of photos, on disk when this returns; None forgets them."""
    first = firsts(catalogue, found)
    with catalogue.transaction() as db:
        (act,) = db.execute("SELECT max(id) FROM act").fetchone()
        kept = [
            (
                first.get(sha1, sha1),
                json.dumps([sorted(draft.checked), sorted(draft.shown)], ensure_ascii=False),
                act,
            )
            for sha1, draft in found.items()
            if draft is not None
        ]
        gone = (first.get(sha1, sha1) for sha1, draft in found.items() if draft is None)
        for sha1 in gone if len(found) <= _FEW else {*_kept_as(db)}.intersection(gone):
            delete(db, "draft", "sha1 = ?", (sha1,))
        put(db, "draft", ("sha1", "checks", "act"), kept)


def drafted(catalogue: Catalogue) -> set[bytes]:
    """Return every photo that has kept checks."""
    return set(in_use(catalogue, _kept_as(catalogue.connection)))


def _kept_as(db: sqlite3.Connection) -> list[bytes]:
    return [sha1 for (sha1,) in db.execute("SELECT sha1 FROM draft").fetchall()]


def drafts(catalogue: Catalogue, sha1s: Sequence[bytes]) -> dict[bytes, Draft]:
    """Return the kept checks of some photos, by what their labels are called."""
    if len(sha1s) > _FEW:
        with_drafts = drafted(catalogue)
        sha1s = [sha1 for sha1 in sha1s if sha1 in with_drafts]
    contents = by_first(catalogue, sha1s)
    by_content: dict[bytes, Draft] = {}
    query = "SELECT sha1, checks, act FROM draft WHERE sha1 IN ({})"
    current_names = names(catalogue)
    for first, checks, act in catalogue.rows_of(query, list(contents)):
        checked, shown = (
            # Thousands of steps that can be undone hold each label once.
            frozenset(sys.intern(current_names.since(act or 0, label)) for label in labels) - {GONE}
            for labels in json.loads(checks)
        )
        by_content |= dict.fromkeys(contents[first], Draft(checked, shown))
    return by_content

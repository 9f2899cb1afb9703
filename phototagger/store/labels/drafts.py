"""Checks that were changed and not yet approved: they survive moving away and closing."""

import json
import sqlite3
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from phototagger.core.checklist import Draft
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import delete, put
from phototagger.store.labels.names import GONE, Kind, Naming, names
from phototagger.store.photos.editions import by_first, firsts, in_use

_FEW = 5000  # photos that are asked for one by one; of more it is seen first which have any


def save_drafts(catalogue: Catalogue, found: Mapping[bytes, Draft | None]) -> None:
    """Keep the checks of photos, on disk when this returns; None forgets them."""
    first = firsts(catalogue, found)
    with catalogue.transaction() as db:
        (last,) = db.execute("SELECT max(id) FROM act WHERE state = 0").fetchone()
        kept = [
            (
                first.get(sha1, sha1),
                _as_text(draft.checked, draft.shown),
                last if draft.act is None else draft.act,
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
    current_names = names(catalogue)
    return {
        sha1: _named(draft, partial(current_names.since, draft.act or 0))
        for sha1, draft in drafts_as_kept(catalogue, sha1s).items()
    }


def drafts_as_kept(catalogue: Catalogue, sha1s: Sequence[bytes]) -> dict[bytes, Draft]:
    """Return the kept checks of some photos as they can be kept again, whatever was named since."""
    if len(sha1s) > _FEW:
        with_drafts = drafted(catalogue)
        sha1s = [sha1 for sha1 in sha1s if sha1 in with_drafts]
    contents = by_first(catalogue, sha1s)
    by_content: dict[bytes, Draft] = {}
    query = "SELECT sha1, checks, act FROM draft WHERE sha1 IN ({})"
    for first, checks, act in catalogue.rows_of(query, list(contents)):
        # Thousands of steps that can be undone hold each label once.
        checked, shown = (frozenset(map(sys.intern, labels)) for labels in json.loads(checks))
        by_content |= dict.fromkeys(contents[first], Draft(checked, shown, act or 0))
    return by_content


def take_name_back(db: sqlite3.Connection, act: int, naming: Naming) -> None:
    """Let checks that were kept under the name that an act gave have the one before, with it.

    Where two labels became one, or one was removed, nothing tells which was checked.
    """
    if naming.kind is not Kind.RENAME:
        return
    rows = db.execute("SELECT sha1, checks FROM draft WHERE act >= ?", (act,)).fetchall()
    before = []
    for sha1, checks in rows:
        checked, shown = map(frozenset, json.loads(checks))
        draft = _named(Draft(checked, shown), naming.before)
        before.append((sha1, _as_text(draft.checked, draft.shown), act - 1))
    put(db, "draft", ("sha1", "checks", "act"), before)


def _named(draft: Draft, called: Callable[[str], str]) -> Draft:
    """Return checks with their labels called otherwise, without those that are called nothing."""
    checked, shown = (
        frozenset(sys.intern(called(label)) for label in labels) - {GONE}
        for labels in (draft.checked, draft.shown)
    )
    return Draft(checked, shown)


def _as_text(checked: Collection[str], shown: Collection[str]) -> str:
    return json.dumps([sorted(checked), sorted(shown)], ensure_ascii=False)

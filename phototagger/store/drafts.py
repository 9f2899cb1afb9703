"""Checks that were changed and not yet approved: they survive moving away and closing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from phototagger.core.review import Draft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phototagger.store.catalogue import Catalogue

_AT_ONCE = 500  # SQLite's host parameters in one statement


def save_draft(catalogue: Catalogue, sha1: bytes, draft: Draft | None) -> None:
    """Keep the checks of a photo, on disk when this returns; None forgets them."""
    with catalogue.transaction() as db:
        if draft is None:
            db.execute("DELETE FROM draft WHERE sha1 = ?", (sha1,))
        else:
            said = json.dumps([sorted(draft.checked), sorted(draft.shown)], ensure_ascii=False)
            db.execute("INSERT OR REPLACE INTO draft VALUES (?, ?)", (sha1, said))


def drafts(catalogue: Catalogue, sha1s: Sequence[bytes]) -> dict[bytes, Draft]:
    """Return the kept checks of some photos."""
    found = {}
    for start in range(0, len(sha1s), _AT_ONCE):
        some = list(sha1s[start : start + _AT_ONCE])
        query = f"SELECT sha1, checks FROM draft WHERE sha1 IN ({','.join('?' * len(some))})"  # noqa: S608
        for sha1, said in catalogue.connection.execute(query, some).fetchall():
            checked, shown = json.loads(said)
            found[sha1] = Draft(frozenset(checked), frozenset(shown))
    return found

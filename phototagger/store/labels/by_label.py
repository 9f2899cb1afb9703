"""What persons decided, by label: how often, and of one label on which photos."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from phototagger.store.labels.history import HOLDING
from phototagger.store.photos.editions import by_first, editions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phototagger.store.catalogue.database import Catalogue


class LabelCounts(NamedTuple):
    """On how many photos a label was approved, and on how many rejected."""

    approved: int = 0
    rejected: int = 0


_BY_PERSONS = f"{HOLDING} AND a.who = 'person' AND "


def label_counts(catalogue: Catalogue, contents: Iterable[bytes]) -> dict[str, LabelCounts]:
    """Return how the labels of photos, given by their contents, were decided, by label."""
    counts = "SELECT d.label, sum(v.approved), sum(1 - v.approved)"
    query = f"{counts} {_BY_PERSONS} d.sha1 IN ({{}}) GROUP BY d.label"
    found: dict[str, LabelCounts] = {}
    for label, yes, no in catalogue.rows_of(query, list(by_first(catalogue, contents))):
        had = found.get(label, LabelCounts())
        found[label] = LabelCounts(had.approved + yes, had.rejected + no)
    return found


def decided_of(catalogue: Catalogue, label: str) -> dict[bytes, bool]:
    """Return the contents on which a label was decided, each with whether it was approved."""
    query = f"SELECT d.sha1, v.approved {_BY_PERSONS} d.label = ?"
    rows = catalogue.connection.execute(query, (label,)).fetchall()
    others = editions(catalogue)
    return {one: bool(yes) for sha1, yes in rows for one in others.get(sha1, (sha1,))}


def approved_on(catalogue: Catalogue, labels: Iterable[str]) -> dict[str, list[bytes]]:
    """Return the contents on which labels are approved, by whomever, by label."""
    query = (
        "SELECT d.label, d.sha1 FROM decision d JOIN verdict v ON v.id = d.verdict "
        "WHERE v.approved AND d.label IN ({})"
    )
    others = editions(catalogue)
    found: dict[str, list[bytes]] = {}
    for label, sha1 in catalogue.rows_of(query, list(labels)):
        found.setdefault(label, []).extend(others.get(sha1, (sha1,)))
    return found

"""What persons decided, by label: how often, and of one label on which photos."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from phototagger.store.labels.history import HOLDING, WHOLE_PHOTO
from phototagger.store.photos.editions import by_first, editions, in_use

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
    by_label: dict[str, LabelCounts] = {}
    for label, yes, no in catalogue.rows_of(query, list(by_first(catalogue, contents))):
        before = by_label.get(label, LabelCounts())
        by_label[label] = LabelCounts(before.approved + yes, before.rejected + no)
    return by_label


def decided_of(catalogue: Catalogue, label: str) -> dict[bytes, bool]:
    """Return the contents on which a label was decided, each with whether it was approved."""
    query = f"SELECT d.sha1, v.approved {_BY_PERSONS} d.label = ?"
    rows = catalogue.connection.execute(query, (label,)).fetchall()
    all_editions = editions(catalogue)
    return {edition: bool(yes) for sha1, yes in rows for edition in all_editions.get(sha1, (sha1,))}


def teachers(catalogue: Catalogue, most: int, each: int) -> list[bytes] | None:
    """Return which photos' decisions are enough where persons decided more than ``most`` photos.

    They are ``most`` photos, and of each label ``each`` that it was approved on, in the order of
    their contents, which says nothing of them and stays the same. None: all are needed.
    """
    execute = catalogue.connection.execute
    first = f"SELECT DISTINCT d.sha1 {_BY_PERSONS} true ORDER BY d.sha1 LIMIT ?"
    chosen = {sha1 for (sha1,) in execute(first, (most + 1,)).fetchall()}
    if len(chosen) <= most:
        return None
    placed = "SELECT d.sha1, row_number() OVER (PARTITION BY d.label ORDER BY d.sha1) AS place"
    approved = f"{placed} {_BY_PERSONS} v.approved AND d.label <> ?"
    of_labels = f"SELECT DISTINCT sha1 FROM ({approved}) WHERE place <= ?"  # noqa: S608
    chosen |= {sha1 for (sha1,) in execute(of_labels, (WHOLE_PHOTO, each)).fetchall()}
    return in_use(catalogue, sorted(chosen))


def approved_on(catalogue: Catalogue, labels: Iterable[str]) -> dict[str, list[bytes]]:
    """Return the contents on which labels are approved, by whomever, by label."""
    query = (
        "SELECT d.label, d.sha1 FROM decision d JOIN verdict v ON v.id = d.verdict "
        "WHERE v.approved AND d.label IN ({})"
    )
    all_editions = editions(catalogue)
    by_label: dict[str, list[bytes]] = {}
    for label, sha1 in catalogue.rows_of(query, list(labels)):
        by_label.setdefault(label, []).extend(all_editions.get(sha1, (sha1,)))
    return by_label

"""Decisions by columns: which labels of which photos were decided, and how."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.certificates import resting
from phototagger.store.labels.edits import WHOLE_PHOTO, Who
from phototagger.store.labels.holding import Decision
from phototagger.store.vectors.keys import Keys, as_keys

Bools = NDArray[np.bool_]


class Decided(NamedTuple):
    """Decisions on n photos and M labels: ``keys`` uint8 [n, 20], the others bool [n, M].

    ``known`` tells which labels were decided, ``approved`` those of them that were approved;
    ``whole``, bool [n], which photos were decided as a whole and not for some labels alone.
    """

    keys: Keys
    approved: Bools
    known: Bools
    whole: Bools

    def of(self, chosen: Bools) -> Decided:
        """Return the decisions on some of the photos, bool [n]."""
        return Decided(
            self.keys[chosen], self.approved[chosen], self.known[chosen], self.whole[chosen]
        )


def that_teach(catalogue: Catalogue, found: Iterable[Decision]) -> Iterable[Decision]:
    """Return the decisions that teach: by persons, but those on a sample that is being looked at.

    What a certificate is tested on teaches once the test is over.
    """
    waiting = resting(catalogue)
    return (decision for decision in by_persons(found) if decision.sha1 not in waiting)


def by_persons(found: Iterable[Decision]) -> Iterable[Decision]:
    """Return the decisions that persons made."""
    return (decision for decision in found if decision.who is Who.PERSON)


def by_content(decisions: Iterable[Decision]) -> dict[bytes, list[Decision]]:
    """Return decisions by the content that they are on, in their order."""
    lists: dict[bytes, list[Decision]] = {}
    for decision in decisions:
        lists.setdefault(decision.sha1, []).append(decision)
    return lists


def decided(found: Iterable[Decision], labels: Sequence[str]) -> Decided:
    """Return decisions on these labels by columns; the photos in the order of their contents.

    Decisions on other labels are left out, and photos that have no others with them. The order in
    which the decisions were made leaves no trace.
    """
    columns = {label: number for number, label in enumerate(labels)}
    rows: dict[bytes, int] = {}
    cells: list[tuple[int, int, bool]] = []
    seen: set[bytes] = set()
    for decision in found:
        if decision.label == WHOLE_PHOTO and decision.approved:
            seen.add(decision.sha1)
        column = columns.get(decision.label)
        if column is not None:
            cells.append((rows.setdefault(decision.sha1, len(rows)), column, decision.approved))
    order = {row: place for place, (_, row) in enumerate(sorted(rows.items()))}
    approved = np.zeros((len(rows), len(labels)), np.bool_)
    known = np.zeros_like(approved)
    for row, column, is_approved in cells:
        approved[order[row], column] = is_approved
        known[order[row], column] = True
    keys = sorted(rows)
    whole = np.array([key in seen for key in keys], np.bool_)
    return Decided(as_keys(keys), approved, known, whole)

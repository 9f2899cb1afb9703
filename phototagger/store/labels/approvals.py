"""Decisions that were exported elsewhere, taken in by content."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from phototagger.store.labels.history import (
    WHOLE_PHOTO,
    Decision,
    Edit,
    Who,
    decide,
    decisions,
)
from phototagger.store.labels.names import GONE, names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phototagger.store.catalogue.database import Catalogue


class TakenIn(NamedTuple):
    """How many decisions were new, and of which labels how many were left out: removed ones."""

    new: int
    left_out: Counter[str]


def import_approvals(catalogue: Catalogue, told: Iterable[Decision], *, root: str) -> TakenIn:
    """Take in decisions that were exported elsewhere.

    Of two decisions on a label of a photo the later one holds, and a person's before auto's. Who
    decided, and when, is kept: each of the other machine's acts becomes an act here. All of them
    are taken in, or none. A label that was renamed or merged here is taken by what it is called,
    and what is told of one that was removed here is left out.
    """
    now = names(catalogue)
    told, left_out = list(told), Counter[str]()
    left_out.update(
        one.label for one in told if one.label != WHOLE_PHOTO and now.label_of(one.label) == GONE
    )
    kept = [
        one._replace(label=now.label_of(one.label)) for one in told if one.label not in left_out
    ]
    here = {(one.sha1, one.label): one for one in decisions(catalogue, {one.sha1 for one in kept})}
    new = [one for one in kept if _beats(one, here.get((one.sha1, one.label)))]
    new.sort(key=lambda one: (one.when, one.who, one.model))
    with catalogue.transaction():
        for (when, who, model), act in groupby(new, key=lambda one: (one.when, one.who, one.model)):
            edits = [Edit(one.sha1, one.label, one.approved, one.score) for one in act]
            decide(catalogue, edits, root=root, who=who, model=model, when=when)
    return TakenIn(len(new), left_out)


def _beats(new: Decision, old: Decision | None) -> bool:
    if old is None:
        return True
    if new.who is not old.who:
        return new.who is Who.PERSON
    return new.when > old.when

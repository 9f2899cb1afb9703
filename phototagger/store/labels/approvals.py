"""Decisions that were exported elsewhere, taken in by content."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.edits import WHOLE_PHOTO, Edit, Who
from phototagger.store.labels.history import decide
from phototagger.store.labels.holding import Decision, decisions
from phototagger.store.labels.names import GONE, names
from phototagger.store.photos.editions import firsts


class TakenIn(NamedTuple):
    """How many decisions were new, and of which labels how many were left out: removed ones."""

    new: int
    left_out: Counter[str]


def import_approvals(catalogue: Catalogue, told: Iterable[Decision], *, root: str) -> TakenIn:
    """Take in decisions that were exported elsewhere.

    Of two decisions on a label of a photo the later one holds, and a person's before auto's. Who
    decided, and when, is kept: each of the other machine's acts becomes an act here. All of them
    are taken in, or none. A label that was renamed or merged here is taken by what it is called: of
    two that are one here, what a merge would keep. What is told of one that was removed here is
    left out.
    """
    current_names = names(catalogue)
    incoming, left_out = list(told), Counter[str]()
    left_out.update(
        decision.label
        for decision in incoming
        if decision.label != WHOLE_PHOTO and current_names.label_of(decision.label) == GONE
    )
    kept = [decision for decision in incoming if decision.label not in left_out]
    first = firsts(catalogue, {decision.sha1 for decision in kept})
    by_label: dict[tuple[bytes, str], list[Decision]] = {}
    for decision in kept:
        photo = first.get(decision.sha1, decision.sha1)
        by_label.setdefault((photo, current_names.label_of(decision.label)), []).append(decision)
    holding = {
        (first.get(decision.sha1, decision.sha1), decision.label): decision
        for decision in decisions(catalogue, {decision.sha1 for decision in kept})
    }
    new = []
    for (photo, label), words in by_label.items():
        for decision in _merged(words):
            if _beats(decision, holding.get((photo, label))):
                holding[photo, label] = decision
                new.append(decision._replace(label=label))
    new.sort(key=lambda decision: (decision.when, decision.who, decision.model))
    with catalogue.transaction():
        for (when, who, model), act in groupby(
            new, key=lambda decision: (decision.when, decision.who, decision.model)
        ):
            edits = [
                Edit(decision.sha1, decision.label, decision.approved, decision.score)
                for decision in act
            ]
            decide(catalogue, edits, root=root, who=who, model=model, when=when)
    return TakenIn(len(new), left_out)


def _merged(words: list[Decision]) -> list[Decision]:
    """Return what is told of a label of a photo, the oldest first; of several words only the best.

    That is a person's before auto's, and then an approval, as where labels are merged.
    """
    in_order = sorted(words, key=lambda decision: decision.when)
    best: dict[str, Decision] = {}
    for decision in in_order:
        if _beats(decision, best.get(decision.label)):
            best[decision.label] = decision
    if len(best) == 1:
        return in_order
    return [
        max(best.values(), key=lambda decision: (decision.who is Who.PERSON, decision.approved))
    ]


def _beats(new: Decision, old: Decision | None) -> bool:
    if old is None:
        return True
    if new.who is not old.who:
        return new.who is Who.PERSON
    return new.when > old.when

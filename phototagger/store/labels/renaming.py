"""What a naming does to decisions: what was said of a label is said again of another one."""

from collections.abc import Collection
from typing import NamedTuple

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.edits import WHOLE_PHOTO, Edit, Who
from phototagger.store.labels.holding import acts_by, holding
from phototagger.store.labels.names import GONE, Naming


class DecisionsMoved(NamedTuple):
    """What a naming does to decisions: the edits of its act, and of how many photos they are.

    ``approved`` and ``rejected`` count photos of the label; on ``both`` of them the other label was
    decided as well, on ``differ`` of these the other way. Of those the approval holds, but on
    ``overruled`` a person rejected what auto approved.
    """

    edits: list[Edit]
    approved: int = 0
    rejected: int = 0
    both: int = 0
    differ: int = 0
    overruled: int = 0


class _HeldDecision(NamedTuple):
    """A decision that holds on a label of a photo; of two the greater one is kept by a merge."""

    by_person: bool
    approved: bool
    said_by: int
    score: float | None


def moved(catalogue: Catalogue, naming: Naming) -> DecisionsMoved:
    """Return what a naming does to the decisions that hold; nothing is written.

    Where both labels are decided on a photo, a person's decision is kept before one of auto, an
    approval before a rejection, and else what the other label has.
    """
    if naming.label == naming.becomes:
        return DecisionsMoved([])
    old = _decisions_on(catalogue, naming.label)
    of_other = _decisions_on(catalogue, naming.becomes) if naming.becomes != GONE else {}
    edits = []
    for sha1, decision in old.items():
        edits.append(Edit(sha1, naming.label, None))
        other = of_other.get(sha1)
        if naming.becomes != GONE and (other is None or decision[:2] > other[:2]):
            edits.append(
                Edit(sha1, naming.becomes, decision.approved, decision.score, decision.said_by)
            )
    approved = sum(decided.approved for decided in old.values())
    both = [sha1 for sha1 in old if sha1 in of_other]
    differ = [sha1 for sha1 in both if old[sha1].approved != of_other[sha1].approved]
    overruled = sum(not max(old[sha1][:2], of_other[sha1][:2])[1] for sha1 in differ)
    return DecisionsMoved(edits, approved, len(old) - approved, len(both), len(differ), overruled)


def decided_labels(catalogue: Catalogue, among: Collection[str] | None = None) -> set[str]:
    """Return the labels, of all or ``among`` a few, of which a decision holds on any photo."""
    return {label for _, held in holding(catalogue, labels=among) for label in held} - {WHOLE_PHOTO}


def _decisions_on(catalogue: Catalogue, label: str) -> dict[bytes, _HeldDecision]:
    """Return what holds of a label, by the first content of each photo, as it was said."""
    by_auto = acts_by(catalogue, Who.AUTO)
    return {
        sha1: _HeldDecision(
            verdict.said_by not in by_auto, verdict.approved, verdict.said_by, verdict.score
        )
        for sha1, held in holding(catalogue, labels=[label])
        for verdict in held.values()
    }

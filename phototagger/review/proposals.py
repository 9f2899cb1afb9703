"""What providers proposed for a photo, as a person is shown it: no label that is one already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from phototagger.store.discovered import Found, found_for
from phototagger.store.labels.edits import WHOLE_PHOTO, Edit, Edits
from phototagger.store.labels.names import GONE, names

if TYPE_CHECKING:
    from phototagger.engine.library.library import Opened
    from phototagger.review.session import Review


_LOOKED_AT = 100  # photos of an act, for each label that is not in the vocabulary


class SeenRegion(NamedTuple):
    """A label and where it is seen: left, top, width and height as parts of the upright photo."""

    label: str
    x: float
    y: float
    width: float
    height: float


def proposed(job: Opened, sha1: bytes) -> dict[str, str]:
    """Return the labels proposed for a photo, each with its provider, the best of each first.

    What is a label already is left out, and what means one that was renamed or removed.
    """
    proposals = _proposals(job, sha1)
    if not proposals:
        return {}
    current_names, offered = names(job.catalogue), job.model.tree.all_words(job.offered)
    labels: dict[str, str] = {}
    for provider, proposal in proposals:
        label = current_names.label_of(proposal.label)
        if label != GONE and label not in offered:
            labels.setdefault(label, provider)
    return labels


def regions(review: Review, position: int) -> list[SeenRegion]:
    """Return where labels are seen in a photo, by what providers said of it.

    Labels are called as they are now; what was removed is left out.
    """
    job = review.job
    proposals = _proposals(job, review.photos.listing.sha1(position))
    if not proposals:
        return []
    current_names, tree = names(job.catalogue), job.model.tree
    seen = []
    for _, proposal in proposals:
        label = current_names.label_of(tree.label_of(proposal.label))
        if proposal.box is not None and label != GONE:
            seen.append(SeenRegion(tree.shown(label), *proposal.box))
    return seen


def _proposals(job: Opened, sha1: bytes) -> list[tuple[str, Found]]:
    """Return (provider, proposal) of a photo, as each provider said last."""
    known = job.model.known_or_none
    by_provider = found_for(job.catalogue, sha1, known.model if known else "")
    return [(provider, proposal) for provider, given in by_provider for proposal in given]


def approved_first(job: Opened, edits: Iterable[Edit]) -> list[str]:
    """Return what providers proposed for photos and edits approve there: labels from now on."""
    offered = {WHOLE_PHOTO, *job.offered}
    if isinstance(edits, Edits) and edits.labels <= offered:
        return []
    looked = Counter[str]()
    approved = dict[str, None]()
    for edit in edits:
        if not edit.approved or edit.label in offered or looked[edit.label] == _LOOKED_AT:
            continue
        looked[edit.label] += 1
        if edit.label in proposed(job, edit.sha1):
            approved[edit.label] = None
            offered.add(edit.label)
    return list(approved)

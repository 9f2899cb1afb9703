"""What certificates approved in the review: what they promised, and confirming it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from phototagger.printable import counted
from phototagger.review.plans import Plan
from phototagger.store.labels.certificates import certificates
from phototagger.store.labels.drafts import drafts
from phototagger.store.labels.history import Edit, decisions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phototagger.review.session import Review


def promised_on(review: Review, position: int) -> str:
    """Say which certificates approved labels of a photo, such as ``⚙ C3: 0.95``; else nothing."""
    catalogue = review.job.catalogue
    held = decisions(catalogue, [review.photos.listing.sha1(position)])
    numbers = {one.certificate for one in held} - {None}
    if not numbers:
        return ""
    found = [one for one in certificates(catalogue, review.root) if one.id in numbers]
    return "⚙ " + ", ".join(f"{one.name}: {one.precision:g} by a sample" for one in found)


def confirming(review: Review, positions: Iterable[int]) -> Plan:
    """Plan to approve, as a person, what certificates approved on photos; nothing else of them."""
    catalogue, listing = review.job.catalogue, review.photos.listing
    sha1s = list(dict.fromkeys(listing.sha1(one) for one in positions))
    held = [one for one in decisions(catalogue, sha1s) if one.certificate is not None]
    photos = list(dict.fromkeys(one.sha1 for one in held))
    labels = Counter(one.label for one in held)
    return Plan(
        "Confirm what was approved by certificate",
        f"confirmed {counted(len(held), 'label')} on {counted(len(photos), 'photo')}",
        photos,
        labels,
        [Edit(one.sha1, one.label, approved=True, score=one.score) for one in held],
        checks={**drafts(catalogue, photos)},  # they have nothing to do with it, and stay
        notes=("Only these labels; a and A approve photos as a whole.",),
    )

"""What certificates approved in the review: what they promised, and confirming it."""

from collections import Counter
from collections.abc import Iterable

from phototagger.printable import counted
from phototagger.review.plans import Plan
from phototagger.review.session import Review
from phototagger.store.labels.certificates import certificates
from phototagger.store.labels.drafts import drafts
from phototagger.store.labels.edits import Edit
from phototagger.store.labels.holding import decisions


def promised_on(review: Review, position: int) -> str:
    """Say which certificates approved labels of a photo, such as ``⚙ C3: 0.95``; else nothing."""
    catalogue = review.job.catalogue
    recorded = decisions(catalogue, [review.photos.listing.sha1(position)])
    numbers = {decision.certificate for decision in recorded} - {None}
    if not numbers:
        return ""
    allowing = [
        certificate
        for certificate in certificates(catalogue, review.root)
        if certificate.id in numbers
    ]
    return "⚙ " + ", ".join(
        f"{certificate.name}: {certificate.precision:g} by a sample" for certificate in allowing
    )


def confirming(review: Review, positions: Iterable[int]) -> Plan:
    """Plan to approve, as a person, what certificates approved on photos; nothing else of them."""
    catalogue, listing = review.job.catalogue, review.photos.listing
    sha1s = list(dict.fromkeys(listing.sha1(position) for position in positions))
    by_certificate = [
        decision for decision in decisions(catalogue, sha1s) if decision.certificate is not None
    ]
    photos = list(dict.fromkeys(decision.sha1 for decision in by_certificate))
    labels = Counter(decision.label for decision in by_certificate)
    return Plan(
        "Confirm what was approved by certificate",
        f"confirmed {counted(len(by_certificate), 'label')} on {counted(len(photos), 'photo')}",
        photos,
        labels,
        [
            Edit(decision.sha1, decision.label, approved=True, score=decision.score)
            for decision in by_certificate
        ],
        checks={**drafts(catalogue, photos)},  # they have nothing to do with it, and stay
        notes=(
            "Only these labels; a and A approve photos as a whole."
            if photos
            else "no certificate approved anything of it",
        ),
    )

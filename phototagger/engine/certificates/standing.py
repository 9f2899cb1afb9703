"""Whether what a certificate stands on is still so, and what of it holds."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from phototagger.engine.certificates.said import promised
from phototagger.engine.certificates.sample import answers_changed
from phototagger.printable import counted
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.certificates import Certificate, SampleState, certificates, library_of
from phototagger.store.labels.holding import Decision
from phototagger.store.photos.editions import firsts
from phototagger.store.vectors.keys import KeyIndex, Keys
from phototagger.suggest.certificate import Promise

MOST_NEW = 0.1
"""The share of new photos from which on a sample says nothing of the library any more."""


ANSWERS_CHANGED = "answers that were tested are not what they were when the result was told"


class Basis(NamedTuple):
    """What certificates are compared with: the model, labels and photos of now.

    ``photos`` go by the first of their contents; ``model`` is empty where it is not known.
    """

    model: str
    labels: Sequence[str]
    photos: Keys


def ended(catalogue: Catalogue, one: Certificate, now: Basis) -> str:
    """Say why a certificate or sample has ended; empty where it has not."""
    if answers_changed(catalogue, one):
        return ANSWERS_CHANGED
    if one.model != now.model:
        return "it is of another model"
    if sorted(one.labels) != sorted(now.labels):
        return "the labels have changed since"
    new = int((~KeyIndex(library_of(catalogue, one.id)).has(now.photos)).sum())
    if new > MOST_NEW * len(now.photos):
        return f"{counted(new, 'photo')} of {len(now.photos):,} came since, more than a tenth"
    return ""


class Standing(NamedTuple):
    """A certificate or sample, how many of its approvals hold, and why it has ended, if it has.

    ``holds`` counts what nobody took back, or confirmed, since.
    """

    certificate: Certificate
    holds: int
    ended: str

    def __str__(self) -> str:
        certificate = self.certificate
        sample = f"{certificate.name}: a sample for {certificate.precision:g}"
        if certificate.state is SampleState.GIVEN_UP:
            return f"{sample} that was given up{_after(certificate)}"
        if certificate.state is SampleState.OPEN:
            sentence = f"{sample} is being looked at{_after(certificate)}"
        else:
            sentence = self._certified(certificate)
        return f"{sentence}; it has ended: {self.ended}" if self.ended else sentence

    def _certified(self, certificate: Certificate) -> str:
        assert certificate.bound is not None
        assert certificate.photos is not None
        assert certificate.approved is not None
        promise = Promise(certificate.precision, certificate.confidence, certificate.over_labels)
        sentence = (
            f"{certificate.name}: {promised(promise)}; it stands on {certificate.looks:,} looks of "
            f"which {certificate.wrong:,} were wrong, which proves {certificate.bound:.3f}; "
            f"{counted(certificate.approved, 'label')} approved on "
            f"{counted(certificate.photos, 'photo')}, from the score {certificate.threshold:.2f} "
            f"on, learned from {counted(certificate.taught, 'photo')}"
        )
        if self.holds == certificate.approved:
            return sentence
        return f"{sentence}; {self.holds:,} of them hold"


def standings(
    catalogue: Catalogue, root: str, now: Basis, held: Iterable[Decision]
) -> list[Standing]:
    """Return every certificate and sample of a root; ``held`` are the decisions that hold."""
    holding = [decision for decision in held if decision.certificate is not None]
    first = firsts(catalogue, {decision.sha1 for decision in holding})
    once = {
        (decision.certificate, first.get(decision.sha1, decision.sha1), decision.label)
        for decision in holding
    }
    times = Counter(number for number, _, _ in once)
    return [
        Standing(
            certificate,
            times[certificate.id],
            "" if certificate.state is SampleState.GIVEN_UP else ended(catalogue, certificate, now),
        )
        for certificate in certificates(catalogue, root)
    ]


def _after(certificate: Certificate) -> str:
    return f" (tested {counted(certificate.tests, 'time')})" if certificate.tests else ""

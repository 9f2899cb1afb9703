"""Whether what a certificate stands on is still so, and what of it holds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from phototagger.engine.certificates.said import promised
from phototagger.engine.certificates.sample import answers_changed
from phototagger.printable import counted
from phototagger.store.labels.certificates import Certificate, SampleState, certificates, library_of
from phototagger.store.photos.editions import firsts
from phototagger.store.vectors.keys import KeyIndex, Keys
from phototagger.suggest.certificate import Promise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from phototagger.store.catalogue.database import Catalogue
    from phototagger.store.labels.history import Decision

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
        one = self.certificate
        if one.state is SampleState.GIVEN_UP:
            return f"{one.name}: a sample for {one.precision:g} that was given up{_after(one)}"
        if one.state is SampleState.OPEN:
            said = f"{one.name}: a sample for {one.precision:g} is being looked at{_after(one)}"
        else:
            said = self._certified(one)
        return f"{said}; it has ended: {self.ended}" if self.ended else said

    def _certified(self, one: Certificate) -> str:
        assert one.bound is not None
        assert one.photos is not None
        assert one.approved is not None
        promise = Promise(one.precision, one.confidence, one.over_labels)
        said = (
            f"{one.name}: {promised(promise)}; it stands on {one.looks:,} looks of which "
            f"{one.wrong:,} were wrong, which proves {one.bound:.3f}; "
            f"{counted(one.approved, 'label')} approved on {counted(one.photos, 'photo')}, from "
            f"the score {one.threshold:.2f} on, learned from {counted(one.taught, 'photo')}"
        )
        return said if self.holds == one.approved else f"{said}; {self.holds:,} of them hold"


def standings(
    catalogue: Catalogue, root: str, now: Basis, held: Iterable[Decision]
) -> list[Standing]:
    """Return every certificate and sample of a root; ``held`` are the decisions that hold."""
    holding = [one for one in held if one.certificate is not None]
    first = firsts(catalogue, {one.sha1 for one in holding})
    once = {(one.certificate, first.get(one.sha1, one.sha1), one.label) for one in holding}
    times = Counter(number for number, _, _ in once)
    return [
        Standing(
            one,
            times[one.id],
            "" if one.state is SampleState.GIVEN_UP else ended(catalogue, one, now),
        )
        for one in certificates(catalogue, root)
    ]


def _after(one: Certificate) -> str:
    return f" (tested {counted(one.tests, 'time')})" if one.tests else ""

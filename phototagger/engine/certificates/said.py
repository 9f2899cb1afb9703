"""What is said of samples and certificates, in sentences a person can check."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from phototagger.printable import counted
from phototagger.suggest.certificate import Promise, Trial, looks_to_begin
from phototagger.suggest.exact import looks_needed

if TYPE_CHECKING:
    from phototagger.engine.certificates.certify import Tested
    from phototagger.engine.certificates.sample import Sample
    from phototagger.store.labels.certificates import Certificate


def promised(promise: Promise) -> str:
    """Return what a promise promises."""
    right, sure = 100 * promise.precision, 100 * promise.confidence
    if promise.over_labels:
        sentence = f"of all labels approved, at least {right:g} of 100 are right"
    else:
        sentence = (
            f"of a photo taken at random, a label approved on it is right in at least {right:g} "
            "of 100 cases"
        )
    return f"{sentence} ({sure:g} % sure)"


def allowed(tested: Tested, found: Certificate) -> str:
    """Say what a certificate allowed, and what it does not promise."""
    sentence = (
        f"{found.name}: {counted(found.approved or 0, 'label')} approved on "
        f"{counted(found.photos or 0, 'photo')} nobody looked at"
    )
    return f"{sentence}: {proved(tested)}"


def proved(tested: Tested) -> str:
    """Say what a test proved of what it would approve."""
    passed, promise = tested.certified, tested.sample.promise
    assert passed is not None
    sentence = f"{promised(promise)}; {passed.wrong:,} of {passed.looks:,} looks were wrong"
    if promise.over_labels:
        return sentence
    return f"{sentence}; over all labels about {tested.estimate:.2f}, which is not promised"


class Refusal(NamedTuple):
    """Why nothing was certified, what would change that, and how many photos would do, if any."""

    said: str
    cure: str
    looks: int | None = None


def refused(tested: Tested) -> Refusal:
    """Say why nothing was certified, and what would change that."""
    sample, trials = tested.sample, tested.outcome.trials
    drawn, promise = len(sample.places), sample.promise
    if not trials:
        cause = (
            f"the sample of {counted(drawn, 'photo')} is too small to prove "
            f"{promise.precision:g}: at no threshold has it the {looks_to_begin(promise):,} looks "
            "that this takes"
        )
        return _look_on(cause, sample, 2 * drawn)
    first = trials[0]
    cause = (
        f"{first.wrong:,} of {first.looks:,} looks at the surest labels were wrong, which does not "
        f"prove {promise.precision:g}; nothing is approved"
    )
    if first.wrong >= (1 - promise.precision) * first.looks:
        return Refusal(
            cause,
            "no number of looks proves more than is true: give the sample up (`phototagger sample "
            "--give-up`), decide more photos in the review so that more is learned, or promise "
            "less",
        )
    return _look_on(cause, sample, _looks_that_would_do(tested, first))


def _looks_that_would_do(tested: Tested, first: Trial) -> int:
    """Return how many photos the sample would need if as many looks go wrong as so far."""
    sample, promise = tested.sample, tested.sample.promise
    level = promise.level(tested.tests)
    drawn, wrong = len(sample.places), first.wrong
    while True:
        needed = looks_needed(promise.precision, 1 - level, wrong)
        photos = -(-needed * drawn // first.looks)
        expected = round(first.wrong * needed / first.looks)
        if expected <= wrong or photos > len(sample.library):
            return photos
        wrong = expected


def _look_on(cause: str, sample: Sample, photos: int) -> Refusal:
    most = len(sample.drawn_from)
    if photos >= most:
        return Refusal(
            cause,
            f"about {photos:,} photos would have to be looked at, and there are {most:,}: decide "
            "them in the review",
        )
    cure = (
        f"look at about {photos:,} photos: `phototagger sample --looks {photos}` draws the others; "
        "the share of the doubt that is kept back for it is spent"
    )
    return Refusal(cause, cure, photos)

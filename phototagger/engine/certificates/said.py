"""What is said of samples and certificates, in sentences a person can check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.printable import counted
from phototagger.suggest.certificate import looks_to_begin
from phototagger.suggest.exact import looks_needed

if TYPE_CHECKING:
    from phototagger.engine.certificates.certify import Tested
    from phototagger.engine.certificates.sample import Sample
    from phototagger.store.labels.certificates import Certificate
    from phototagger.suggest.certificate import Promise, Trial


def promised(promise: Promise) -> str:
    """Return what a promise promises."""
    right, sure = 100 * promise.precision, 100 * promise.confidence
    if promise.over_labels:
        said = f"of all labels approved, at least {right:g} of 100 are right"
    else:
        said = (
            f"of a photo taken at random, a label approved on it is right in at least {right:g} "
            "of 100 cases"
        )
    return f"{said} ({sure:g} % sure)"


def allowed(tested: Tested, found: Certificate) -> str:
    """Say what a certificate allowed, and what it does not promise."""
    said = (
        f"{found.name}: {counted(found.approved or 0, 'label')} approved on "
        f"{counted(found.photos or 0, 'photo')} nobody looked at"
    )
    return f"{said}: {proved(tested)}"


def proved(tested: Tested) -> str:
    """Say what a test proved of what it would approve."""
    passed, promise = tested.certified, tested.sample.promise
    assert passed is not None
    said = f"{promised(promise)}; {passed.wrong:,} of {passed.looks:,} looks were wrong"
    if promise.over_labels:
        return said
    return f"{said}; over all labels about {tested.estimate:.2f}, which is not promised"


def refused(tested: Tested) -> tuple[str, str]:
    """Say why nothing was certified, and what would change that."""
    sample, trials = tested.sample, tested.outcome.trials
    drawn = len(sample.places)
    kept, promise = sample.kept, sample.promise
    if not trials:
        said = (
            f"the sample of {counted(drawn, 'photo')} is too small to prove {kept.precision:g}: "
            f"at no threshold has it the {looks_to_begin(promise):,} looks that this takes"
        )
        return said, _draw_more(sample, 2 * drawn)
    first = trials[0]
    said = (
        f"{first.wrong:,} of {first.looks:,} looks at the surest labels were wrong, which does not "
        f"prove {kept.precision:g}; nothing is approved"
    )
    if first.wrong >= (1 - kept.precision) * first.looks:
        return said, (
            "no number of looks proves more than is true: give the sample up with `phototagger "
            "sample --give-up`, decide more photos in the review so that more is learned, or "
            "promise less"
        )
    return said, _draw_more(sample, looks_that_would_do(tested, first))


def looks_that_would_do(tested: Tested, first: Trial) -> int:
    """Return how many photos the sample would need if as many looks go wrong as so far."""
    sample, promise = tested.sample, tested.sample.promise
    level = promise.level(sample.kept.tests + 1)
    drawn, wrong = len(sample.places), first.wrong
    while True:
        needed = looks_needed(promise.precision, 1 - level, wrong)
        photos = -(-needed * drawn // first.looks)
        expected = round(first.wrong * needed / first.looks)
        if expected <= wrong or photos > len(sample.library):
            return photos
        wrong = expected


def _draw_more(sample: Sample, photos: int) -> str:
    most = len(sample.drawn_from)
    if len(sample.places) >= most or photos >= most:
        return (
            f"about {photos:,} photos would have to be looked at, and there are {most:,}: decide "
            "them in the review"
        )
    return (
        f"look at about {photos:,} photos: `phototagger sample --looks {photos}` draws the others; "
        "the share of the doubt that is kept back for it is spent"
    )

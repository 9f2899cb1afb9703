"""The sample that is open for a root: begun, gone on with, tested, given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.engine.certificates.certify import conclude, revoke
from phototagger.engine.certificates.said import allowed, promised, refused
from phototagger.engine.certificates.sample import (
    Promise,
    Sample,
    approvable,
    begin,
    left_to_look_at,
    look_on,
    photos_here,
    sample_of,
)
from phototagger.engine.certificates.standing import Basis, ended
from phototagger.errors import EmptyAnswer, UsageError
from phototagger.printable import counted, printable
from phototagger.store.labels.certificates import SampleState, certificates, give_up

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.library.photos import Photos

_GIVE_UP = "`phototagger sample --give-up` closes it, and then another can be drawn"


def sample_for(
    job: Job, photos: Photos, promise: Promise | None, looks: int | None = None
) -> Sample:
    """Return the open sample of a job's root, with so many photos; begin one where there is none.

    Raises UsageError where one cannot be begun, or the open one is for another promise or ended.
    """
    sample = sample_of(job.catalogue, job.root)
    if sample is None:
        if promise is None:
            raise UsageError(
                "no sample is open, so nothing says what to promise",
                "say it, such as --precision 0.95",
            )
        return begin(job, approvable(job, photos), promise, looks)
    check_sample(job, photos, sample, promise)
    return look_on(job.catalogue, sample, looks) if looks else sample


def approved_by(job: Job, photos: Photos, promise: Promise) -> str:
    """Test the open sample, and approve what it certifies; return what is said of that.

    Raises UsageError where there is none, or not all of it was looked at; EmptyAnswer where nothing
    is certified: it says how many looks would be needed.
    """
    sample = sample_of(job.catalogue, job.root)
    if sample is None:
        raise UsageError(
            f"{promise.precision:g} can be promised once a random sample of photos was looked at, "
            "and none was drawn yet",
            f"draw one: `phototagger sample --precision {promise.precision:g}`, or `P` in the "
            "review",
        )
    check_sample(job, photos, sample, promise)
    waiting = left_to_look_at(job, photos, sample)
    if waiting:
        raise UsageError(
            f"{len(sample.places) - len(waiting):,} of {counted(len(sample.places), 'photo')} of "
            f"the sample {sample.kept.name} are looked at, and no result is told before all are",
            "`phototagger sample` lists the others, and `P` in the review shows them",
        )
    tested, certificate = conclude(job, photos, sample)
    if certificate is None:
        raise EmptyAnswer(*refused(tested)[:2])
    return allowed(tested, certificate)


def close(job: Job) -> str:
    """Give up the open sample; return what is said of it. Its answers teach from then on."""
    sample = sample_of(job.catalogue, job.root)
    if sample is None:
        raise UsageError("no sample is open here", "there is nothing to give up")
    give_up(job.catalogue, sample.kept.id)
    return f"{sample.kept.name} is given up; what was said of its photos stays, and teaches"


def revoked(job: Job, name: str) -> str:
    """Take a certificate's approvals back; return what is said of that.

    Raises UsageError where there is no such certificate, or nothing of it holds any more.
    """
    by_name = {
        certificate.name.lower(): certificate
        for certificate in certificates(job.catalogue, job.root)
        if certificate.state is SampleState.CERTIFIED
    }
    certificate = by_name.get(name.lower())
    if certificate is None:
        named = ", ".join(certificate.name for certificate in by_name.values()) or "there are none"
        raise UsageError(
            f"--revoke {printable(name)}: is no certificate of {printable(job.root)}",
            f"the certificates: {named}",
        )
    count = revoke(job, certificate)
    if not count:
        raise UsageError(
            f"{certificate.name}: nothing that it approved holds any more",
            "there is nothing to take back",
        )
    taken_back = f"{counted(count, 'approval')} taken back"
    return (
        f"{certificate.name}: {taken_back}; `phototagger undo`, or `u` in the review, undoes that"
    )


def check_sample(job: Job, photos: Photos, found: Sample, promise: Promise | None = None) -> None:
    """Raise UsageError where a sample is for another promise, or what it stands on has changed."""
    if promise is not None and promise != found.promise:
        raise UsageError(
            f"the sample {found.kept.name} was drawn for another promise: "
            f"{promised(found.promise)}",
            f"go on with that one, or {_GIVE_UP}",
        )
    if why := why_ended(job, photos, found):
        raise UsageError(f"the sample {found.kept.name} has ended: {why}", _GIVE_UP)


def why_ended(job: Job, photos: Photos, found: Sample) -> str:
    """Say what has changed of what a sample stands on; empty where nothing has."""
    present, _ = photos_here(job.catalogue, photos)
    return ended(job.catalogue, found.kept, Basis(job.model.known.model, job.labels, present))

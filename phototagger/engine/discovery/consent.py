"""What a person has to allow before providers send photos away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from phototagger.discover.provider import Consent, Need
from phototagger.discover.registry import guarded, kind_of, made
from phototagger.engine.discovery.asking import library_of
from phototagger.errors import PhototaggerError

if TYPE_CHECKING:
    from phototagger.engine.job import Job


class Recipient(NamedTuple):
    """A provider that needs the network, the host it would send to, and how many requests."""

    provider: str
    host: str
    requests: int


def not_allowed(job: Job) -> Recipient | None:
    """Return the first of the providers that the job names whose host nobody allowed.

    None where there is none. One that cannot be made ready sends nothing, and says why when it is
    asked. Others are not made for this: they may load a model.
    """
    consent = job.consent or Consent()
    for name in job.settings.discover:
        try:
            if Need.NETWORK not in guarded(name, partial(_needs, name)):
                continue
            provider = made(name, library_of(job))
        except PhototaggerError:
            continue
        host = str(getattr(provider, "host", ""))
        if host and host != consent.host:
            return Recipient(name, host, consent.requests)
    return None


def _needs(name: str) -> Collection[str]:
    needs: Collection[str] = getattr(kind_of(name), "needs", ())
    return needs


def allow(job: Job, recipient: Recipient) -> None:
    """Let thumbnails of this job's photos be sent to one host, as long as the job is open."""
    job.consent = replace(job.consent or Consent(), host=recipient.host)

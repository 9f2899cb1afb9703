"""What a person has to allow before providers send photos away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from phototagger.discover.provider import Consent, Need
from phototagger.discover.registry import made
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
    asked.
    """
    consent = job.consent or Consent()
    for name in job.settings.discover:
        try:
            provider = made(name, library_of(job))
        except PhototaggerError:
            continue
        host = str(getattr(provider, "host", "")) if Need.NETWORK in provider.needs else ""
        if host and host != consent.host:
            return Recipient(name, host, consent.requests)
    return None


def allow(job: Job, recipient: Recipient) -> None:
    """Let thumbnails of this job's photos be sent to one host, as long as the job is open."""
    job.consent = replace(job.consent or Consent(), host=recipient.host)

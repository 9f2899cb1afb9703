"""What a job says of files that changed since their photos were decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phototagger.engine.decisions.former import offers, said_of_carried, said_of_offers
from phototagger.engine.decisions.renamed import offer_renamed
from phototagger.engine.events import Event, Notice

if TYPE_CHECKING:
    from phototagger.engine.job import Job


def changes_said(job: Job) -> Iterator[Event]:
    """Yield a line for what holds still, and one for what is only offered; each once a scan."""
    photos = job.photos
    if doubt := offer_renamed(job.catalogue, photos, job.settings.cache_dir):
        yield Notice(doubt)
    if photos.carried:
        yield Notice(said_of_carried(photos.carried))
        photos.carried = 0
    if not photos.offers_told and (count := len(offers(job.catalogue, photos))):
        photos.offers_told = True
        yield Notice(said_of_offers(count))

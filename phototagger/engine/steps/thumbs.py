"""Photo → thumbnail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phototagger.engine.decisions.changes import changes_said
from phototagger.engine.events import (
    Event,
    StepProgress,
    StepStarted,
)
from phototagger.engine.photo_reader.looks import (
    Counts,
    cached_thumbnails,
    due_of,
    learn,
    looks_at,
    thumbs_finished,
)

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.plan import Outlook


def outputs(job: Job) -> list[str]:
    """Return what the step writes."""
    return [job.settings.cache_dir]


def planned(outlook: Outlook) -> Iterator[str]:
    """Say what the step would do."""
    yield outlook.thumbs("ends")


def thumbs(job: Job) -> Iterator[Event]:
    """Photo → thumbnail, for photos that have none in the cache, or one that was cut off."""
    cached = cached_thumbnails(job, "ends")
    todo = due_of(job, cached.has(job.photos.keys))
    total = len(job.photos)
    yield StepStarted("thumbs", total, total - len(todo))
    counts = Counts(total - len(todo))
    with looks_at(job, todo, None, cached) as batches:
        for batch in batches:
            yield from learn(job, batch.looks, counts)
            yield StepProgress("thumbs", counts.done, total)
    yield from changes_said(job)
    yield thumbs_finished(job, counts)

"""Labels → their vectors: what a review does where the labels file changed or a word was added."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.engine.events import Event, StepFinished, StepStarted

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.plan import Outlook


def vocabulary(job: Job) -> Iterator[Event]:
    """Compute the vectors of labels that have none."""
    missing = len(job.labels) - len(job.model.with_vectors(job.labels))
    yield StepStarted("vocabulary", len(job.labels), len(job.labels) - missing)
    job.model.labels(job.labels)
    yield StepFinished("vocabulary", missing, len(job.labels) - missing)


def outputs(job: Job) -> list[Path]:
    """Return what the step writes."""
    return [job.model.folder]


def planned(_: Outlook) -> Iterator[str]:
    """Say nothing: no command does it alone."""
    yield from ()

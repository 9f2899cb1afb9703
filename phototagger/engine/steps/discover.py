"""Photos → labels from beyond the labels file, by providers that somebody named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.engine.discovery.asking import ask
from phototagger.engine.discovery.detections import DETECTIONS, write_detections
from phototagger.engine.events import Event, Notice
from phototagger.printable import printable

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.plan import Outlook

_NOBODY = "discover: no provider is named; name one with --discover NAME"


def outputs(_: Job) -> list[Path]:
    """Return what the step writes: nothing but the catalogue."""
    return []


def planned(outlook: Outlook) -> Iterator[str]:
    """Say what the step would do."""
    for name in outlook.settings.discover:
        yield f"discover: {outlook.due():,} photos, those that {name} was not asked about before"


def discover(job: Job) -> Iterator[Event]:
    """Ask each provider about the photos that it was not asked about yet."""
    if not job.settings.discover:
        yield Notice(_NOBODY)
    for name in job.settings.discover:
        yield from ask(job, name)
    if count := write_detections(job):
        yield Notice(f"discover: {count:,} regions are in {printable(job.run.file(DETECTIONS))}")

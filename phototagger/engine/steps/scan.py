"""Folder → photos: what is there, and what of it is known from before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.core.export import (
    write_photos_parquet,
)
from phototagger.engine.events import Event, Notice, PhotoFailed, StepFinished
from phototagger.engine.events import StepStarted as Started
from phototagger.engine.library.photos import left_out, photos_now
from phototagger.errors import PhototaggerError
from phototagger.formats import said_of
from phototagger.printable import counted, printable
from phototagger.store.photos.contents import known_files

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.plan import Outlook


def outputs(job: Job) -> list[Path]:
    """Return what the step writes."""
    return [job.run.file("photos.parquet")]


def planned(outlook: Outlook) -> Iterator[str]:
    """Say what the step would do."""
    photos, total = outlook.photos, outlook.found.total
    cut = f" of {total:,} (max_images)" if len(photos) < total else ""
    yield f"scan: {len(photos):,} photos{cut}, {int(photos.known.sum()):,} as before"


def scan(job: Job) -> Iterator[Event]:
    """Folder → photos: what is there, and what of it is known from before."""
    yield Started("scan", 0)
    scanned, photos = photos_now(job.root, job.catalogue, job.settings)
    job.found(scanned, photos)
    if not len(photos):
        _refuse_emptied(job)
    photos = job.photos
    for line in left_out(scanned):
        yield Notice(line)
    if scanned.pairs:
        files = counted(len(scanned.pairs), "raw file")
        yield Notice(f"{files} beside a JPEG of the same name: each pair is one photo (pair_raw)")
    for path, reason in scanned.failures:
        yield PhotoFailed(path, reason)
    for position, why in sorted(photos.reasons.items()):
        yield PhotoFailed(photos.paths[position], str(why))
    write_photos_parquet(scanned.photos, job.root, job.run.file("photos.parquet"))
    count, known = len(photos), int(photos.known.sum())
    if not len(scanned.photos):
        yield Notice(
            f"there is no {said_of(job.settings.formats)} photo under {printable(job.root)}"
        )
    yield StepFinished("scan", count - known, known, len(scanned.failures))


def _refuse_emptied(job: Job) -> None:
    """Keep the tables of a run that had photos, where a disk that is not mounted has none."""
    continued = job.run.file("photos.parquet").exists()
    if continued and any(files.paths for files in known_files(job.catalogue, job.root)):
        raise PhototaggerError(
            f"{printable(job.root)}: holds no photo now, and did before",
            "is its disk mounted? "
            f"Mount it, then run again: the tables in {printable(job.run.path)} are as they were. "
            "If the photos are really gone, `phototagger run` begins a run without them",
        )

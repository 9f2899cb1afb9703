"""Whether the disks have room for what a job is about to write."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.engine.events import Event, Notice
from phototagger.printable import printable

if TYPE_CHECKING:
    from phototagger.engine.job import Job

_THUMBNAIL_BYTES = 50_000
_ROW_BYTES = 2_000  # a photo in the catalogue and the tables of a run
_VECTOR_FLOATS = 1_024
_GIGABYTE = 1_000_000_000


def short_of_room(job: Job, photos: int) -> Iterator[Event]:
    """Say so where a disk is likely to fill before so many photos are done; measured averages."""
    needs: dict[int, tuple[Path, int]] = {}
    vector = 4 * (job.model.images.dimension or _VECTOR_FLOATS)
    for folder, each in (
        (Path(job.settings.cache_dir), _THUMBNAIL_BYTES),
        (job.run_dir, _ROW_BYTES + vector),
    ):
        nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
        disk = nearest.stat().st_dev
        needs[disk] = (nearest, needs.get(disk, (nearest, 0))[1] + each * photos)
    for folder, size in needs.values():
        free = shutil.disk_usage(folder).free
        if size > free:
            yield Notice(
                f"{printable(folder)}: {photos:,} photos need about {_readable_size(size)} and "
                f"{_readable_size(free)} are free; make room now, or go on later where it stops"
            )


def _readable_size(size: int) -> str:
    """Return a number of bytes as a person reads it."""
    return f"{size / 1e6:,.1f} MB" if size < _GIGABYTE else f"{size / _GIGABYTE:,.1f} GB"

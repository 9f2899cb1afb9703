"""What a review does with sidecars, on a worker thread: shown first, then written or taken back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.engine.library.photos import photos_now
from phototagger.engine.steps.sidecars import ledger_of, style_of, wanted
from phototagger.sidecars.apply import Area, Exiftools, Ledger, SidecarResult, plan, undo
from phototagger.sidecars.exiftool.session import Patience
from phototagger.sidecars.follow import FollowedLedger

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.library.library import Opened


def planned_sidecars(
    job: Opened, stopped: Callable[[], bool] = lambda: False
) -> Iterator[SidecarResult]:
    """Yield what writing sidecars would change; nothing is written.

    Raises InterruptedByUser where ``stopped`` says True while exiftool is waited for.
    """
    job.catalogue.check()
    _, photos = photos_now(job.root, job.catalogue, job.settings)
    labels, states, ledger = wanted(job.catalogue, photos, job.settings, tree=job.model.tree)
    root, style = Path(job.root), style_of(job.settings)
    with Exiftools(patience=Patience(stopped=stopped)) as tools:
        for result in plan(labels, ledger, style=style, tools=tools, root=root, states=states):
            if result.outcome != "unchanged" or result.note:
                yield result


def can_take_back(job: Opened) -> bool:
    """Tell whether sidecars were written here whose last write can be taken back."""
    area = Area.below(os.path.realpath(job.root))
    return any(entry.undo and area.holds(entry) for entry in _ledger(job).entries())


def last_write(job: Opened) -> str:
    """Return the id of the last write of sidecars, empty where none was; later ones are greater."""
    return max(_writes(job), default="")


def written_after(job: Opened, write: str) -> int:
    """Return how many sidecars were written after a write."""
    return sum(other_write > write for other_write in _writes(job))


def _writes(job: Opened) -> Iterator[str]:
    entries = ledger_of(job.catalogue, job.settings, None).entries()
    return (entry.undo.write for entry in entries if entry.undo)


def taken_back_sidecars(job: Job, *, dry_run: bool = False) -> Iterator[SidecarResult]:
    """Take the last write of sidecars below the root back, and yield what became of each.

    ``dry_run``: only say so.
    """
    job.catalogue.check()
    root, ledger = Path(os.path.realpath(job.root)), _ledger(job)
    assert not isinstance(ledger, FollowedLedger), "a job may write"
    photos = [Path(os.fsdecode(entry.photo)) for entry in ledger.entries()]
    chosen = [photo for photo in photos if photo.is_relative_to(root)]
    yield from undo(ledger, chosen, dry_run=dry_run, area=Area.below(root))


def _ledger(job: Opened) -> Ledger | FollowedLedger:
    return ledger_of(job.catalogue, job.settings, job.root)

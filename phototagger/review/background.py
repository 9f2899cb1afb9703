"""What a review does beside the keys, on a worker thread: scan again, tables, sidecars."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from phototagger.core.scan import Scan
from phototagger.engine.library.photos import photos_known, photos_now
from phototagger.engine.runner import run_steps
from phototagger.engine.step import STEPS
from phototagger.engine.steps.sidecars import ledger_of, style_of, wanted
from phototagger.review.photo_list import found_listing
from phototagger.sidecars.apply import Area, Exiftools, plan, undo
from phototagger.sidecars.exiftool.session import Patience
from phototagger.sidecars.follow import FollowedLedger
from phototagger.store.labels.exported import exported, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phototagger.core.scan import FoundPhotos
    from phototagger.engine.events import Event
    from phototagger.engine.job import Job
    from phototagger.engine.library.library import Opened
    from phototagger.engine.library.photos import Photos
    from phototagger.engine.step import Step
    from phototagger.review.photo_list import Listing
    from phototagger.sidecars.apply import Ledger, SidecarResult


_FIRST_PART = 0.2  # seconds of a scan until its photos so far are shown
_NEXT_PART = 4  # times as long until they are shown again: each showing costs more


class Rescan(NamedTuple):
    """What is under the root: ``found`` by the scan, the photos to review, how many are ``new``.

    ``waiting`` counts those that can be read, as far as is known, and have no vector yet.
    """

    found: Scan
    listing: Listing
    new: int
    waiting: int


def rescan(
    job: Opened,
    show: Callable[[Listing], None] = lambda _: None,
    check: Callable[[], None] = lambda: None,
) -> Rescan:
    """Look at the root again; of a scan that takes long ``show`` is given the photos so far.

    ``check`` is called again and again, and may raise.
    """
    began, due = time.monotonic(), _FIRST_PART

    def tell(photos: FoundPhotos) -> None:
        nonlocal due
        check()
        if time.monotonic() - began >= due:
            so_far = photos_known(Scan(job.root, photos), job.catalogue, job.settings, check)
            show(found_listing(job, so_far))
            due = _NEXT_PART * (time.monotonic() - began)

    found, photos = photos_now(job.root, job.catalogue, job.settings, tell, check)
    new = len(photos) - int(photos.known.sum())
    return Rescan(found, found_listing(job, photos), new, _waiting(job, photos))


def listing_by_now(job: Opened, found: Scan) -> Listing:
    """Return the photos that a scan found, with what has become known of them since."""
    return found_listing(job, photos_known(found, job.catalogue, job.settings))


def _waiting(job: Opened, photos: Photos) -> int:
    sound = photos.sound()
    if job.model.known_or_none is not None:
        sound &= ~(photos.known & job.model.images.has(photos.keys))
    return int(sound.sum())


def tables_are_due(job: Opened) -> bool:
    """Tell whether decisions were made since the tables of this run were written."""
    if job.writer is None:
        return False
    now = moment(job.catalogue)
    return now.last_act > 0 and exported(job.catalogue, job.writer.run.run_id) != now


def table_steps(job: Job) -> tuple[Step, ...]:
    """Return the steps that write the run's tables anew, of what is ready; no model is loaded."""
    ready = job.model.with_vectors(job.labels) == job.labels
    names = ("scan", "score", "export") if ready else ("scan", "export")
    return tuple(STEPS[name] for name in names)


def write_tables(job: Job) -> Iterator[Event]:
    """Write the tables of the run anew, and tell how far it is."""
    job.catalogue.check()
    yield from run_steps(job, table_steps(job))


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
    return sum(one > write for one in _writes(job))


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
    chosen = [one for one in photos if one.is_relative_to(root)]
    yield from undo(ledger, chosen, dry_run=dry_run, area=Area.below(root))


def _ledger(job: Opened) -> Ledger | FollowedLedger:
    return ledger_of(job.catalogue, job.settings, job.root)

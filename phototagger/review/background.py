"""What a review does beside the keys, on a worker thread: scan again, tables, sidecars."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phototagger.engine.library.photos import photos_now
from phototagger.engine.runner import run_steps
from phototagger.engine.step import STEPS
from phototagger.engine.steps.sidecars import style_of, wanted
from phototagger.review.photo_list import Listing
from phototagger.sidecars.apply import Exiftools, plan
from phototagger.sidecars.exiftool.session import Patience
from phototagger.store.labels.exported import exported, moment
from phototagger.store.vectors.keys import as_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phototagger.engine.events import Event
    from phototagger.engine.job import Job
    from phototagger.engine.library.library import Opened
    from phototagger.engine.step import Step
    from phototagger.sidecars.apply import SidecarResult


class Rescan(NamedTuple):
    """What is under the root now: the photos that can be reviewed, and how many are new."""

    listing: Listing
    new: int


def rescan(job: Opened) -> Rescan:
    """Look at the root again. New photos and changed ones are counted; `run` looks into them."""
    _, photos = photos_now(job.root, job.catalogue, job.settings)
    known = np.flatnonzero(photos.known)
    paths = (os.fsencode(photos.paths[one]) for one in known.tolist())
    files = zip(paths, as_bytes(photos.keys[known]), strict=True)
    return Rescan(Listing(job.root, files), len(photos) - len(known))


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
    labels, states, ledger = wanted(job.catalogue, photos, job.settings)
    root, style = Path(job.root), style_of(job.settings)
    with Exiftools(patience=Patience(stopped=stopped)) as tools:
        for result in plan(labels, ledger, style=style, tools=tools, root=root, states=states):
            if result.outcome != "unchanged" or result.note:
                yield result

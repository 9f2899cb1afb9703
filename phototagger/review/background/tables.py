"""The run's tables, written anew beside the keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phototagger.engine.events import Event
from phototagger.engine.runner import run_steps
from phototagger.engine.step import STEPS, Step
from phototagger.store.exported import exported, moment

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.library.library import Opened


def tables_are_due(job: Opened) -> bool:
    """Tell whether decisions were made since the tables of this run were written."""
    if job.writer is None:
        return False
    current = moment(job.catalogue)
    return current.last_act > 0 and exported(job.catalogue, job.writer.run.run_id) != current


def table_steps(job: Job) -> tuple[Step, ...]:
    """Return the steps that write the run's tables anew, of what is ready; no model is loaded."""
    ready = job.model.with_vectors(job.labels) == job.labels
    names = ("scan", "score", "export") if ready else ("scan", "export")
    return tuple(STEPS[name] for name in names)


def write_tables(job: Job) -> Iterator[Event]:
    """Write the tables of the run anew, and tell how far it is."""
    job.catalogue.check()
    yield from run_steps(job, table_steps(job))

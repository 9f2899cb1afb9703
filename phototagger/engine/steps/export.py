"""Suggestions and decisions → the tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.core.export import (
    write_approvals_parquet,
    write_approved_csv,
    write_results_csv,
)
from phototagger.engine.events import Event, StepFinished
from phototagger.engine.events import StepStarted as Started
from phototagger.engine.tables.rows import (
    approvals_of,
    approved_rows,
    decisions_by_photo,
    names_replaced,
    results_of,
)
from phototagger.store.exported import moment, note_exported

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.plan import Outlook


_TABLES = ("results.csv", "approved.csv", "approvals.parquet")


def outputs(job: Job) -> list[Path]:
    """Return what the step writes."""
    return [job.run.file(name) for name in _TABLES]


def planned(_: Outlook) -> Iterator[str]:
    """Say what the step would do."""
    yield f"export: {', '.join(_TABLES)}"


def export(job: Job) -> Iterator[Event]:
    """Suggestions and decisions → the tables."""
    yield Started("export", 1)
    up_to = moment(job.catalogue)
    by_photo = decisions_by_photo(job)
    results = results_of(job, by_photo)
    approvals = approvals_of(job, by_photo)
    replaced = write_results_csv(results, job.run.file("results.csv"))
    yield from names_replaced(job, "results.csv", replaced)
    replaced = write_approved_csv(approved_rows(job, by_photo), job.run.file("approved.csv"))
    yield from names_replaced(job, "approved.csv", replaced)
    write_approvals_parquet(approvals, job.run.file("approvals.parquet"))
    note_exported(job.catalogue, job.run.run_id, up_to)
    yield StepFinished("export", len(results.paths), note=f"{len(approvals):,} decisions")

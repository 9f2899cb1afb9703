"""Drives a job's steps on one thread, and leaves a run folder that tells what happened."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from phototagger.core.export import write_failures_csv
from phototagger.engine.advice import told
from phototagger.engine.events import Event, Notice, StepFinished
from phototagger.engine.memory import give_back, give_back_large
from phototagger.engine.report import report_of, write_report
from phototagger.engine.step import Step
from phototagger.engine.tables.rows import names_replaced
from phototagger.engine.tables.versions import versions
from phototagger.errors import InterruptedByUser, PhototaggerError
from phototagger.printable import printable

if TYPE_CHECKING:
    from phototagger.engine.job import Job


def run_steps(
    job: Job, steps: Sequence[Step], clock: Callable[[], float] = time.monotonic
) -> Iterator[Event]:
    """Run steps one after the other and yield their events.

    Raises PhototaggerError where a step cannot go on; the run folder then holds REPORT.md.
    ``failures.csv`` and ``config.json`` are written whatever happens.
    """
    try:
        job.run.file("REPORT.md").unlink(missing_ok=True)  # of an attempt before this one
        _write_config(job)
        for step in steps:
            job.step = step.name
            yield from _timed(job, step, clock)
            give_back_large()
            give_back()
        if any(step.reads_pixels for step in steps):
            _refuse_all_failed(job)
        replaced = write_failures_csv(job.failures(), job.run.file("failures.csv"))
        yield from names_replaced(job, "failures.csv", replaced)
        _write_config(job)
        job.catalogue.check_place()
    except InterruptedByUser:
        with contextlib.suppress(OSError):
            job.run.log(f"{job.step}: interrupted")
            write_failures_csv(job.failures(), job.run.file("failures.csv"))
        raise
    # The runner's edge: whatever a step did not expect is told like what it did.
    except Exception as error:
        yield from _notices(job)
        failure = _explained(job, error)
        with contextlib.suppress(OSError):
            write_failures_csv(job.failures(), job.run.file("failures.csv"))
        with contextlib.suppress(OSError):
            _write_report(job, failure, "".join(traceback.format_exception(error)))
        raise failure from error


def _explained(job: Job, error: Exception) -> PhototaggerError:
    """Return what is said of an error: where the run_dir went away, that, whatever came of it."""
    try:
        job.catalogue.check_place()
    except PhototaggerError as gone:
        return gone
    except OSError as failing:
        return told(failing)
    return told(error)


def _timed(job: Job, step: Step, clock: Callable[[], float]) -> Iterator[Event]:
    job.check_cancelled()
    start = clock()
    for event in step.events(job):
        yield from _notices(job)
        if isinstance(event, StepFinished):
            note = ", ".join(filter(None, (event.note, job.cut)))
            finished = replace(event, seconds=clock() - start, note=note)
            job.run.log(line_of(finished))
            job.completed.append(line_of(finished))
            yield finished
        else:
            yield event
    yield from _notices(job)


def _notices(job: Job) -> Iterator[Event]:
    while job.notices:
        yield Notice(job.notices.pop(0))


def line_of(event: StepFinished) -> str:
    """Return the line of a finished step, as the log has it."""
    parts = [f"{event.made:,} {'written' if event.step == 'sidecars' else 'new'}"]
    if event.fresh:
        parts.append(f"{event.fresh:,} as before")
    if event.failed:
        parts.append(f"{event.failed:,} failed")
    if event.note:
        parts.append(event.note)
    return f"{event.step}: {', '.join(parts)}, {event.seconds:.2f} s"


def _refuse_all_failed(job: Job) -> None:
    photos = job.photos
    if len(photos) and len(photos.reasons) == len(photos):
        first = printable(photos.paths[0])
        raise PhototaggerError(
            f"none of the {len(photos):,} photos could be used, beginning with {first}: "
            f"{photos.reasons[0]}",
            f"see {printable(job.run.file('failures.csv'))}, which lists them all; mend some, or "
            "name another folder with --root, then run again",
        )


def _write_report(job: Job, error: PhototaggerError, output: str) -> None:
    report = report_of(
        error, step=job.step, command=job.command, output=output, completed=job.completed
    )
    write_report(report, job.run.file("REPORT.md"))


def _write_config(job: Job) -> None:
    if not job.suggest and job.run.config():
        return  # it says what the run's suggestions were made with
    known = job.model.known_or_none
    more = {
        "model": known.model if known else None,
        "weights_digest": known.digest if known else None,
        "tree": job.model.tree.frozen,
        "spelling": job.model.tree.spelling,
        "versions": versions(),
        "command": [printable(word) for word in job.command],
    }
    job.run.write_config(job.settings, job.labels, more)

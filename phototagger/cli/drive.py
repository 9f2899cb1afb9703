"""Drives a job from the command line: listeners, signals, exit codes."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

from phototagger.cli.output.progress import JsonLines, Listener, Narration
from phototagger.cli.output.streams import write_path
from phototagger.engine.advice import told
from phototagger.engine.job import Job
from phototagger.engine.memory import give_back_large
from phototagger.engine.repeat import GivenLabels
from phototagger.engine.report import report_of
from phototagger.engine.run_dir import keep_daily_copy, place_notices
from phototagger.engine.runner import run_steps
from phototagger.engine.shards.shard import Shard
from phototagger.engine.step import RUN, Step, steps_of
from phototagger.errors import (
    EmptyAnswer,
    ExitCode,
    InterruptedByUser,
    LockedError,
    PhototaggerError,
    UsageError,
)
from phototagger.printable import printable
from phototagger.settings.model import Settings

if TYPE_CHECKING:
    from phototagger.discover.provider import Consent

_STOPPING = b"stopping after this batch; once more stops at once\n"

_NO_REPORT = (UsageError, EmptyAnswer, LockedError, InterruptedByUser)

Prepare = Callable[[], tuple[Settings, GivenLabels | None]]
"""Returns the settings, and labels that stand in for the labels file or None."""


@dataclass(frozen=True)
class RunOptions:
    """What a person ordered: a command, its words, and how to tell of it."""

    name: str
    words: Sequence[str]
    as_json: bool = False
    quiet: bool = False
    run_id: str | None = None
    force_unlock: bool = False
    embeddings_from: str | None = None
    save_embeddings: bool = False
    sidecars: bool = False
    learned: bool = False
    include_auto: bool = False
    nul: bool = False
    consent: Consent | None = None
    ask_again: bool = False
    shard: Shard | None = None
    parts: Sequence[str] = ()
    ray_address: str | None = None


def drive(
    options: RunOptions,
    prepare: Prepare,
    outputs: Callable[[Job], list[Any]],
    after: Callable[[Job, Callable[[str], None]], ExitCode | None] | None = None,
) -> ExitCode:
    """Run the steps of a command, print where its outputs are, return its exit code.

    ``after`` is called when all steps are done, while the job is still open, with what says
    something to the person; an exit code that it returns is the command's.
    """
    give_back_large()
    listener = listener_of(options)
    job = None
    code = ExitCode.SOME_FAILED
    try:
        settings, given = prepare()
        steps = steps_ordered(options, settings)
        job = _job(options, settings, given)
        with job, _stops(job, options):
            _name_places(job, listener)
            with listener:
                for event in run_steps(job, steps):
                    listener.hear(event)
            chosen = after(job, listener.say) if after is not None else None
            if not options.as_json:
                for path in outputs(job):
                    write_path(path, end="\0" if options.nul else "\n")
            if notice := keep_daily_copy(job):
                listener.say(notice)
            failed = job.failures() or job.refused or job.undiscovered
            code = ExitCode.SOME_FAILED if failed else ExitCode.DONE
            code = code if chosen is None else chosen
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
        raise
    except (PhototaggerError, OSError, sqlite3.Error, MemoryError) as outside:
        error = told(outside)
        code = error.exit_code
        listener.failed(error)
        error.told = True
        has_folder = job is not None and job.run.path.is_dir()
        if not has_folder and not isinstance(error, _NO_REPORT) and not options.quiet:
            _report_on_stderr(options, error)
        raise error from None if error is outside else outside
    finally:
        listener.finished(job.run.path if job else None, int(code))
    return code


def _report_on_stderr(options: RunOptions, error: PhototaggerError) -> None:
    """Print what REPORT.md would hold, where there is no run folder to write it into."""
    report = report_of(error, step="start", command=options.words, output=str(error), completed=())
    sys.stderr.write(report.text())


def steps_ordered(options: RunOptions, settings: Settings) -> tuple[Step, ...]:
    """Return the steps of a command, in their order."""
    more = ["sidecars"] if options.sidecars else []
    if options.name == RUN and settings.discover:
        from phototagger.discover.registry import check_names

        check_names(settings.discover)
        more.append("discover")
    return steps_of(options.name, *more)


@contextmanager
def reading(args: argparse.Namespace) -> Iterator[Listener]:
    """Give what tells of a command that only reads; its last line is told whatever happens."""
    listener = JsonLines(sys.stdout) if args.json else Narration(sys.stderr, quiet=args.quiet)
    code = ExitCode.SOME_FAILED
    try:
        yield listener
        code = ExitCode.DONE
    except PhototaggerError as error:
        code = error.exit_code
        listener.failed(error)
        error.told = True
        raise
    finally:
        listener.finished(None, int(code))


def listener_of(options: RunOptions) -> Listener:
    """Return what tells of the pipeline: JSON on stdout, or narration on stderr."""
    if options.as_json:
        return JsonLines(sys.stdout)
    return Narration(sys.stderr, quiet=options.quiet)


def _job(options: RunOptions, settings: Settings, given: GivenLabels | None) -> Job:
    return Job(
        settings,
        labels=given.labels if given else None,
        tree=given.tree if given else None,
        command=options.words,
        fresh=options.name == "run" and options.run_id is None,
        run_id=options.run_id,
        force_unlock=options.force_unlock,
        embeddings_from=options.embeddings_from,
        save_embeddings=options.save_embeddings,
        learned=options.learned,
        include_auto=options.include_auto,
        suggest=any(step.loads_model for step in steps_of(options.name)),
        consent=options.consent,
        ask_again=options.ask_again,
        shard=options.shard,
        parts=options.parts,
        ray_address=options.ray_address,
    )


def _name_places(job: Job, listener: Listener) -> None:
    listener.say(f"run_dir: {printable(job.run_dir)}")
    for notice in place_notices(job):
        listener.say(notice)


def _stopping() -> list[signal.Signals]:
    """Return the signals that ask to stop; a hang-up is none where nohup says so."""
    asked = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    return [number for number in asked if signal.getsignal(number) is not signal.SIG_IGN]


@contextmanager
def _stops(job: Job, options: RunOptions) -> Iterator[None]:
    """Let Ctrl+C and SIGTERM finish the batch under way; the second one ends at once."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        if job.cancelled.is_set():
            os._exit(int(ExitCode.INTERRUPTED))
        job.cancelled.set()
        if not (options.as_json or options.quiet):
            # Not through the listener, which this signal may have interrupted.
            with contextlib.suppress(OSError):
                os.write(sys.stderr.fileno(), _STOPPING)

    before = {number: signal.signal(number, stop) for number in _stopping()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""Drives a job from the command line: listeners, signals, exit codes."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from phototagger.cli.progress import JsonLines, Listener, Narration
from phototagger.core.errors import ExitCode, PhototaggerError, printable
from phototagger.engine.job import Job
from phototagger.engine.pipeline import STEPS
from phototagger.engine.runner import run_steps
from phototagger.store.places import remember_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from phototagger.core.settings import Settings


def drive(
    name: str,
    prepare: Callable[[], tuple[Settings, Sequence[str] | None]],
    *,
    words: Sequence[str],
    outputs: Callable[[Job], list[Any]],
    run_id: str | None = None,
    as_json: bool = False,
    quiet: bool = False,
    force_unlock: bool = False,
    after: Callable[[Job], None] | None = None,
) -> ExitCode:
    """Run the steps of a command, print where its outputs are, return its exit code.

    ``prepare`` returns the settings, and labels that stand in for the labels file or None.
    """
    listener: Listener = JsonLines(sys.stdout) if as_json else Narration(sys.stderr, quiet=quiet)
    job = None
    code = ExitCode.SOME_FAILED
    try:
        settings, labels = prepare()
        job = Job(
            settings,
            labels=labels,
            command=words,
            fresh=name == "run" and run_id is None,
            run_id=run_id,
            force_unlock=force_unlock,
        )
        with job, _stops(job, listener):
            _name_places(job, listener)
            with listener:
                for event in run_steps(job, STEPS[name]):
                    listener.hear(event)
            if after is not None:
                after(job)
            if not as_json:
                for path in outputs(job):
                    _print_path(path)
            code = ExitCode.SOME_FAILED if job.failures() else ExitCode.DONE
    except PhototaggerError as error:
        code = error.exit_code
        listener.failed(str(error))
        raise
    finally:
        listener.finished(job.run.path if job else None, int(code))
    return code


def _name_places(job: Job, listener: Listener) -> None:
    other = remember_place(job.root, str(job.run_dir))
    listener.say(f"run_dir: {printable(job.run_dir)}")
    if other:
        listener.say(
            f"{printable(job.root)} was used with another run_dir before: {printable(other)}; "
            f"decisions made there are not seen here (--run-dir {printable(other)})"
        )


@contextmanager
def _stops(job: Job, listener: Listener) -> Iterator[None]:
    """Let Ctrl+C and SIGTERM finish the batch under way; the second one ends at once."""

    def stop(number: int, _: FrameType | None) -> None:
        if job.cancelled.is_set():
            os._exit(int(ExitCode.INTERRUPTED))
        job.cancelled.set()
        listener.say("stopping after this batch; once more stops at once")

    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print_path(path: str | os.PathLike[str]) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(os.fsencode(path) + b"\n")
    sys.stdout.flush()

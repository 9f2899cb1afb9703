"""``phototagger review``: the terminal UI, and what leads to it."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from phototagger.errors import ExitCode, PhototaggerError, UsageError
from phototagger.printable import printable

# One thread for arrays: with more, a decision waits for cores that the pictures use.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

_MOST_AT_THE_END = 200_000
"""Photos of which the tables are written when the review is closed: some ten seconds."""

_SWITCH = 0.001  # seconds after which a thread lets the screen go first; 5 ms would be seen

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from phototagger.discover.provider import Consent
    from phototagger.engine.job import Job
    from phototagger.review import Review
    from phototagger.settings.keep import ConfigFile
    from phototagger.settings.model import Settings
    from phototagger.tui.graphics.terminal import Terminal
    from phototagger.tui.rebinding import Bound
    from phototagger.tui.screens.review.messages import ReopenRequest


class _Surroundings(NamedTuple):
    """What stays as it is when a review is opened again; ``consent`` is for ``root`` alone."""

    bound: Bound
    terminal: Terminal
    config: ConfigFile
    root: str
    consent: Consent | None


def review(args: argparse.Namespace, words: Sequence[str]) -> ExitCode:
    """Open the review; when it is closed, bring the tables up to date, where that is soon done."""
    from phototagger.cli.consent_args import consent_of
    from phototagger.cli.settings_args import settings_of
    from phototagger.engine.memory import give_back_large, share_one_heap
    from phototagger.settings.keep import CONFIG, ConfigFile
    from phototagger.tui.rebinding import rebound

    share_one_heap()
    give_back_large()
    sys.setswitchinterval(_SWITCH)
    settings = settings_of(args)
    bound, consent = rebound(settings.keys), consent_of(args)
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "the review needs a terminal (for stdin, stdout and stderr)",
            f"without one: phototagger --batch {printable(settings.root) or 'ROOT'}",
        )
    terminal = _terminal()
    from phototagger.tui.screens.review.messages import ReopenRequest

    again: ReopenRequest | None = ReopenRequest(settings)
    code, config, root = ExitCode.DONE, None, ""
    while again is not None:
        chosen = _with_labels(_with_root(again.settings))
        if chosen is None:
            return ExitCode.DONE
        config = config or ConfigFile(args.config or CONFIG, chosen)
        root = root or chosen.root
        around = _Surroundings(bound, terminal, config, root, consent)
        code, again = _review(again._replace(settings=chosen), around, args, words)
    return code


def _review(
    asked: ReopenRequest, around: _Surroundings, args: argparse.Namespace, words: Sequence[str]
) -> tuple[ExitCode, ReopenRequest | None]:
    """Review one root as it is asked; return the exit code, and how to open it again."""
    from phototagger.engine.run_dir import place_notices
    from phototagger.review.open_review import load_where_nothing_is_known, open_job, open_review

    # The screen comes while the photos are read, most of which is SQLite's work. What reads them is
    # imported before: two threads that import the same may each meet the half of it.
    threading.Thread(target=import_module, args=("phototagger.tui.app",)).start()
    job, held_by = open_job(asked.settings, words, force_unlock=args.force_unlock)
    if job.writer is not None and asked.settings.root == around.root:
        job.writer.consent = around.consent
    load_where_nothing_is_known(job)
    with job, open_review(job, held_by) as opened:
        for notice in place_notices(job):
            sys.stderr.write(f"{notice}\n")
        code, again = _shown(opened, asked, around)
        writer = opened.job.writer
        if code == ExitCode.DONE and writer is not None:
            photos = len(opened.photos.listing)
            _write_tables(writer, photos, quiet=args.quiet, path=again is None)
    return code, again


def _terminal() -> Terminal:
    """Return what the terminal can show; asked before Textual reads from it."""
    from phototagger.tui.graphics.probe import probe, read_rest
    from phototagger.tui.graphics.terminal import color_system

    terminal = probe()
    if colours := color_system(os.environ, terminal):
        os.environ["TEXTUAL_COLOR_SYSTEM"] = colours
    from phototagger.tui.textual_patches.late import pass_over_late_answers

    if not pass_over_late_answers(terminal.begun):
        read_rest(terminal.begun)
    return terminal


def _shown(
    opened: Review, asked: ReopenRequest, around: _Surroundings
) -> tuple[ExitCode, ReopenRequest | None]:
    from phototagger.tui.app import ReviewApp
    from phototagger.tui.library_output import kept_off_screen
    from phototagger.tui.shutdown import ends_when_asked

    writer = opened.job.writer
    tell = writer.run.log if writer is not None else lambda _: None
    app = ReviewApp(
        opened,
        around.bound,
        around.terminal,
        config=around.config,
        first_step=asked.step,
        says=asked.says,
    )
    try:
        with kept_off_screen(tell), ends_when_asked(app):
            app.run()
    finally:
        if stopped_writing := app.close_engine():
            sys.stderr.write(f"{stopped_writing}\n")
    if app.broke is not None:
        raise _broken(app.broke, opened)
    stopped = app.return_code == ExitCode.INTERRUPTED
    return (ExitCode.INTERRUPTED if stopped else ExitCode.DONE), app.reopen


def _broken(error: Exception, opened: Review) -> PhototaggerError:
    """Return what is said of a review that broke, after a report of it is written."""
    from phototagger.engine.report import report_of, write_report

    failure = PhototaggerError(
        f"the review broke ({type(error).__name__}: {error})",
        "every decision is kept: open it again, and tell the makers what the report says",
    )
    job = opened.job.writer
    output = "".join(traceback.format_exception(error))
    if job is not None:
        report = report_of(
            failure, step="review", command=job.command, output=output, completed=job.completed
        )
        target = job.run.file("REPORT.md")
        write_report(report, target)
        sys.stderr.write(f"a report was written: {printable(target)}\n")
    return failure


def _with_root(settings: Settings) -> Settings | None:
    """Return the settings with a root that is a folder; None where nobody names one."""
    from phototagger.engine.run_dir import recent_roots

    notice = ""
    while not os.path.isdir(settings.root):  # noqa: PTH112
        from phototagger.tui.screens.ask import ask
        from phototagger.tui.screens.firstrun import RootScreen

        if settings.root:
            notice = f"{printable(settings.root)}: there is no such folder."
        root = ask(RootScreen(recent_roots(), notice=notice))
        if root is None:
            return None
        settings = replace(settings, root=root)
    return settings


def _with_labels(settings: Settings | None) -> Settings | None:
    """Return the settings with a labels file that is there; None where nobody wants one.

    Photos that were reviewed with the starter list before have it without a question, unless
    another labels file is named.
    """
    if settings is None or Path(settings.labels_file).exists():
        return settings
    from phototagger.core.labels import read_labels
    from phototagger.engine.run_dir import labels_file_before
    from phototagger.resources import bundled_file
    from phototagger.settings.model import default_of
    from phototagger.tui.screens.ask import ask
    from phototagger.tui.screens.firstrun import ask_for_labels

    starter = str(bundled_file("labels.txt"))
    question = ask_for_labels(settings.labels_file, starter, len(read_labels(starter)))
    is_named = settings.labels_file != str(Path(default_of("labels_file")).absolute())
    if (is_named or labels_file_before(settings) != starter) and not ask(question):
        return None
    return replace(settings, labels_file=starter)


def _write_tables(job: Job, photos: int, *, quiet: bool, path: bool) -> None:
    from phototagger.cli.output.progress import Narration
    from phototagger.cli.output.streams import write_path
    from phototagger.review.background.tables import tables_are_due, write_tables

    is_due = tables_are_due(job)
    if is_due and photos <= _MOST_AT_THE_END:
        listener = Narration(sys.stderr, quiet=quiet)
        with listener:
            for event in write_tables(job):
                listener.hear(event)
    elif is_due and not quiet:
        sys.stderr.write(
            f"the tables of {photos:,} photos were not written, as it takes a while: "
            "`phototagger export` does it, or e in the review\n"
        )
    if path:
        write_path(job.run.path)

"""``phototagger sample``: draw the photos to look at before ``approve --precision``."""

import argparse
import csv
import io
from collections.abc import Callable, Sequence

from phototagger.cli.drive import RunOptions, drive
from phototagger.cli.output.json_lines import print_json
from phototagger.cli.output.streams import write_bytes
from phototagger.cli.promise_args import take_promise
from phototagger.cli.settings_args import settings_of
from phototagger.core.export import path_fields, shown
from phototagger.engine.certificates.open_samples import close, sample_for
from phototagger.engine.certificates.said import promised
from phototagger.engine.certificates.sample import Question, gone_unseen, left_to_look_at
from phototagger.engine.job import Job
from phototagger.engine.tables.approvals_file import COLUMNS
from phototagger.errors import ExitCode, UsageError
from phototagger.printable import counted
from phototagger.settings.model import Settings


def sample(args: argparse.Namespace, words: Sequence[str]) -> ExitCode:
    """Draw a sample, or go on with the one that is open; print the photos that wait."""
    promise = None
    paths: list[str] = []

    def prepare() -> tuple[Settings, None]:
        nonlocal promise
        promise = take_promise(args)
        if args.nul and args.questions:
            raise UsageError("-0 goes with paths, not with --questions", "leave one of them out")
        _looks(args)
        return settings_of(args), None

    def look(job: Job, say: Callable[[str], None]) -> ExitCode:
        if args.give_up:
            say(f"sample: {close(job)}")
            return ExitCode.DONE
        sample = sample_for(job, job.photos, promise, _looks(args))
        waiting = left_to_look_at(job, job.photos, sample)
        gone, many = gone_unseen(job, job.photos, sample), len(sample.places)
        lost = (
            f"; {gone:,} gone, which {'counts' if gone == 1 else 'count'} as wrong" if gone else ""
        )
        say(f"sample {sample.kept.name}: {promised(sample.promise)}")
        say(
            f"sample {sample.kept.name}: {many - gone - len(waiting):,} of "
            f"{counted(many, 'photo')} looked at{lost}"
        )
        asked = [(job.photos.paths[position], question) for position, question in waiting]
        if args.json:
            for path, question in asked:
                print_json(
                    {"event": "sample", **path_fields("path", path), "labels": question.labels}
                )
        elif args.questions:
            write_bytes(_table(asked))
        else:
            paths.extend(path for path, _ in asked)
        if not waiting:
            say("sample: all are looked at: `phototagger approve --precision` tests it")
        return ExitCode.DONE

    options = RunOptions(
        name="scan" if args.give_up else "score",
        words=words,
        as_json=args.json,
        quiet=args.quiet,
        force_unlock=args.force_unlock,
        nul=args.nul,
    )
    return drive(options, prepare, lambda _: paths, after=look)


def _table(asked: Sequence[tuple[str, Question]]) -> bytes:
    """Return the questions as a table that ``approvals import`` takes, once it is answered."""
    text = io.StringIO()
    rows = csv.DictWriter(text, ("path", *COLUMNS), restval="", lineterminator="\n")
    rows.writeheader()
    for path, question in asked:
        for label in question.labels:
            rows.writerow(
                {"path": shown(path), "sha1": question.sha1.hex(), "label": label, "who": "person"}
            )
    return text.getvalue().encode()


def _looks(args: argparse.Namespace) -> int | None:
    if args.looks is None:
        return None
    if not args.looks.isdecimal() or not int(args.looks):
        raise UsageError(
            f"--looks: must be a number of photos, not {args.looks!r}", "name one, such as 150"
        )
    return int(args.looks)

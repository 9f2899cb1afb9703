"""``phototagger approvals export|import FILE``: decisions between machines, by content.

A FILE of ``-`` is stdout or stdin.
"""

import argparse
import io
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from phototagger.cli.drive import RunOptions, drive
from phototagger.cli.output.json_lines import print_finished, print_json
from phototagger.cli.output.streams import write_bytes
from phototagger.cli.settings_args import settings_of
from phototagger.engine.decisions.keywords import Who, Whose, take_keywords
from phototagger.engine.job import Job
from phototagger.engine.tables.approvals import TakenIn, take_in_decisions, write_decisions
from phototagger.engine.tables.approvals_file import COLUMNS, read_approvals
from phototagger.errors import ExitCode, UsageError
from phototagger.files.atomic import write_atomically
from phototagger.files.named import open_named
from phototagger.files.own import open_to_read, read_own
from phototagger.printable import counted, printable

_ACTIONS = ("export", "import")
_STREAM = "-"
_BEGINNING = 64  # bytes, by which a table of decisions is known


def approvals(args: argparse.Namespace, words: Sequence[str]) -> ExitCode:
    """Write all decisions of a run_dir into a file, or take in those of one."""
    action = args.action = args.root_word
    args.root_word = None
    if action not in _ACTIONS:
        raise UsageError(
            "approvals: nothing to do", f"say what: phototagger approvals {'|'.join(_ACTIONS)} FILE"
        )
    if args.keywords_of:
        return _keywords(args, words)
    if args.file is None or args.by_person:
        usage = f"write phototagger approvals {action} FILE"
        raise UsageError(f"approvals {action}: names no file, or --by-person", usage)
    settings = settings_of(args)
    run_dir = Path(settings.run_dir)
    notes: list[str] = []
    if action == "export":
        count = _export(args, run_dir)
        summary = f"{count:,} decisions written"
    else:
        count, left_out = _import(args, run_dir, settings.root or None, notes.append)
        notes += [_left_out(label, left) for label, left in left_out.items()]
        summary = f"{count:,} new decisions taken in"
    if args.json:
        print_json({"event": "approvals", "count": count})
        for note in notes:
            print_json({"event": "notice", "text": note})
        print_finished(ExitCode.DONE)
    elif not args.quiet:
        sys.stderr.write(f"run_dir: {printable(run_dir)}\n")
        sys.stderr.write(f"approvals: {summary}: {_named(args)}\n")
        for note in notes:
            sys.stderr.write(f"approvals: {note}\n")
    return ExitCode.DONE


def _keywords(args: argparse.Namespace, words: Sequence[str]) -> ExitCode:
    """Take in the keywords that photos or their sidecars have already."""
    if args.action != "import":
        raise UsageError(f"--from-{args.keywords_of}: is for import", "say `approvals import`")
    args.root_word = args.file

    def take(job: Job, say: Callable[[str], None]) -> None:
        who = Who.PERSON if args.by_person else Who.AUTO
        done = take_keywords(job, Whose(args.keywords_of), who)
        say(
            f"approvals: {counted(done.new, 'keyword')} of {counted(done.photos, 'photo')} taken "
            f"in as approvals by {who}; `phototagger undo` takes them back"
        )
        for why, named in done.left_out.items():
            say(f"approvals: left out: {why}: {', '.join(named)}")

    options = RunOptions(
        name="scan",
        words=words,
        as_json=args.json,
        quiet=args.quiet,
        force_unlock=args.force_unlock,
    )
    return drive(options, lambda: (settings_of(args), None), lambda _: [], after=take)


def _left_out(label: str, count: int) -> str:
    """Say that decisions on a label that was removed here were not taken in."""
    word = printable(label)
    return (
        f"{word}: {counted(count, 'decision')} left out, as the label was removed here; to take "
        f"them in, first make it one again: phototagger labels add {shlex.quote(word)}"
    )


def _export(args: argparse.Namespace, run_dir: Path) -> int:
    """Write the decisions; a reader waits for nobody."""
    if args.file == _STREAM and args.json:
        raise UsageError("--json: stdout is for the table", "name a file, or leave --json out")
    if args.file == _STREAM and _is_parquet(args) and sys.stdout.isatty():
        raise UsageError("--format parquet: stdout is a terminal", "name a file, or redirect it")
    if args.file != _STREAM:
        _refuse_other(Path(args.file))
        with write_atomically(os.path.abspath(args.file)) as file:
            return write_decisions(run_dir, file, parquet=_is_parquet(args))
    table = io.BytesIO()
    count = write_decisions(run_dir, table, parquet=_is_parquet(args))
    write_bytes(table.getvalue())
    return count


def _refuse_other(target: Path) -> None:
    """Raise UsageError where something that is no table of decisions would be replaced."""
    if not target.parent.is_dir():
        raise UsageError(
            f"{printable(target)}: there is no such folder", "make it, or name another file"
        )
    try:
        begins = read_own(target, _BEGINNING)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"{printable(target)}: {error.strerror}", "name another file") from error
    if begins and not _holds_decisions(target, begins):
        raise UsageError(
            f"{printable(target)}: is there already and holds no decisions; it was left as it is",
            "name another file",
        )


def _holds_decisions(target: Path, begins: bytes) -> bool:
    """Say whether a file that is there is a table of decisions, by the columns it has."""
    if not begins.startswith(b"PAR1"):
        return begins.startswith(",".join(COLUMNS).encode())
    import polars as pl

    try:
        with open(open_to_read(target), "rb") as file:  # noqa: PTH123  (a descriptor)
            columns = pl.read_parquet_schema(file)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return False
    return set(COLUMNS) <= set(columns)


def _import(
    args: argparse.Namespace, run_dir: Path, root: str | None, tell: Callable[[str], object]
) -> TakenIn:
    """Take the decisions of a file in; one that is wrong makes no run_dir."""
    where = _named(args)
    try:
        if args.file == _STREAM:
            decisions = read_approvals(sys.stdin.buffer, where, parquet=_is_parquet(args))
        else:
            with open_named(args.file, pipe=True) as file:
                decisions = read_approvals(file, where, parquet=_is_parquet(args))
    except OSError as error:
        raise UsageError(
            f"{where}: cannot be read: {error.strerror or error}", "name a file that can be read"
        ) from error
    return take_in_decisions(run_dir, decisions, root=root, force=args.force_unlock, tell=tell)


def _named(args: argparse.Namespace) -> str:
    """Return what messages call the file."""
    if args.file == _STREAM:
        return "stdout" if args.action == "export" else "stdin"
    return printable(os.path.abspath(args.file))


def _is_parquet(args: argparse.Namespace) -> bool:
    suffix = Path(args.file).suffix.lower()
    return bool(args.format == "parquet" if args.format else suffix == ".parquet")

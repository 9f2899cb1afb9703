"""``phototagger demo``: the whole job on the photos that ship with the project."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from phototagger.cli.drive import RunOptions, drive
from phototagger.cli.settings_args import typed_settings
from phototagger.core.clip_model import EMBEDDED
from phototagger.engine.job import Job
from phototagger.engine.tables.rows import results_of
from phototagger.errors import ExitCode
from phototagger.printable import printable
from phototagger.resources import bundled_file
from phototagger.settings.load import read_settings
from phototagger.settings.model import Settings

_LABELS_SHOWN = 3


def demo(args: argparse.Namespace, words: Sequence[str]) -> ExitCode:
    """Copy the samples into a fresh folder, run everything on them, show a short table.

    The model is ``embedded`` and the labels are the starter list, unless flags say otherwise.
    """
    folder = Path(tempfile.mkdtemp(prefix="phototagger-demo-"))
    shutil.copytree(bundled_file("samples"), folder / "photos")
    defaults = {
        "root": str(folder / "photos"),
        "labels_file": str(bundled_file("labels.txt")),
        "model_name": EMBEDDED,
        "run_dir": str(folder / "runs"),
        "cache_dir": str(folder / "thumb_cache"),
    }

    def prepare() -> tuple[Settings, None]:
        return read_settings({**defaults, **typed_settings(args)}), None

    return drive(
        RunOptions(name="run", words=words, as_json=args.json, quiet=args.quiet),
        prepare,
        lambda job: [job.run.path],
        after=None if args.json else _show,
    )


def _show(job: Job, _: Callable[[str], None]) -> None:
    """Print a table of photos with their first labels and scores."""
    from rich.table import Table

    from phototagger.cli.output.console import PrintableConsole

    results = results_of(job, {})
    table = Table(box=None, pad_edge=False)
    table.add_column("photo", no_wrap=True)
    table.add_column("labels")
    for row, (best, scores) in enumerate(
        zip(results.best.tolist(), results.scores.tolist(), strict=True)
    ):
        pairs = list(zip(best, scores, strict=True))[:_LABELS_SHOWN]
        text = ", ".join(f"{results.labels[label]} {value:.2f}" for label, value in pairs)
        table.add_row(printable(results.rel_path(row)), printable(text))
    PrintableConsole(sys.stdout).print(table)
    sys.stdout.write(f"\nthe tables are in {printable(job.run.path)}:\n")

"""``phototagger approvals export|import FILE``: decisions between machines, by content."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.cli.lines import print_finished, print_json
from phototagger.cli.typed import settings_of
from phototagger.core.errors import ExitCode, UsageError, printable
from phototagger.store.approvals import export_approvals, import_approvals, read_approvals
from phototagger.store.catalogue import CATALOGUE_NAME, Catalogue
from phototagger.store.lock import RunDirLock
from phototagger.store.runs import make_run_dir

if TYPE_CHECKING:
    import argparse

_ACTIONS = ("export", "import")


def approvals(args: argparse.Namespace) -> ExitCode:
    """Write all decisions of a run_dir into a file, or take in those of one."""
    action, args.root_word = args.root_word, None
    if action not in _ACTIONS:
        raise UsageError(
            "approvals: nothing to do", f"say what: phototagger approvals {'|'.join(_ACTIONS)} FILE"
        )
    settings = settings_of(args)
    file = Path(os.path.abspath(args.file))
    run_dir = Path(settings.run_dir)
    if action == "export":
        count = _export(run_dir, file)
        said = f"{count:,} decisions written"
    else:
        told = read_approvals(file)  # a file that is wrong makes no run_dir
        make_run_dir(run_dir, settings.root or None)
        with (
            closing(RunDirLock(run_dir, force=args.force_unlock)),
            closing(Catalogue(run_dir)) as catalogue,
        ):
            count = import_approvals(catalogue, told, root=settings.root or str(run_dir))
        said = f"{count:,} new decisions taken in"
    if args.json:
        print_json({"event": "approvals", "count": count})
        print_finished(ExitCode.DONE)
        return ExitCode.DONE
    if not args.quiet:
        sys.stderr.write(f"run_dir: {printable(run_dir)}\n")
        sys.stderr.write(f"approvals: {said}: {printable(file)}\n")
    return ExitCode.DONE


def _export(run_dir: Path, file: Path) -> int:
    """Write the decisions; a reader waits for nobody."""
    if not (run_dir / CATALOGUE_NAME).is_file():
        raise UsageError(f"{printable(run_dir)}: holds no decisions", "name another with --run-dir")
    with closing(Catalogue(run_dir, writable=False)) as catalogue:
        return export_approvals(catalogue, file)

"""``phototagger doctor --repair``: what was brought back of a damaged catalogue, table by table."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

from phototagger.cli.output.json_lines import print_finished, print_json
from phototagger.errors import ExitCode, UsageError
from phototagger.printable import printable
from phototagger.store.catalogue.trouble import CATALOGUE_NAME
from phototagger.store.lock import RunDirLock
from phototagger.store.repair.damage import MEANING
from phototagger.store.repair.rebuild import Brought, repair

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


def repair_catalogue(args: argparse.Namespace, run_dir: Path) -> ExitCode:
    """Make a new catalogue in the place of a damaged one; exit 1 where something is lost."""
    if not run_dir.is_dir():
        raise UsageError(f"{printable(run_dir)}: there is no such folder", "name it with --run-dir")
    with closing(RunDirLock(run_dir, force=args.force_unlock)):
        found = repair(run_dir)
    for one in found.tables:
        if args.json:
            print_json({"event": "repaired", **vars(one), "rows": one.rows, "lost": one.lost})
        elif one.rows or one.lost:
            sys.stdout.write(f"{said_of(one)}\n")
    lost = found.missing or any(one.lost is None or one.lost for one in found.tables)
    if found.missing and not args.json:
        sys.stdout.write(
            f"the last {found.missing:,} changes are lost, but for what single pages hold of them\n"
        )
    if not args.quiet and not args.json:
        sys.stderr.write(
            f"{printable(run_dir / CATALOGUE_NAME)}: a new one is in its place; what was damaged "
            f"is kept beside it, as {CATALOGUE_NAME}.damaged-*\n"
        )
    code = ExitCode.SOME_FAILED if lost else ExitCode.DONE
    if args.json:
        print_finished(code)
    return code


def said_of(one: Brought) -> str:
    """Return the line that says what became of a table."""
    from_where = ", ".join(f"{count:,} from {name}" for name, count in one.found.items())
    said = f"{one.table} ({MEANING.get(one.table, 'others')}): "
    said += f"{one.rows:,} rows brought back{f' ({from_where})' if from_where else ''}"
    if one.lost is None:
        return f"{said}; how many there were is not known"
    return f"{said}; {one.lost:,} lost" if one.lost else said

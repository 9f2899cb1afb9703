"""``phototagger doctor --repair``: what was brought back of a damaged catalogue, table by table."""

import argparse
import sys
from pathlib import Path

from phototagger.cli.output.json_lines import print_finished, print_json
from phototagger.engine.run_dir import CATALOGUE, brought_text, repair_catalogue
from phototagger.errors import ExitCode, UsageError
from phototagger.printable import printable


def repair(args: argparse.Namespace, run_dir: Path) -> ExitCode:
    """Make a new catalogue in the place of a damaged one; exit 1 where something is lost."""
    if not run_dir.is_dir():
        raise UsageError(f"{printable(run_dir)}: there is no such folder", "name it with --run-dir")
    repaired = repair_catalogue(run_dir, force=args.force_unlock)
    for table in repaired.tables:
        if args.json:
            print_json({"event": "repaired", **vars(table), "rows": table.rows, "lost": table.lost})
        elif table.rows or table.lost:
            sys.stdout.write(f"{brought_text(table)}\n")
    lost = repaired.missing or any(table.lost is None or table.lost for table in repaired.tables)
    if repaired.missing and not args.json:
        sys.stdout.write(
            f"the last {repaired.missing:,} changes are lost, but for what single pages hold of "
            "them\n"
        )
    if not args.quiet and not args.json:
        sys.stderr.write(
            f"{printable(run_dir / CATALOGUE)}: a new one is in its place; what was damaged "
            f"is kept beside it, as {CATALOGUE}.damaged-*\n"
        )
    code = ExitCode.SOME_FAILED if lost else ExitCode.DONE
    if args.json:
        print_finished(code)
    return code

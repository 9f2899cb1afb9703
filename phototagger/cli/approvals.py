"""``phototagger approvals export|import FILE``: decisions between machines, by content."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.cli.typed import settings_of
from phototagger.core.errors import ExitCode, UsageError, printable
from phototagger.store.approvals import export_approvals, import_approvals
from phototagger.store.catalogue import CATALOGUE_NAME, Catalogue
from phototagger.store.lock import RunDirLock

if TYPE_CHECKING:
    import argparse

_ACTIONS = ("export", "import")


def approvals(args: argparse.Namespace) -> ExitCode:
    """Write all decisions of a run_dir into a file, or take in those of one."""
    action, args.root_word = args.root_word, None
    if action not in _ACTIONS:
        raise UsageError(f"say what: phototagger approvals {'|'.join(_ACTIONS)} FILE")
    settings = settings_of(args)
    run_dir, file = Path(settings.run_dir), Path(os.path.abspath(args.file))
    if action == "export" and not (run_dir / CATALOGUE_NAME).is_file():
        raise UsageError(f"{printable(run_dir)}: holds no decisions; name another with --run-dir")
    run_dir.mkdir(parents=True, exist_ok=True)
    lock = RunDirLock(run_dir, force=args.force_unlock)
    try:
        catalogue = Catalogue(run_dir)
        try:
            if action == "export":
                said = f"{export_approvals(catalogue, file):,} decisions written"
            else:
                root = settings.root or str(run_dir)
                said = f"{import_approvals(catalogue, file, root=root):,} new decisions taken in"
        finally:
            catalogue.close()
    finally:
        lock.release()
    if not args.quiet:
        sys.stderr.write(f"approvals: {said}: {printable(file)}\n")
    return ExitCode.DONE

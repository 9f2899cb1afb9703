"""``phototagger undo``: take back what was decided last, also in a review; or do it again."""

import argparse
from collections.abc import Sequence

from phototagger.cli.drive import reading
from phototagger.cli.output.json_lines import print_json
from phototagger.cli.settings_args import settings_of
from phototagger.core.scan import check_root
from phototagger.engine.decisions.last_act import SteppedBack, step_back
from phototagger.errors import ExitCode, UsageError
from phototagger.printable import printable


def undo(args: argparse.Namespace, _words: Sequence[str]) -> ExitCode:
    """Take back the last act of a root, or of the run_dir where no root is named."""
    with reading(args) as listener:
        settings = settings_of(args)
        root = check_root(settings.root) if settings.root else None
        listener.say(f"run_dir: {printable(settings.run_dir)}")
        verb = "does again" if args.redo else "takes back"

        def tell(undone: SteppedBack) -> None:
            listener.say(f"undo: {'would do: ' if args.dry_run else ''}{verb}: {undone.said}")
            if args.json:
                print_json({"event": "undo", "said": undone.said, "photos": undone.photos})

        is_found = step_back(
            settings.run_dir, root,
            tell=tell, redo=args.redo, dry_run=args.dry_run, force=args.force_unlock,
        )  # fmt: skip
        if not is_found:
            where = printable(root or settings.run_dir)
            raise UsageError(
                f"{where}: nothing is left to {'do again' if args.redo else 'take back'}",
                "name the root of the decisions with --root",
            )
        if not args.dry_run:
            other = "phototagger undo" if args.redo else "phototagger undo --redo"
            listener.say(
                f"undo: done; `{other}` {'takes it back' if args.redo else 'does it again'}"
            )
    return ExitCode.DONE

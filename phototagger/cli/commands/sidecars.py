"""``phototagger sidecars``: write, preview, undo, verify."""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from phototagger.cli.drive import RunOptions, drive
from phototagger.cli.output.json_lines import print_finished, print_json
from phototagger.cli.settings_args import settings_of
from phototagger.core.scan import check_root
from phototagger.engine.library.photos import photos_now
from phototagger.engine.run_dir import opened_catalogue, roots_used_with
from phototagger.engine.steps.sidecars import (
    NOTHING_APPROVED,
    cut_off,
    ledger_of,
    style_of,
    wanted,
)
from phototagger.engine.tables.sidecar_text import drift_data, drift_text, result_data, result_text
from phototagger.errors import ExitCode, UsageError
from phototagger.printable import one_line, printable
from phototagger.settings.model import Settings
from phototagger.sidecars.apply import (
    Area,
    KnownSidecars,
    SidecarResult,
    plan,
    undo,
    verify,
)
from phototagger.sidecars.follow import FollowedLedger


def sidecars(args: argparse.Namespace, words: Sequence[str]) -> ExitCode:
    """Write the approved labels, or say what would be written, or take the last write back."""
    if args.undo or args.verify or args.dry_run:
        settings = settings_of(args)
        root = check_root(settings.root) if settings.root else None
        _narrate(args, f"run_dir: {printable(settings.run_dir)}")
        if args.verify:
            return _verify(args, settings, root)
        if args.undo:
            return _undo(args, settings, root)
        return _preview(args, settings, root)
    options = RunOptions(
        name="sidecars",
        words=words,
        as_json=args.json,
        quiet=args.quiet,
        force_unlock=args.force_unlock,
        include_auto=args.include_auto,
    )
    return drive(options, lambda: (settings_of(args), None), lambda _: [])


def _preview(args: argparse.Namespace, settings: Settings, root: str | None) -> ExitCode:
    if root is None:
        raise UsageError("root: no folder of photos is chosen", "name one with --root")
    with opened_catalogue(settings.run_dir) as catalogue:
        _, photos = photos_now(root, catalogue, settings)
        labels, states, ledger = wanted(catalogue, photos, settings, include_auto=args.include_auto)
        if not labels:
            _narrate(args, NOTHING_APPROVED)
        results = plan(labels, ledger, style=style_of(settings), root=Path(root), states=states)
        return _show(args, results, "would write")


def _undo(args: argparse.Namespace, settings: Settings, root: str | None) -> ExitCode:
    with opened_catalogue(settings.run_dir, writable=True, force=args.force_unlock) as catalogue:
        ledger = ledger_of(catalogue, settings, root)
        assert not isinstance(ledger, FollowedLedger), "the catalogue may be written"
        photos = [Path(os.fsdecode(entry.photo)) for entry in ledger.entries()]
        chosen = [
            photo
            for photo in photos
            if root is None or photo.is_relative_to(os.path.realpath(root))
        ]
        if not chosen:
            raise UsageError(
                "no sidecar was written here, so there is nothing to take back",
                "name the run_dir that wrote some with --run-dir",
            )
        area = _area(settings, root)
        for text in cut_off(ledger, area):
            _narrate(args, text)
        verb = "would take back" if args.dry_run else "took back"
        code = _show(args, undo(ledger, chosen, dry_run=args.dry_run, area=area), verb)
        if keeping := _beyond_undo(ledger, chosen):
            _narrate(
                args,
                f"sidecars: {keeping:,} {'keeps' if keeping == 1 else 'keep'} what an earlier "
                "write put there, as only the last write of each can be taken back; "
                "`c` in the review, then `phototagger sidecars`, takes a photo's labels out",
            )
        return code


def _beyond_undo(ledger: KnownSidecars, chosen: Sequence[Path]) -> int:
    """Return how many of these photos' sidecars stay ours, once no write is left to take back."""
    photos = {os.fsencode(photo) for photo in chosen}
    entries = [entry for entry in ledger.entries() if entry.photo in photos]
    if any(entry.undo for entry in entries):
        return 0
    return sum(entry.digest is not None for entry in entries)


def _verify(args: argparse.Namespace, settings: Settings, root: str | None) -> ExitCode:
    """List the sidecars that others changed since; that they did is no failure."""
    with opened_catalogue(settings.run_dir) as catalogue:
        ledger = ledger_of(catalogue, settings, root)
        chosen = _ours(ledger, root)
        drifts = list(verify(ledger, chosen, area=_area(settings, root)))
    for drift in drifts:
        _print(drift_data(drift) if args.json else drift_text(drift))
    _narrate(args, f"sidecars: {len(chosen):,} of ours, {len(drifts):,} changed by others")
    if args.json:
        print_finished(ExitCode.DONE)
    return ExitCode.DONE


def _area(settings: Settings, root: str | None) -> Area:
    """Return where paths of the catalogue are used: below the root, or all that this user used."""
    return Area.below(*([root] if root else roots_used_with(settings.run_dir)))


def _ours(ledger: KnownSidecars, root: str | None) -> list[Path]:
    """Return the photos under a root, or all, that have sidecars of ours."""
    real = os.path.realpath(root or os.sep)  # as the ledger names its folders
    left = (entry for entry in ledger.entries() if entry.digest is not None)
    photos = (Path(os.fsdecode(entry.photo)) for entry in left)
    return [photo for photo in photos if photo.is_relative_to(real)]


def _show(args: argparse.Namespace, results: Iterable[SidecarResult], verb: str) -> ExitCode:
    """Print results; exit 1 where one is refused."""
    counts = {"written": 0, "unchanged": 0, "refused": 0}
    for result in results:
        counts[result.outcome] += 1
        if result.outcome == "refused":
            _complain(result)
        if args.json:
            _print(result_data(result))
        elif result.outcome == "written":
            _print(result_text(result))
    _narrate(
        args,
        f"sidecars: {verb} {counts['written']:,}, {counts['unchanged']:,} as they are, "
        f"{counts['refused']:,} refused",
    )
    code = ExitCode.SOME_FAILED if counts["refused"] else ExitCode.DONE
    if args.json:
        print_finished(code)
    return code


def _complain(result: SidecarResult) -> None:
    sys.stderr.write(one_line(f"refused: {printable(result.sidecar)}: {result.reason}") + "\n")


def _print(line: str | dict[str, Any]) -> None:
    if not isinstance(line, str):
        print_json(line)
        return
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _narrate(args: argparse.Namespace, text: str) -> None:
    if not (args.quiet or args.json):
        sys.stderr.write(one_line(text) + "\n")

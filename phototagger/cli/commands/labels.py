"""``phototagger labels``: check the labels file, by itself and on a library."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from phototagger.cli.drive import reading
from phototagger.cli.output.json_lines import print_json
from phototagger.cli.settings_args import settings_of
from phototagger.core.labels import read_label_lines
from phototagger.engine.library.library import Library
from phototagger.engine.run_dir import has_catalogue
from phototagger.engine.stats.check_labels import Finding, by_library, doubled
from phototagger.errors import ExitCode
from phototagger.printable import one_line, printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from phototagger.settings.model import Settings

_CURE = "; `phototagger embed ROOT`, with the same settings, makes them"


def labels(args: argparse.Namespace, _words: Sequence[str]) -> ExitCode:
    """Print what was found; exit 0, as none of it stops anything."""
    with reading(args) as listener:
        settings = settings_of(args)
        lines = read_label_lines(settings.labels_file)
        names = list(dict.fromkeys(line.label for line in lines))
        more, notes = _on_library(settings, names)
        found = [*doubled(lines), *more]
        where = printable(settings.labels_file)
        listener.say(f"labels: {len(names):,} labels in {where}, {len(found):,} findings")
        for note in notes:
            listener.say(f"labels: {note}")
        for one in found:
            if args.json:
                print_json({"event": "finding", **vars(one)})
            else:
                sys.stdout.write(f"{one.kind:11}{one_line(one.said)}\n")
    return ExitCode.DONE


def _on_library(settings: Settings, names: list[str]) -> tuple[list[Finding], list[str]]:
    """Return what vectors say, and what is missing to say more."""
    nothing = "only the file was checked"
    if not has_catalogue(settings.run_dir):
        return [], [f"{nothing}: {printable(settings.run_dir)} holds no vectors{_CURE}"]
    with Library(settings, names) as library:
        if library.images is None:
            said = f"{settings.model_name} was never used with this run_dir"
            return [], [f"{nothing}: {said}{_CURE}"]
        without = int((~library.model.labels_here(names)).sum())
        if without:
            return [], [f"{nothing}: {without:,} labels have no vectors{_CURE}"]
        keys = library.contents()
        found = list(by_library(library, keys))
    if not len(keys):
        return found, [f"no photo has a vector, so only meanings were compared{_CURE}"]
    return found, [f"{len(keys):,} photos show how often each label is over the threshold"]

"""``phototagger stats``: what was suggested and decided, and how good it is; nothing is written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from phototagger.cli.drive import reading
from phototagger.cli.output.json_lines import print_json
from phototagger.cli.output.stats_picture import check_target, write_picture
from phototagger.cli.output.stats_text import print_stats
from phototagger.cli.settings_args import settings_of
from phototagger.core.export import path_fields
from phototagger.core.labels import read_labels
from phototagger.engine.library.library import Library
from phototagger.engine.stats.summary import stats_of
from phototagger.errors import ExitCode, UsageError
from phototagger.printable import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from phototagger.engine.certificates.standing import Standing
    from phototagger.engine.events import Event
    from phototagger.engine.stats.histogram import Histogram
    from phototagger.engine.stats.summary import FolderStats, LabelStats, Stats
    from phototagger.engine.stats.validate import Quality


def stats(args: argparse.Namespace, _words: Sequence[str]) -> ExitCode:
    """Print what is known of a library."""
    with reading(args) as listener:
        settings = settings_of(args)
        if not settings.root:
            raise UsageError("root: no folder of photos is chosen", "name one with --root")
        if args.png is not None:
            check_target(args.png, settings.root)

        def hear(event: Event) -> None:
            if not args.json:
                listener.hear(event)

        with Library(settings, read_labels(settings.labels_file)) as library, listener:
            found = stats_of(library, hear, judge_learned=args.learned)
        for note in found.notes:
            listener.say(f"stats: {note}")
        if args.png is not None:
            write_picture(found.histograms, args.png)
            listener.say(f"stats: the histograms are in {printable(args.png)}")
        if args.json:
            for line in lines_of(found):
                print_json(line)
        else:
            print_stats(found, sys.stdout)
    return ExitCode.DONE


def lines_of(found: Stats) -> Iterator[dict[str, Any]]:
    """Yield what is known as one JSON object a line."""
    for label in found.labels:
        yield _label(label)
    for folder in found.folders:
        yield _folder(folder)
    for one in found.histograms:
        yield _histogram(one)
    for certificate in found.certificates:
        yield _certificate(certificate)
    yield {
        "event": "quality",
        "decided_photos": found.taught,
        **_quality("plain", found.plain),
        **_quality("learned", found.heads),
    }


def _label(one: LabelStats) -> dict[str, Any]:
    return {
        "event": "label",
        "label": one.label,
        "suggested": one.suggested,
        "approved": one.approved,
        "rejected": one.rejected,
        "undecided": one.undecided,
        "learned": one.learned,
        **_quality("plain", one.plain),
        **_quality("learned", one.heads),
    }


def _quality(name: str, found: Quality | None) -> dict[str, float | None]:
    return {
        f"{name}_precision": found.precision if found else None,
        f"{name}_recall": found.recall if found else None,
    }


def _folder(one: FolderStats) -> dict[str, Any]:
    return {
        "event": "folder",
        **path_fields("folder", one.folder),
        "photos": one.photos,
        "decided": one.decided,
        "undecided": one.undecided,
        "partly_decided": one.partly,
        "approved_labels": one.approved,
    }


def _certificate(found: Standing) -> dict[str, Any]:
    one = found.certificate
    return {
        "event": "certificate",
        "id": one.name,
        "state": one.state.name.lower(),
        "precision": one.precision,
        "confidence": one.confidence,
        "over_labels": one.over_labels,
        "bound": one.bound,
        "threshold": one.threshold,
        "looks": one.looks,
        "wrong": one.wrong,
        "photos": one.photos,
        "approved": one.approved,
        "holds": found.holds,
        "ended": found.ended or None,
    }


def _histogram(one: Histogram) -> dict[str, Any]:
    return {
        "event": "histogram",
        "title": one.title,
        "threshold": one.threshold,
        "edges": one.edges,
        **dict(zip(one.names, one.counts, strict=True)),
    }

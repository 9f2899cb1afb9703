"""``phototagger stats``: what was suggested and decided, and how good it is; nothing is written."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from phototagger.cli.drive import reading
from phototagger.cli.output.json_lines import print_json
from phototagger.cli.output.stats_picture import check_target, write_picture
from phototagger.cli.output.stats_text import print_stats
from phototagger.cli.settings_args import settings_of
from phototagger.core.export import path_fields
from phototagger.core.labels import read_labels
from phototagger.engine.certificates.standing import Standing
from phototagger.engine.events import Event
from phototagger.engine.library.library import Library
from phototagger.engine.stats.histogram import Histogram
from phototagger.engine.stats.summary import FolderStats, LabelStats, Stats, stats_of
from phototagger.engine.stats.validate import Quality
from phototagger.errors import ExitCode, UsageError
from phototagger.printable import printable


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
            figures = stats_of(library, hear, judge_learned=args.learned)
        for note in figures.notes:
            listener.say(f"stats: {note}")
        if args.png is not None:
            write_picture(figures.histograms, args.png)
            listener.say(f"stats: the histograms are in {printable(args.png)}")
        if args.json:
            for line in lines_of(figures):
                print_json(line)
        else:
            print_stats(figures, sys.stdout)
    return ExitCode.DONE


def lines_of(found: Stats) -> Iterator[dict[str, Any]]:
    """Yield what is known as one JSON object a line."""
    for label in found.labels:
        yield _label(label)
    for folder in found.folders:
        yield _folder(folder)
    for histogram in found.histograms:
        yield _histogram(histogram)
    for certificate in found.certificates:
        yield _certificate(certificate)
    yield {
        "event": "quality",
        "decided_photos": found.taught,
        **_quality("plain", found.plain),
        **_quality("learned", found.heads),
    }


def _label(label: LabelStats) -> dict[str, Any]:
    return {
        "event": "label",
        "label": label.label,
        "suggested": label.suggested,
        "approved": label.approved,
        "rejected": label.rejected,
        "undecided": label.undecided,
        "learned": label.learned,
        **_quality("plain", label.plain),
        **_quality("learned", label.heads),
    }


def _quality(name: str, quality: Quality | None) -> dict[str, float | None]:
    return {
        f"{name}_precision": quality.precision if quality else None,
        f"{name}_recall": quality.recall if quality else None,
    }


def _folder(folder: FolderStats) -> dict[str, Any]:
    return {
        "event": "folder",
        **path_fields("folder", folder.folder),
        "photos": folder.photos,
        "decided": folder.decided,
        "undecided": folder.undecided,
        "partly_decided": folder.partly,
        "approved_labels": folder.approved,
    }


def _certificate(standing: Standing) -> dict[str, Any]:
    certificate = standing.certificate
    return {
        "event": "certificate",
        "id": certificate.name,
        "state": certificate.state.name.lower(),
        "precision": certificate.precision,
        "confidence": certificate.confidence,
        "over_labels": certificate.over_labels,
        "bound": certificate.bound,
        "threshold": certificate.threshold,
        "looks": certificate.looks,
        "wrong": certificate.wrong,
        "photos": certificate.photos,
        "approved": certificate.approved,
        "holds": standing.holds,
        "ended": standing.ended or None,
    }


def _histogram(histogram: Histogram) -> dict[str, Any]:
    return {
        "event": "histogram",
        "title": histogram.title,
        "threshold": histogram.threshold,
        "edges": histogram.edges,
        **dict(zip(histogram.names, histogram.counts, strict=True)),
    }

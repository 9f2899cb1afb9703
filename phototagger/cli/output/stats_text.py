"""Statistics as tables and bars of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING

from phototagger.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

    from phototagger.engine.stats.histogram import Histogram
    from phototagger.engine.stats.summary import FolderStats, LabelStats, Stats
    from phototagger.engine.stats.validate import Quality

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_BAR = 48  # cells of the longest bars of a line together
_WIDE = 160  # columns of a table that no terminal bounds


def print_stats(found: Stats, out: IO[str]) -> None:
    """Print tables of labels and folders, then the histograms."""
    from phototagger.cli.output.console import PrintableConsole

    console = PrintableConsole(out, width=None if out.isatty() else _WIDE)
    _labels(console, found)
    _folders(console, found.folders)
    if found.certificates:
        console.print()
    for certificate in found.certificates:
        console.print(str(certificate), soft_wrap=True)
    for histogram in found.histograms:
        console.print()
        for line in bars(histogram):
            console.print(line, soft_wrap=True)


def _labels(console: Console, stats: Stats) -> None:
    shown = [label for label in stats.labels if label.suggested or label.approved or label.rejected]
    shown.sort(key=lambda label: -((label.suggested or 0) + label.approved))
    columns = ("suggested", "approved", "rejected", "undecided", "learned")
    is_judged = stats.heads is not None
    rows = [
        (
            printable(label.label),
            *map(_count, (label.suggested, label.approved, label.rejected, label.undecided)),
            _learned(label), *_quality(label.plain), *(_quality(label.heads) if is_judged else ()),
        )
        for label in shown
    ]  # fmt: skip
    judged = ("plain precision", "recall", *(("learned precision", "recall") if is_judged else ()))
    _table(console, ("label", *columns, *judged), rows)
    if len(shown) < len(stats.labels):
        others = len(stats.labels) - len(shown)
        console.print(f"{others:,} more labels were neither suggested nor decided")
    if stats.plain is not None:
        learned = "`phototagger stats --learned` judges what was learned, too"
        if stats.heads is not None:
            learned = f"learned {' / '.join(_quality(stats.heads))}"
        console.print(
            f"all labels, judged by {stats.taught:,} decided photos (precision / recall): "
            f"plain {' / '.join(_quality(stats.plain))}; {learned}",
            soft_wrap=True,
        )


def _folders(console: Console, folders: Sequence[FolderStats]) -> None:
    console.print()
    _table(
        console,
        ("folder", "photos", "decided", "undecided", "some labels", "approved labels"),
        [
            (
                printable(folder.folder), _count(folder.photos), _count(folder.decided),
                _count(folder.undecided), _count(folder.partly), _count(folder.approved),
            )
            for folder in folders
        ],
    )  # fmt: skip


def _table(console: Console, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(header[0], overflow="fold")
    for name in header[1:]:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _count(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"


def _learned(label: LabelStats) -> str:
    return "yes" if label.learned else "not yet"


def _quality(quality: Quality | None) -> tuple[str, str]:
    first, second = quality if quality is not None else (None, None)
    return ("-" if first is None else f"{first:.2f}", "-" if second is None else f"{second:.2f}")


def bars(one: Histogram) -> list[str]:
    """Return a histogram as lines: a bin each, and one where the threshold is."""
    title = printable(one.title)
    lines = [title if len(one.names) == 1 else f"{title}: {', '.join(one.names)}"]
    if not one.edges:
        return [*lines, "  (none)"]
    cells = _BAR // len(one.names)
    most = max(max(counts) for counts in one.counts)
    places = 3 if one.edges[1] - one.edges[0] < 0.0099 else 2  # noqa: PLR2004
    for number, edge in enumerate(one.edges):
        if edge == round(one.threshold, 6):
            lines.append(f"{edge:7.{places}f} ┄┄ threshold")
        if number < len(one.edges) - 1:
            parts = [_bar(counts[number], most, cells) for counts in one.counts]
            lines.append(f"{edge:7.{places}f} {'  '.join(parts)}".rstrip())
    return lines


def _bar(count: int, most: int, cells: int) -> str:
    """Return a bar with its count behind it, padded to a fixed width; any count shows."""
    eighths = max(round(8 * cells * count / max(1, most)), 1 if count else 0)
    bar = "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")
    return f"{bar} {count:,}".ljust(cells + 8) if count else " " * (cells + 8)

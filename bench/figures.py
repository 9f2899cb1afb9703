"""What every benchmark shares: a figure, how it is measured, how it is printed."""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


@dataclass(frozen=True)
class Figure:
    """One line of the table: ``ratio`` is value / baseline; ``ok`` whether ``must`` is met.

    ``must`` is empty, and ``ok`` true, where a figure is only for orientation. ``spread`` is the
    distance between the quarters of the rounds, as a share of their median.
    """

    name: str
    value: float
    unit: str
    baseline: float | None
    ratio: float | None
    must: str
    ok: bool
    rounds: int
    load: float
    spread: float = 0.0
    note: str = ""


class Spent(NamedTuple):
    """Seconds that some work took; ``cpu`` counts its threads and its ended children."""

    wall: float
    cpu: float


def measured(work: Callable[[], object]) -> Spent:
    """Do some work and return what it took."""
    before, start = _cpu(), time.perf_counter()
    work()
    return Spent(time.perf_counter() - start, _cpu() - before)


def _cpu() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def idle() -> float:
    """Return the seconds that cores had nothing to do since the machine started."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")


def load() -> float:
    """Return how many processes wanted a core over the last minute."""
    return round(os.getloadavg()[0], 1)


def median(values: Iterable[float]) -> float:
    """Return the middle of the rounds."""
    return statistics.median(values)


def spread(values: Sequence[float]) -> float:
    """Return the distance between the quarters of the rounds, as a share of their median."""
    if len(values) < 2 or not median(values):
        return 0.0
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / abs(median(values))


def compared(
    name: str,
    unit: str,
    values: Sequence[float],
    baselines: Sequence[float],
    must: str,
    reached: Callable[[float, float], bool],
    *,
    note: str = "",
) -> Figure:
    """Return the figure of rounds in which a value and its baseline took turns.

    The ratio is the median of the rounds' own ratios: what else the machine did in a round
    touched both. ``reached`` is asked with the value and the ratio.
    """
    ratios = [value / baseline for value, baseline in zip(values, baselines, strict=True)]
    value, ratio = median(values), median(ratios)
    ok = reached(value, ratio)
    return Figure(
        name, value, unit, median(baselines), ratio, must, ok, len(values), load(),
        spread(ratios), note,
    )  # fmt: skip


def alone(
    name: str,
    unit: str,
    values: Sequence[float],
    must: str = "",
    reached: Callable[[float], bool] = lambda _: True,
    *,
    note: str = "",
) -> Figure:
    """Return the figure of a value that has no baseline."""
    value = median(values)
    ok = reached(value)
    return Figure(
        name, value, unit, None, None, must, ok, len(values), load(), spread(values), note
    )


def show(figure: Figure, *, as_json: bool) -> None:
    """Print one figure on stdout, as a line."""
    if as_json:
        print(json.dumps(asdict(figure)), flush=True)
        return
    against = ""
    if figure.baseline is not None:
        against = f"  baseline {figure.baseline:9.2f}  ratio {figure.ratio:7.3f}"
    met = f"  must {figure.must}: {'yes' if figure.ok else 'NO'}" if figure.must else ""
    print(
        f"{figure.name:26} {figure.value:9.2f} {figure.unit:11} ±{figure.spread:4.0%}{against:38}"
        f"{met}  ({figure.rounds} rounds, load {figure.load})"
        f"{f'  {figure.note}' if figure.note else ''}",
        flush=True,
    )


def narrate(line: str) -> None:
    """Say on stderr what goes on."""
    print(line, file=sys.stderr, flush=True)

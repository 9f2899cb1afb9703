"""Sidecars made, updated and found unchanged: files a second, and CPU against a process per file.

    python -m bench.sidecars [--small] [--json]

Each round makes a fresh folder of photos, then alternates: one exiftool process per file, doing
the same edits without any care, for a few of them, and the careful writer for all. The ledger is
a SQLite file with ``synchronous=FULL``. CPU counts the children of both. Figures are medians.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from phototagger.core.sidecars import write_sidecars
from phototagger.store.catalogue import Catalogue
from phototagger.store.ledger import CatalogueLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LABELS = ["sunset", "beach", "black cat", "harbour", "mountain"]


@dataclass(frozen=True)
class Figure:
    """One line of the table: ``ratio`` is value / baseline; ``ok`` whether ``must`` is met."""

    name: str
    value: float
    unit: str
    baseline: float | None
    ratio: float | None
    must: str
    ok: bool
    rounds: int
    load: float


def _measured(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall and CPU seconds of some work, ended children included."""
    before, start = _cpu(), time.perf_counter()
    work()
    return time.perf_counter() - start, _cpu() - before


def _cpu() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _process_per_file(name: str, photos: Sequence[Path]) -> None:
    """Do the same to a file of its own beside each photo, with one exiftool process for each."""
    added, removed = {"create": (LABELS[:3], []), "update": (LABELS[3:4], LABELS[:1])}.get(
        name, ([], [])
    )
    tags = ["XMP-dc:Subject", "XMP-lr:HierarchicalSubject"]
    edits = [f"-{tag}-={label}" for tag in tags for label in [*removed, *added]]
    edits += [f"-{tag}+={label}" for tag in tags for label in added]
    for photo in photos:
        seed = ["-tagsFromFile", photo, *(f"-{tag}" for tag in tags), "-XMP-dc:Subject+<Keywords"]
        target = photo.with_suffix(".naive.xmp")
        command = ["exiftool", "-config", "", "-q", "-overwrite_original"]
        if name == "unchanged":
            subprocess.run([*command, "-j", f"-{tags[0]}", target], check=True, capture_output=True)
        else:
            given = [*(seed if name == "create" else []), *edits, target]
            subprocess.run([*command, *given], check=True, stderr=subprocess.DEVNULL)


def _round(folder: Path, files: int, naive: int) -> dict[str, tuple[float, float]]:
    """Return wall and CPU seconds a file of each kind of work, in one folder."""
    first = folder / "0.jpg"
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    Image.effect_noise((640, 480), 40).convert("RGB").save(first, "JPEG", exif=exif)
    photos = [first, *(folder / f"{number}.jpg" for number in range(1, files))]
    for photo in photos[1:]:
        shutil.copyfile(first, photo)
    ledger = CatalogueLedger(Catalogue(folder))
    taken = {}
    slow = photos[:naive]
    for name, labels in (
        ("create", LABELS[:3]),
        ("update", LABELS[1:4]),
        ("unchanged", LABELS[1:4]),
    ):
        spent = _measured(lambda name=name: _process_per_file(name, slow))
        taken[f"process for {name}"] = tuple(part / naive for part in spent)
        wanted = dict.fromkeys(photos, labels)
        spent = _measured(lambda wanted=wanted: write_sidecars(wanted, ledger))
        taken[name] = tuple(part / files for part in spent)
    return taken


def measure(*, small: bool = False) -> list[Figure]:
    """Return the figures of the ``sidecars`` row; ``small`` only shows that it runs."""
    rounds, files, naive = (1, 40, 2) if small else (3, 1000, 10)
    taken: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            for name, spent in _round(Path(folder), files, naive).items():
                taken.setdefault(name, []).append(spent)
    load = os.getloadavg()[0]
    figures = []
    for name, must in (("create", 80), ("update", 50), ("unchanged", 4000)):
        rate = 1 / statistics.median(wall for wall, _ in taken[name])
        slow = 1 / statistics.median(wall for wall, _ in taken[f"process for {name}"])
        figures.append(
            Figure(
                f"sidecars {name}",
                rate,
                "files/s",
                slow,
                rate / slow,
                f">= {must}/s",
                rate >= must,
                rounds,
                load,
            )
        )
    for name in ("create", "update"):
        cpu = 1000 * statistics.median(cpu for _, cpu in taken[name])
        slow = 1000 * statistics.median(cpu for _, cpu in taken[f"process for {name}"])
        figures.append(
            Figure(
                f"sidecars {name} CPU",
                cpu,
                "ms a file",
                slow,
                cpu / slow,
                "<= 1/30 of a process a file",
                cpu / slow <= 1 / 30,
                rounds,
                load,
            )
        )
    return figures


def main() -> int:
    """Print the figures; return 1 where one misses what it must reach."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    figures = measure(small=chosen.small)
    for figure in figures:
        if chosen.json:
            print(json.dumps(asdict(figure)))
        else:
            print(
                f"{figure.name:24} {figure.value:9.1f} {figure.unit:10} baseline "
                f"{figure.baseline:7.1f}  ratio {figure.ratio:8.3f}  must {figure.must}: "
                f"{'yes' if figure.ok else 'NO'}"
            )
    return 0 if chosen.small or all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Sidecars made, updated and found unchanged: files a second, and CPU against a process per file.

    python -m bench sidecars [--small] [--json]

Each round makes a fresh folder of photos, then alternates: one exiftool process per file, doing
the same edits without any care, for a few of them, and the careful writer for all. The ledger is
a SQLite file with ``synchronous=FULL``. CPU counts the children of both. Figures are medians.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from bench.figures import Figure, Spent, compared, measured
from phototagger.sidecars.apply import write_sidecars
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.photos.ledger import CatalogueLedger

if TYPE_CHECKING:
    from collections.abc import Sequence

LABELS = ["sunset", "beach", "black cat", "harbour", "mountain"]


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


def _round(folder: Path, files: int, naive: int) -> dict[str, Spent]:
    """Return wall and CPU seconds a file of each kind of work, in one folder."""
    first = folder / "0.jpg"
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    Image.effect_noise((640, 480), 40).convert("RGB").save(first, "JPEG", exif=exif)
    photos = [first, *(folder / f"{number}.jpg" for number in range(1, files))]
    for photo in photos[1:]:
        shutil.copyfile(first, photo)
    taken = {}
    slow = photos[:naive]
    with closing(Catalogue(folder)) as catalogue:
        ledger = CatalogueLedger(catalogue)
        for name, labels in (
            ("create", LABELS[:3]),
            ("update", LABELS[1:4]),
            ("unchanged", LABELS[1:4]),
        ):
            spent = measured(lambda name=name: _process_per_file(name, slow))
            taken[f"process for {name}"] = Spent(spent.wall / naive, spent.cpu / naive)
            wanted = dict.fromkeys(photos, labels)
            spent = measured(lambda wanted=wanted: write_sidecars(wanted, ledger))
            taken[name] = Spent(spent.wall / files, spent.cpu / files)
    return taken


def sidecars(*, small: bool = False) -> list[Figure]:
    """Return the figures of the ``sidecars`` row; ``small`` only shows that it runs."""
    rounds, files, naive = (1, 40, 2) if small else (3, 1000, 10)
    taken: dict[str, list[Spent]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
            for name, spent in _round(Path(folder), files, naive).items():
                taken.setdefault(name, []).append(spent)
    figures = []
    for name, must in (("create", 80), ("update", 50), ("unchanged", 4000)):
        slow = taken[f"process for {name}"]
        figures.append(
            compared(
                f"sidecars {name}", "files/s",
                [1 / cost.wall for cost in taken[name]], [1 / cost.wall for cost in slow],
                f">= {must}/s", lambda rate, _, must=must: rate >= must,
            )
        )  # fmt: skip
    for name in ("create", "update"):
        slow = taken[f"process for {name}"]
        figures.append(
            compared(
                f"sidecars {name} CPU", "ms a file",
                [1000 * cost.cpu for cost in taken[name]], [1000 * cost.cpu for cost in slow],
                "<= 1/30 of a process a file", lambda _, ratio: ratio <= 1 / 30,
            )
        )  # fmt: skip
    return figures

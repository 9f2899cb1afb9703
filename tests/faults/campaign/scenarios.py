"""What is done to a library under faults: commands, the library they begin with, what must hold.

Each scenario's command runs in a copy of one lived-in folder: photos, foreign sidecars, decisions,
two earlier runs, sidecars of ours. ``problems_of`` says what a fault broke that it must not break.
"""

from __future__ import annotations

import csv
import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from phototagger.store import Catalogue, decisions
from tests.engine.pictures import picture

PHOTOS = 9
FOREIGN = b"""<x:xmpmeta xmlns:x='adobe:ns:meta/'>
<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'
 xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='4'>
<dc:subject><rdf:Bag><rdf:li>their word</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta>
"""
TABLES = ("results.csv", "folder_medoids.csv", "approved.csv", "failures.csv")


@dataclass(frozen=True)
class Scenario:
    """A command: its name among the trials, its words, and whether it begins a new run."""

    name: str
    words: tuple[str, ...]
    decides: bool = False
    needs_exiftool: bool = False


SCENARIOS = (
    Scenario("run", ("run",)),
    Scenario("approve", ("approve", "--label", "six"), decides=True),
    Scenario("clear", ("approve", "--clear"), decides=True),
    Scenario("labels", ("labels", "merge", "one", "two"), decides=True),
    Scenario("import", ("approvals", "import", "decisions.csv"), decides=True),
    Scenario("export", ("export",)),
    Scenario("prune", ("thumbs", "--prune")),
    Scenario("sidecars", ("sidecars",), needs_exiftool=True),
    Scenario("undo", ("sidecars", "--undo"), needs_exiftool=True),
)


def flags(folder: Path) -> list[str]:
    """Return the flags that every command is given."""
    settings = {
        "root": folder / "photos", "labels": folder / "labels.txt", "run-dir": folder / "runs",
        "cache-dir": folder / "cache", "model-name": "embedded", "batch-images": 4,
    }  # fmt: skip
    return [word for name, value in settings.items() for word in (f"--{name}", str(value))]


def add_photos(folder: Path, *, first: int, last: int) -> None:
    """Write photos with these numbers, every third one with a foreign sidecar."""
    for number in range(first, last):
        photo = picture(folder / "photos" / str(number % 2) / f"{number:02}.jpg", number)
        if number % 3 == 0:
            photo.with_name(f"{photo.name}.xmp").write_bytes(FOREIGN)


def copy_of(lived: Path, name: str) -> Path:
    """Return a copy of the lived-in folder; the catalogue knows photos by path, size and time."""
    return Path(shutil.copytree(lived, lived.with_name(name), copy_function=shutil.copy2))


def originals(folder: Path) -> dict[str, str]:
    """Return the digest of every photo."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "photos").rglob("*.jpg")
    }


def decided(folder: Path) -> set[tuple[str, str, bool]]:
    """Return the decisions that hold, as a reader finds them."""
    catalogue = Catalogue(folder / "runs", writable=False)
    try:
        return {(each.sha1.hex(), each.label, each.approved) for each in decisions(catalogue)}
    finally:
        catalogue.close()


def tables(folder: Path) -> dict[str, str]:
    """Return the tables of every run of a folder, by their path."""
    return {
        str(path.relative_to(folder / "runs")): path.read_text()
        for name in TABLES
        for path in (folder / "runs").glob(f"2*/{name}")
    }


def newest_tables(folder: Path) -> dict[str, str]:
    """Return the newest run's tables, without its name."""
    run = max((folder / "runs").glob("2*"))
    return {
        name: (run / name).read_text().replace(run.name, "RUN").replace(str(folder), "FOLDER")
        for name in TABLES
        if (run / name).exists()
    }


def sidecars(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every sidecar, by its photo's name."""
    return {path.name: path.read_bytes() for path in (folder / "photos").rglob("*.xmp")}


def is_whole_table(text: str) -> bool:
    """Tell whether a CSV file ends with a line's end and has as many fields in every row."""
    widths = {len(row) for row in csv.reader(text.splitlines())}
    return text.endswith("\n") and len(widths) == 1


def keywords_of(sidecar: bytes) -> set[str]:
    """Return the words in dc:subject, as exiftool reads them."""
    answer = subprocess.run(
        ["exiftool", "-s3", "-sep", "|", "-XMP-dc:Subject", "-"],
        input=sidecar, capture_output=True, check=True,
    )  # fmt: skip
    return set(answer.stdout.decode().strip().split("|"))


@dataclass(frozen=True)
class Snapshot:
    """What a folder holds that a fault may or may not change."""

    originals: dict[str, str]
    decided: set[tuple[str, str, bool]]
    sidecars: dict[str, bytes]
    newest: dict[str, str]

    @classmethod
    def of(cls, folder: Path) -> Snapshot:
        """Take the snapshot of a folder."""
        return cls(originals(folder), decided(folder), sidecars(folder), newest_tables(folder))


def problems_after_the_fault(
    folder: Path, before: Snapshot, clean: Snapshot, code: int, stderr: str
) -> list[str]:
    """Say what is wrong in a folder whose command suffered a fault; nothing should be."""
    problems = []
    if originals(folder) != before.originals:
        problems.append("an original changed")
    if "Traceback" in stderr:
        problems.append(f"a traceback: {stderr[-600:]}")
    now = decided(folder)
    if now not in (before.decided, clean.decided):
        problems.append(f"decisions are neither as before nor as wanted: {len(now)}")
    if code == 0 and now != clean.decided:
        problems.append("exit 0, and what was wanted is not decided")
    for name, held in sidecars(folder).items():
        if held not in (before.sidecars.get(name), clean.sidecars.get(name)):
            problems.append(f"the sidecar {name} is neither as before nor as wanted")
    missing = before.sidecars.keys() & clean.sidecars.keys() - sidecars(folder).keys()
    problems += [f"the sidecar {name} is gone" for name in missing]
    problems += [
        f"the table {name} is cut off"
        for name, text in tables(folder).items()
        if not is_whole_table(text)
    ]
    return problems


def problems_after_the_next_run(folder: Path, clean: Snapshot, code: int, wanted: int) -> list[str]:
    """Say in what the same command, done again without a fault, does not end as a clean one."""
    now = Snapshot.of(folder)
    problems = [] if code == wanted else [f"the next one ends with {code}, not {wanted}"]
    problems += [
        f"after the next one {name} differ"
        for name in ("originals", "decided", "newest")
        if getattr(now, name) != getattr(clean, name)
    ]
    return problems

"""The main job on real photos, and whether its results are right: ``make accept``.

Takes the photos of ``../shared/data`` where that is, else the samples.
"""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from phototagger.core.export import MEDOIDS_HEADER, RESULTS_HEADER
from phototagger.core.scan import scan
from phototagger.shipped import shipped

SHARED = Path(__file__).parents[2] / "shared" / "data"
_SUBJECT = "{http://purl.org/dc/elements/1.1/}subject"
_SUBJECT += "//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
STEPS = ("scan", "thumbs", "embed", "score", "medoids", "export")


def main() -> int:
    """Run the job, check what it left, say how many photos it was."""
    with tempfile.TemporaryDirectory(prefix="phototagger-accept-") as scratch:
        folder = Path(scratch)
        root = _photos(folder / "photos")
        run = _run(root, folder)
        rows = _read(run / "results.csv")
        failures = _read(run / "failures.csv")[1:]
        found = scan(root)
        _check("every photo has a row or a reason", len(rows) - 1 + len(failures), found.total)
        _check("the header of results.csv", rows[0], list(RESULTS_HEADER))
        _check("scan order", [row[0] for row in rows[1:]], _without(found.photos, failures))
        _check("no score is empty", all(-1 <= float(row[5]) <= 1 for row in rows[1:]), True)
        _check_medoids(_read(run / "folder_medoids.csv"), rows)
        logged = [line.split()[1].rstrip(":") for line in (run / "log.txt").open()]
        _check("log.txt has a line a step", logged, list(STEPS))
        config = json.loads((run / "config.json").read_text())
        _check("config.json names the root", config["settings"]["root"], str(root))
        _check("config.json holds the labels", len(config["labels"]) > 100, True)
        written = _check_sidecars(root, folder)
    print(
        f"accepted: {found.total} photos, {len(failures)} of them refused with a reason; "
        f"{written} sidecars"
    )
    return 0


def _photos(folder: Path) -> Path:
    folder.mkdir()
    sources = [SHARED / "photos", SHARED / "exif"] if SHARED.is_dir() else [shipped("samples")]
    for source in sources:
        (folder / source.name).mkdir()
        for path in source.rglob("*"):
            if path.is_file():
                target = folder / source.name / path.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    return folder


def _run(root: Path, folder: Path) -> Path:
    words = [sys.executable, "-m", "phototagger", "run", "--root", root, "--model-name", "embedded"]
    words += ["--labels", shipped("labels.txt"), "--run-dir", folder / "runs"]
    words += ["--cache-dir", folder / "thumb_cache"]
    done = subprocess.run(list(map(str, words)), stdout=subprocess.PIPE, text=True, check=False)
    _check("the exit code is 0 or 1", done.returncode in (0, 1), True)
    return Path(done.stdout.strip())


def _check_sidecars(root: Path, folder: Path) -> int:
    """Approve over the threshold, write sidecars, check them and the originals."""
    before = _originals(root)
    where = ["--root", root, "--labels", shipped("labels.txt"), "--model-name", "embedded"]
    where += ["--run-dir", folder / "runs", "--cache-dir", folder / "thumb_cache"]
    _phototagger("approve", "--over-threshold", "--min-score", "0.35", *where)
    _phototagger("sidecars", *where)
    tables = _phototagger("export", *where)
    approved = {row[0]: set(row[2].split("|")) for row in _read(Path(tables[1]))[1:]}
    _check("something is over 0.35", len(approved) > 0, True)
    for path, labels in approved.items():
        found = {one.text for one in ElementTree.parse(f"{path}.xmp").iterfind(f".//{_SUBJECT}")}
        if not labels <= found:
            _check(f"the approved labels are in {path}.xmp", sorted(found), sorted(labels))
    print("ok: the approved labels are in the sidecars")
    written = len(list(root.rglob("*.xmp")))
    _check("one sidecar a photo with an approval", written, len(approved))
    _check("the originals are as they were", _originals(root), before)
    return written


def _originals(root: Path) -> dict[Path, tuple[str, int, int]]:
    found = {}
    for path in root.rglob("*"):
        if path.is_file() and path.suffix != ".xmp":
            stat = path.stat()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[path] = (digest, stat.st_mtime_ns, stat.st_ino)
    return found


def _phototagger(*words: object) -> list[str]:
    command = [sys.executable, "-m", "phototagger", *map(str, words), "--quiet"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    _check(f"`{words[0]}` ends with 0 or 1", done.returncode in (0, 1), True)
    return done.stdout.splitlines()


def _read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        return list(csv.reader(file))


def _without(photos: list, failures: list[list[str]]) -> list[str]:
    failed = {path for path, _ in failures}
    return [photo.path for photo in photos if photo.path not in failed]


def _check_medoids(medoids: list[list[str]], rows: list[list[str]]) -> None:
    _check("the header of folder_medoids.csv", medoids[0], list(MEDOIDS_HEADER))
    by_folder: dict[str, set[str]] = {}
    for row in rows[1:]:
        by_folder.setdefault(str(Path(row[1]).parent), set()).add(row[1])
    _check("every folder has a medoid", {row[0] for row in medoids[1:]}, set(by_folder))
    inside = all(medoid in by_folder[folder] for folder, medoid, _ in medoids[1:])
    _check("a medoid is a photo of its folder", inside, True)


def _check(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise SystemExit(f"not accepted: {what}: found {found!r}, wanted {wanted!r}")
    print(f"ok: {what}")


if __name__ == "__main__":
    sys.exit(main())

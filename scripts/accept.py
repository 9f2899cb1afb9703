"""The acceptance of phototagger on about 200 real photos: ``make accept``.

Takes the photos of ``../shared/data`` where that is, and makes the rest from the samples. Runs the
job headless, opens the review in a terminal and decides in it, writes tables and sidecars, and
compares every schema with what stands here in full, so that a change of one is noticed.
"""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from PIL import Image

CHECKOUT = Path(__file__).parents[1]
sys.path.insert(0, str(CHECKOUT))  # the terminal of bench/, which is not installed

from bench.terminal import Terminal  # noqa: E402

SHARED = CHECKOUT.parent / "shared" / "data"
PHOTOS = 200
STEPS = ["scan", "thumbs", "embed", "score", "medoids", "export"]
CSV_HEADERS = {
    "results.csv": "path,rel_path,width,height,top1,top1_score,top5_labels,top5_scores,"
    "approved_labels,run_id,model_name",
    "folder_medoids.csv": "folder,medoid_rel_path,cosine_to_centroid",
    "approved.csv": "path,rel_path,approved_labels",
    "failures.csv": "path,reason",
}
PARQUET_SCHEMAS = {
    "results.parquet": {
        "path": pl.String, "rel_path": pl.String, "width": pl.Int32, "height": pl.Int32,
        "top1": pl.String, "top1_score": pl.Float32, "top5_labels": pl.List(pl.String),
        "top5_scores": pl.List(pl.Float32), "approved_labels": pl.List(pl.String),
        "run_id": pl.String, "model_name": pl.String, "path_bytes": pl.Binary,
    },
    "photos.parquet": {
        "path": pl.String, "rel_path": pl.String, "size": pl.Int64,
        "mtime": pl.Datetime("ns", "UTC"), "path_bytes": pl.Binary,
    },
    "approvals.parquet": {
        "path": pl.String, "rel_path": pl.String, "sha1": pl.String, "label": pl.String,
        "decision": pl.String, "score": pl.Float32, "who": pl.String,
        "when": pl.Datetime("us", "UTC"), "model": pl.String,
    },
}  # fmt: skip


def main() -> int:
    """Run the job, check what it leaves, say how many photos it was."""
    with tempfile.TemporaryDirectory(prefix="phototagger-accept-") as scratch:
        job = Acceptance(Path(scratch))
        originals = fingerprints(job.root)
        job.run_headless()
        decided = job.decide_in_the_review()
        approved = job.approve_the_sure_ones()
        check("the review's decision is among the approved", decided in approved, True)
        job.check_sidecars(approved)
        check("the originals are as they were", fingerprints(job.root), originals)
        print(
            f"accepted: {len(originals)} photos, {len(job.failures)} of them refused with a "
            f"reason; {len(approved)} with approved labels and a sidecar"
        )
    return 0


class Acceptance:
    """One library in a scratch folder, and the commands given to it."""

    def __init__(self, scratch: Path) -> None:
        self.root = scratch / "photos"
        self.run_dir = scratch / "runs"
        self.results: list[dict[str, str]] = []
        self.failures: list[dict[str, str]] = []
        self._flags = [
            "--root", self.root, "--labels", CHECKOUT / "labels.txt", "--model-name", "embedded",
            "--run-dir", self.run_dir, "--cache-dir", scratch / "thumb_cache",
        ]  # fmt: skip
        self._environment = {"XDG_STATE_HOME": str(scratch / "state")}
        collect_photos(self.root)

    def run_headless(self) -> None:
        """Do the whole job without a screen and check every file that it leaves."""
        run = Path(self.phototagger("run")[-1])
        self.check_tables(run)
        self.results = results = read_csv(run / "results.csv")
        self.failures = read_csv(run / "failures.csv")
        found = pl.read_parquet(run / "photos.parquet")["path"].to_list()
        failed = {row["path"] for row in self.failures}
        check("about 200 photos", abs(len(found) - PHOTOS) <= PHOTOS // 10, True)
        check(
            "every photo has a row, in scan order, or a reason",
            [row["path"] for row in results],
            [path for path in found if path not in failed],
        )
        check("every failure has a reason", all(row["reason"] for row in self.failures), True)
        scores = [[float(text) for text in row["top5_scores"].split("|")] for row in results]
        check("scores are cosines, best first", all(is_ranking(row) for row in scores), True)
        check("every folder has a medoid of its own", *medoids_and_folders(run, results))
        logged = [line.split()[1].rstrip(":") for line in (run / "log.txt").open()]
        check("log.txt has a line a step", logged, STEPS)
        config = json.loads((run / "config.json").read_text())
        check("config.json names the root", config["settings"]["root"], str(self.root))
        check("config.json holds the labels", len(config["labels"]) > 100, True)
        check("no sidecar is written unless asked for", sorted(self.root.rglob("*.xmp")), [])

    def decide_in_the_review(self) -> str:
        """Approve the first photo in a real terminal; return its path."""
        command = [sys.executable, "-m", "phototagger", "review", *map(str, self._flags)]
        terminal = Terminal(command, size=(120, 40), **self._environment)
        try:
            terminal.wait_for(b"threshold", seconds=60)
            terminal.settle(0.5)
            before = terminal.press("a")
            terminal.wait_for(f"{len(self.results) - 1} undecided".encode(), before)
            terminal.press("q")
            check("the review ends with 0", terminal.process.wait(timeout=30), 0)
        finally:
            terminal.close()
        tables = self.export()
        decisions = pl.read_parquet(tables / "approvals.parquet")
        check("the review decided on one photo", decisions["path"].n_unique(), 1)
        check("a person decided", set(decisions["who"]), {"person"})
        check("something was approved", "approved" in set(decisions["decision"]), True)
        return str(decisions["path"][0])

    def approve_the_sure_ones(self) -> dict[str, set[str]]:
        """Approve what is far over the threshold; return the approved labels of each photo."""
        self.phototagger("approve", "--over-threshold", "--min-score", "0.25")
        tables = self.export()
        self.check_tables(tables)
        approved = {
            row["path"]: set(row["approved_labels"].split("|"))
            for row in read_csv(tables / "approved.csv")
        }
        check("many photos are approved", len(approved) > PHOTOS // 10, True)
        in_results = {
            row["path"]: set(row["approved_labels"].split("|"))
            for row in read_csv(tables / "results.csv")
            if row["approved_labels"]
        }
        check("results.csv says the same", in_results, approved)
        decisions = pl.read_parquet(tables / "approvals.parquet").filter(decision="approved")
        in_parquet: dict[str, set[str]] = {}
        for path, label in decisions.select("path", "label").iter_rows():
            in_parquet.setdefault(path, set()).add(label)
        check("approvals.parquet says the same", in_parquet, approved)
        return approved

    def check_sidecars(self, approved: dict[str, set[str]]) -> None:
        """Write the sidecars and let exiftool say what they hold and whether they are valid."""
        self.phototagger("sidecars")
        sidecars = sorted(self.root.rglob("*.xmp"))
        check("one sidecar a photo with an approval", len(sidecars), len(approved))
        answer = subprocess.run(
            ["exiftool", "-json", "-validate", "-warning", "-XMP-dc:Subject", *sidecars],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        for said in json.loads(answer.stdout):
            photo = said["SourceFile"].removesuffix(".xmp")
            check(
                f"exiftool finds nothing wrong in {photo}.xmp", said["Validate"], "OK", loud=False
            )
            subject = said.get("Subject", [])
            held = {str(word) for word in ([subject] if isinstance(subject, str) else subject)}
            lacking = approved[photo] - held
            check(f"the approved labels are in {photo}.xmp", lacking, set(), loud=False)
        print("ok: exiftool finds every sidecar valid, with the approved labels in it")
        again = self.phototagger("sidecars", "--json")
        outcomes = [json.loads(line) for line in again]
        check("a second time nothing is written", [
            event for event in outcomes if event.get("outcome") == "written"
        ], [])  # fmt: skip

    def export(self) -> Path:
        """Write the tables; return their folder."""
        return Path(self.phototagger("export")[0]).parent

    def check_tables(self, run: Path) -> None:
        """Compare every schema with what stands above."""
        for name, header in CSV_HEADERS.items():
            lines = (run / name).read_bytes().decode("utf-8").split("\n")
            check(f"the header of {name}", lines[0], header, loud=False)
        for name, schema in PARQUET_SCHEMAS.items():
            check(
                f"the schema of {name}",
                dict(pl.read_parquet_schema(run / name)),
                schema,
                loud=False,
            )
        results = read_csv(run / "results.csv")
        parquet = pl.read_parquet(run / "results.parquet")
        check("results.parquet has the photos of results.csv", parquet["path"].to_list(), [
            row["path"] for row in results
        ], loud=False)  # fmt: skip
        check("and their best labels", parquet["top1"].to_list(), [
            row["top1"] for row in results
        ], loud=False)  # fmt: skip
        print("ok: every table has its schema; CSV and Parquet say the same")

    def phototagger(self, command: str, *words: str) -> list[str]:
        """Give a command, which may end with 0 or 1; return the lines of its stdout."""
        told = [sys.executable, "-m", "phototagger", command, *words, *map(str, self._flags)]
        began = time.monotonic()
        ended = subprocess.run(
            ["env", *(f"{name}={value}" for name, value in self._environment.items()), *told],
            stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        check(f"`{command}` ends with 0 or 1", ended.returncode in (0, 1), True, loud=False)
        print(f"ok: {command} {' '.join(words)} ({time.monotonic() - began:.0f} s)")
        return ended.stdout.splitlines()


def collect_photos(root: Path) -> None:
    """Copy what real photos there are, then make more from the samples until it is enough."""
    for source in (SHARED / "photos", SHARED / "exif", CHECKOUT / "samples"):
        for path in sorted(source.rglob("*")):
            if path.suffix.lower() in (".jpg", ".jpeg", ".png"):
                target = root / source.name / path.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    count = sum(path.is_file() for path in root.rglob("*"))
    samples = sorted(path for path in (root / "samples").rglob("*") if path.is_file())
    for number in range(max(0, PHOTOS - count)):
        sample = samples[number % len(samples)]
        crop_of(sample, number // len(samples), root / "crops" / f"{number:03}-{sample.stem}.jpg")


def crop_of(sample: Path, step: int, target: Path) -> None:
    """Save a sample less some of its border, so that it is another photo of the same thing."""
    target.parent.mkdir(exist_ok=True)
    with Image.open(sample) as image:
        border = 2 + 3 * step
        box = (border, border, image.width - border, image.height - border)
        image.convert("RGB").crop(box).save(target, quality=90)


def medoids_and_folders(
    run: Path, results: list[dict[str, str]]
) -> tuple[dict[str, bool], dict[str, bool]]:
    """Return for each medoid's folder whether it holds it, and what that has to be."""
    inside: dict[str, set[str]] = {}
    for row in results:
        inside.setdefault(str(Path(row["rel_path"]).parent), set()).add(row["rel_path"])
    medoids = read_csv(run / "folder_medoids.csv")
    held = {row["folder"]: row["medoid_rel_path"] in inside[row["folder"]] for row in medoids}
    return held, dict.fromkeys(inside, True)


def is_ranking(scores: list[float]) -> bool:
    """Tell whether these are cosines, best first."""
    return scores == sorted(scores, reverse=True) and all(-1 <= score <= 1 for score in scores)


def fingerprints(root: Path) -> dict[Path, tuple[str, int, int]]:
    """Return what an original must keep: its bytes' digest, time of change and inode."""
    prints = {}
    for path in root.rglob("*"):
        if path.is_file() and path.suffix != ".xmp":
            status = path.stat()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            prints[path] = (digest, status.st_mtime_ns, status.st_ino)
    return prints


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table by column."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def check(what: str, found: object, wanted: object, *, loud: bool = True) -> None:
    """End with what was found where it is not what is wanted."""
    if found != wanted:
        raise SystemExit(f"not accepted: {what}: found {found!r}, wanted {wanted!r}")
    if loud:
        print(f"ok: {what}")


if __name__ == "__main__":
    sys.exit(main())

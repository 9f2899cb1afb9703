"""Runs the main job again and again, each time killed at another point, and tells what was left.

    python -m tests.faults.kill_driver PHOTOS LABELS SCRATCH POINTS

A point is a moment just before or just after a rename, an fsync or a commit. Prints one JSON object
a line: first of an uninterrupted run, then of each killed run and the one that followed it.
"""

import json
import os
import shutil
import signal
import sqlite3
import sys
import threading
from pathlib import Path

from phototagger.cli.tagger import main
from phototagger.store import vectors
from tests.faults import stand_in

PART_ROWS = 8
BATCH = 4

# Everything heavy is imported before the forks, but for polars, whose threads do not survive one.
import phototagger.cli.run  # noqa: E402, F401


class Points:
    """Counts the points that are passed, and kills this process at one of them."""

    def __init__(self, deadly):
        self.passed = 0
        self.deadly = deadly
        self.guard = threading.Lock()

    def __call__(self):
        with self.guard:
            self.passed += 1
            if self.passed == self.deadly:
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()


def watched(function, point):
    def call(*args, **options):
        point()
        result = function(*args, **options)
        point()
        return result

    return call


def watch(point):
    os.replace = watched(os.replace, point)
    os.fsync = watched(os.fsync, point)

    class Connection(sqlite3.Connection):
        def execute(self, statement, *args):
            if not statement.startswith("COMMIT"):
                return super().execute(statement, *args)
            point()
            done = super().execute(statement, *args)
            point()
            return done

    connect = sqlite3.connect
    sqlite3.connect = lambda *args, **options: connect(*args, factory=Connection, **options)


def run(photos, labels, folder, deadly):
    """Run the job in a child; return its exit status, its stdout and how many points it passed."""
    out, count = folder / "stdout", folder / "points"
    child = os.fork()
    if child == 0:
        os.environ["EMBEDDED_JOURNAL"] = str(folder / "journal")
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        point = Points(deadly)
        watch(point)
        stand_in.install()
        vectors.PART_ROWS = PART_ROWS
        sys.stdout = out.open("w")
        sys.stderr = (folder / "stderr").open("w")
        words = ["run", "--root", photos, "--labels", labels, "--model-name", "embedded"]
        words += ["--run-dir", folder / "runs", "--cache-dir", folder / "cache"]
        code = main([*map(str, words), "--batch-images", str(BATCH)])
        sys.stdout.flush()
        sys.stderr.flush()
        count.write_text(str(point.passed))
        os._exit(code)
    _, status = os.waitpid(child, 0)
    said = out.read_text() if out.exists() else ""
    return os.waitstatus_to_exitcode(status), said.strip()


def result(folder, said):
    """Return everything of a run that must be the same every time."""
    made = Path(said)
    texts = {
        name: (made / name).read_text().replace(made.name, "ID").replace(str(folder), "")
        for name in ("results.csv", "folder_medoids.csv", "approved.csv", "failures.csv")
    }
    thumbnails = sorted(path.name for path in (folder / "cache").rglob("*.jpg"))
    left = [str(path) for path in folder.rglob(".phototagger-*")]
    return {
        **texts,
        "files": sorted(path.name for path in made.iterdir()),
        "thumbnails": thumbnails,
        "left": left,
    }


def embedded(folder):
    journal = folder / "journal"
    count = journal.stat().st_size if journal.exists() else 0
    journal.unlink(missing_ok=True)
    return count


def drive(photos, labels, scratch, points):
    whole = scratch / "whole"
    whole.mkdir()
    code, said = run(photos, labels, whole, deadly=None)
    passed = int((whole / "points").read_text())
    print(
        json.dumps(
            {"code": code, "points": passed, "embedded": embedded(whole), **result(whole, said)}
        ),
        flush=True,
    )
    step = max(1, passed / points)
    for deadly in dict.fromkeys(round(1 + number * step) for number in range(points)):
        folder = scratch / f"killed-{deadly}"
        folder.mkdir()
        code, _ = run(photos, labels, folder, deadly)
        before = embedded(folder)
        (folder / "stdout").unlink(missing_ok=True)
        again, said = run(photos, labels, folder, deadly=None)
        told = {
            "deadly": deadly,
            "killed": code,
            "before": before,
            "code": again,
            "embedded": embedded(folder),
        }
        print(
            json.dumps(
                {
                    **told,
                    **(
                        result(folder, said)
                        if said
                        else {"stderr": (folder / "stderr").read_text()}
                    ),
                }
            ),
            flush=True,
        )
        shutil.rmtree(folder)


if __name__ == "__main__":
    photos, labels, scratch, points = sys.argv[1:]
    drive(Path(photos), Path(labels), Path(scratch), int(points))

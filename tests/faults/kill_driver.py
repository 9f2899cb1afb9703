"""Runs the main job again and again, each time killed at another point, and tells what was left.

    python -m tests.faults.kill_driver PHOTOS SCRATCH POINTS MOMENTS

Every run begins in a copy of one lived-in folder: decisions were made there, and earlier runs left
small parts that are due to be merged. A point is a moment just before or just after a rename, an
fsync, a removal, a new folder or a commit, or in the middle of what is written; a moment is any
time at all. Prints one JSON object a line: first of an uninterrupted run, then of each killed run
and the one that followed it.
"""

import hashlib
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import threading
import time
from pathlib import Path

# Everything heavy is imported before the forks; polars begins its threads when it is first used.
import polars  # noqa: F401

import phototagger.cli.commands.run  # noqa: F401
from phototagger.cli.tagger import main
from phototagger.store import WHOLE_PHOTO, Catalogue, Edit, decide, decisions, redo, undo
from phototagger.store.vectors import by_content as vectors
from tests.engine import standin

PART_ROWS = 8
BATCH = 4
KNOWN = 8
"""Photos that the lived-in folder knows, in parts of 5 and 3."""

LABELS = ["one", "two", "three", "four", "five", "six"]
NEVER = 10**9


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
    for name in ("replace", "fsync", "unlink", "mkdir", "ftruncate"):
        setattr(os, name, watched(getattr(os, name), point))

    class Connection(sqlite3.Connection):
        def execute(self, statement, *args):
            if not statement.startswith("COMMIT"):
                return super().execute(statement, *args)
            return watched(super().execute, point)(statement, *args)

    class Torn(io.BufferedWriter):
        def write(self, data):
            data = memoryview(data).cast("B")
            half = super().write(data[: len(data) // 2])
            self.flush()
            point()
            return half + super().write(data[half:])

    opened = Path.open

    def torn(path, mode="r", *args, **options):
        if mode == "xb":
            return Torn(io.FileIO(path, mode))
        return opened(path, mode, *args, **options)

    Path.open = torn
    connect = sqlite3.connect
    sqlite3.connect = lambda *args, **options: connect(*args, factory=Connection, **options)


def begin(photos, folder, deadly=NEVER, *more, command="run"):
    """Begin a run, or another command, in a child process; return its id."""
    (folder / "stdout").unlink(missing_ok=True)
    child = os.fork()
    if child:
        return child
    point = Points(deadly)
    standin.install()
    vectors.PART_ROWS = PART_ROWS
    journal = (folder / "journal").open("ab", buffering=0)
    standin.StandIn.heard = staticmethod(lambda batch: journal.write(b"".join(map(_sha1, batch))))
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    sys.stdout = (folder / "stdout").open("w")
    sys.stderr = (folder / "stderr").open("w")
    words = [command, "--root", photos, "--labels", folder / "labels.txt"]
    words += ["--model-name", "embedded", "--run-dir", folder / "runs"]
    words += ["--cache-dir", folder / "cache", "--batch-images", BATCH, *more]
    watch(point)
    code = main(list(map(str, words)))
    sys.stdout.flush()
    sys.stderr.flush()
    (folder / "points").write_text(str(point.passed))
    os._exit(code)


def _sha1(data):
    return hashlib.sha1(data, usedforsecurity=False).digest()


def digest_of(path):
    return _sha1(path.read_bytes())


def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def live_in(photos, folder):
    """Tag some photos in two runs, with some labels, and decide on some."""
    folder.mkdir()
    for count, labels in ((5, LABELS[:3]), (KNOWN, LABELS[1:4])):
        (folder / "labels.txt").write_text("\n".join(labels))
        code = ended(begin(photos, folder, NEVER, "--max-images", count))
        assert code == 0, (folder / "stderr").read_text()
    paths = sorted(path for path in photos.rglob("*") if path.is_file())
    keys = [digest_of(path) for path in paths]
    catalogue = Catalogue(folder / "runs")
    root = str(photos)
    decide(catalogue, [Edit(keys[0], "two", approved=True)], root=root)
    decide(catalogue, [Edit(keys[4], "own word", approved=True)], root=root)
    decide(catalogue, [Edit(keys[0], "six", approved=False)], root=root)
    decide(catalogue, [Edit(key, WHOLE_PHOTO, approved=True) for key in keys[:3]], root=root)
    undo(catalogue, root=root)
    undo(catalogue, root=root)
    redo(catalogue, root=root)
    catalogue.close()
    next((folder / "cache").rglob("*.jpg")).unlink()
    (folder / "labels.txt").write_text("\n".join(LABELS))
    return embedded(folder)


def decided(folder):
    """Return the decisions that hold, as a reader sees them."""
    catalogue = Catalogue(folder / "runs", writable=False)
    held = [[one.sha1.hex(), one.label, one.approved] for one in decisions(catalogue)]
    catalogue.close()
    return held


def left_by(folder):
    """Return everything of a run that must be the same every time."""
    said = (folder / "stdout").read_text().strip() if (folder / "stdout").exists() else ""
    if not said:
        return {"stderr": (folder / "stderr").read_text()}
    made = Path(said)
    names = ("results.csv", "folder_medoids.csv", "approved.csv", "failures.csv")
    return {
        **{name: (made / name).read_text().replace(made.name, "ID") for name in names},
        "files": sorted(path.name for path in made.iterdir()),
        "thumbnails": {
            path.name: digest_of(path).hex() for path in (folder / "cache").rglob("*.jpg")
        },
        "parts": sorted(path.stat().st_size // 20 for path in folder.rglob("images/*.keys")),
        "left": [str(path.relative_to(folder)) for path in folder.rglob(".phototagger-*")],
        "decided": decided(folder),
    }


def embedded(folder):
    """Return what the model was asked for since the last time: a digest of each photo's pixels."""
    journal = folder / "journal"
    said = journal.read_bytes().hex() if journal.exists() else ""
    journal.unlink(missing_ok=True)
    return [said[start : start + 40] for start in range(0, len(said), 40)]


def tell(**said):
    print(json.dumps(said), flush=True)


def tell_of(photos, folder, how, kill):
    """Kill a run, look what a reader finds, run again and tell."""
    killed = kill(folder)
    before, held = embedded(folder), decided(folder)
    code = ended(begin(photos, folder))
    told = {"how": how, "killed": killed, "held": held, "code": code}
    tell(**told, before=before, embedded=embedded(folder), **left_by(folder))
    shutil.rmtree(folder)


def drive(photos, scratch, points, moments):
    lived = scratch / "lived"
    known = live_in(photos, lived)

    def copy(name):
        return Path(shutil.copytree(lived, scratch / name))

    whole = copy("whole")
    start = time.monotonic()
    code = ended(begin(photos, whole))
    seconds = time.monotonic() - start
    passed = int((whole / "points").read_text())
    tell(code=code, points=passed, known=known, embedded=embedded(whole), **left_by(whole))

    for number in range(points):
        # Threads may take turns otherwise and pass a point or two less: not quite to the end.
        deadly = 1 + round(number * (0.97 * passed - 1) / (points - 1))
        tell_of(
            photos,
            copy(f"point-{number}"),
            deadly,
            lambda folder, deadly=deadly: ended(begin(photos, folder, deadly)),
        )

    def kill_at_any_time(folder):
        child = begin(photos, folder)
        time.sleep(random.random() * seconds)
        os.kill(child, signal.SIGKILL)
        return ended(child)

    for number in range(moments):
        tell_of(photos, copy(f"moment-{number}"), "any time", kill_at_any_time)


if __name__ == "__main__":
    photos, scratch, points, moments = sys.argv[1:]
    drive(Path(photos), Path(scratch), int(points), int(moments))

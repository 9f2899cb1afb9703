"""Kills shards, and merges of them, at many points, and tells what was left and what came after.

    python -m tests.faults.shard_driver PHOTOS SCRATCH POINTS

Prints one JSON object a line: of a whole shard, of each killed one with the one that followed; then
the same of merges.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from tests.faults.kill_driver import LABELS, begin, embedded, ended

SHARDS = 2


def embed(photos, folder, deadly=10**9, *more):
    return ended(begin(photos, folder, deadly, *more, command="embed"))


def fresh(folder):
    folder.mkdir()
    (folder / "labels.txt").write_text("\n".join(LABELS))
    return folder


def tell(kind, folder, killed=None, before=()):
    (folder / "stdout").unlink()
    print(json.dumps({
        "kind": kind, "killed": killed, "before": list(before), "embedded": embedded(folder),
        "said": (folder / "stderr").read_text(), **vectors(folder),
    }), flush=True)  # fmt: skip


def vectors(folder):
    """Return every row of every part by its key, and how many there are of each."""
    rows = []
    for keys in sorted(folder.glob("runs/vectors/*/images/*.keys")):
        data, held = keys.read_bytes(), keys.with_suffix(".npy").read_bytes()[128:]
        count = len(data) // 20
        size = len(held) // count
        rows += [
            (data[20 * at : 20 * at + 20].hex(), held[size * at : size * at + size].hex())
            for at in range(count)
        ]
    return {"rows": sorted(rows), "thumbnails": len(list((folder / "cache").glob("??/*.jpg")))}


def drive(photos, scratch, points):
    shards = []
    for number in range(1, SHARDS + 1):
        folder = fresh(scratch / f"shard-{number}")
        assert embed(photos, folder, 10**9, "--shard", f"{number}/{SHARDS}") == 0
        shards.append(folder)
    passed = int((shards[0] / "points").read_text())
    tell("shard", shards[0])
    tell("other shard", shards[1])
    for deadly in spread(points, passed):
        kill(photos, scratch / f"shard-at-{deadly}", deadly, "shard", "--shard", f"1/{SHARDS}")
    whole = fresh(scratch / "whole")
    assert embed(photos, whole) == 0
    tell("whole", whole)
    merged = fresh(scratch / "merged")
    merging = ("--merge", *(folder / "runs" for folder in shards))
    code = embed(photos, merged, 10**9, *merging)
    assert code == 0, (merged / "stderr").read_text()
    passed = int((merged / "points").read_text())
    tell("merge", merged)
    for deadly in spread(points, passed):
        kill(photos, scratch / f"merge-at-{deadly}", deadly, "merge", *merging)


def spread(points, passed):
    return sorted({1 + round(at * (0.97 * passed - 1) / (points - 1)) for at in range(points)})


def kill(photos, folder, deadly, kind, *more):
    fresh(folder)
    killed = embed(photos, folder, deadly, *more)
    before = embedded(folder)
    assert embed(photos, folder, 10**9, *more) == 0, (folder / "stderr").read_text()
    tell(kind, folder, killed, before)
    shutil.rmtree(folder)


if __name__ == "__main__":
    photos, scratch, points = sys.argv[1:]
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    drive(Path(photos), Path(scratch), int(points))

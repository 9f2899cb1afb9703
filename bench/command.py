"""Processes of Python and the command line in one, as a person runs it, and what each took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.figures import Spent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Ran(NamedTuple):
    """What a process took, and what it left in its report; see ``command_child``."""

    spent: Spent
    said: dict[str, Any]


def process(words: Sequence[object]) -> Ran:
    """Run Python with these words to its end; RuntimeError where that is a failure."""
    with tempfile.NamedTemporaryFile("r") as report:
        environment = {**os.environ, "BENCH_REPORT": report.name}
        start = os.times().elapsed
        child = subprocess.Popen(
            [sys.executable, *map(str, words)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        _, status, usage = os.wait4(child.pid, 0)
        wall = os.times().elapsed - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise RuntimeError(f"{' '.join(map(str, words))} ended with {child.returncode}")
        text = report.read()
    return Ran(Spent(wall, usage.ru_utime + usage.ru_stime), json.loads(text) if text else {})


def command(*words: object) -> Ran:
    """Run a command to its end, with what ``command_child`` takes before it."""
    return process(["-m", "bench.command_child", *words])


def places(photos: Path, place: Path, model: str, weights: Path | None = None) -> list[object]:
    """Return the flags of a command over some photos, of which it knows what is in a place."""
    labels = place / "labels.txt"
    labels.parent.mkdir(exist_ok=True)
    labels.write_text("dog\n")
    os.environ["XDG_STATE_HOME"] = str(place)
    return [
        *("--quiet", "--root", photos, "--run-dir", place / "runs", "--cache-dir", place / "cache"),
        *("--labels", labels, "--max-images", "0", "--device", "cpu", "--model-name", model),
        *(("--pretrained", weights) if weights else ()),
    ]  # fmt: skip

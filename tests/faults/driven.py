"""Runs a driver of faults in a process of its own: what it kills is not the test."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]


def told_by(driver: str, *words: str | Path) -> list[dict[str, Any]]:
    """Return the lines that a driver tells, each a JSON object."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.faults.{driver}", *words],
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
        cwd=CHECKOUT, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]

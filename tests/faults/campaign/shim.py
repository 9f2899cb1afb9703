"""Builds the shim that makes calls fail, and starts the driver with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).parents[3]
SOURCE = Path(__file__).with_name("shim.c")


def trials_of(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Run a campaign of so many trials in a scratch folder; yield each as it ends."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    with tempfile.TemporaryDirectory(
        prefix="phototagger-faults-", dir=memory if usable else None
    ) as scratch:
        shim = Path(scratch, "shim.so")
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", shim, SOURCE, "-ldl"], check=True)
        words = ["-m", "tests.faults.campaign.driver", scratch, str(count), str(seed)]
        alone = {"POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LD_PRELOAD": str(shim)}
        with subprocess.Popen(
            [sys.executable, *words],
            env={**os.environ, **alone}, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True,
        ) as driver:  # fmt: skip
            assert driver.stdout is not None
            yield from map(json.loads, driver.stdout)
        assert driver.returncode == 0, f"the driver ended with {driver.returncode}"

"""How much memory a large library takes: measured in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.library import make_library

CHECKOUT = Path(__file__).parents[2]
MEGABYTE = 2**20
BYTES_A_PHOTO = 1200


def ran(folder: Path, photos: int) -> int:
    """Return the most memory of a run over a library of so many photos."""
    folder.mkdir()
    make_library(folder, photos, dimension=256, files=False)
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.library_driver", folder, str(photos)],
        capture_output=True, text=True, check=False, cwd=CHECKOUT,
        env={**os.environ, "XDG_STATE_HOME": str(folder)},
    )  # fmt: skip
    said = re.search(r"peak (\d+) code 0 torch 0", done.stdout)
    assert said, done.stderr
    return int(said[1])


@pytest.mark.timeout(600)
def test_a_library_of_200000_photos_is_scored_and_exported_in_bounded_memory(tmp_path):
    small = ran(tmp_path / "small", 50_000)
    peak = ran(tmp_path / "large", 200_000)
    print(
        f"{small / MEGABYTE:.0f} MB, {peak / MEGABYTE:.0f} MB, {(peak - small) / 150_000:.0f} each"
    )
    assert peak <= 1500 * MEGABYTE
    assert (peak - small) / 150_000 <= BYTES_A_PHOTO
    [results] = (tmp_path / "large" / "runs").glob("*/results.csv")
    with results.open("rb") as lines:
        assert sum(1 for _ in lines) == 200_001

"""How much memory a large library takes: measured in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.library import make_library
from tests.engine.pictures import picture

CHECKOUT = Path(__file__).parents[2]
MEGABYTE = 2**20
BYTES_A_PHOTO = 1200
BYTES_A_NEW_PHOTO = 500


def ran(folder: Path, photos: int) -> int:
    """Return the most memory of a run over a library of so many photos."""
    folder.mkdir()
    make_library(folder, photos, dimension=256, files=False)
    return peak_of(folder, "library_driver", folder, str(photos), says="code 0 torch 0")


def peak_of(folder: Path, driver: str, *words: object, says: str) -> int:
    """Return the most memory that a driver says a run took, in bytes; it must say more."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.faults.{driver}", *map(str, words)],
        capture_output=True, text=True, check=False, cwd=CHECKOUT,
        env={**os.environ, "XDG_STATE_HOME": str(folder)},
    )  # fmt: skip
    said = re.search(rf"peak (\d+) {says}", done.stdout)
    assert said, done.stderr
    return int(said[1])


@pytest.mark.timeout(600)
def test_a_library_of_100000_photos_is_scored_and_exported_in_bounded_memory(tmp_path):
    small = ran(tmp_path / "small", 20_000)
    peak = ran(tmp_path / "large", 100_000)
    each = (peak - small) / 80_000
    print(f"{small / MEGABYTE:.0f} MB, {peak / MEGABYTE:.0f} MB, {each:.0f} each")
    assert peak <= 1500 * MEGABYTE
    assert each <= BYTES_A_PHOTO
    [results] = (tmp_path / "large" / "runs").glob("*/results.csv")
    with results.open("rb") as lines:
        assert sum(1 for _ in lines) == 100_001


def grown(folder: Path, photos: int) -> int:
    """Return the most memory of a run over new photos, by the stand-in model."""
    for number in range(photos):
        picture(folder / "photos" / f"{number // 500:04}" / f"IMG_{number:06}.jpg", number, (8, 8))
    (folder / "labels.txt").write_text("\n".join(f"label {number}" for number in range(20)))
    words = [
        *("run", "--quiet", "--model-name", "embedded", "--max-images", "0"),
        *("--root", folder / "photos", "--labels", folder / "labels.txt"),
        *("--run-dir", folder / "runs", "--cache-dir", folder / "cache"),
    ]
    return peak_of(folder, "memory_driver", *words, says="code 0")


@pytest.mark.timeout(600)
def test_each_of_20000_new_photos_takes_a_bounded_part_of_memory(tmp_path):
    small = grown(tmp_path / "small", 8_000)
    large = grown(tmp_path / "large", 20_000)
    each = (large - small) / 12_000
    print(f"{each:.0f} bytes for each new photo")
    assert each <= BYTES_A_NEW_PHOTO

"""Killed anywhere, with no chance to tidy up: the next run completes to the same result."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.faults.kill_driver import PART_ROWS

CHECKOUT = Path(__file__).parents[2]
PHOTOS, POINTS = 26, 60
SAME = ("results.csv", "folder_medoids.csv", "approved.csv", "failures.csv", "files", "thumbnails")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the driver tells: of the whole run, and of each killed run with the one after it."""
    folder = tmp_path_factory.mktemp("kill")
    photos = folder / "photos"
    for number in range(PHOTOS):
        path = photos / f"{number % 3}" / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20 + number, 20), (number * 9, 255 - number * 7, number * 5)).save(path)
    (photos / "broken.jpg").write_text("no photo")
    (folder / "labels.txt").write_text("one\ntwo\nthree\nfour\nfive\nsix\n")
    scratch = folder / "scratch"
    scratch.mkdir()
    words = [photos, folder / "labels.txt", scratch, POINTS]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.kill_driver", *map(str, words)],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_run_is_killed_at_no_fewer_than_50_points_spread_over_it(told):
    whole, *killed = told
    assert len(killed) >= 50
    assert all(one["killed"] == -signal.SIGKILL for one in killed)
    assert killed[0]["deadly"] == 1
    assert killed[-1]["deadly"] >= 0.95 * whole["points"]


def test_the_next_run_completes_to_the_same_result(told):
    whole, *killed = told
    assert whole["code"] == 1  # one photo is broken
    assert whole["results.csv"].count("\n") == PHOTOS + 1
    for one in killed:
        assert one["code"] == whole["code"], one
        for name in SAME:
            assert one[name] == whole[name], (one["deadly"], name)


def test_at_most_one_part_is_embedded_again(told):
    whole, *killed = told
    assert whole["embedded"] == PHOTOS
    for one in killed:
        assert PHOTOS <= one["before"] + one["embedded"] <= PHOTOS + PART_ROWS, one["deadly"]


def test_some_kills_came_before_between_and_after_the_parts(told):
    spread = {one["embedded"] for one in told[1:]}
    assert {0, PHOTOS} <= spread
    assert len(spread) >= 4


def test_no_temporary_file_is_left_where_the_next_run_tidies(told):
    for one in told[1:]:
        assert [path for path in one["left"] if "/vectors/" in path] == []

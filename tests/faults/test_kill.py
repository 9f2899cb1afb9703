"""Killed anywhere, with no chance to tidy up: the next run completes to the same result."""

import csv
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from tests.engine.pictures import picture
from tests.faults.driven import told_by
from tests.faults.kill_driver import KNOWN, PART_ROWS

PHOTOS, POINTS, MOMENTS = 26, 56, 8
SAME = ("folder_medoids.csv", "approved.csv", "failures.csv", "files", "thumbnails", "decided")


@pytest.fixture(scope="module")
def scratch():
    """A folder in memory where there is one: a killed process loses nothing of it either."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    folder = Path(tempfile.mkdtemp(prefix="phototagger-kill-", dir=memory if usable else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def told(scratch):
    """What the driver tells: of the whole run, and of each killed run with the one after it."""
    photos = scratch / "photos"
    for number in range(PHOTOS):
        picture(photos / f"{number % 3}" / f"{number:02}.png", number)
    (photos / "3").mkdir()
    (photos / "3" / "broken.jpg").write_text("no photo")
    shutil.copyfile(photos / "0" / "00.png", photos / "3" / "copy.png")
    return told_by("kill_driver", photos, scratch, str(POINTS), str(MOMENTS))


def results(one: dict) -> tuple[list[list[str]], list[float]]:
    """The rows of results.csv without their scores, and the scores."""
    rows = list(csv.reader(one["results.csv"].splitlines()))
    scores = [float(score) for row in rows[1:] for score in row[7].split("|")]
    return [[*row[:5], row[6], *row[8:]] for row in rows], scores


def test_a_run_is_killed_at_no_fewer_than_50_points_spread_over_it(told):
    whole, *killed = told
    at_points = [one for one in killed if one["how"] != "any time"]
    assert len({one["how"] for one in at_points}) >= 50
    assert all(one["killed"] == -signal.SIGKILL for one in at_points)
    assert at_points[0]["how"] == 1
    assert at_points[-1]["how"] >= 0.95 * whole["points"]
    assert len(killed) == POINTS + MOMENTS


def test_the_next_run_completes_to_the_same_result(told):
    whole, *killed = told
    assert whole["code"] == 1  # one photo is broken
    rows, scores = results(whole)
    assert len(rows) == PHOTOS + 2
    for one in killed:
        assert one["code"] == whole["code"], one
        assert results(one)[0] == rows, one["how"]
        assert results(one)[1] == pytest.approx(scores, abs=1e-4)
        for name in SAME:
            assert one[name] == whole[name], (one["how"], name)


def test_at_most_one_part_is_embedded_again(told):
    whole, *killed = told
    new = set(whole["embedded"])
    assert len(whole["embedded"]) == len(new) == PHOTOS - KNOWN
    for one in killed:
        both = one["before"] + one["embedded"]
        assert set(both) == new, one["how"]  # and none that an earlier run had embedded
        assert len(both) - len(new) <= PART_ROWS, one["how"]


def test_every_vector_is_kept_once_also_where_a_merging_was_killed(told):
    for one in told:
        assert sum(one["parts"]) == PHOTOS, one.get("how")


def test_no_decision_is_lost_or_comes_back(told):
    whole, *killed = told
    assert sorted(label for _, label, _ in whole["decided"]) == ["own word", "six", "two"]
    assert whole["approved.csv"].count("\n") == 4  # a header, two photos, and the copy of one
    for one in killed:
        assert one["held"] == whole["decided"], one["how"]


def test_the_kills_came_before_between_and_after_the_parts(told):
    spread = {len(one["embedded"]) for one in told[1:]}
    assert {0, PHOTOS - KNOWN} <= spread
    assert len(spread) >= 4


def test_no_temporary_file_is_left_where_the_next_run_tidies(told):
    for one in told[1:]:
        assert [path for path in one["left"] if "vectors/" in path] == []

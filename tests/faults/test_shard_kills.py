"""A shard, or a merge of shards, that is killed anywhere: the same command again completes it."""

import signal

import pytest

from tests.engine.pictures import picture
from tests.faults.driven import told_by
from tests.faults.kill_driver import PART_ROWS

PHOTOS, POINTS = 40, 10


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the driver tells, by kind."""
    scratch = tmp_path_factory.mktemp("shards")
    for number in range(PHOTOS):
        picture(scratch / "photos" / f"{number % 3}" / f"{number:02}.png", number)
    found = {}
    for one in told_by("shard_driver", scratch / "photos", scratch, str(POINTS)):
        found.setdefault(one["kind"], []).append(one)
    return found


def test_they_were_killed_at_many_points(told):
    for kind in ("shard", "merge"):
        _, *killed = told[kind]
        assert len(killed) >= POINTS - 2
        assert all(one["killed"] == -signal.SIGKILL for one in killed)


def test_a_shard_that_was_killed_loses_nothing_and_repeats_at_most_an_open_part(told):
    whole, *killed = told["shard"]
    assert 0 < len(whole["rows"]) < PHOTOS
    for one in killed:
        assert one["rows"] == whole["rows"]
        both = one["before"] + one["embedded"]
        assert set(both) == set(whole["embedded"])
        assert len(both) - len(set(both)) <= PART_ROWS


def test_the_kills_came_before_between_and_after_the_parts(told):
    _, *killed = told["shard"]
    assert len({len(one["embedded"]) for one in killed}) >= 3


def test_shards_together_are_the_whole_and_share_no_photo(told):
    [other] = told["other shard"]
    rows = told["shard"][0]["rows"] + other["rows"]
    assert sorted(rows) == told["whole"][0]["rows"]


def test_a_merge_that_was_killed_is_completed_without_the_model(told):
    for one in told["merge"]:
        assert one["rows"] == told["whole"][0]["rows"]  # each once
        assert one["thumbnails"] == PHOTOS
        assert one["before"] == one["embedded"] == []

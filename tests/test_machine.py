"""What a process may use of its machine: less than all, where somebody says so."""

import os

import pytest

from phototagger import machine
from phototagger.engine.photo_reader.reader import Have, Looker
from phototagger.imaging.limits import USUAL
from phototagger.store.vectors.keys import as_keys


def test_only_cores_that_this_process_may_run_on_count(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 7})
    assert machine.usable_cores() == 3


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Let files say what memory there is."""

    def tell(kilobytes, limits):
        (tmp_path / "meminfo").write_text(
            f"MemTotal:  99999999 kB\nMemAvailable:  {kilobytes} kB\n"
        )
        (tmp_path / "own").write_text("0::/job/step\n")
        folder = tmp_path / "cgroup"
        for name, limit in limits.items():
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name / "memory.max").write_text(f"{limit}\n")
        monkeypatch.setattr(machine, "_MEMINFO", str(tmp_path / "meminfo"))
        monkeypatch.setattr(machine, "_OWN_CGROUP", str(tmp_path / "own"))
        monkeypatch.setattr(machine, "_CGROUPS", str(folder))

    return tell


@pytest.mark.parametrize(
    ("limits", "usable"),
    [
        ({}, 8_192_000),
        ({"job/step": "max"}, 8_192_000),
        ({"job/step": "max", "job": 5_000_000}, 5_000_000),
        ({"job/step": 7_000_000, "job": 6_000_000}, 6_000_000),
        ({"job": 9_000_000}, 8_192_000),
        ({"": 4_000_000}, 4_000_000),
        ({"another": 1}, 8_192_000),
    ],
)
def test_memory_is_what_is_available_and_what_the_cgroup_and_those_above_allow(
    told, limits, usable
):
    told(8000, limits)
    assert machine.usable_memory() == usable


@pytest.mark.parametrize(
    ("kilobytes", "pixels"), [(32_000_000, USUAL.max_pixels), (320_000, 10_240_000)]
)
def test_photos_decoded_at_once_follow_the_memory_up_to_max_pixels(told, kilobytes, pixels):
    told(kilobytes, {})
    have = Have.of([as_keys(())] * 5)
    budget = Looker("cache", None, have, USUAL)._budget
    assert budget._most == pixels

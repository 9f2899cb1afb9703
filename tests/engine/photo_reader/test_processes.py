"""Processes that look at photos: what they find is what threads find, and none stays."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from phototagger.core.thumb_cache import begin_cache
from phototagger.engine.photo_reader import processes
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.processes import looked_by_processes
from phototagger.engine.photo_reader.reader import Have, copies_last
from phototagger.engine.photo_reader.shared import SharedArray
from phototagger.errors import PhototaggerError
from phototagger.imaging.limits import USUAL
from phototagger.store.vectors.keys import as_keys
from tests.engine.pictures import picture
from tests.engine.process.processes import is_there, until
from tests.engine.standin import PREPROCESS

COUNT = 30
CORES = 8  # two processes of four threads


@pytest.fixture
def items(tmp_path):
    """Thirty photos: copies, one that is broken and one that is not there among them."""
    files = [picture(tmp_path / f"{number:02}.png", number) for number in range(COUNT)]
    for copy, original in ((7, 6), (20, 6), (29, 3)):
        shutil.copyfile(files[original], files[copy])
    files[11].write_bytes(files[11].read_bytes()[:300])
    files[12].unlink()
    return [(number, str(file)) for number, file in enumerate(files)]


@pytest.fixture
def asked(tmp_path):
    def made(name: str, have: Have | None = None) -> Asked:
        begin_cache(tmp_path / name)
        have = have or Have.of([as_keys(())] * 5)
        return Asked(str(tmp_path / name), PREPROCESS, have, USUAL, 4, 4)

    return made


def cached(asked: Asked) -> dict[str, bytes]:
    found = Path(asked.cache_dir).glob("??/*.jpg")
    return {file.name: file.read_bytes() for file in found}


def test_what_they_find_is_what_threads_find_and_their_memory_serves_again(
    items, asked, monkeypatch
):
    monkeypatch.setattr(processes, "_CHUNK", 2)  # fifteen chunks; four are on their way
    one, other = asked("one"), asked("other")
    look = one.look()
    wanted = [look(item) for item in items]
    with closing(looked_by_processes(other, items, CORES, 1)) as looks:
        found = sorted(copies_last(looks), key=lambda looked: looked.position)
    assert multiprocessing.active_children() == []
    assert [looked.position for looked in found] == list(range(COUNT))
    alike = {6, 7, 20}, {3, 29}
    for mine, theirs in zip(wanted, found, strict=True):
        assert (mine.file is None) == (theirs.file is None)
        assert mine.reason == theirs.reason
        if mine.position not in set.union(*alike):
            assert theirs.file == mine.file
            assert theirs.copy_of is None
            if mine.pixels is not None:
                assert np.array_equal(mine.pixels, theirs.pixels)
    # Of photos with one content any may be the first that a thread comes to.
    for same in alike:
        [first] = [one for one in same if found[one].pixels is not None]
        assert np.array_equal(found[first].pixels, wanted[min(same)].pixels)
        assert {found[one].copy_of for one in same - {first}} == {first}
    assert cached(one) == cached(other)


def test_what_is_there_already_is_not_made_again(items, asked):
    look = asked("cache").look()
    sha1s = [one.file.sha1 for one in map(look, items) if one.file and not one.reason]
    keys = as_keys(sha1s)
    have = Have.of([keys, keys, keys, as_keys(()), as_keys(())])
    with closing(looked_by_processes(asked("cache", have), items, CORES, 8)) as looks:
        found = list(looks)
    assert not [one for one in found if one.pixels is not None]
    assert sum(one.seen for one in found) == COUNT - 2


def test_who_stops_listening_ends_them(items, asked):
    looks = looked_by_processes(asked("cache"), items, CORES, 8)
    next(looks)
    assert multiprocessing.active_children()
    looks.close()
    assert multiprocessing.active_children() == []


def test_one_that_is_killed_is_told(items, asked, monkeypatch):
    monkeypatch.setattr(processes, "_CHUNK", 1)

    def killing():
        yield items[0]
        until(multiprocessing.active_children)
        for process in multiprocessing.active_children():
            os.kill(process.pid, signal.SIGKILL)
        yield from items[1:]

    with (
        pytest.raises(PhototaggerError, match="a process that decodes photos ended"),
        closing(looked_by_processes(asked("cache"), killing(), CORES, 8)) as looks,
    ):
        list(looks)
    assert multiprocessing.active_children() == []


DRIVER = """
import sys, time, multiprocessing
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.processes import looked_by_processes
from phototagger.engine.photo_reader.reader import Have
from phototagger.imaging.limits import USUAL
from phototagger.store.vectors.keys import as_keys

if __name__ == "__main__":
    asked = Asked(sys.argv[1], None, Have.of([as_keys(())] * 5), USUAL, 4, 4)
    looks = looked_by_processes(asked, enumerate(sys.argv[2:]), 8, 8)
    next(looks)
    print(*[one.pid for one in multiprocessing.active_children()], flush=True)
    time.sleep(60)
"""


def test_they_end_with_the_one_that_started_them_however_that_ends(items, asked, tmp_path):
    (tmp_path / "driver.py").write_text(DRIVER)
    paths = [path for _, path in items]
    driver = subprocess.Popen(
        [sys.executable, tmp_path / "driver.py", asked("cache").cache_dir, *paths],
        stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    with driver:
        pids = [int(pid) for pid in driver.stdout.readline().split()]
        assert pids
        driver.kill()
    until(lambda: not any(is_there(pid) for pid in pids))


def test_a_run_on_many_cores_makes_the_tables_of_one_on_few(photos, monkeypatch):
    picture(photos.root / "copy.jpg", 0)
    few = photos.run()
    results, medoids, vectors = few.results(), few.text("folder_medoids.csv"), photos.embedded
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(9))
    shutil.rmtree(photos.folder / "runs")
    shutil.rmtree(photos.folder / "thumb_cache")
    many = photos.run()
    assert photos.embedded == vectors
    assert many.results() == results
    assert many.text("folder_medoids.csv") == medoids
    thumbs = photos.run(from_thumbs=True)
    assert photos.embedded == vectors
    assert thumbs.results().keys() == results.keys()


@pytest.mark.parametrize("shape", [(0, 20), (3, 4, 5)])
def test_a_shared_array_begins_with_zeros_or_holds_a_copy(shape):
    shared = SharedArray(shape, "u1")
    assert shared.array.shape == shape
    assert not shared.array.any()
    copy = SharedArray.of(np.ones(shape, np.float32))
    assert copy.array.dtype == np.float32
    assert copy.array.all()
    for one in (shared, copy):
        one.close()
    assert copy.array.all()  # what has it, keeps it

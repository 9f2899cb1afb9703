"""Stopped by a person: everything finished is kept, and the next run completes to the same."""

import json

import pytest

from phototagger.engine.events import PhotoReady, StepFinished, StepStarted
from phototagger.errors import ExitCode, InterruptedByUser
from phototagger.store import Catalogue
from phototagger.store.lock import RunDirLock
from tests.engine.conftest import Library
from tests.engine.pictures import LIBRARY

TABLES = ("results.csv", "folder_medoids.csv", "approved.csv", "failures.csv")


@pytest.fixture
def expected(tmp_path, calls):
    """What a run leaves that nobody stops."""
    library = Library(tmp_path, calls)
    ran = library.run(run_dir=str(tmp_path / "whole"), cache_dir=str(tmp_path / "whole_cache"))
    return {name: ran.text(name) for name in TABLES}


def stop_at(*which):
    """Stop the job when one of these has been heard."""

    def heard(job, event) -> None:
        if which[0](event):
            job.cancelled.set()

    return heard


def nth_ready(number: int):
    ready = []

    def is_it(event) -> bool:
        if isinstance(event, PhotoReady):
            ready.append(event)
        return len(ready) >= number

    return is_it


@pytest.mark.parametrize("number", range(1, 8))
def test_a_run_stopped_after_any_photo_is_completed_by_the_next_one(photos, expected, number):
    with pytest.raises(InterruptedByUser) as caught:
        photos.run(heard=stop_at(nth_ready(number)), batch_images=1)
    assert caught.value.exit_code is ExitCode.INTERRUPTED
    assert str(caught.value) == "stopped; everything finished so far is kept"
    assert photos.embedded == number
    ran = photos.run(batch_images=1)
    assert photos.embedded == len(LIBRARY) - number
    assert {name: ran.text(name) for name in TABLES} == expected


@pytest.mark.parametrize("step", ["scan", "thumbs", "embed", "score", "medoids"])
def test_a_run_stopped_between_two_steps_is_completed_by_the_next_one(photos, expected, step):
    def finished(event) -> bool:
        return isinstance(event, StepFinished) and event.step == step

    with pytest.raises(InterruptedByUser):
        photos.run(heard=stop_at(finished))
    ran = photos.run()
    assert {name: ran.text(name) for name in TABLES} == expected


def test_a_stop_is_heeded_before_any_photo_is_embedded(photos):
    def started(event) -> bool:
        return isinstance(event, StepStarted) and event.step == "embed"

    with pytest.raises(InterruptedByUser):
        photos.run(heard=stop_at(started))
    assert photos.embedded == 0


def test_what_an_interrupted_run_leaves_is_whole_and_says_so(photos):
    with pytest.raises(InterruptedByUser):
        photos.run(heard=stop_at(nth_ready(2)))
    run = photos.last.path
    assert {path.name for path in run.iterdir()} == {
        "config.json", "log.txt", "photos.parquet", "failures.csv",
    }  # fmt: skip
    assert json.loads((run / "config.json").read_text())["run_id"] == run.name
    lines = (run / "log.txt").read_text().splitlines()
    assert [line.split(" ", 1)[1].partition(":")[0] for line in lines] == ["scan", "embed"]
    assert lines[-1].endswith("embed: interrupted")


def test_an_interrupted_run_closes_the_catalogue_and_frees_the_lock(photos):
    with pytest.raises(InterruptedByUser):
        photos.run(heard=stop_at(nth_ready(2)))
    runs = photos.folder / "runs"
    assert not list(runs.glob("catalogue.db-*"))
    RunDirLock(runs).release()
    Catalogue(runs, writable=False).close()

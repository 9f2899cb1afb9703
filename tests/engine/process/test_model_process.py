"""The model in a process of its own gives what it gives in this one."""

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from phototagger.engine.events import Notice, PhotoReady
from phototagger.engine.job import Job
from phototagger.engine.model import weights_digest
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.reader import Have
from phototagger.engine.process.client import Remote
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.errors import InterruptedByUser, MissingError
from phototagger.imaging.limits import Limits
from phototagger.settings.model import Settings
from phototagger.store.vectors.keys import as_keys
from tests.engine.pictures import picture
from tests.engine.process.processes import (
    COMMAND,
    Process,
    is_there,
    job_of,
    process,
    tables,
    until,
)
from tests.shared import SAMPLES

__all__ = ["process"]


def run(photos, command: str = "run", **more: object):
    with job_of(photos, **more) as job:
        events = list(run_steps(job, steps_of(command)))
        found = tables(job) if command == "run" else None
    return job, events, found


def test_a_real_model_says_in_its_process_what_it_says_here(tmp_path):
    names = ("animals/cat.jpg", "food/espresso.jpg", "people/photographer.png", "rocket.jpg")
    labels = ["rocket", "coffee", "cat"]
    for number, name in enumerate(names):
        (tmp_path / "photos").mkdir(exist_ok=True)
        shutil.copyfile(SAMPLES / name, tmp_path / "photos" / f"{number}{name[-4:]}")
    found = []
    for in_child in (False, True):
        place = tmp_path / str(in_child)
        settings = Settings(
            root=str(tmp_path / "photos"),
            model_name="embedded",
            run_dir=str(place / "runs"),
            cache_dir=str(place / "cache"),
            prompt=("a photo of {}", "{}"),
            batch_images=3,
        )
        with Job(settings, labels=labels, model_in_child=in_child) as job:
            list(run_steps(job, steps_of("run")))
            found.append(
                (
                    job.model.images.get(job.photos.keys),
                    job.model.labels(labels),
                    job.model.known,
                    sorted(path.name for path in (place / "cache").rglob("*.jpg")),
                    (job.run.path / "results.csv").read_text().replace(job.run.run_id, "RUN"),
                )
            )
            pixels = np.random.default_rng(3).integers(0, 256, (5, 224, 224, 3), np.uint8)
            found[-1] += (job.model.encoder.images(pixels),)
    here, there = found
    for one, other in zip(here, there, strict=True):
        if isinstance(one, np.ndarray):
            np.testing.assert_allclose(one, other, atol=1e-5)
        else:
            assert one == other


def test_a_run_leaves_the_same_tables(photos, process: Process):
    _, _, there = run(photos, run_dir=str(photos.folder / "there"))
    _, _, here = run(photos, in_child=False)
    assert there == here
    assert process.did("loads") == 1
    assert process.did("batches") == 3
    assert photos.calls.loads == 1  # here


def test_copies_broken_photos_and_odd_names_are_told_as_in_one_process(photos, process: Process):
    shutil.copyfile(photos.root / "a.jpg", photos.root / "sea" / "copy.jpg")
    (photos.root / "broken.jpg").write_bytes(b"no photo")
    odd = os.fsencode(photos.root) + b"/caf\xe9.jpg"
    shutil.copyfile(photos.root / "b.png", odd)
    cache = str(photos.folder / "other_cache")
    with job_of(photos, run_dir=str(photos.folder / "there")) as job:
        list(run_steps(job, steps_of("run")))
        there = job.run.file("results.csv").read_bytes().replace(job.run.run_id.encode(), b"RUN")
    with job_of(photos, in_child=False, cache_dir=cache) as job:
        list(run_steps(job, steps_of("run")))
        here = job.run.file("results.csv").read_bytes().replace(job.run.run_id.encode(), b"RUN")
        failures = job.run.file("failures.csv").read_text()
    assert there == here
    assert "caf\ufffd.jpg".encode() in there
    assert "broken.jpg" in failures


def test_the_process_is_told_of_more_photos_as_it_asks_for_them(photos, process: Process):
    job, _, _ = run(photos, batch_images=1)
    assert process.did("batches") == 7
    assert len(job.photos) == 7


def test_thumbnails_alone_need_no_model(photos, process: Process):
    run(photos, "thumbs")
    assert process.did("loads") == 0
    assert len(list((photos.folder / "thumb_cache").rglob("*.jpg"))) == 7


def test_what_libraries_print_goes_to_the_log(photos, process: Process):
    job, _, _ = run(photos)
    log = job.run.file("log.txt").read_text()
    assert "a library loads\n" in log
    assert "PTag and its C code, too\n" in log


def test_what_a_person_should_know_is_told(photos, process: Process):
    _, events, _ = run(photos, device="cuda")
    assert [one.text for one in events if isinstance(one, Notice)] == [
        "loading the model embedded",
        "CUDA is not here: computing on the CPU",
    ]


def test_an_error_of_the_model_is_raised_as_what_it_is(photos, process: Process):
    process.do("missing")
    with (
        job_of(photos) as job,
        pytest.raises(MissingError, match="the weights are not here; go online once"),
    ):
        list(run_steps(job, steps_of("run")))
    report = job.run.file("REPORT.md").read_text()
    assert "## Likely cause\n\nthe weights are not here\n" in report
    assert "in the model's process:" in report
    assert "model_standin.py" in report


def test_what_nobody_expected_there_is_told_and_the_process_stays(photos, process: Process):
    process.do("raise")
    with job_of(photos) as job:
        with pytest.raises(Exception, match="RuntimeError: what nobody expected"):
            list(run_steps(job, steps_of("run")))
        process.do("")
        list(run_steps(job, steps_of("run")))
        assert process.did("loads") == 1


def test_two_batches_are_computed_while_the_one_before_is_being_kept(photos, process: Process):
    (process.folder / "ahead").write_text("2")
    ready = 0
    with job_of(photos, batch_images=1) as job:
        for event in run_steps(job, steps_of("embed")):
            if isinstance(event, PhotoReady):
                ready += 1
                process.wait_for("batches", min(ready + 2, 7))
                assert process.did("batches") == min(ready + 2, 7)
        vectors = job.model.images.get(job.photos.keys)
    (process.folder / "ahead").unlink()
    shutil.rmtree(photos.folder / "runs")
    with job_of(photos, batch_images=1) as job:
        list(run_steps(job, steps_of("embed")))
        assert np.array_equal(job.model.images.get(job.photos.keys), vectors)


def children_of(pid: int) -> list[int]:
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # others come and go meanwhile
            parent = stat.read_text().rpartition(")")[2].split()[1]
            children += [int(stat.parent.name)] if int(parent) == pid else []
    return children


@pytest.mark.parametrize("end", ["close", "stop"])
def test_on_many_cores_it_has_processes_that_decode_and_end_with_it(photos, process: Process, end):
    few = run(photos)[2]
    shutil.rmtree(photos.folder / "runs")
    (process.folder / "cores").write_text("9")
    assert run(photos)[2] == few
    picture(photos.root / "new.jpg", 99)
    with job_of(photos) as job:
        events = run_steps(job, steps_of("embed"))
        next(event for event in events if isinstance(event, PhotoReady))
        started = children_of(job.model._remote.child.pid)
        assert started
        if end == "stop":
            job.model.stop()
            with pytest.raises(InterruptedByUser):
                list(events)
        events.close()
    until(lambda: not any(is_there(pid) for pid in started))


def test_a_device_that_is_lost_ahead_gets_a_fresh_process(photos, process: Process):
    (process.folder / "ahead").write_text("2")
    process.do("lose")
    with job_of(photos, batch_images=1) as job:
        with pytest.raises(Exception, match="CUDA error: unspecified launch failure"):
            list(run_steps(job, steps_of("embed")))
        process.do("")
        list(run_steps(job, steps_of("embed")))
        assert job.model.images.has(job.photos.keys).all()
    assert process.did("loads") == 2


def test_a_process_that_lost_its_device_answers_ends_and_another_goes_on(photos, process: Process):
    process.do("lose")
    with job_of(photos) as job:
        with pytest.raises(Exception, match="CUDA error: unspecified launch failure"):
            list(run_steps(job, steps_of("run")))
        assert job.model._remote.child.pid is None
        assert not job.model.loaded
        process.do("")
        list(run_steps(job, steps_of("run")))
        assert process.did("loads") == 2
        assert job.model.images.has(job.photos.keys[job.photos.usable()]).all()


def test_the_process_ends_with_the_job(photos, process: Process):
    with job_of(photos) as job:
        list(run_steps(job, steps_of("run")))
        pid = job.model._remote.child.pid
        assert is_there(pid)
    until(lambda: not is_there(pid), 3)


def test_the_process_may_not_be_startable(photos, process: Process, monkeypatch):
    monkeypatch.setattr("phototagger.engine.process.child.COMMAND", ("/no/such/python",))
    with job_of(photos) as job, pytest.raises(Exception, match="No such file"):
        list(run_steps(job, steps_of("run")))


def test_modules_in_the_current_folder_are_not_imported(photos, monkeypatch, tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit('json.py of a photo folder was run')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one])
    run(photos, "thumbs")
    assert len(list((photos.folder / "thumb_cache").rglob("*.jpg"))) == 7


@pytest.mark.usefixtures("process")
@pytest.mark.parametrize("does", ["load", "thumbs"])
def test_it_stands_back_behind_the_screen_once_it_computes(photos, does: str):
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, remote.child.pid or 0) - os.getpriority(0, 0)

    log = photos.folder / "runs" / "one" / "log.txt"
    log.parent.mkdir(parents=True)
    remote = Remote(lambda: log, COMMAND)
    remote.child.ask({"do": "stop"}, seconds=30)
    assert niceness() == 0  # it would only be later that anything can be computed
    assert Path(f"/proc/{remote.child.pid}/oom_score_adj").read_text() == "500\n"
    for _ in range(2):
        if does == "load":
            remote.load(photos.settings(), print)
        else:
            have = Have.of([as_keys(())] * 5)
            asked = Asked(str(photos.folder), None, have, Limits.of(photos.settings()), 1, 1)
            assert not list(remote.looked_at(asked, [], print, lambda: None))
        assert niceness() == 5
    remote.close()


@pytest.mark.usefixtures("process")
def test_other_weights_than_those_that_are_asked_for_are_refused(photos):
    log = photos.folder / "runs" / "one" / "log.txt"
    log.parent.mkdir(parents=True)
    remote = Remote(lambda: log, COMMAND)
    with pytest.raises(MissingError) as caught:
        remote.load(photos.settings(), print, weights="0" * 64)
    assert "the weights of embedded are others there than here" in caught.value.cause
    remote.load(photos.settings(), print, weights=weights_digest(photos.settings()))
    remote.close()

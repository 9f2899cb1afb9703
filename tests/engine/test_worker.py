"""The engine on a thread of its own: started, paused, cancelled, polled."""

import threading
import time
import weakref
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import pytest

from phototagger.engine import worker
from phototagger.engine.events import Notice, PhotoReady, StepFinished
from phototagger.engine.progress import State
from phototagger.engine.step import steps_of
from phototagger.engine.worker import Engine
from phototagger.errors import UsageError
from phototagger.store.catalogue.database import Catalogue
from tests.engine.conftest import LABELS
from tests.engine.pictures import LIBRARY, picture
from tests.engine.process.processes import Process, is_there, job_of, process, tables, until
from tests.engine.standin import StandInStep

__all__ = ["process"]
RUN = steps_of("run")


@pytest.fixture
def job(photos):
    with job_of(photos, in_child=False, batch_images=1) as opened:
        yield opened


@pytest.fixture
def engine(job):
    made = Engine(job)
    yield made
    assert made.close()


class Gate:
    """Holds the model up at a batch."""

    def __init__(self, monkeypatch) -> None:
        self.reached, self.open = threading.Event(), threading.Event()
        monkeypatch.setattr("tests.engine.standin.StandIn.heard", staticmethod(self.heard))

    def heard(self, _: object) -> None:
        self.reached.set()
        assert self.open.wait(30)


@pytest.fixture
def gate(monkeypatch):
    return Gate(monkeypatch)


def test_a_run_is_counted_to_its_end(engine, job):
    assert engine.latest.state is State.IDLE
    assert engine.start(RUN)
    ended = engine.wait(30)
    assert ended.state is State.DONE
    assert not engine.is_running
    assert ended.ready == len(LIBRARY)
    assert [one.step for one in ended.finished] == [
        "scan", "thumbs", "embed", "score", "medoids", "export",
    ]  # fmt: skip
    assert ended.lines[1] == "loading the model embedded"
    assert ended.lines[-1].startswith("export: 7 new")
    assert tables(job)


def test_nothing_is_started_while_something_is_done(engine, gate):
    assert engine.start(RUN)
    assert gate.reached.wait(30)
    assert engine.is_running
    assert not engine.start(RUN)
    gate.open.set()
    assert engine.wait(30).start == 1


def test_paused_between_batches_and_resumed(engine, gate):
    engine.start(RUN)
    assert gate.reached.wait(30)
    engine.pause()
    gate.open.set()
    until(lambda: engine.latest.done == 1)
    time.sleep(0.2)
    paused = engine.latest
    assert (paused.state, paused.step, paused.done, paused.ready) == (State.PAUSED, "embed", 1, 1)
    assert engine.is_running
    engine.resume()
    assert engine.wait(30).ready == len(LIBRARY)


@pytest.mark.parametrize("paused", [True, False])
def test_cancelled_between_batches_keeps_what_is_finished(engine, job, gate, photos, paused):
    engine.start(RUN)
    assert gate.reached.wait(30)
    if paused:
        engine.pause()
    engine.cancel()
    assert engine.latest.state is State.STOPPING
    gate.open.set()
    ended = engine.wait(30)
    assert (ended.state, str(ended.error)) == (
        State.STOPPED, "stopped; everything finished so far is kept",
    )  # fmt: skip
    assert len(job.model.images.index) == 1  # on disk
    engine.start(RUN)
    assert engine.wait(30).ready == len(LIBRARY) - 1
    assert sum(photos.calls.images) == len(LIBRARY)


def test_pause_resume_and_cancel_without_a_run_do_nothing(engine):
    engine.pause()
    engine.resume()
    engine.cancel()
    assert engine.latest.state is State.IDLE
    engine.start(RUN)
    assert engine.wait(30).state is State.DONE


def test_labels_threshold_and_topk_change_without_loading_again(engine, job, photos):
    engine.start(RUN)
    engine.wait(30)
    first = tables(job)
    changed = replace(job.settings, threshold=0.0, topk=3)
    engine.start(RUN, settings=changed, labels=[*LABELS, "tree"])
    ended = engine.wait(30)
    assert ended.state is State.DONE
    assert ended.ready == 0  # nothing is embedded again
    assert ended.finished[3].made == len(LIBRARY)
    assert tables(job)["results.csv"] != first["results.csv"]
    assert photos.calls.loads == 1
    assert photos.calls.labels == [LABELS, ["tree"]]


def test_another_model_is_another_job(engine, job):
    engine.start(RUN, settings=replace(job.settings, model_name="ViT-B-32"))
    ended = engine.wait(30)
    assert ended.state is State.FAILED
    assert (ended.error.cause, ended.error.cure) == (
        "model_name: was changed", "it holds from the next start on",
    )  # fmt: skip
    with pytest.raises(UsageError):
        job.begin_again(replace(job.settings, root="/"))


def test_failures_are_never_dropped(engine, photos):
    for number in range(30):
        (photos.root / f"broken{number}.jpg").write_bytes(b"no photo")
    engine.start(RUN)
    ended = engine.wait(30)
    assert ended.state is State.DONE
    assert len(ended.failures) == 30
    assert len({one.path for one in ended.failures}) == 30
    engine.start(RUN)
    assert len(engine.wait(30).failures) == 30


def test_a_screen_is_told_seldom_and_of_the_end_at_once(job, photos, monkeypatch):
    monkeypatch.setattr(worker, "TELL_SECONDS", 0.05)
    for number in range(60):
        picture(photos.root / "more" / f"{number}.jpg", 100 + number)
    told, times = [], []

    def tell(progress) -> None:
        told.append(progress)
        times.append(time.monotonic())

    engine = Engine(job, tell)
    engine.start(RUN)
    engine.wait(60)
    until(lambda: told[-1].state is State.DONE)
    gaps = [later - one for one, later in pairwise(times)][:-1]
    assert gaps
    assert min(gaps) >= worker.TELL_SECONDS
    assert engine.close()


def test_every_event_can_be_heard(engine):
    heard = []
    engine.start(RUN, hear=heard.append)
    engine.wait(30)
    assert sum(isinstance(one, PhotoReady) for one in heard) == len(LIBRARY)
    assert sum(isinstance(one, StepFinished) for one in heard) == 6


def test_an_error_ends_with_cause_and_cure_and_the_engine_goes_on(engine, job, monkeypatch):
    def no_disk(*_: object) -> None:
        raise OSError(28, "No space left on device", "/photos")

    with monkeypatch.context() as patch:
        patch.setattr("phototagger.engine.photo_reader.looks.remember_files", no_disk)
        engine.start(RUN)
        ended = engine.wait(30)
    assert ended.state is State.FAILED
    assert ended.error.cause == "/photos: No space left on device"
    assert ended.error.cure.startswith("make room")
    assert ended.lines[-1] == str(ended.error)
    assert job.run.file("REPORT.md").exists()
    engine.start(RUN)
    assert engine.wait(30).state is State.DONE
    assert not job.run.file("REPORT.md").exists()


def test_what_a_listener_breaks_is_told_too(engine):
    def hear(_: object) -> None:
        raise ValueError("a listener's own")

    engine.start(RUN, hear=hear)
    assert "ValueError: a listener's own" in str(engine.wait(30).error)
    engine.start(RUN)
    assert engine.wait(30).state is State.DONE


def test_the_lines_kept_are_the_last_ones(engine):
    def chatty(_: object):
        for number in range(250):
            yield Notice(str(number))

    engine.start((StandInStep(chatty),))
    assert engine.wait(30).lines == tuple(str(number) for number in range(150, 250))


def test_vectors_are_asked_for_while_they_are_written(engine, job, photos):
    for number in range(40):
        picture(photos.root / "more" / f"{number}.jpg", 100 + number)
    engine.start(RUN)
    until(lambda: job._photos is not None)
    wrong = []
    while engine.is_running:
        keys = job.photos.keys[job.photos.usable()]
        keys = keys[job.model.images.has(keys)]
        if len(job.model.images.get(keys)) != len(keys):
            wrong.append(keys)
    assert not wrong
    assert len(job.model.images) == 47


def test_no_transaction_is_long_so_that_a_key_never_waits(engine, photos, monkeypatch):
    for number in range(300):
        picture(photos.root / "more" / f"{number}.png", 100 + number, (8, 6))
    changes = []
    whole = Catalogue.transaction

    @contextmanager
    def counted(self):
        before = self.connection.total_changes
        with whole(self) as connection:
            yield connection
        changes.append(self.connection.total_changes - before)

    monkeypatch.setattr(Catalogue, "transaction", counted)
    engine.start(RUN, settings=replace(photos.settings(), batch_images=300))
    assert engine.wait(60).ready == 307
    seals = 3  # of two tables, and of the catalogue
    assert 100 < max(changes) <= 256 + seals


def test_the_vectors_of_many_labels_are_cancelled_between_batches(engine, job, photos):
    def hear(event: object) -> None:
        if isinstance(event, Notice):
            engine.cancel()

    engine.start(RUN, settings=replace(job.settings, batch_labels=2), hear=hear)
    assert engine.wait(30).state is State.STOPPED
    assert photos.calls.labels == []


def test_the_model_in_its_process_is_loaded_once_over_several_starts(photos, process: Process):
    with job_of(photos, batch_images=2) as job:
        engine = Engine(job)
        for number in range(3):
            picture(photos.root / "new" / f"{number}.jpg", 200 + number)
            engine.start(RUN, labels=[*LABELS, f"label {number}"])
            assert engine.wait(60).state is State.DONE
        assert process.did("loads") == 1
        assert engine.close()


def test_cancelled_in_its_process_keeps_the_loaded_model(photos, process: Process):
    process.do("wait")
    with job_of(photos, batch_images=1) as job:
        engine = Engine(job)
        engine.start(RUN)
        process.wait_for("batches", 1)
        engine.cancel()
        process.do("")
        assert engine.wait(30).state is State.STOPPED
        assert process.did("batches") == 1
        engine.start(RUN)
        assert engine.wait(30).state is State.DONE
        assert (process.did("loads"), process.did("batches")) == (1, 7)
        assert engine.close()


def test_closing_does_not_wait_for_a_long_batch(photos, process: Process):
    process.do("wait")
    with job_of(photos) as job:
        engine = Engine(job)
        engine.start(RUN)
        process.wait_for("batches", 1)
        pid = job.model._remote.child.pid
        begun = time.monotonic()
        assert engine.close(0.3)
        assert engine.latest.state is State.STOPPED
        assert not engine.start(RUN)
    assert time.monotonic() - begun < 3
    assert not is_there(pid)
    assert not job.run.file("REPORT.md").exists()


def test_what_a_scan_found_is_not_held_while_the_engine_rests(engine, job):
    found = []

    def hear(event):
        if isinstance(event, StepFinished) and event.step == "scan":
            found.extend((weakref.ref(job.photos), weakref.ref(job.scan)))

    assert engine.start(RUN, hear=hear)
    assert engine.wait(30).state is State.DONE
    assert [one() for one in found] == [None, None]
    assert engine.start(RUN)
    assert engine.wait(30).state is State.DONE

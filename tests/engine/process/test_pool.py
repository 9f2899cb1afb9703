"""The model in several processes: the same results, whatever becomes of one of them."""

import os
import signal
import threading
from collections import Counter

import numpy as np
import pytest

from phototagger.engine.events import Notice, StepFinished
from phototagger.engine.job import Job
from phototagger.engine.process import pool
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.errors import InterruptedByUser, PhototaggerError
from phototagger.model.cuda import visible_cards
from phototagger.settings.model import Settings
from tests.engine.conftest import LABELS
from tests.engine.pictures import LIBRARY, picture
from tests.engine.process.processes import Process, is_there, process, until
from tests.shared import SAMPLES

__all__ = ["process"]

PHOTOS = 60


@pytest.fixture
def cards(monkeypatch):
    """Two stand-ins for cards, as ``--device cuda`` finds them."""
    monkeypatch.setattr(pool, "devices_of", lambda _: ["card:0", "card:1"])


@pytest.fixture
def many(photos):
    """A library that takes both processes many batches, with a copy and a broken photo."""
    for number in range(PHOTOS):
        picture(photos.root / "many" / f"{number:03}.png", 100 + number)
    (photos.root / "broken.jpg").write_text("no photo")
    (photos.root / "zoo.jpg").write_bytes((photos.root / "a.jpg").read_bytes())
    return photos


def embed(photos, heard=lambda *_: None, begun=lambda _: None, **more):
    with Job(photos.settings(**more), labels=LABELS) as job:
        begun(job)
        events = []
        for event in run_steps(job, steps_of("embed")):
            events.append(event)
            heard(job, event)
        usable = job.photos.usable()
        assert usable.sum() == len(job.photos) - 1
        rows = job.model.images.get(job.photos.keys[usable])
        assert len(job.model.images) == len(np.unique(job.photos.keys[usable], axis=0))
        return rows, events


def alone(photos, monkeypatch):
    """What one process makes of the photos."""
    with monkeypatch.context() as patched:
        patched.setattr(pool, "devices_of", lambda _: [])
        return embed(photos, run_dir=f"{photos.folder}/alone")[0]


def pids(process: Process, what: str) -> Counter[int]:
    return Counter(map(int, (process.folder / what).read_text().split()))


def notices(events) -> list[str]:
    return [one.text for one in events if isinstance(one, Notice)]


@pytest.mark.usefixtures("cards")
def test_two_processes_share_the_photos_and_say_what_one_says(many, process, monkeypatch):
    rows, _ = embed(many)
    assert len(pids(process, "loads")) == 2
    assert len(pids(process, "batches")) == 2
    assert np.array_equal(rows, alone(many, monkeypatch))
    assert not any(map(is_there, pids(process, "loads")))


@pytest.mark.usefixtures("cards")
def test_one_that_dies_is_started_anew_and_nothing_is_lost(many, process, monkeypatch):
    killed = []

    def kill_one(*_: object) -> None:
        if not killed and process.did("batches") >= 3:
            killed.append(next(iter(pids(process, "batches"))))
            os.kill(killed[0], signal.SIGKILL)

    rows, events = embed(many, kill_one)
    assert killed
    assert np.array_equal(rows, alone(many, monkeypatch))
    if len(pids(process, "loads")) == 3:  # it was not done already
        assert any("it is started anew" in one for one in notices(events))


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize("how", ["crash", "exit", "raise", "lose"])
def test_both_failing_again_and_again_end_the_step_with_the_cure(many, process, how):
    process.do(how)
    with pytest.raises(PhototaggerError) as caught:
        embed(many)
    assert caught.value.cure
    process.do("")
    embed(many)


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize("how", ["crash", "raise", "no memory"])
def test_one_that_fails_again_and_again_is_left_out_and_the_others_go_on(
    many, process, monkeypatch, how
):
    process.do(f"first {how}")

    def go_on_once_it_is_left_out(job: Job) -> None:
        def watch() -> None:
            until(lambda: any("is left out" in one for one in job.notices), seconds=120)
            process.do("")

        threading.Thread(target=watch).start()

    rows, events = embed(many, begun=go_on_once_it_is_left_out)
    assert np.array_equal(rows, alone(many, monkeypatch))
    said = "\n".join(notices(events))
    assert "it is started anew" in said
    assert "is left out, the others go on" in said


@pytest.mark.usefixtures("cards")
def test_one_that_cannot_load_is_left_out(many, process, monkeypatch):
    process.do("first missing")
    rows, events = embed(many)
    assert "card:0 is left out: the weights are not here" in notices(events)
    assert np.array_equal(rows, alone(many, monkeypatch))


@pytest.mark.usefixtures("cards", "process")
def test_who_stops_keeps_what_was_finished_and_leaves_no_process(many, process):
    def stop(job: Job, _: object) -> None:
        if process.did("batches") >= 2:
            job.cancelled.set()

    with pytest.raises(InterruptedByUser):
        embed(many, stop)
    until(lambda: not any(map(is_there, pids(process, "loads"))))
    rows, events = embed(many)
    assert len(rows) == PHOTOS + len(LIBRARY) + 1
    [made] = [one.made for one in events if isinstance(one, StepFinished) and one.step == "embed"]
    assert 0 < made < PHOTOS + len(LIBRARY)


@pytest.mark.usefixtures("cards")
def test_thumbnails_alone_need_no_model(photos, process):
    with Job(photos.settings(), labels=LABELS) as job:
        [*_, finished] = run_steps(job, steps_of("thumbs"))
    assert finished.made == len(LIBRARY)
    assert not process.did("loads")


@pytest.mark.usefixtures("cards", "process")
def test_copies_in_two_processes_are_kept_once(photos):
    data = picture(photos.root / "x.png", 5).read_bytes()
    for number in range(40):
        (photos.root / f"{number:02}.png").write_bytes(data)
    (photos.root / "broken.jpg").write_text("no photo")
    embed(photos)


def test_two_real_models_say_what_one_says(tmp_path, monkeypatch):
    found = []
    for devices in (["cpu", "cpu"], []):
        monkeypatch.setattr(pool, "devices_of", lambda _, devices=devices: devices)
        place = tmp_path / f"{len(devices)}"
        settings = Settings(
            root=str(SAMPLES),
            model_name="embedded",
            run_dir=str(place / "runs"),
            cache_dir=str(place / "cache"),
            batch_images=3,
        )
        with Job(settings, labels=["cat", "dog"]) as job:
            list(run_steps(job, steps_of("embed")))
            found.append((job.model.images.get(job.photos.keys), job.model.labels(["cat", "dog"])))
    for one, other in zip(*found, strict=True):
        assert np.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(
    ("named", "count"),
    [(None, 3), ("0,1", 2), ("", 0), ("-1", 0), ("0,-1,1", 1), ("GPU-a,GPU-b", 2)],
)
def test_cards_are_counted_as_cuda_would_show_them(tmp_path, monkeypatch, named, count):
    for number in range(3):
        (tmp_path / f"0000:0{number}:00.0").mkdir()
    monkeypatch.setattr("phototagger.model.cuda._CARDS", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if named is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert visible_cards() == count
    several = [f"cuda:{number}" for number in range(count)] if count > 1 else []
    assert pool.devices_of("cuda") == several
    assert pool.devices_of("auto") == pool.devices_of("cuda:1") == pool.devices_of("cpu") == []


def test_each_process_has_its_own_cores():
    shares = [pool.share([0, 1, 2, 3, 8, 9, 10], number, 3) for number in range(3)]
    assert shares == [[0, 1], [2, 3], [8, 9, 10]]
    assert pool.share([0, 1], 2, 3) == [0, 1]

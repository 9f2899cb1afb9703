"""Where a step cannot go on: cause, cure, REPORT.md, and a run folder that is still right."""

import errno
import json
import re
import shlex

import pytest

from phototagger.engine.events import Notice, StepFinished
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.errors import ExitCode, MissingError, PhototaggerError
from phototagger.store.lock import RunDirLock
from phototagger.store.vectors.parts import Parts
from tests.engine.standin import StandIn, StandInStep
from tests.engine.test_report import HEADINGS, sections


def raises(error: Exception):
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def full(name: str | None = None) -> OSError:
    return OSError(errno.ENOSPC, "No space left on device", name)


WRITES = {
    "a thumbnail": ("phototagger.engine.photo_reader.reader.save_thumbnail", "embed"),
    "photos.parquet": ("phototagger.engine.steps.scan.write_photos_parquet", "scan"),
    "vectors": ("phototagger.store.vectors.parts.write_atomically", "embed"),
    "results.parquet": ("phototagger.engine.steps.score.write_results_parquet", "score"),
    "folder_medoids.csv": ("phototagger.engine.steps.medoids.write_medoids_csv", "medoids"),
    "results.csv": ("phototagger.engine.steps.export.write_results_csv", "export"),
    "approved.csv": ("phototagger.engine.steps.export.write_approved_csv", "export"),
    "approvals.parquet": ("phototagger.engine.steps.export.write_approvals_parquet", "export"),
}


@pytest.mark.parametrize("what", WRITES)
def test_a_disk_that_is_full_at_any_write_is_told_and_room_is_all_it_takes(
    photos, monkeypatch, what
):
    place, step = WRITES[what]
    with monkeypatch.context() as patched:
        patched.setattr(place, raises(full("/runs/there")))
        with pytest.raises(MissingError) as caught:
            photos.run()
    assert caught.value.exit_code is ExitCode.MISSING
    assert str(caught.value) == (
        "/runs/there: No space left on device; make room, then run again: "
        "it goes on where it stopped"
    )
    found = sections(photos.last.text("REPORT.md"))
    assert list(found) == HEADINGS
    assert found["## Step that failed"] == step
    assert found["## Likely cause"] == "/runs/there: No space left on device"
    assert found["## Proposed fix"] == "make room, then run again: it goes on where it stopped"
    assert "OSError: [Errno 28]" in found["## Error output"]
    assert (
        shlex.join(["phototagger", "run", "--root", str(photos.root)])
        in found["## Command executed"]
    )
    completed = found["## What completed successfully"].splitlines()
    assert completed == ["- nothing yet"] if step == "scan" else completed[0].startswith("- scan:")
    assert photos.last.rows("failures.csv") == [["path", "reason"]]
    RunDirLock(photos.folder / "runs").release()
    assert len(photos.run().results()) == 7


def test_a_catalogue_that_is_full_is_a_full_disk(photos):
    def fill(job, event) -> None:
        if isinstance(event, StepFinished) and event.step == "scan":
            pages = job.catalogue.connection.execute("PRAGMA page_count").fetchone()[0]
            job.catalogue.connection.execute(f"PRAGMA max_page_count={pages}")

    many = ["a label", *(f"label {number}" for number in range(3000))]
    with pytest.raises(MissingError, match="the disk is full; make room"):
        photos.run(heard=fill, labels=many)
    assert "the disk is full" in photos.last.text("REPORT.md")
    assert len(photos.run(labels=many).results()) == 7


def test_where_not_even_the_report_can_be_written_the_cause_is_still_told(photos, monkeypatch):
    monkeypatch.setattr(
        "phototagger.engine.steps.export.write_results_csv", raises(full("/results"))
    )
    monkeypatch.setattr("phototagger.engine.runner.write_report", raises(full("/report")))
    monkeypatch.setattr("phototagger.engine.runner.write_failures_csv", raises(full("/failures")))
    with pytest.raises(MissingError, match=r"^/results: No space left"):
        photos.run()
    RunDirLock(photos.folder / "runs").release()


@pytest.mark.parametrize("name", ["write_failures_csv", "_write_config"])
def test_a_disk_that_is_full_at_the_runs_own_files_is_told_as_well(photos, monkeypatch, name):
    monkeypatch.setattr(f"phototagger.engine.runner.{name}", raises(full("/runs/there")))
    with pytest.raises(MissingError, match=r"^/runs/there: No space left"):
        photos.run()
    assert "make room" in photos.last.text("REPORT.md")


def test_vectors_that_cannot_be_written_at_the_end_are_told_as_a_full_disk(photos, monkeypatch):
    monkeypatch.setattr(Parts, "write", raises(full("/runs/vectors")))
    with pytest.raises(MissingError, match=r"^/runs/vectors: No space left"):
        photos.run()
    monkeypatch.undo()
    RunDirLock(photos.folder / "runs").release()


@pytest.mark.parametrize("error", [RuntimeError("CUDA error: odd"), KeyError("x"), ValueError("y")])
def test_what_nobody_expected_is_an_error_with_a_report_and_no_bare_traceback(
    photos, monkeypatch, error
):
    monkeypatch.setattr(StandIn, "images", raises(error))
    with pytest.raises(PhototaggerError) as caught:
        photos.run()
    assert str(caught.value).startswith(
        f"something that phototagger did not expect: {type(error).__name__}: {error}; report it"
    )
    found = sections(photos.last.text("REPORT.md"))
    assert found["## Step that failed"] == "embed"
    assert "Traceback" in found["## Error output"]
    RunDirLock(photos.folder / "runs").release()


def test_too_little_memory_is_told_with_its_cure(photos, monkeypatch):
    monkeypatch.setattr(StandIn, "images", raises(MemoryError()))
    with pytest.raises(MissingError, match="use a smaller --batch-images"):
        photos.run()
    assert photos.last.path.joinpath("REPORT.md").is_file()


def test_a_run_that_is_continued_and_succeeds_has_no_report_any_more(photos, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("phototagger.engine.steps.score.write_results_parquet", raises(full()))
        with pytest.raises(MissingError):
            photos.run("score")
    first = photos.last.path
    assert (first / "REPORT.md").is_file()
    assert photos.run("score").path == first
    assert not (first / "REPORT.md").exists()


def test_notices_of_the_model_are_told_among_the_events_and_none_is_lost(photos, monkeypatch):
    forward = StandIn.images

    def says(self, batch):
        self.say(f"going on with {len(batch)}")
        return forward(self, batch)

    def made(self, *_, say, **__):
        StandIn.__init__(self)
        self.say = say

    monkeypatch.setattr(
        "phototagger.engine.model.Encoder",
        type("Talking", (StandIn,), {"__init__": made, "images": says}),
    )
    ran = photos.run(batch_images=7)
    assert [one.text for one in ran.events if isinstance(one, Notice)] == [
        "loading the model embedded",
        "going on with 7",
    ]


def test_a_notice_before_a_failure_is_told_before_the_error(photos):
    def step(job):
        job.notices.append("look out")
        raise PhototaggerError("the job cannot be done", "mend it")
        yield

    heard = []
    with photos.job() as job:
        events = run_steps(job, [StandInStep(step)])
        heard.append(next(events).text)
        with pytest.raises(PhototaggerError, match="cannot be done"):
            next(events)
    assert heard == ["look out"]


def test_the_seconds_of_a_step_are_its_own(photos):
    now = iter(range(0, 1000, 10))
    with photos.job() as job:

        def quick(_):
            yield StepFinished("quick", 1)

        steps = [*steps_of("scan"), StandInStep(quick), StandInStep(quick)]
        events = list(run_steps(job, steps, clock=lambda: float(next(now))))
        assert [event.seconds for event in events if isinstance(event, StepFinished)] == [10.0] * 3
        assert re.search(r" quick: 1 new, 10\.00 s\n", (job.run.path / "log.txt").read_text())


def test_the_config_is_there_from_the_start_and_knows_the_model_at_the_end(photos, monkeypatch):
    def look(job, event) -> None:
        assert json.loads(job.run.file("config.json").read_text())["labels"] == job.labels

    ran = photos.run(heard=look)
    assert json.loads(ran.path.joinpath("config.json").read_text())["model"] is not None

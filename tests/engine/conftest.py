"""A folder of photos, a run_dir beside it, and the stand-in model."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from phototagger.engine.events import Event, StepFinished
from phototagger.engine.job import Job
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.settings.model import Settings
from tests.engine.pictures import library
from tests.engine.standin import Calls, install

LABELS = ["beach", "cat", "dog", "forest", "night", "snow"]


@dataclass
class Ran:
    """What a command left behind: its run folder and the events it told."""

    path: Path
    events: list[Event] = field(default_factory=list)

    def rows(self, name: str) -> list[list[str]]:
        text = self.path.joinpath(name).read_bytes().decode("utf-8", "surrogateescape")
        return list(csv.reader(text.splitlines(keepends=True)))

    def results(self) -> dict[str, dict[str, str]]:
        """The rows of results.csv by rel_path, without the run's name."""
        header, *rows = self.rows("results.csv")
        found = [dict(zip(header, row, strict=True)) for row in rows]
        return {row["rel_path"]: {**row, "run_id": ""} for row in found}

    def text(self, name: str) -> str:
        """A file of the run without the run's own name."""
        return re.sub(r"\d{8}-\d{6}(-\d+)?", "RUN", self.path.joinpath(name).read_text())

    def finished(self, step: str) -> StepFinished:
        steps = {one.step: one for one in self.events if isinstance(one, StepFinished)}
        return steps[step]


class Library:
    """Photos to tag, with the settings and the model to do it."""

    def __init__(self, folder: Path, calls: Calls) -> None:
        self.folder = folder
        self.root = library(folder / "photos")
        self.calls = calls

    def settings(self, **more: object) -> Settings:
        chosen = {
            "root": str(self.root),
            "model_name": "embedded",
            "run_dir": str(self.folder / "runs"),
            "cache_dir": str(self.folder / "thumb_cache"),
            "batch_images": 3,
            "threshold": 0.2,
            "topk": 2,
        }
        return Settings(**{**chosen, **more})

    def job(self, *, labels: Sequence[str] = LABELS, fresh: bool = False, **more: object) -> Job:
        return Job(
            self.settings(**more),
            labels=labels,
            command=["phototagger", "run", "--root", str(self.root)],
            fresh=fresh,
        )

    def run(
        self,
        command: str = "run",
        *,
        labels: Sequence[str] = LABELS,
        heard: Callable[[Job, Event], None] = lambda *_: None,
        **more: object,
    ) -> Ran:
        """Run a command as the command line does; forget what the model was asked for before."""
        self.calls.images.clear()
        self.calls.labels.clear()
        with self.job(labels=labels, fresh=command == "run", **more) as job:
            ran = Ran(job.run.path)
            self.last = ran
            for event in run_steps(job, steps_of(command)):
                ran.events.append(event)
                heard(job, event)
        return ran

    @property
    def embedded(self) -> int:
        """How many photos the last command embedded."""
        return sum(self.calls.images)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    return install(monkeypatch.setattr)


@pytest.fixture
def photos(tmp_path: Path, calls: Calls) -> Library:
    return Library(tmp_path, calls)


@pytest.fixture
def no_photo_may_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("phototagger.engine.photo_reader.reader.read_photo", refuse)

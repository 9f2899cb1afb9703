"""Jobs whose model is in a process of its own: the stand-in's, told what to do through files."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from phototagger.engine.job import Job
from phototagger.engine.process import child
from tests.engine.conftest import LABELS, Library

COMMAND = (sys.executable, "-m", "tests.engine.model_standin")
TABLES = ("results.csv", "folder_medoids.csv", "approved.csv", "failures.csv")


class Process:
    """What the stand-in's process is told, and what it did."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def do(self, what: str) -> None:
        """Let this happen at the next batch or load; nothing: go on."""
        new = self.folder / "new"
        new.write_text(what)
        new.rename(self.folder / "do")

    def did(self, what: str) -> int:
        """Return how many ``loads`` or ``batches`` there were."""
        file = self.folder / what
        return len(file.read_text().splitlines()) if file.exists() else 0

    def wait_for(self, what: str, count: int) -> None:
        until(lambda: self.did(what) >= count)


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Process:
    """The stand-in model in a process of its own, for jobs with ``model_in_child``."""
    monkeypatch.setenv("STANDIN", str(tmp_path / "process"))
    monkeypatch.setattr(child, "COMMAND", COMMAND)
    return Process(tmp_path / "process")


def until(holds: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def is_there(pid: int) -> bool:
    """Tell whether a process runs; one that ended and was not reaped does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def job_of(photos: Library, *, fresh: bool = True, in_child: bool = True, **more: object) -> Job:
    return Job(photos.settings(**more), labels=LABELS, fresh=fresh, model_in_child=in_child)


def tables(job: Job) -> dict[str, str]:
    return {name: job.run.file(name).read_text().replace(job.run.run_id, "RUN") for name in TABLES}

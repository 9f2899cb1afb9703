"""The command line as a person runs it: a real process, in an empty folder, with its own state."""

import atexit
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.cli.forks import Forks

CHECKOUT = Path(__file__).parents[2]
SAMPLES = CHECKOUT / "samples"


class Tagger:
    """Runs `phototagger` in one folder; all its runs share the folder's run_dir and cache."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {
            **os.environ,
            "XDG_STATE_HOME": str(folder / "state"),
            "HF_HUB_CACHE": str(folder / "hub"),
            "HF_HUB_OFFLINE": "1",
            "COLUMNS": "100",
        }
        self._usual = dict(self.env)

    def command(self, *words: str | os.PathLike[str]) -> list[str]:
        return [sys.executable, "-m", "phototagger", *map(os.fspath, words)]

    def __call__(
        self, *words: str | os.PathLike[str], **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end; in a process from the start where the surroundings are not usual."""
        if self.env == self._usual and set(options) <= {"input"}:
            given = options.get("input", "")
            return _forks().run([*map(os.fspath, words)], self.folder, self.env, given)
        return subprocess.run(
            self.command(*words),
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            **options,
        )


@cache
def _forks() -> Forks:
    """Return what a test session's processes come from."""
    forks = Forks()
    atexit.register(forks.close)
    return forks


@pytest.fixture
def tagger(tmp_path: Path) -> Tagger:
    return Tagger(tmp_path)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder in which the samples were tagged with the embedded model, and the run's name."""
    tagger = Tagger(tmp_path_factory.mktemp("template"))
    (tagger.folder / "labels.txt").write_bytes((CHECKOUT / "labels.txt").read_bytes())
    done = tagger("run", SAMPLES, "--model-name", "embedded")
    assert done.returncode == 0, done.stderr
    return tagger.folder, Path(done.stdout.splitlines()[-1]).name


@pytest.fixture(scope="module")
def tagged(template: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Tagger:
    """A copy of that folder for a file of tests."""
    folder, run = template
    tagger = Tagger(tmp_path_factory.mktemp("tagged") / "folder")
    shutil.copytree(folder, tagger.folder)
    tagger.run = tagger.folder / "runs" / run
    return tagger

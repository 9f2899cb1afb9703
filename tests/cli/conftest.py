"""The command line as a person runs it: a real process, in an empty folder, with its own state."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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

    def command(self, *words: str | os.PathLike[str]) -> list[str]:
        return [sys.executable, "-m", "phototagger", *map(os.fspath, words)]

    def __call__(
        self, *words: str | os.PathLike[str], **options: object
    ) -> subprocess.CompletedProcess[str]:
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

"""SIGINT and SIGTERM: the batch under way is finished, everything is closed, exit 130."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from phototagger.store import Catalogue
from phototagger.store.lock import RunDirLock
from phototagger.store.vectors.by_content import Vectors
from tests.engine.pictures import LIBRARY, library

CHECKOUT = Path(__file__).parents[2]
SIGNALS = [signal.SIGINT, signal.SIGTERM]
BATCHES = 4  # of two photos, for seven of them


class Tagger:
    """A run in a process of its own, stopped at the beginning of each batch."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.folder = folder
        (folder / "labels.txt").write_text("cat\ndog\n")
        words = ["run", "--root", folder / "photos", "--labels", folder / "labels.txt"]
        words += ["--model-name", "embedded", "--run-dir", folder / "runs"]
        words += ["--cache-dir", folder / "cache", "--batch-images", "2", *more]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.signal_driver", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
            env={**os.environ, "XDG_STATE_HOME": str(folder / "state")},
        )

    def wait_for(self, beginning: str) -> str:
        """Return the next line on stderr that begins so."""
        for line in self.process.stderr:
            if line.startswith(beginning):
                return line
        raise AssertionError(f"the run ended before it said {beginning!r}")

    def go_on(self, batches: int = 1) -> None:
        self.process.stdin.write("\n" * batches)
        self.process.stdin.flush()

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, out, err


@pytest.fixture
def tagger(tmp_path):
    library(tmp_path / "photos")
    begun = []

    def begin(*more: str) -> Tagger:
        begun.append(Tagger(tmp_path, *more))
        return begun[-1]

    yield begin
    for one in begun:
        one.process.kill()
        one.process.wait()
        for pipe in (one.process.stdin, one.process.stdout, one.process.stderr):
            pipe.close()


def vectors_in(folder: Path) -> int:
    (store,) = folder.glob("runs/vectors/*/images")
    return len(Vectors(store, writable=False))


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_finishes_the_batch_keeps_everything_and_exits_130(tagger, tmp_path, number):
    run = tagger()
    run.wait_for("batch")
    run.go_on()
    run.wait_for("batch")
    run.process.send_signal(number)
    run.wait_for("stopping after this batch")
    run.go_on()
    code, out, err = run.end()
    assert code == 130
    assert out == ""
    assert err.splitlines()[-1] == "phototagger: stopped; everything finished so far is kept"
    assert "Traceback" not in err
    assert vectors_in(tmp_path) == 4
    runs = tmp_path / "runs"
    assert (runs / "lock").read_text() == ""
    assert not list(runs.glob("catalogue.db-*"))
    RunDirLock(runs).release()
    Catalogue(runs).close()

    again = tagger()
    again.go_on(BATCHES)
    code, out, err = again.end()
    assert code == 0, err
    assert err.count("batch of") == 2  # the three photos that were left
    rows = Path(out.strip(), "results.csv").read_text().splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == list(LIBRARY)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_second_signal_ends_the_run_at_once_with_130_as_well(tagger, tmp_path, number):
    run = tagger()
    run.wait_for("batch")
    run.process.send_signal(number)
    run.wait_for("stopping after this batch; once more stops at once")
    run.process.send_signal(number)
    code, _, err = run.end()  # nothing lets the batch go on
    assert code == 130
    assert "Traceback" not in err
    again = tagger()
    again.go_on(BATCHES)
    code, out, _ = again.end()
    assert code == 0
    assert len(Path(out.strip(), "results.csv").read_text().splitlines()) == 8


def test_as_json_the_last_line_says_that_the_run_was_interrupted(tagger):
    run = tagger("--json")
    run.wait_for("batch")
    run.process.send_signal(signal.SIGTERM)
    run.go_on(BATCHES)
    code, out, _ = run.end()
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 130
    assert (lines[-1]["event"], lines[-1]["exit"]) == ("finished", 130)
    assert Path(lines[-1]["run"], "log.txt").read_text().endswith("embed: interrupted\n")

"""The model's process dies, hangs, or is left behind: it is said, and nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from phototagger.engine.progress import Progress, State
from phototagger.engine.step import steps_of
from phototagger.engine.worker import Engine
from tests.engine.conftest import Library, calls, photos
from tests.engine.process.processes import Process, is_there, job_of, process, tables, until

__all__ = ["calls", "photos", "process"]
CHECKOUT = Path(__file__).parents[2]
RUN = steps_of("run")


@pytest.fixture
def expected(photos: Library) -> dict[str, str]:
    place = photos.folder / "whole"
    more = {"run_dir": str(place / "runs"), "cache_dir": str(place / "cache")}
    with job_of(photos, in_child=False, **more) as job:
        engine = Engine(job)
        engine.start(RUN)
        engine.wait(60)
        engine.close()
        return tables(job)


def broken(
    photos: Library, process: Process, expected: dict[str, str], what: str, signalled: int = 0
) -> Progress:
    """Break the first batch, then run again; return how the first start ended."""
    process.do(what)
    with job_of(photos) as job:
        engine = Engine(job)
        engine.start(RUN)
        process.wait_for("batches", 1)
        if signalled:
            os.kill(job.model._remote.child.pid, signalled)
        ended = engine.wait(30)
        assert ended.state is State.FAILED
        report = job.run.file("REPORT.md").read_text()
        assert ended.error.cause in report
        assert ended.error.cure in " ".join(report.split())
        assert "## Step that failed\n\nembed\n" in report
        process.do("")
        engine.start(RUN)
        assert engine.wait(60).state is State.DONE
        assert not job.run.file("REPORT.md").exists()
        assert tables(job) == expected
        assert process.did("loads") == 2
        assert engine.close()
    return ended


def test_a_killed_process_is_said_to_be_out_of_memory(photos, process, expected):
    ended = broken(photos, process, expected, "wait", signal.SIGKILL)
    assert str(ended.error) == (
        "the model's process was killed (signal 9), as happens where memory runs out; "
        "use a smaller --batch-images, a smaller model, or --device cpu"
    )


def test_a_crash_names_the_signal(photos, process, expected):
    ended = broken(photos, process, expected, "crash")
    assert ended.error.cause == "the model's process crashed (signal 11: Segmentation fault)"


def test_an_exit_names_the_code_and_the_log_that_says_why(photos, process, expected):
    ended = broken(photos, process, expected, "exit")
    assert ended.error.cause == "the model's process ended with exit code 7"
    assert ended.error.cure.endswith("log.txt")


def test_the_last_words_of_a_process_are_in_the_report(photos, process):
    process.do("exit")
    with job_of(photos) as job:
        engine = Engine(job)
        engine.start(RUN)
        engine.wait(30)
        assert "a library gives up" in job.run.file("REPORT.md").read_text()
        assert engine.close()


def test_a_process_that_hangs_is_ended_after_the_limit(photos, process, expected, monkeypatch):
    monkeypatch.setattr("phototagger.engine.process.child.SILENCE_SECONDS", 6.0)
    begun = time.monotonic()
    ended = broken(photos, process, expected, "wait", signal.SIGSTOP)
    assert ended.error.cause == "the model's process does not answer any more and was ended"
    assert time.monotonic() - begun < 20


def test_a_long_batch_is_no_hang(photos, process, monkeypatch):
    monkeypatch.setattr("phototagger.engine.process.child.SILENCE_SECONDS", 6.0)
    process.do("wait")
    with job_of(photos) as job:
        engine = Engine(job)
        engine.start(RUN)
        process.wait_for("batches", 1)
        time.sleep(7)
        process.do("")
        assert engine.wait(30).state is State.DONE
        assert engine.close()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_its_parent(photos, process, how):
    process.do("wait")
    words = [str(photos.root), str(photos.folder / "driven")]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.model_driver", *words],
        stdout=subprocess.PIPE,
        cwd=CHECKOUT,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        process.wait_for("batches", 1)
        assert is_there(pid)
        assert os.getsid(pid) == pid  # so a Ctrl+C in the terminal does not reach it
        parent.send_signal(how)
        parent.wait(10)
        until(lambda: not is_there(pid), 3)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal to orphans is Linux's")
def test_a_process_whose_parent_is_gone_already_does_not_begin(process):
    command = [sys.executable, "-m", "tests.engine.model_standin", "1"]
    subprocess.run(command, cwd=CHECKOUT, stdin=subprocess.PIPE, timeout=30, check=True)


def test_a_process_ends_when_its_stdin_closes(process):
    command = [sys.executable, "-m", "phototagger.engine.process.model_process", str(os.getpid())]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as one:
        assert one.stdin is not None
        one.stdin.close()
        assert one.wait(30) == 0

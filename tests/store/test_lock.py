"""The lock of a run_dir: one writer, named to the others, and no leftover in the way."""

import errno
import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from phototagger.errors import ExitCode, LockedError, MissingError, UsageError
from phototagger.store import Catalogue, Edit, decide
from phototagger.store.lock import RunDirLock
from tests.places import FOREIGN
from tests.shared import names_in
from tests.store.contents import held, sha1

HOLD = """
import sys
from pathlib import Path
from phototagger.store.lock import RunDirLock
lock = RunDirLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
lock.release()
"""


@pytest.fixture
def other(run_dir):
    """Another process that holds the lock until its stdin closes."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, run_dir],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def left_by(host: str) -> str:
    return json.dumps({"host": host, "pid": 4711, "start": "2024-05-01T12:00:00+00:00"})


def test_the_file_says_host_process_and_start(run_dir):
    lock = RunDirLock(run_dir)
    said = json.loads((run_dir / "lock").read_text())
    assert said["host"] == socket.gethostname()
    assert said["pid"] == os.getpid()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", said["start"])
    lock.release()
    assert (run_dir / "lock").read_text() == ""


def test_a_second_process_is_told_who_holds_it(run_dir, other):
    said = json.loads((run_dir / "lock").read_text())
    begun = datetime.fromisoformat(said["start"]).astimezone()
    with pytest.raises(LockedError) as caught:
        RunDirLock(run_dir)
    assert str(caught.value) == (
        f"{run_dir} is in use by another phototagger: process {other.pid} "
        f"on {socket.gethostname()} since {begun:%H:%M}; wait for it, or end it"
    )
    assert caught.value.exit_code is ExitCode.LOCKED
    assert json.loads((run_dir / "lock").read_text()) == said


def test_a_second_lock_in_the_same_process_is_refused(run_dir):
    lock = RunDirLock(run_dir)
    with pytest.raises(LockedError, match=f"process {os.getpid()} "):
        RunDirLock(run_dir)
    lock.release()
    RunDirLock(run_dir).release()


def test_force_does_not_break_a_lock_that_is_really_held_here(run_dir, other):
    with pytest.raises(LockedError, match=f"process {other.pid} "):
        RunDirLock(run_dir, force=True)


def test_a_killed_process_leaves_a_lock_that_the_next_one_takes_over(run_dir, other):
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert json.loads((run_dir / "lock").read_text())["pid"] == other.pid
    lock = RunDirLock(run_dir)
    assert json.loads((run_dir / "lock").read_text())["pid"] == os.getpid()
    lock.release()


def test_an_orderly_end_gives_the_lock_to_the_next_one(run_dir, other):
    other.communicate()
    RunDirLock(run_dir).release()


def test_another_hosts_lock_is_respected_and_the_message_says_how_to_break_it(run_dir):
    (run_dir / "lock").write_text(left_by("far-box"))
    with pytest.raises(LockedError) as caught:
        RunDirLock(run_dir)
    begun = datetime(2024, 5, 1, 12, tzinfo=UTC).astimezone()
    assert f"process 4711 on far-box since {begun:%Y-%m-%d %H:%M};" in str(caught.value)
    assert "if that one has ended, use --force-unlock" in str(caught.value)
    assert (run_dir / "lock").read_text() == left_by("far-box")


@pytest.mark.parametrize(
    ("text", "holder"),
    [
        (
            '{"host": "a\\u001b[31mb\\nc", "pid": 7, "start": "now"}',
            r"process 7 on a\x1b[31mb\x0ac since now",
        ),
        ('{"host": {"a": 1}, "pid": "x", "start": null}', "a process that does not say which"),
        ('{"host": 5}', "a process that does not say which"),
        ("12345\n", "a process that does not say which"),
        ("\xff\x1b[2J", "a process that does not say which"),
    ],
)  # fmt: skip
def test_whoever_holds_it_is_named_as_far_as_the_file_can_be_read(run_dir, text, holder):
    (run_dir / "lock").write_bytes(text.encode("latin-1"))
    with (run_dir / "lock").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(LockedError) as caught:
            RunDirLock(run_dir)
    assert caught.value.holder == holder
    assert caught.value.cause == f"{run_dir} is in use by another phototagger: {holder}"
    assert (run_dir / "lock").read_bytes() == text.encode("latin-1")


def test_another_hosts_lock_is_taken_over_by_force(run_dir):
    (run_dir / "lock").write_text(left_by("far-box"))
    lock = RunDirLock(run_dir, force=True)
    assert json.loads((run_dir / "lock").read_text())["host"] == socket.gethostname()
    lock.release()


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"pid": 1}', "\xff" * 9, "\0" * 300, "[" * 999])
def test_a_file_that_says_nothing_of_use_locks_nobody_out(run_dir, text):
    (run_dir / "lock").write_bytes(text.encode("latin-1"))
    RunDirLock(run_dir).release()
    assert (run_dir / "lock").read_bytes() == b""


def test_a_lock_that_was_refused_leaves_no_file_open(run_dir, other):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(LockedError):
            RunDirLock(run_dir)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_lock_may_be_given_back_twice(run_dir):
    lock = RunDirLock(run_dir)
    lock.release()
    lock.release()
    RunDirLock(run_dir).release()


def test_readers_need_no_lock(run_dir, other):
    catalogue = Catalogue(run_dir)
    decide(catalogue, [Edit(sha1("cat"), "cat", approved=True)], root="/photos")
    reader = Catalogue(run_dir, writable=False)
    assert held(reader) == {(sha1("cat"), "cat"): True}
    reader.close()
    catalogue.close()
    assert other.poll() is None


def test_a_file_system_that_cannot_lock_is_named_with_the_cure(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("phototagger.store.lock.fcntl.flock", refuse)
    with pytest.raises(MissingError, match=r"cannot lock .*another one with --run-dir"):
        RunDirLock(tmp_path)


@pytest.mark.parametrize("put", FOREIGN.values(), ids=FOREIGN)
def test_what_may_be_somebody_elses_is_neither_cut_nor_followed(run_dir, tmp_path, put):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"a photo")
    put(run_dir / "lock", photo)
    with pytest.raises(UsageError, match=r"lock: (is|has) .*move it away, or name another folder"):
        RunDirLock(run_dir)
    assert photo.read_bytes() == b"a photo"
    assert names_in(run_dir) == ["lock"]


def test_a_file_that_is_too_long_to_be_a_lock_is_left_as_it_is(run_dir):
    (run_dir / "lock").write_bytes(b"a photo" * 999)
    with pytest.raises(UsageError, match="too long to be a lock of phototagger"):
        RunDirLock(run_dir)
    assert (run_dir / "lock").read_bytes() == b"a photo" * 999

"""exiftool dies, hangs or lies; disks fill; folders refuse."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from phototagger.sidecars.apply import Exiftools, write_sidecars
from phototagger.sidecars.exiftool.edit import Writer
from tests.ledgers import MemoryLedger
from tests.sidecar_files import (
    identity,
    keywords,
    leftovers,
    make_photo,
    needs_exiftool,
    sidecar_text,
)

pytestmark = needs_exiftool

EMBEDDED = sidecar_text(["embedded"]).encode()


def _script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def _foreign(folder: Path) -> tuple[Path, Path]:
    photo = make_photo(folder / "IMG.jpg")
    sidecar = folder / "IMG.jpg.xmp"
    sidecar.write_text(sidecar_text(["family"]))
    return photo, sidecar


def test_an_exiftool_that_was_killed_is_started_again_and_nothing_is_lost(tmp_path: Path) -> None:
    photos = [make_photo(tmp_path / f"{number}.jpg", EMBEDDED) for number in range(2)]
    with Exiftools() as tools:
        for number, photo in enumerate(photos):
            (result,) = write_sidecars({photo: ["a"]}, MemoryLedger(), tools=tools)
            assert result.outcome == "written"
            for process in (tools.writer, tools.reader):
                assert process.starts == number + 1
                assert process.pid is not None
                os.kill(process.pid, signal.SIGKILL)


def test_an_exiftool_that_dies_at_every_file_is_reported_for_each(tmp_path: Path) -> None:
    photo, sidecar = _foreign(tmp_path)
    before = identity(sidecar)
    command = _script(tmp_path / "tool", "read line; exit 1")
    (result,) = write_sidecars({photo: ["a"]}, MemoryLedger(), exiftool=command)
    assert result.reason == "exiftool died, twice"
    assert identity(sidecar) == before
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("", "exiftool changed nothing in it"),
        ('echo "<x" > 0.xmp', "exiftool would leave it unreadable"),
        ("sed -i s/Rating/Rated/ 0.xmp", "exiftool would not keep property Rat"),
        ("sed -i s/family/friends/ 0.xmp", "exiftool would not write the keywords as they are"),
        ("rm 0.xmp", "exiftool made nothing of it"),
    ],
)
def test_an_exiftool_that_says_all_is_well_is_not_believed(
    tmp_path: Path, deed: str, reason: str
) -> None:
    photo, sidecar = _foreign(tmp_path)
    before = identity(sidecar)
    answer = 'case "$line" in *status*) ' + (deed or ":") + '; echo "${line%% *} 0";; esac'
    command = _script(tmp_path / "tool", f"while read -r line; do {answer}; done")
    (result,) = write_sidecars({photo: ["a"]}, MemoryLedger(), exiftool=command)
    assert result.reason.startswith(reason)
    assert identity(sidecar) == before


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
@pytest.mark.parametrize("call", ["open", "fsync", "replace", "fchmod"])
def test_a_disk_or_folder_that_refuses_leaves_the_sidecar_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    photo, sidecar = _foreign(tmp_path)
    before = identity(sidecar)
    ledger = MemoryLedger()
    real = getattr(os, call)

    def refuse(target: object, *rest: object, **named: object) -> object:
        name = (
            target
            if not isinstance(target, int)
            else str(Path(f"/proc/self/fd/{target}").readlink())
        )
        if ".phototagger-" in str(name):
            raise OSError(number, os.strerror(number))
        return real(target, *rest, **named)

    with Exiftools() as tools:
        monkeypatch.setattr(os, call, refuse)
        (result,) = write_sidecars({photo: ["a"]}, ledger, tools=tools)
        monkeypatch.undo()
        assert result.outcome == "refused"
        assert os.strerror(number) in result.reason
        assert identity(sidecar) == before
        assert leftovers(tmp_path) == []
        assert ledger.kept == ledger.open == {}
        (result,) = write_sidecars({photo: ["a"]}, ledger, tools=tools)
    assert result.outcome == "written"


def test_a_full_temporary_folder_refuses_the_sidecar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, sidecar = _foreign(tmp_path)
    before = identity(sidecar)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    (result,) = write_sidecars({photo: ["a"]}, MemoryLedger())
    assert result.reason == "its copy cannot be written (No space left on device)"
    assert identity(sidecar) == before


@pytest.mark.parametrize("step", ["begin", "finish", "drop"])
def test_a_ledger_that_fails_leaves_a_state_that_the_next_write_settles(
    tmp_path: Path, step: str
) -> None:
    photo, sidecar = _foreign(tmp_path)

    class Failing(MemoryLedger):
        broken = True

        def save(self) -> None:
            if self.broken and sys._getframe(1).f_code.co_name == step:
                raise OSError(errno.ENOSPC, "ledger")

    ledger = Failing()
    with Exiftools() as tools:
        if step == "drop":
            write_sidecars({photo: ["a"]}, ledger, tools=tools)
        else:
            with pytest.raises(OSError, match="ledger"):
                write_sidecars({photo: ["a"]}, ledger, tools=tools)
        ledger.broken = False
        write_sidecars({photo: ["a", "b"]}, ledger, tools=tools)
        assert keywords(sidecar) == ["family", "a", "b"]
        write_sidecars({photo: []}, ledger, tools=tools)
    assert keywords(sidecar) == ["family"]
    assert leftovers(tmp_path) == []


def test_exiftool_ends_when_we_are_killed(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from phototagger.sidecars.exiftool.edit import Writer\n"
        "writer = Writer(Path(sys.argv[1]))\n"
        "writer.ask(['-ver'])\n"
        "print(writer.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 3
    while _runs(done.stdout.strip()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _runs(done.stdout.strip())


def _runs(pid: str) -> bool:
    """Say whether a process runs; one that nobody reaped yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_exiftool_runs_in_a_session_of_its_own(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.ask(["-ver"])
        assert writer.pid is not None
        assert os.getsid(writer.pid) == writer.pid

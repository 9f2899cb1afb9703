"""An exiftool that is the real one, but misbehaves at files that hold a certain word."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.sidecars.exiftool.edit import Exiftools
from phototagger.sidecars.exiftool.session import Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BAD = "misbehave"
"""The word, in a sidecar or a photo, at which it misbehaves."""

DEEDS = {
    "hangs": "time.sleep(600)",
    "hangs with a child": 'subprocess.Popen(["sleep", "600"], stdout=1); time.sleep(600)',
    "hangs at SIGTERM": "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
    "answers byte by byte": "while True: os.write(1, b'.'); time.sleep(0.02)",
    "writes without end": "while True: os.write(1, b'nonsense' * 4096)",
    "answers with another token": "os.write(1, b'0123456789abcdef 0\\n'); time.sleep(600)",
    "answers half and dies": "os.write(1, b'half an answer\\n'); real and real.kill(); os._exit(3)",
}
"""What it may do, as Python code."""

_SCRIPT = """#!{python} -I
import os, pathlib, signal, subprocess, sys, time
folder, real = pathlib.Path({folder!r}), None
def note(name):
    with (folder / name).open("a") as file:
        print(os.getpid(), file=file)
def misbehave():
    note("deeds")
    {deed}
note("starts")
if {at_start}:
    misbehave()
real = subprocess.Popen([{real!r}, *sys.argv[1:]], stdin=subprocess.PIPE)
for line in sys.stdin.buffer:
    path = pathlib.Path(os.fsdecode(line.rstrip(b"\\n")))
    if path.suffix in (".xmp", ".jpg") and path.exists() and {bad!r} in path.read_bytes():
        misbehave()
    real.stdin.write(line)
    real.stdin.flush()
"""


class StandIn:
    """An exiftool in a folder, for ``PATH`` or to be named, and what became of it."""

    def __init__(self, folder: Path, deed: str, *, at_start: bool = False) -> None:
        folder.mkdir()
        self._hour = 3600 if "dies" not in deed else 0
        self.path = folder / "exiftool"
        self.path.write_text(
            _SCRIPT.format(
                python=sys.executable,
                real=shutil.which("exiftool"),  # which PATH may not lead to any more
                folder=str(folder),
                at_start=at_start,
                deed=DEEDS[deed],
                bad=BAD.encode(),
            )
        )
        self.path.chmod(0o755)

    def tools(self, stopped: Callable[[], bool] | None = None) -> Exiftools:
        """Return exiftools for which an hour passes whenever it hangs, or that can be stopped."""
        if stopped:
            return Exiftools(str(self.path), patience=Patience(600, stopped))
        patience = Patience(600, clock=lambda: time.monotonic() + self._hour * len(self.deeds))
        return Exiftools(str(self.path), patience=patience)

    @property
    def starts(self) -> list[int]:
        """The processes that it was, in order."""
        return self._pids("starts")

    @property
    def deeds(self) -> list[int]:
        """The process, for each time that it misbehaved."""
        return self._pids("deeds")

    def _pids(self, name: str) -> list[int]:
        noted = self.path.with_name(name)
        return [int(pid) for pid in noted.read_text().split()] if noted.exists() else []

    def is_gone(self) -> bool:
        """Say whether nothing of it runs, nor of what it started; killed ones take a moment."""
        groups, deadline = set(self.starts), time.monotonic() + 20
        while any(group in groups for group in _groups()):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True


def _groups() -> Iterator[int]:
    """Yield the process groups of all processes that have not ended."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
            if state != "Z":
                yield int(group)

"""Commands under faults, each in a fork of this process.

    LD_PRELOAD=shim.so python -m tests.faults.campaign.driver SCRATCH TRIALS SEED

Prints one JSON object a trial: scenario, fault, the number of the call that failed, the exit code,
and what is wrong. A trial in which nothing of the user's is lost has nothing wrong.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import shutil
import signal
import sys
import time
from enum import IntEnum
from pathlib import Path

# Everything heavy is imported before the forks; polars begins its threads when it is first used.
import polars  # noqa: F401

from phototagger.cli.tagger import main
from phototagger.store import Catalogue, Edit, decide
from tests.engine import standin
from tests.faults.campaign.scenarios import (
    FOREIGN,
    PHOTOS,
    SCENARIOS,
    Scenario,
    Snapshot,
    add_photos,
    copy_of,
    flags,
    keywords_of,
    problems_after_the_fault,
    problems_after_the_next_run,
    sidecars,
)

_SHIM = ctypes.CDLL(None)
_SHIM.fault_passed.restype = ctypes.c_long
_PATIENCE = 60.0  # seconds that a command may take


class Fault(IntEnum):
    """The faults that the shim knows."""

    NONE = 0
    KILL_BEFORE = 1
    KILL_AFTER = 2
    IO_ERROR = 3
    DISK_FULL = 4
    TOO_MANY_FILES = 5
    HALF_WRITE = 6
    SHORT_WRITE = 7
    FOREIGN_WRITER = 8


KILLS = (Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.HALF_WRITE)
LASTING = (Fault.IO_ERROR, Fault.DISK_FULL, Fault.TOO_MANY_FILES)
"""Faults that may hit every later call as well."""

CRASHES = tuple(-number for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS))


def begin(
    scenario: Scenario, folder: Path, fault: Fault = Fault.NONE, number: int = 0, *, lasting: bool
) -> int:
    """Begin a scenario's command in a fork of this process; return its id."""
    child = os.fork()
    if child:
        return child
    standin.install()
    os.chdir(folder)
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    for stream, name in ((sys.stdout, "stdout"), (sys.stderr, "stderr")):
        opened = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, stream.fileno())
    code = 99
    try:
        _SHIM.fault_arm(os.fsencode(f"{folder}/"), int(fault), number, int(lasting))
        code = main([*scenario.words, *flags(folder)])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        passed = _SHIM.fault_passed()
        _SHIM.fault_arm(b"", 0, 0, 0)
        (folder / "passed").write_text(str(passed))
        os._exit(code)


def ended(child: int, foreign_writer: Path | None = None) -> int:
    """Wait for a command; where it pauses, let another program write a sidecar meanwhile."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        process, status = os.waitpid(child, os.WUNTRACED | os.WNOHANG)
        if process == 0:
            time.sleep(0.002)
        elif os.WIFSTOPPED(status):
            if foreign_writer is not None:
                write_as_another_program(foreign_writer)
            os.kill(child, signal.SIGCONT)
        else:
            return os.waitstatus_to_exitcode(status)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -99


def write_as_another_program(sidecar: Path) -> None:
    """Add a keyword to a sidecar as a photo manager does: a new file, renamed."""
    held = sidecar.read_bytes() if sidecar.exists() else FOREIGN
    begin, tag, rest = held.partition(b"<dc:subject>")
    word = b"<rdf:li>meanwhile</rdf:li></rdf:Bag>"
    temporary = sidecar.with_name("manager.tmp")
    temporary.write_bytes(begin + tag + rest.replace(b"</rdf:Bag>", word, 1))
    temporary.replace(sidecar)


def without_fault(scenario: Scenario, folder: Path) -> int:
    """Run a scenario's command without a fault."""
    return ended(begin(scenario, folder, lasting=False))


def live_in(folder: Path) -> None:
    """Make the folder that every trial begins with."""
    folder.mkdir()
    (folder / "labels.txt").write_text("one\ntwo\nthree\nfour\nfive\nsix\n")
    run, sidecar_writer = SCENARIOS[0], Scenario("", ("sidecars",))
    add_photos(folder, first=0, last=PHOTOS - 2)
    assert without_fault(run, folder) == 0, (folder / "stderr").read_text()
    catalogue = Catalogue(folder / "runs")
    keys = [key for (key,) in catalogue.connection.execute("SELECT sha1 FROM photo ORDER BY sha1")]
    root = str(folder / "photos")
    for number, key in enumerate(keys[:5]):
        decide(
            catalogue,
            [Edit(key, "one", approved=True), Edit(key, "two", approved=False)],
            root=root,
        )
        if number % 2:
            decide(catalogue, [Edit(key, "own word", approved=True)], root=root)
    catalogue.close()
    assert without_fault(Scenario("", ("approvals", "export", "decisions.csv")), folder) == 0
    text = (folder / "decisions.csv").read_text()
    (folder / "decisions.csv").write_text(text.replace("own word", "imported word"))
    assert without_fault(sidecar_writer, folder) == 0, (folder / "stderr").read_text()
    catalogue = Catalogue(folder / "runs")
    decide(catalogue, [Edit(keys[0], "three", approved=True)], root=root)
    decide(catalogue, [Edit(keys[1], "one", approved=None)], root=root)
    catalogue.close()
    add_photos(folder, first=PHOTOS - 2, last=PHOTOS)


class Campaign:
    """The scenarios, how each ends without a fault, and trials of them with one."""

    def __init__(self, scratch: Path, seed: int) -> None:
        self._lived = scratch / "lived"
        self._random = random.Random(seed)
        live_in(self._lived)
        self._before = Snapshot.of(self._lived)
        self._clean: dict[str, tuple[Snapshot, Snapshot, int, int, int]] = {}
        for scenario in SCENARIOS:
            folder = self._copy("clean")
            code = without_fault(scenario, folder)
            passed = int((folder / "passed").read_text())
            once = Snapshot.of(folder)
            again = without_fault(scenario, folder)
            self._clean[scenario.name] = once, Snapshot.of(folder), code, again, passed
            shutil.rmtree(folder)

    def _copy(self, name: str) -> Path:
        # Its path has the same length and place each time: a catalogue knows photos by path.
        folder = self._lived.with_name("here")
        shutil.rmtree(folder, ignore_errors=True)
        return copy_of(self._lived, "here")

    def trial(self) -> dict[str, object]:
        """Do one trial; return what it was and what is wrong."""
        scenario = self._random.choice(SCENARIOS)
        faults = [*Fault][1:] if scenario.name == "sidecars" else [*Fault][1:-1]
        fault = self._random.choice(faults)
        once, twice, wanted, wanted_again, calls = self._clean[scenario.name]
        number = self._random.randint(1, calls)
        lasting = fault in LASTING and self._random.random() < 0.5
        folder = self._copy("trial")
        target = self._random.choice(sorted((folder / "photos").rglob("*.xmp")))
        foreign = target if fault is Fault.FOREIGN_WRITER else None
        code = ended(begin(scenario, folder, fault, number, lasting=lasting), foreign)
        stderr = (folder / "stderr").read_text() if (folder / "stderr").exists() else ""
        problems = [] if code != -99 else ["it did not end"]
        if foreign is not None:
            problems += self._lost_by_a_race(folder, foreign, stderr)
        else:
            problems += problems_after_the_fault(folder, self._before, once, code, stderr)
            code_again = without_fault(scenario, folder)
            # What was finished before the fault makes the next one the second.
            wanted_now = {wanted, wanted_again}
            ends = [
                problems_after_the_next_run(folder, clean, code_again, code_wanted)
                for clean in (once, twice)
                for code_wanted in wanted_now
            ]
            problems += min(ends, key=len)
        if code in CRASHES:
            problems.append(f"it crashed with {code}")
        if code == -signal.SIGKILL and fault not in KILLS:
            problems.append("it was killed by no fault of this trial")
        return {
            "scenario": scenario.name, "fault": fault.name, "lasting": lasting, "number": number,
            "of": calls, "code": code, "problems": problems,
        }  # fmt: skip

    def _lost_by_a_race(self, folder: Path, foreign: Path, stderr: str) -> list[str]:
        problems = [f"a traceback: {stderr[-600:]}"] if "Traceback" in stderr else []
        held = sidecars(folder).get(foreign.name, b"")
        if "meanwhile" not in keywords_of(held):
            problems.append(f"what another program wrote into {foreign.name} meanwhile is gone")
        return problems


def drive(scratch: Path, trials: int, seed: int) -> None:
    """Do the trials and tell of each."""
    campaign = Campaign(scratch, seed)
    for _ in range(trials):
        print(json.dumps(campaign.trial()), flush=True)


if __name__ == "__main__":
    where, count, start = sys.argv[1:]
    with contextlib.suppress(KeyboardInterrupt):
        drive(Path(where), int(count), int(start))

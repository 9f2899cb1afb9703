"""The command line, with a report of what the process used and touched.

    python -m bench.command_child [--watch ROOT] [--from-loaded] WORD ...

The report is JSON in the file that BENCH_REPORT names: the most memory that was resident, in bytes,
whether torch was imported, and with ``--watch`` how many files under ROOT were opened; with
``--from-loaded`` the seconds from when the model was loaded to the end: of the clock, of this
process, and of cores that had nothing to do.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from bench.figures import idle
from phototagger.cli.tagger import main


def _watch(root: bytes) -> list[bytes]:
    opened: list[bytes] = []

    def hear(event: str, details: tuple[object, ...]) -> None:
        if event == "open" and isinstance(details[0], str | bytes | os.PathLike):
            path = os.fsencode(details[0])
            if path.startswith(root) and not os.path.isdir(path):  # noqa: PTH112
                opened.append(path)

    sys.addaudithook(hear)
    return opened


def _clocks() -> dict[str, float]:
    return {"wall": time.perf_counter(), "cpu": time.process_time(), "idle": idle()}


def _note_when_loaded() -> dict[str, float]:
    """Return what the clocks show once the model is loaded."""
    from phototagger.engine import model

    shown: dict[str, float] = {}
    load = model.load

    def loaded(*words: Any) -> model.Loaded:
        result = load(*words)
        shown.update(_clocks())
        return result

    model.load = loaded
    return shown


def _main() -> int:
    words = sys.argv[1:]
    opened: list[bytes] = []
    begun: dict[str, float] = {}
    if words[0] == "--watch":
        opened = _watch(os.fsencode(words[1]) + b"/")
        words = words[2:]
    if words[0] == "--from-loaded":
        begun = _note_when_loaded()
        words = words[1:]
    code = main(words)
    ended = _clocks()
    # Not getrusage: a child's ru_maxrss begins with what its parent used.
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    report = {
        "peak": int(peak[1]) * 1024 if peak else 0,
        "torch": int("torch" in sys.modules),
        "opened": len(opened),
        **{name: ended[name] - since for name, since in begun.items()},
    }
    Path(os.environ["BENCH_REPORT"]).write_text(json.dumps(report))
    return code


if __name__ == "__main__":
    sys.exit(_main())

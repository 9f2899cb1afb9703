"""The command line, with a report of what the process used and touched.

    python -m bench.rerun_child [--watch ROOT] WORD ...

The report is JSON in the file that BENCH_REPORT names: the most memory that was resident, in bytes,
whether torch was imported, and with ``--watch`` how many files under ROOT were opened.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

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


def _main() -> int:
    words = sys.argv[1:]
    opened: list[bytes] = []
    if words[0] == "--watch":
        opened = _watch(os.fsencode(words[1]) + b"/")
        words = words[2:]
    code = main(words)
    # Not getrusage: a child's ru_maxrss begins with what its parent used.
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    report = {
        "peak": int(peak[1]) * 1024 if peak else 0,
        "torch": int("torch" in sys.modules),
        "opened": len(opened),
    }
    Path(os.environ["BENCH_REPORT"]).write_text(json.dumps(report))
    return code


if __name__ == "__main__":
    sys.exit(_main())

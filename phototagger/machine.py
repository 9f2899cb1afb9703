"""What this process may use of its machine: cores and memory."""

import contextlib
import os
import re
from pathlib import Path

_MEMINFO, _OWN_CGROUP, _CGROUPS = "/proc/meminfo", "/proc/self/cgroup", "/sys/fs/cgroup"
_UNTOLD = 2**30  # bytes, where the system does not tell
_AVAILABLE = re.compile(r"^MemAvailable:\s+(\d+) kB$", re.MULTILINE)


def usable_cores() -> int:
    """Return on how many cores this process may run: batch systems give it some of them."""
    return len(os.sched_getaffinity(0))


def usable_memory() -> int:
    """Return how many bytes of memory there are for new things; what a cgroup allows at most."""
    available = _AVAILABLE.search(Path(_MEMINFO).read_text())
    limits = [1024 * int(available[1])] if available else []
    with contextlib.suppress(OSError, ValueError):
        own = Path(_OWN_CGROUP).read_text().rpartition("::")[2].strip()
        folder = Path(_CGROUPS, own.lstrip("/"))
        for place in (folder, *folder.parents):
            if place.is_relative_to(_CGROUPS) and (file := place / "memory.max").is_file():
                limits += [int(limit) for limit in file.read_text().split() if limit.isdecimal()]
    return min(limits, default=_UNTOLD)

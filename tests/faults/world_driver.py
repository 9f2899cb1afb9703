"""The command line with the stand-in model, in a world that is smaller or less friendly.

    python -m tests.faults.world_driver [--files-at-most BYTES] [--humble yes] WORD ...

Prints, last on stderr, the peak of its memory in bytes.
"""

import argparse
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

from phototagger.cli.tagger import main
from tests.engine import standin


def limit(bytes_at_most):
    """Let no file grow beyond this, as a full disk would: writes fail with EFBIG."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_at_most, bytes_at_most))


def begin_again_without_roots_rights(words):
    """Begin again as a root for whom, too, the permissions of files count (capabilities(7))."""
    drop_from_bounding_set, override_permissions, override_reading = 24, 1, 2
    libc = ctypes.CDLL(None, use_errno=True)
    for right in (override_permissions, override_reading):
        if libc.prctl(drop_from_bounding_set, right, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")
    os.execv(sys.executable, [sys.executable, "-m", "tests.faults.world_driver", *words])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--files-at-most", type=int)
    parser.add_argument("--humble")
    world, words = parser.parse_known_args()
    if world.humble and os.geteuid() == 0:
        begin_again_without_roots_rights(words)
    standin.install()
    __import__("polars")  # needs temporary files of its own
    if world.files_at_most is not None:
        limit(world.files_at_most)
    code = main(words)
    # Not ru_maxrss, which counts what the parent held when this process was started.
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    print(f"peak {peak}", file=sys.stderr)
    sys.stdout.flush()
    os._exit(code)

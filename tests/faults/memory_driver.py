"""Runs the main job with the stand-in model and tells how much memory it took, in bytes.

python -m tests.faults.memory_driver WORD ...   the words of the command line
"""

import sys
from pathlib import Path

from phototagger.cli.tagger import main
from tests.engine import standin

if __name__ == "__main__":
    standin.install()
    code = main(sys.argv[1:])
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    print(f"peak {peak} code {code}")

"""Runs the main job with the stand-in model and tells how much memory it took, in bytes.

python -m tests.faults.memory_driver WORD ...   the words of the command line
"""

import resource
import sys

from phototagger.cli.tagger import main
from tests.engine import standin

if __name__ == "__main__":
    standin.install()
    code = main(sys.argv[1:])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"peak {peak} code {code}")

"""Runs the command line with a stand-in model, which says on stderr when a batch begins and waits.

python -m tests.faults.signal_driver WORD ...   the words of the command line

A batch goes on when a byte comes on stdin.
"""

import os
import select
import sys

import numpy as np

from phototagger.cli.tagger import entry
from tests.engine import standin


def wait(batch: np.ndarray) -> None:
    print(f"batch of {len(batch)}", file=sys.stderr, flush=True)
    # A signal that comes just before a call that blocks is only heard after it: block briefly.
    while not select.select([0], [], [], 0.05)[0]:
        pass
    os.read(0, 1)


if __name__ == "__main__":
    standin.install()
    standin.StandIn.heard = staticmethod(wait)
    entry()

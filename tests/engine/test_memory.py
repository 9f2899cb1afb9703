"""Memory that was freed goes back to the system."""

import re
import subprocess
import sys

SCRIPT = """
import re
from pathlib import Path
from phototagger.engine.memory import give_back

def held():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

pieces = [bytes(2000) for _ in range(30_000)]
kept = pieces[::1000]
full = held()
del pieces
give_back()
print(full - held())
"""


def test_what_was_dropped_is_held_no_more():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"\d+\n", done.stdout)
    assert int(done.stdout) > 40_000  # of 60,000 kB

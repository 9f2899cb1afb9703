"""Memory that was freed goes back to the system, or to who needs as much next."""

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


FAULTS = """
import resource
import numpy as np
from phototagger.engine.memory import give_back_large, keep_large

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(100):
        np.ones(2**20, np.uint8)  # 256 pages
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

give_back_large()
print(faults())
keep_large()
faults()
print(faults())
give_back_large()
print(faults())
"""


def test_who_computes_is_given_the_same_memory_again_and_not_new_pages():
    done = subprocess.run(
        [sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True
    )
    given_back, kept, again = map(int, done.stdout.split())
    assert kept < 1000
    assert min(given_back, again) > 10_000


def test_a_command_computes_with_memory_that_is_kept_and_gives_it_back(photos, monkeypatch):
    told = []
    for module, name in (
        ("photo_reader.batches", "keep_large"),
        ("runner", "give_back_large"),
        ("runner", "give_back"),
    ):
        monkeypatch.setattr(
            f"phototagger.engine.{module}.{name}", lambda name=name: told.append(name)
        )
    photos.run("embed")
    ends = ["give_back_large", "give_back"]
    assert told == [*ends, "keep_large", *ends]

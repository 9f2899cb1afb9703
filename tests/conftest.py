"""What every test shares."""

import gc
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.model.tiny import Tiny

# Two tests run on each core: with more threads they would only wait for one another.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(_name, "1")

# Tests start thousands of processes, each of which would compile all of phototagger for itself.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Nearly all that a test makes is gone without the collector, and that looks at all of torch, too.
gc.set_threshold(200_000)

# Half of the time of a run over a few photos is the disk's: tests work in memory where it has room.
_memory = Path("/dev/shm")
if _memory.is_dir() and os.access(_memory, os.W_OK):
    _room = os.statvfs(_memory)
    if _room.f_bavail * _room.f_frsize > 4 * 2**30 and not _room.f_flag & os.ST_NOEXEC:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_memory))

# Slow machines are no failure, and files in tmp_path may be written over by the next example.
settings.register_profile(
    "phototagger",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("phototagger")


# Files that take longest, so that no worker is left with one at the end; in turn with those that
# wait for a screen are those that compute.
LONG = (
    "tests/test_bench.py",
    "tests/faults/test_memory.py",
    "tests/tui/test_review_pty.py",
    "tests/tui/test_app_trouble.py",
    "tests/cli/commands/test_approve.py",
    "tests/faults/test_takeover.py",
    "tests/test_readme.py",
    "tests/tui/screens/labels/test_pages_screen.py",
    "tests/suggest/test_certificate.py",
    "tests/tui/test_app_large.py",
    "tests/faults/test_world.py",
    "tests/cli/test_tagger.py",
    "tests/tui/graphics/test_compositor_pty.py",
    "tests/tui/test_app_searching.py",
    "tests/tui/test_app_sample.py",
    "tests/engine/process/test_pool.py",
    "tests/tui/test_app_jobs_of_a_person.py",
    "tests/faults/test_review_ends.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files; of the others, those that wait for a screen take turns."""
    begin = {name: at for at, name in enumerate(LONG)}
    counts: Counter[bool] = Counter()
    turns: dict[str, int] = {}
    for item in items:
        if (name := _file_of(item)) not in turns:
            waits = name.startswith("tests/tui/")
            turns[name] = counts[waits]
            counts[waits] += 1
    items.sort(key=lambda item: (begin.get(_file_of(item), len(LONG)), turns[_file_of(item)]))


def pytest_collection_finish() -> None:
    """Let the collector look at what tests make, and no more at all that was imported for them."""
    gc.freeze()


def _file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> "Tiny":
    """Give a tiny random model that open_clip knows, with its weights in files."""
    from tests.model.tiny import make  # only here: open_clip takes seconds to import

    return make(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Let torch compute on one thread: on a busy machine small tensors only wait for more."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)

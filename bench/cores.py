"""``cores``: what decoding with processes costs, and what 64 cores would make of it.

Measured here: the CPU time of a photo of 12 megapixels with threads, and with processes, of which
the part of the process that hands photos out and takes them in is told apart. Simulated from that,
as there are no 64 cores here: processes of four threads, each of which holds its interpreter's lock
for the share that was found (5 ms, in SPEED.md's measurements), as a closed queue of customers
that think and are served (mean value analysis: Reiser and Lavenberg, 1980).
"""

from __future__ import annotations

import resource
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from bench.decode import OURS
from bench.figures import Figure, alone, compared, measured, median
from bench.pictures import big_photos, copies
from phototagger.core.thumb_cache import begin_cache
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.processes import looked_by_processes
from phototagger.engine.photo_reader.reader import Have
from phototagger.engine.photo_reader.stream import ordered_map
from phototagger.imaging.limits import USUAL
from phototagger.store.vectors.keys import as_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from phototagger.engine.photo_reader.reader import Looked

_CORES, _THREADS = 64, 4
_LOCK = 5.0  # ms of a photo


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _asked(cache: Path) -> Asked:
    begin_cache(cache)
    return Asked(str(cache), OURS, Have.of([as_keys(())] * 5), USUAL, 64, 64)


def _spent(looks: Callable[[], Generator[Looked, None, None]]) -> tuple[float, float]:
    """Return the CPU ms of all processes, and of this one alone."""
    before = _own_cpu()

    def look() -> None:
        with closing(looks()) as looked:
            for _ in looked:
                pass

    cpu = measured(look).cpu
    return 1000 * cpu, 1000 * (_own_cpu() - before)


def simulated(photo: float, lock: float, threads: int) -> float:
    """Return photos a millisecond of a process with cores enough for its threads."""
    rate = waiting = 0.0
    for count in range(1, threads + 1):
        taken = lock * (1 + waiting)
        rate = count / (photo - lock + taken)
        waiting = rate * taken
    return rate


def cores(*, small: bool) -> list[Figure]:
    """Return the figures of the ``cores`` row."""
    rounds, count, few = (1, 6, 2) if small else (3, 96, 2)
    threads: list[float] = []
    processes: list[float] = []
    handing: list[float] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        place = Path(name)
        photos = copies(big_photos(1 if small else 6), place / "photos", count)
        items = list(enumerate(map(str, sorted(photos.iterdir()))))
        for number in range(rounds):
            by_threads, by_processes, start = (
                _asked(place / f"{number}-{kind}") for kind in ("threads", "processes", "start")
            )
            whole, _ = _spent(
                lambda asked=by_threads: ordered_map(asked.look(), items, threads=2, window=64)
            )
            threads.append(whole / count)
            # What two processes take to begin is no photo's.
            begun, own = _spent(lambda start=start: looked_by_processes(start, items[:few], 4, 1))
            both, mine = _spent(lambda asked=by_processes: looked_by_processes(asked, items, 4, 64))
            processes.append((both - begun) / (count - few))
            handing.append(max(0.001, (mine - own) / (count - few)))
    photo, hands = median(processes), median(handing)
    lone = 1 / median(threads)
    rate = min(-(-_CORES // _THREADS) * simulated(photo, _LOCK, _THREADS), _CORES / (photo + hands))
    speed_up = min(rate, 1 / hands) / lone
    return [
        compared(
            "cores", "CPU ms", processes, threads, "<= 1.2x threads", lambda _, ratio: ratio <= 1.2,
            note="a photo by processes, against threads",
        ),
        alone("cores handing", "CPU ms", handing, note="of that in the process that hands out"),
        alone(
            "cores simulated", "x one core", [speed_up], ">= 40", lambda value: value >= 40,
            note=f"{_CORES} cores, SIMULATED: {1000 * min(rate, 1 / hands):.0f} photos/s",
        ),
        alone(
            "cores simulated, threads", "x one core",
            [simulated(median(threads), _LOCK, 16) / lone],
            note="16 threads of one process, SIMULATED: what was before",
        ),
    ]  # fmt: skip

"""Photos looked at in batches, each with its vectors."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.engine.memory import keep_large
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.processes import looked_by_processes
from phototagger.engine.photo_reader.reader import Looked, copies_last, in_batches, stacked
from phototagger.engine.photo_reader.stream import ordered_map
from phototagger.machine import usable_cores
from phototagger.model.encoder import whole
from phototagger.model.vectors import Float32

_MOST_THREADS = 8  # of one process: they wait for the interpreter's lock
_BATCHES_AHEAD = 3
NO_VECTORS: Float32 = np.zeros((0, 0), np.float32)


class Batch(NamedTuple):
    """Some looks, without pixels; those that were due, and their vectors float32 [n, D]."""

    looks: list[Looked]
    due: list[Looked]
    vectors: Float32


def looked_at(
    asked: Asked,
    items: Iterable[tuple[int, str]],
    images: Callable[[NDArray[Any]], Float32],
    before: Callable[[], None],
    *,
    ahead: int = 0,
    at_once: int = 1,
) -> Generator[Batch, None, None]:
    """Yield batches of looks at photos (position, path), in their order.

    Threads, or processes where there are many cores, read and decode ahead within bounds; the
    calling thread computes ``images`` of each batch. Meanwhile ``ahead`` other threads compute as
    many more batches, as far as these are full. A full batch holds a multiple of ``at_once``
    inputs. ``before`` is called before a batch is computed, and may raise.
    """
    keep_large()
    asked = replace(asked, size=whole(asked.size, at_once))
    cores = usable_cores()
    # Whoever waits at a screen may want others meanwhile: these come behind what is read already.
    waits = asked.first < asked.size
    window = max(cores + 1, asked.size * (1 if waits else _BATCHES_AHEAD))
    if cores > _MOST_THREADS:
        source = looked_by_processes(asked, items, cores, window)
    else:
        source = ordered_map(asked.look(), items, threads=cores, window=window)
    waiting: deque[Future[Batch]] = deque()
    with (
        closing(source) as looks,
        ThreadPoolExecutor(ahead or 1, thread_name_prefix="compute") as computing,
    ):
        for batch in in_batches(copies_last(looks), asked.size, asked.first):
            before()
            if not ahead:
                yield _computed(batch, images)
                continue
            waiting.append(computing.submit(_computed, batch, images))
            # The first ones, which are small, are what somebody waits for at a screen.
            while len(waiting) > (ahead if len(batch) >= asked.size else 0):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _computed(batch: list[Looked], images: Callable[[NDArray[Any]], Float32]) -> Batch:
    inputs = [looked for looked in batch if looked.pixels is not None and looked.file]
    vectors = images(stacked(inputs)) if inputs else NO_VECTORS
    due = [replace(looked, pixels=None) for looked in inputs]
    return Batch([replace(looked, pixels=None) for looked in batch], due, vectors)

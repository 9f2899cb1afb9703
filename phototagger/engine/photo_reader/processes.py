"""Processes that look at photos, where there are more cores than threads of one can use.

Of the 45 ms that a photo takes, about 5 hold the interpreter's lock, so that one process does no
more than 200 photos a second on however many cores. Inputs of the model come back through memory
that all share, the rest by the pipes of the standard library.
"""

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.reduction import DupFd
from typing import Any

from phototagger.batches import batches
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.claims import Claims
from phototagger.engine.photo_reader.reader import Have, Looked
from phototagger.engine.photo_reader.shared import SharedArray
from phototagger.engine.photo_reader.stream import in_order
from phototagger.errors import PhototaggerError
from phototagger.store.vectors.keys import as_keys

Item = tuple[int, str]
Task = tuple[int, list[Item]]  # a place in the shared memory, and photos
Done = tuple[int, list[tuple[Looked, bool]]]  # with whether there is an input of each

_THREADS = 4  # in each process: more would wait for each other
_CHUNK = 16  # photos that a process is given at once
_NO_KEYS = as_keys(())


def looked_by_processes(
    asked: Asked, items: Iterable[Item], cores: int, window: int
) -> Generator[Looked, None, None]:
    """Yield looks at photos in their order, about ``window`` of them ahead.

    Raises PhototaggerError where a process ends that should not.
    """
    count = -(-cores // _THREADS)
    # On their way, or waiting to be taken; as many for each process.
    chunks = count * max(2, -(-window // (_CHUNK * count)))
    shape = (asked.preprocess.height, asked.preprocess.width, 3) if asked.preprocess else (0, 0, 3)
    # The same memory serves for every so many chunks: they come, and go, in order.
    inputs = SharedArray((chunks, _CHUNK, *shape), "u1")
    have = [SharedArray.of(keys) for keys in asked.have.arrays()]
    plain = replace(asked, have=Have.of([_NO_KEYS] * len(have)))
    tasks = ((number % chunks, chunk) for number, chunk in enumerate(batches(items, _CHUNK)))
    first_of = Claims()
    with ExitStack() as opened:
        for shared in (inputs, *have):
            opened.callback(shared.close)
        lifeline = _Lifeline()
        opened.callback(lifeline.cut)
        begin = (lifeline, plain, have, inputs, count)
        # One pool a process: a pool that breaks while it starts one more may never end.
        pools = [ProcessPoolExecutor(1, get_context("spawn"), _begin, begin) for _ in range(count)]
        opened.callback(_end, pools)

        def submit(task: Task) -> Future[Done]:
            return pools[task[0] % count].submit(_look_at, task)

        try:
            for place, chunk in in_order(submit, tasks, window=chunks):
                for number, (looked, has_input) in enumerate(chunk):
                    pixels = inputs.array[place, number].copy() if has_input else None
                    yield _claimed(replace(looked, pixels=pixels), first_of)
        except BrokenProcessPool as error:
            raise PhototaggerError(
                "a process that decodes photos ended, as happens where memory runs out",
                "run again, on fewer cores (`taskset -c 0-7`) where it happens again",
            ) from error


def _end(pools: Sequence[ProcessPoolExecutor]) -> None:
    with ThreadPoolExecutor(len(pools)) as threads:  # each waits for what its process is at
        list(threads.map(lambda pool: pool.shutdown(cancel_futures=True), pools))


def _claimed(looked: Looked, first_of: Claims) -> Looked:
    """Return a look, or a copy of the one that had its content before it, in another process."""
    if looked.file is None:
        return looked
    own = looked.position if looked.copy_of is None else looked.copy_of
    first = first_of.first(looked.file.sha1, own)
    if first == own:
        return looked
    return replace(looked, pixels=None, thumbnail=False, seen=True, copy_of=first, twin=None)


class _Lifeline:
    """A pipe whose other end closes with the process that holds it, however that ends."""

    def __init__(self, descriptor: int | None = None) -> None:
        self._held_end: int | None = None
        if descriptor is None:
            descriptor, self._held_end = os.pipe()
        self._watched_end = descriptor

    def cut(self) -> None:
        """End the processes that watch it still."""
        if self._held_end is not None:
            os.close(self._held_end)
            os.close(self._watched_end)

    def end_with_it(self) -> None:
        """End this process with the one that holds it."""

        def watch() -> None:
            os.read(self._watched_end, 1)
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()

    def __reduce__(self) -> tuple[Any, ...]:
        return _watched, (DupFd(self._watched_end),)


def _watched(handed: Any) -> _Lifeline:
    return _Lifeline(handed.detach())


# In each of the processes


class _Worker:
    """What a process was started with."""

    look: Callable[[Item], Looked]
    inputs: SharedArray
    threads: ThreadPoolExecutor


def _begin(
    lifeline: _Lifeline,
    asked: Asked,
    have: Sequence[SharedArray],
    inputs: SharedArray,
    processes: int,
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to answer
    lifeline.end_with_it()
    whole = replace(asked, have=Have.of([shared.array for shared in have]))
    _Worker.look = staticmethod(whole.look(processes))
    _Worker.inputs = inputs
    _Worker.threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="decode")


def _look_at(task: Task) -> Done:
    """Look at a chunk of photos; put inputs into their place of the shared memory."""
    place, items = task
    looks = []
    for number, looked in enumerate(_Worker.threads.map(_Worker.look, items)):
        has_input = looked.pixels is not None
        if has_input:
            _Worker.inputs.array[place, number] = looked.pixels
        looks.append((replace(looked, pixels=None), has_input))
    return place, looks

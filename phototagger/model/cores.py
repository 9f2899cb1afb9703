"""The processor's cores, each of which computes chunks of a batch on its own.

Threads inside one operation wait for each other after each, and burn what they wait while other
threads decode: on two cores this way takes a tenth to a third less of the processor's time. And
how many threads an operation has decides the last digits of what it gives; here it is always one.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from phototagger.machine import usable_cores, usable_memory

Part = TypeVar("Part")
Made = TypeVar("Made")

_MOST_THREADS = 16
_MEMORY = 2**29  # bytes that a chunk of a large model may take while it is computed


class Cores:
    """Calls a function for parts of a batch, one on each core at a time."""

    def __init__(self, count: int | None = None) -> None:
        fit = max(1, usable_memory() // _MEMORY)
        self.count = count or min(_MOST_THREADS, usable_cores(), fit)
        self._threads = ThreadPoolExecutor(
            self.count, thread_name_prefix="model", initializer=_alone
        )

    def each(self, make: Callable[[Part], Made], parts: Iterable[Part]) -> list[Made]:
        """Return what ``make`` makes of each part, in their order; raise what it raises."""
        return list(self._threads.map(make, parts))


def _alone() -> None:
    """Let this thread compute by itself."""
    import torch

    torch.set_num_threads(1)

"""Threads that look ahead, within bounds of items and of pixels."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def ordered_map(
    make: Callable[[Item], Made], items: Iterable[Item], *, threads: int, window: int
) -> Generator[Made, None, None]:
    """Yield ``make(item)`` in the order of the items, at most ``window`` of them ahead."""
    executor = ThreadPoolExecutor(threads, thread_name_prefix="decode")
    try:
        yield from in_order(lambda item: executor.submit(make, item), items, window=window)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def in_order(
    submit: Callable[[Item], Future[Made]], items: Iterable[Item], *, window: int
) -> Generator[Made, None, None]:
    """Yield what somebody promises to make of items, at most ``window`` of them ahead."""
    ahead: deque[Future[Made]] = deque()
    for item in items:
        ahead.append(submit(item))
        if len(ahead) >= window:
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()


class PixelBudget:
    """Lets threads decode at the same time as long as their pixels together fit."""

    def __init__(self, pixels: int) -> None:
        self._most = pixels
        self._free = pixels
        self._changed = threading.Condition()

    @contextmanager
    def of(self, pixels: int) -> Iterator[None]:
        """Wait until so many pixels may be decoded; one photo alone always may."""
        share = min(pixels, self._most)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= share)
            self._free -= share
        try:
            yield
        finally:
            with self._changed:
                self._free += share
                self._changed.notify_all()

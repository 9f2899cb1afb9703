"""Many things, some at once."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Thing = TypeVar("Thing")


def batches(items: Iterable[Thing], size: int) -> Iterator[list[Thing]]:
    """Yield the items in lists of at most ``size``."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch

"""Photos looked at in batches, each with its vectors."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phototagger.engine.photo_reader.reader import (
    Have,
    Looked,
    Looker,
    copies_last,
    in_batches,
    stacked,
)
from phototagger.engine.photo_reader.stream import ordered_map
from phototagger.engine.photo_reader.thumbnails import ThumbnailLooker
from phototagger.machine import usable_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from concurrent.futures import Future
    from typing import Any

    from numpy.typing import NDArray

    from phototagger.imaging.limits import Limits
    from phototagger.model.preprocess import Preprocess
    from phototagger.model.vectors import Float32

_MOST_THREADS = 16
_BATCHES_AHEAD = 3
NO_VECTORS: Float32 = np.zeros((0, 0), np.float32)


class Batch(NamedTuple):
    """Some looks, without pixels; those that were due, and their vectors float32 [n, D]."""

    looks: list[Looked]
    due: list[Looked]
    vectors: Float32


@dataclass(frozen=True)
class Asked:
    """How photos are to be looked at: no vectors are made without a preprocess.

    ``from_thumbs``: they are made of thumbnails; ``is_known``: of those that are cached, and no
    photo is read. ``size``: inputs in a batch, at most; ``first``: in the first one, and twice as
    many in each that follows. Who waits at a screen wants few at once, and soon.
    """

    cache_dir: str
    preprocess: Preprocess | None
    have: Have
    limits: Limits
    size: int
    first: int
    from_thumbs: bool = False
    is_known: bool = False


def looked_at(
    asked: Asked,
    items: Iterable[tuple[int, str]],
    images: Callable[[NDArray[Any]], Float32],
    before: Callable[[], None],
    *,
    ahead: int = 0,
) -> Generator[Batch, None, None]:
    """Yield batches of looks at photos (position, path), in their order.

    Photos that are known are named by their content's SHA-1 in hex, not by their path.

    Threads read and decode ahead within bounds; the calling one computes ``images`` of each batch.
    With ``ahead`` so many threads compute as many more batches meanwhile, once they are whole.
    ``before`` is called before a batch is computed, and may raise.
    """
    looker: Looker | ThumbnailLooker
    if asked.is_known and asked.preprocess:
        looker = ThumbnailLooker(asked.cache_dir, asked.preprocess)
    else:
        looker = Looker(
            asked.cache_dir, asked.preprocess, asked.have, asked.limits,
            from_thumbs=asked.from_thumbs,
        )  # fmt: skip
    threads = min(_MOST_THREADS, usable_cores())
    window = max(threads + 1, _BATCHES_AHEAD * asked.size)
    waiting: deque[Future[Batch]] = deque()
    with (
        closing(ordered_map(looker.look, items, threads=threads, window=window)) as looks,
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

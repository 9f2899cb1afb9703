"""The model in several processes, behind the interface of one (``client.Remote``).

There is one for each device, or node of a cluster. Each looks at photos of its own, dealt out as it
asks for them. Where one ends, its photos go to whoever asks next and it is started anew; where it
fails again before it gave anything, or lacks something, the others go on without it.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from phototagger.engine.model import Encodes, Loaded
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.batches import Batch
from phototagger.engine.process.client import Remote
from phototagger.errors import InterruptedByUser, NodeError, PhototaggerError
from phototagger.model.cuda import visible_cards
from phototagger.model.preprocess import Preprocess
from phototagger.model.vectors import Float32
from phototagger.settings.model import Settings

_TRIES = 2  # without a batch between them, before the others go on without one

Item = tuple[int, str]


def devices_of(device: str) -> list[str]:
    """Return the devices that a setting means, where it means several."""
    cards = visible_cards() if device == "cuda" else 0
    return [f"cuda:{number}" for number in range(cards)] if cards > 1 else []


def pool_of(devices: Sequence[str], log: Callable[[], Path]) -> Pool:
    """Return what loads the model into a process for each of some devices of this machine."""
    cores = sorted(os.sched_getaffinity(0))
    return Pool(
        [
            Member(Remote(log), device, device=device, cores=share(cores, number, len(devices)))
            for number, device in enumerate(devices)
        ]
    )


class Member:
    """One process: its model, what it looks at, and the photos that it has not answered for.

    ``name`` is what a person calls it; see ``Remote.load`` for the rest.
    """

    def __init__(
        self,
        remote: Remote,
        name: str,
        *,
        device: str,
        cores: Sequence[int] = (),
        weights: str = "",
    ) -> None:
        self.remote = remote
        self.name = name
        self._device, self._cores, self._weights = device, cores, weights
        self.failures = 0
        self.encoder: Encodes | None = None
        self.batches: Generator[Batch, None, None] | None = None
        self.owed: dict[int, str] = {}

    def load(self, settings: Settings, say: Callable[[str], None]) -> Loaded:
        """Load the model."""
        loaded = self.remote.load(
            settings, say, device=self._device, cores=self._cores, weights=self._weights
        )
        self.encoder = loaded.encoder
        return loaded

    def end(self) -> None:
        """Look at nothing any more."""
        if self.batches is not None:
            self.batches.close()
        self.batches, self.owed = None, {}


class Pool:
    """Loads the model into the process of each member; requests are served by any that has it.

    See ``client.Remote`` for what is raised. Out of memory, a crash or a hang of one ends nothing:
    only where none is left, the error of the last is raised.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = members
        self._settings: Settings | None = None
        self._say: Callable[[str], None] = lambda _: None

    @property
    def loaded(self) -> bool:
        """Whether the model is loaded, in a process that runs."""
        return any(member.remote.loaded for member in self._members)

    def load(self, settings: Settings, say: Callable[[str], None]) -> Loaded:
        """Load the model of the settings; see ``model.load``."""
        self._settings, self._say = settings, say
        loaded: list[Loaded] = []
        errors: list[PhototaggerError] = []
        with ThreadPoolExecutor(len(self._members)) as loading:
            for member, begun in [
                (member, loading.submit(self._load, member)) for member in self._members
            ]:
                member.failures = 0
                try:
                    loaded.append(begun.result())
                except InterruptedByUser:
                    raise
                except PhototaggerError as error:
                    member.failures = _TRIES
                    errors.append(error)
                    say(f"{member.name} is left out: {error.cause}")
        if not loaded:
            raise errors[0]
        return loaded[0]._replace(encoder=_OfAny(self, loaded[0].encoder.preprocess))

    def _load(self, member: Member) -> Loaded:
        assert self._settings is not None
        return member.load(self._settings, self._say)

    def one(self) -> Encodes:
        """Return the model of a process that runs."""
        for member in self._members:
            if member.remote.loaded and member.encoder is not None:
                return member.encoder
        raise PhototaggerError("the model's processes were started anew meanwhile", "run again")

    def looked_at(
        self,
        asked: Asked,
        items: Iterable[Item],
        say: Callable[[str], None],
        before: Callable[[], None],
    ) -> Generator[Batch, None, None]:
        """Yield batches of looks as they come, of all processes; see ``batches.looked_at``."""
        self._say = say
        left = _Left(items)
        able = [member for member in self._members if member.failures < _TRIES] or [*self._members]
        running: dict[Future[Batch | None], Member] = {}
        with ThreadPoolExecutor(len(able), thread_name_prefix="device") as threads:
            try:
                batch = None
                while True:
                    for member in able:
                        if member not in running.values() and (member.batches or left.any()):
                            running[threads.submit(self._next, member, asked, left)] = member
                    # Only now, as who takes it keeps it: the device would wait for that.
                    if batch is not None:
                        yield batch
                    if not running:
                        return
                    before()
                    future = next(iter(wait(running, return_when=FIRST_COMPLETED).done))
                    batch = self._answer(future, running.pop(future), able, left)
            finally:
                wait(running)
                for member in able:
                    member.end()

    def _next(self, member: Member, asked: Asked, left: _Left) -> Batch | None:
        """Return a member's next batch; None where there is nothing left for it."""
        if member.batches is None:
            if asked.preprocess and not member.remote.loaded:
                self._load(member)
            member.owed = {}
            dealt = left.dealt(member.owed)
            member.batches = member.remote.looked_at(asked, dealt, self._say, lambda: None)
        batch = next(member.batches, None)
        if batch is None:
            member.batches = None
        else:
            for looked in batch.looks:
                member.owed.pop(looked.position, None)
        return batch

    def _answer(
        self, future: Future[Batch | None], member: Member, able: list[Member], left: _Left
    ) -> Batch | None:
        """Return what a member answered; where it failed, its photos are dealt out again."""
        try:
            batch = future.result()
        except InterruptedByUser:
            raise
        except PhototaggerError as error:
            left.give_back(member.owed)
            member.batches, member.owed = None, {}
            # A node that is gone is gone the next time, too.
            member.failures += _TRIES if isinstance(error, NodeError) else 1
            if member.failures < _TRIES:
                self._say(f"{member.name}: {error.cause}; it is started anew")
                return None
            able.remove(member)
            member.remote.close()
            if not able:
                raise
            self._say(f"{member.name} is left out, the others go on: {error.cause}")
            return None
        if batch is not None:
            member.failures = 0
        return batch

    def stop(self) -> None:
        """End the processes at once, from any thread; requests then raise InterruptedByUser."""
        for member in self._members:
            member.remote.stop()

    def close(self) -> None:
        """End the processes."""
        for member in self._members:
            member.remote.close()


class _Left:
    """Photos that nobody has looked at yet; several threads take them."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = iter(items)
        self._back: deque[Item] = deque()
        self._guard = threading.Lock()

    def dealt(self, owed: dict[int, str]) -> Iterator[Item]:
        """Yield photos, noting each in ``owed``."""
        while (item := self._take()) is not None:
            owed[item[0]] = item[1]
            yield item

    def _take(self) -> Item | None:
        with self._guard:
            return self._back.popleft() if self._back else next(self._items, None)

    def give_back(self, owed: dict[int, str]) -> None:
        """Take photos back that were dealt out and not answered for."""
        with self._guard:
            self._back.extend(owed.items())

    def any(self) -> bool:
        """Tell whether there are some."""
        item = self._take()
        if item is None:
            return False
        with self._guard:
            self._back.appendleft(item)
        return True


class _OfAny:
    """The loaded model of whichever process runs; see ``model.encoder.Encoder``."""

    ahead, at_once = 0, 1

    def __init__(self, pool: Pool, preprocess: Preprocess) -> None:
        self.preprocess = preprocess
        self._pool = pool

    def images(self, batch: NDArray[Any]) -> Float32:
        """Return float32 [N, D] of uint8 [N, H, W, 3]."""
        return self._pool.one().images(batch)

    def labels(self, labels: Sequence[str], prompts: Sequence[str]) -> Float32:
        """Return float32 [M, D] of labels put into the prompts."""
        return self._pool.one().labels(labels, prompts)


def share(cores: Sequence[int], number: int, count: int) -> list[int]:
    """Return a member's cores, which lie side by side; all where there are too few to share."""
    if len(cores) < count:
        return list(cores)
    return list(cores[number * len(cores) // count : (number + 1) * len(cores) // count])

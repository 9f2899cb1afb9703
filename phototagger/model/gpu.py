"""A CUDA device at work: while it computes one batch, the next one comes to it.

Photos come through memory that stays pinned, on a stream of their own, and several threads may
each have a batch on the way: so the device need not wait for what is ready.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from phototagger.model.vectors import Float32

AHEAD = 2
"""Batches that are on their way or computed beside the one that is waited for."""


class Gpu:
    """One CUDA device, as one encoder uses it. Several threads may use it."""

    def __init__(self, device: torch.device) -> None:
        from torch import cuda

        stream_type: Any = cuda.Stream
        self._device = device
        self._copying, self._own = stream_type(device), stream_type(device)
        # The weights were put in place on the stream before.
        self._own.wait_stream(cuda.current_stream(device))
        self._lock = threading.Lock()  # also of what torch has set for all threads, such as TF32
        self._slots: SimpleQueue[_Slot] = SimpleQueue()
        for _ in range(AHEAD + 1):
            self._slots.put(_Slot())

    def moved(self, batch: torch.Tensor) -> torch.Tensor:
        """Return a batch on the device; what is computed of it waits until it is there."""
        from torch import cuda

        slot = self._slots.get()
        try:
            staged = slot.holding(batch)
            with cuda.stream(self._copying):
                there = staged.to(self._device, non_blocking=True)
                slot.copied.record()
            self._own.wait_event(slot.copied)
            there.record_stream(self._own)  # or its memory would be given away too early
            return there
        finally:
            self._slots.put(slot)

    @contextmanager
    def computing(self) -> Iterator[Any]:
        """Compute what is called within it on a stream of its own, one thread at a time.

        It gives the event that ``fetched`` waits for.
        """
        from torch import cuda

        done = _event()
        with self._lock, cuda.stream(self._own):
            yield done
            done.record()

    def fetched(self, made: torch.Tensor, done: Any) -> Float32:
        """Return what was computed, as soon as it is; what others have computed goes on."""
        from torch import cuda

        done.synchronize()
        with cuda.stream(self._copying):
            vectors: Float32 = made.cpu().numpy()
        return vectors


class _Slot:
    """Pinned memory for a batch on its way to the device, and when it has left."""

    def __init__(self) -> None:
        self.copied = _event()
        self._pinned: torch.Tensor | None = None

    def holding(self, batch: torch.Tensor) -> torch.Tensor:
        """Return the batch in pinned memory, once the one before has left it."""
        import torch

        self.copied.synchronize()
        size = batch.numel()
        if self._pinned is None or self._pinned.dtype != batch.dtype or len(self._pinned) < size:
            self._pinned = torch.empty(size, dtype=batch.dtype, pin_memory=True)
        staged = self._pinned[:size].view(batch.shape)
        staged.copy_(batch)
        return staged


def _event() -> Any:
    """Return an event whose waiting leaves the processor to the threads that decode."""
    from torch import cuda

    event_type: Any = cuda.Event
    return event_type(blocking=True)

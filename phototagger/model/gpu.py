"""How photos get to a CUDA device: through memory that stays pinned, on a stream of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import torch


class Gpu:
    """One CUDA device, as one encoder uses it."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._pinned: torch.Tensor | None = None
        self._own_stream: Any = None

    def stream(self) -> AbstractContextManager[Any]:
        """Return the stream of this encoder's own, so that nobody else's work holds it up."""
        from torch import cuda

        if self._own_stream is None:
            made: Any = cuda.Stream
            self._own_stream = made(self._device)
            # The weights were put in place on the stream before.
            self._own_stream.wait_stream(cuda.current_stream(self._device))
        own: AbstractContextManager[Any] = cuda.stream(self._own_stream)
        return own

    def moved(self, batch: torch.Tensor) -> torch.Tensor:
        """Return a batch on the device.

        The one before must have been computed: its pinned memory is used again. That is so once
        its vectors are back.
        """
        import torch

        size = batch.numel()
        if self._pinned is None or self._pinned.dtype != batch.dtype or len(self._pinned) < size:
            self._pinned = torch.empty(size, dtype=batch.dtype, pin_memory=True)
        staged = self._pinned[:size].view(batch.shape)
        staged.copy_(batch)
        return staged.to(self._device, non_blocking=True)

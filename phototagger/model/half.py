"""An image tower whose weights are in half precision once, not cast anew for every batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear

_USUAL = (nn.Linear, NonDynamicallyQuantizableLinear, nn.Conv2d)


class HalfTower:
    """The weights of products and convolutions of a model's image tower, in half precision.

    Autocast makes the same of them for each batch, so vectors stay what they were under it, to the
    bit. What it computes in float32, such as norms, keeps its weights, and so does whatever is not
    one of torch's usual layers: what that does with its weights is not known here.
    """

    def __init__(self, model: Any, dtype: torch.dtype) -> None:
        self._dtype = dtype
        # The embedded model has no tower of its own, and computes in float32 anyway.
        tower = getattr(model, "visual", None)
        self._weights = list(_weights(tower)) if isinstance(tower, nn.Module) else []
        self._cast(dtype)

    @contextmanager
    def in_float32(self) -> Iterator[None]:
        """Have the same numbers in float32 for a while, where half precision is too narrow."""
        try:
            self._cast(torch.float32)
            yield
        finally:
            self._cast(self._dtype)

    def _cast(self, dtype: torch.dtype) -> None:
        with torch.inference_mode(mode=False), torch.no_grad():
            for weight in self._weights:
                weight.data = weight.data.to(dtype)


def _weights(tower: nn.Module) -> Iterator[nn.Parameter]:
    for module in tower.modules():
        kind, weights = type(module), []
        if kind in _USUAL:
            weights = [module.weight, module.bias]
        elif kind is nn.MultiheadAttention:
            weights = [module.in_proj_weight, module.in_proj_bias]
        yield from (weight for weight in weights if isinstance(weight, nn.Parameter))

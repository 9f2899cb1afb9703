"""A model whose weights are in memory once while it is loaded, where torch would hold them twice.

Built as usual, a model first draws random numbers for all of its weights; then the file's are read
beside them, and copied over. Here nothing is drawn, so that the system gives no memory for it, and
what was read becomes the model's own.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

_DRAWN = ("normal_", "uniform_", "trunc_normal_", "kaiming_", "xavier_", "orthogonal_")


class WeightsOnce(TorchFunctionMode):
    """While it is entered, this thread builds models whose weights are all loaded afterwards."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Answer a call of torch's."""
        named = dict(kwargs or {})
        if getattr(func, "__name__", "").startswith(_DRAWN):
            return args[0] if args else named["tensor"]
        if func is torch.Tensor.copy_ and _may_become(*args, **named):
            args[0].data = args[1]
            return args[0]
        return func(*args, **named)


def _may_become(own: torch.Tensor, read: torch.Tensor, *_: Any) -> bool:
    """Tell whether what was read can be a weight as it is."""
    same = (own.shape, own.dtype, own.device, own.stride()) == (
        read.shape, read.dtype, read.device, read.stride(),
    )  # fmt: skip
    return same and isinstance(own, nn.Parameter)

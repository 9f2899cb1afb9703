"""What CUDA devices are good for: which can be used at all, and what their errors mean."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

OF_A_CARD = (
    "install a driver and a torch that are made for this card "
    "(https://pytorch.org/get-started/locally), or use `--device cpu`"
)
"""The cure where a card cannot be used."""

_NO_MEMORY = (
    "out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED", "CUSOLVER_STATUS_ALLOC_FAILED",
    # No way to convolve is left where none gets the memory that it works in.
    "Unable to find a valid cuDNN algorithm", "unable to find an engine to execute",
)  # fmt: skip
_LOST = ("CUDA error", "CUDA driver error", "Error [CUDA]", "cuDNN error")
_CARDS = "/proc/driver/nvidia/gpus"
_BFLOAT16 = (8, 0)  # compute capability: Ampere
_SIDE = 64  # of what is computed to see whether a card can


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether a card's memory did not suffice; cuBLAS and cuDNN say so in their own ways."""
    import torch

    if isinstance(error, torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error) for word in _NO_MEMORY)


def is_lost(error: BaseException) -> bool:
    """Tell whether a process can use its card no more: after such an error every later call fails.

    https://docs.nvidia.com/cuda/cuda-runtime-api: errors that corrupt the context ("sticky").
    """
    if not isinstance(error, RuntimeError):  # torch may be what is missing
        return False
    import torch

    is_of_cuda = isinstance(error, getattr(torch, "AcceleratorError", ()))
    is_sticky = is_of_cuda or any(word in str(error) for word in _LOST)
    return is_sticky and not is_out_of_memory(error)


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says; its kind where it says nothing."""
    return " ".join(str(error).partition("\n")[0].split()) or type(error).__name__


def unusable(device: torch.device) -> str:
    """Return why a CUDA device that is visible cannot be computed with; empty where it can.

    It is tried with a product and a convolution: a driver that is too old, kernels that were not
    built for the card, and a part of a card without memory all show there and not before.
    """
    import torch

    try:
        ones = torch.ones(_SIDE, _SIDE, device=device)
        product = (ones @ ones).sum()
        picture = ones.view(1, 1, _SIDE, _SIDE)
        folded = torch.nn.functional.conv2d(picture, ones[:3, :3].view(1, 1, 3, 3)).sum()
        right = (float(product), float(folded)) == (_SIDE**3, 9 * (_SIDE - 2) ** 2)
    except (RuntimeError, AssertionError) as error:
        return first_line(error)
    return "" if right else "it computes wrong sums"


def has_bfloat16(device: torch.device) -> bool:
    """Tell whether a CUDA device computes in bfloat16 itself: older ones emulate it, slowly."""
    import torch

    return torch.cuda.get_device_capability(device) >= _BFLOAT16


def why_no_cuda() -> str:
    """Return why torch finds no CUDA device although this machine has one; empty where it has none.

    What a container or a batch system hides is not here.
    """
    import torch

    if torch.cuda.is_available() or not _cards():
        return ""
    if torch.version.cuda is None:
        return "this torch was built without CUDA"
    try:
        torch.cuda.init()  # type: ignore[no-untyped-call]
    except (RuntimeError, AssertionError) as error:
        return first_line(error)
    return f"torch for CUDA {torch.version.cuda} does not see it"


def visible_cards() -> int:
    """Return how many cards CUDA would show to a process, without torch; 0 where none.

    As many as CUDA_VISIBLE_DEVICES names up to the first that is none, else all of the machine.
    """
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is None:
        return len(_cards())
    names = [card.strip() for card in named.split(",")]
    return next((at for at, card in enumerate(names) if card in ("", "-1")), len(names))


def _cards() -> list[str]:
    with contextlib.suppress(OSError):
        return sorted(path.name for path in Path(_CARDS).iterdir())
    return []


@contextlib.contextmanager
def true_float32(device: torch.device) -> Iterator[None]:
    """Compute products and convolutions without TF32, whose ten bits are float32 in name only."""
    if device.type != "cuda":
        yield
        return
    import torch

    products, backend = torch.backends.cuda.matmul, torch.backends.cudnn
    before = products.allow_tf32, backend.allow_tf32
    products.allow_tf32 = backend.allow_tf32 = False
    try:
        yield
    finally:
        products.allow_tf32, backend.allow_tf32 = before

"""Photos and labels → vectors, by open_clip or by the embedded model.

The vectors are the model's own output: float32, not normalised.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from phototagger.core.encoder import Encoder, batches
from phototagger.core.errors import MissingError, UsageError, printable
from phototagger.core.preprocess import Preprocess
from phototagger.core.weights import find_weights, open_clip_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import torch

    from phototagger.core.encoder import PathLike, Prompt
    from phototagger.core.score import Float32

    Loaded = tuple[Any, Any, Any, "torch.device"]

EMBEDDED = "embedded"
"""The model_name of the model that needs no download."""

_log = logging.getLogger(__name__)


def load_clip(
    model_name: str = "ViT-L-14", pretrained: str = "openai", device: Any = None
) -> Loaded:
    """Return (model, preprocess, tokenizer, device) of an open_clip or the embedded model.

    ``pretrained`` is a tag of open_clip's, or an absolute path to weights; ``embedded`` ignores
    it. ``device``: None or ``auto`` for CUDA where it is, else the CPU. ``preprocess`` is a
    ``Preprocess``. Raises UsageError for names that do not exist, MissingError with the cure
    where the weights cannot be had.
    """
    chosen = choose_device(device)
    if model_name == EMBEDDED:
        from phototagger.core import embedded

        return (*embedded.load(chosen), chosen)
    files = find_weights(model_name, pretrained)
    open_clip = open_clip_module()
    try:
        model = open_clip.create_model(
            model_name,
            pretrained=pretrained if ":" not in model_name else None,
            device=chosen,
            weights_only=True,
            force_quick_gelu=_wants_quick_gelu(open_clip, model_name, pretrained),
        ).eval()
    except MemoryError as error:
        raise MissingError(f"{model_name} needs more memory than there is") from error
    except (RuntimeError, ValueError, OSError, EOFError, KeyError) as error:
        raise UsageError(
            f"{printable(files[-1])}: the weights cannot be loaded as {model_name}: "
            f"{str(error).splitlines()[0]}"
        ) from error
    return model, _preprocess_of(model), _tokenizer(open_clip, model_name), chosen


def choose_device(device: Any = None) -> torch.device:
    """Return the device to compute on: the CPU where CUDA was asked for and is not there."""
    import torch

    asked = str(device or "auto")
    if asked == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if asked.startswith("cuda") and not torch.cuda.is_available():
        _log.warning("CUDA is not here; computing on the CPU")
        return torch.device("cpu")
    return torch.device(asked)


def _wants_quick_gelu(open_clip: Any, model_name: str, pretrained: str) -> bool:
    """Tell whether a tag was trained with QuickGELU: open_clip only warns where it was."""
    if ":" in model_name:
        return False
    return bool(open_clip.get_pretrained_cfg(model_name, pretrained).get("quick_gelu", False))


def _preprocess_of(model: Any) -> Preprocess:
    found = model.visual.preprocess_cfg
    size = found["size"]
    high, wide = size if isinstance(size, tuple | list) else (size, size)
    fill = found["fill_color"]
    return Preprocess(
        high,
        wide,
        tuple(found["mean"]),
        tuple(found["std"]),
        found["interpolation"],
        found["resize_mode"],
        fill if isinstance(fill, int) else 0,
    )


def _tokenizer(open_clip: Any, model_name: str) -> Any:
    try:
        return open_clip.get_tokenizer(model_name)
    except (OSError, RuntimeError, ValueError, ImportError) as error:
        raise MissingError(
            f"the tokenizer of {model_name} cannot be had: {str(error).splitlines()[0]}. "
            "Go online once, or use `--model-name embedded`"
        ) from error


def embed_images(
    paths: Iterable[PathLike],
    model: Any,
    preprocess: Any,
    batch_size: int = 64,
    device: Any = None,
) -> Float32:
    """Return float32 [N, D], one row a path, as open_clip's preprocess and encode_image give.

    Orientation and alpha apart: photos are seen upright, on white. Raises UnreadablePhoto naming
    the first path that cannot be read.
    """
    encoder = Encoder(model, preprocess, None, device)
    parts = [
        encoder.images(np.stack([encoder.look_at(path) for path in batch]))
        for batch in batches(paths, batch_size)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)


def embed_labels(
    labels: Sequence[str],
    model: Any,
    tokenizer: Any,
    device: Any = None,
    prompt: Prompt = "a photo of {}",
) -> Float32:
    """Return float32 [M, D], one row a label, put into the prompt.

    Several prompts are an ensemble: the mean of their normalised vectors.
    """
    return Encoder(model, None, tokenizer, device).labels(labels, prompt)

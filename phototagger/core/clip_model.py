"""Photos and labels → vectors, by open_clip or by the embedded model.

The vectors are the model's own output: float32, not normalised.
"""

from __future__ import annotations

import logging
import pickle
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from phototagger.batches import batches
from phototagger.errors import MissingError, UsageError
from phototagger.formats import PathLike
from phototagger.model.cuda import OF_A_CARD, is_lost, is_out_of_memory, unusable, why_no_cuda
from phototagger.model.encoder import Encoder, Prompt, whole
from phototagger.model.preprocess import Preprocess
from phototagger.model.vectors import Float32
from phototagger.model.weights import find_weights, open_clip_module, trained_with
from phototagger.printable import printable

if TYPE_CHECKING:
    import torch

Loaded = tuple[Any, Any, Any, "torch.device"]

EMBEDDED = "embedded"
"""The model_name of the model that needs no download."""

_PREPROCESSING = ("mode", "mean", "std", "interpolation", "resize_mode", "fill_color")
_SHOWN = 200  # characters of open_clip's own message that are passed on
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
        from phototagger.model import embedded

        return (*embedded.load(chosen), chosen)
    files = find_weights(model_name, pretrained)
    open_clip = open_clip_module()
    model = _load(open_clip, model_name, pretrained, files[-1], chosen)
    return model, _preprocess_of(model), _tokenizer(open_clip, model_name), chosen


def _load(
    open_clip: Any, model_name: str, pretrained: str, file: Path, device: torch.device
) -> Any:
    """Load a model from the very file that was found, so that its digest says what is used."""
    has_schema = ":" in model_name  # then open_clip finds the file itself, as find_weights does
    trained = {} if has_schema else trained_with(open_clip, model_name, pretrained)
    from phototagger.model.once import WeightsOnce

    try:
        with WeightsOnce():
            model = open_clip.create_model(
                model_name,
                pretrained=None if has_schema else str(file),
                device=device,
                weights_only=True,
                require_pretrained=True,
                # open_clip only warns where a tag's weights want QuickGELU.
                force_quick_gelu=bool(trained.get("quick_gelu", False)),
                force_preprocess_cfg={
                    key: trained[key] for key in _PREPROCESSING if key in trained
                },
            )
    except _unloadable() as error:
        if is_lost(error):
            raise
        if isinstance(error, MemoryError) or is_out_of_memory(error):
            raise MissingError(
                f"{model_name} needs more memory than there is",
                "stop what else uses it, or choose a smaller model",
            ) from error
        raise UsageError(
            f"{printable(file)}: the weights cannot be loaded as {model_name}: {_why(error)}",
            "name the weights of that model with --pretrained, or their model with --model-name",
        ) from error
    if device.type == "cpu":
        from phototagger.model.onednn import speed_up

        speed_up(model)
    return model.eval()


def _unloadable() -> tuple[type[Exception], ...]:
    """Return what open_clip raises for a file that holds other things than a model's weights.

    Or more weights than there is memory for.
    """
    from safetensors import SafetensorError

    return (
        MemoryError, RuntimeError, ValueError, OSError, EOFError, LookupError, AttributeError,
        TypeError, AssertionError, ArithmeticError, StopIteration, pickle.UnpicklingError,
        zipfile.BadZipFile, SafetensorError,
    )  # fmt: skip


def _why(error: Exception) -> str:
    if isinstance(error, pickle.UnpicklingError):  # torch would propose to run what is in there
        return "it holds something else than tensors"
    why = " ".join(str(error).split()) or "it is empty or ends too early"
    return why if len(why) <= _SHOWN else why[: _SHOWN - 1] + "…"


def choose_device(device: Any = None) -> torch.device:
    """Return the device to compute on: the CPU where no card is there, or ``auto`` cannot use it.

    A warning says why. Raises MissingError with torch's reason where CUDA was asked for and the
    card that is there cannot be used.
    """
    import torch

    asked = str(device or "auto")
    if asked == "cpu":
        return torch.device("cpu")
    if not torch.cuda.is_available():
        why = why_no_cuda()
        if why and asked != "auto":
            raise MissingError(f"device {asked} cannot be used: {why}", OF_A_CARD)
        if why or asked != "auto":
            _log.warning(f"CUDA is not here{f' ({why})' if why else ''}: computing on the CPU")
        return torch.device("cpu")
    number = asked.removeprefix("cuda:")
    if number.isdecimal() and int(number) >= (count := torch.cuda.device_count()):
        raise UsageError(f"device: there is no {asked}", f"the last is cuda:{count - 1}")
    chosen = torch.device("cuda" if asked == "auto" else asked)
    why = unusable(chosen)
    if not why:
        return chosen
    if asked != "auto":
        raise MissingError(f"device {asked} cannot be used: {why}", OF_A_CARD)
    _log.warning(f"the GPU cannot be used ({why}; {OF_A_CARD}): computing on the CPU")
    return torch.device("cpu")


def _preprocess_of(model: Any) -> Preprocess:
    config = model.visual.preprocess_cfg
    size = config["size"]
    high, wide = size if isinstance(size, tuple | list) else (size, size)
    fill = config["fill_color"]
    return Preprocess(
        high,
        wide,
        tuple(config["mean"]),
        tuple(config["std"]),
        config["interpolation"],
        config["resize_mode"],
        fill if isinstance(fill, int) else 0,
    )


def _tokenizer(open_clip: Any, model_name: str) -> Any:
    try:
        return open_clip.get_tokenizer(model_name)
    except (OSError, RuntimeError, ValueError, ImportError) as error:
        raise MissingError(
            f"the tokenizer of {model_name} cannot be had: {_why(error)}",
            "go online once, or use `--model-name embedded`",
        ) from error


def embed_images(
    paths: Iterable[PathLike],
    model: Any,
    preprocess: Any,
    batch_size: int = 64,
    device: Any = None,
) -> Float32:
    """Return float32 [N, D], one row a path, as open_clip's preprocess and encode_image give.

    A row depends neither on the others nor on ``batch_size``, which is how many photos are decoded
    before they are computed, rounded up to what is computed at once. Orientation and alpha apart:
    photos are seen upright, on white. Raises UnreadablePhoto naming the first path that cannot be
    read.
    """
    encoder = Encoder(model, preprocess, None, device)
    parts = [
        encoder.images(np.stack([encoder.look_at(path) for path in batch]))
        for batch in batches(paths, whole(batch_size, encoder.at_once))
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

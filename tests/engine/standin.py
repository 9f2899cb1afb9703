"""A model that stands in for CLIP: the same for the same pixels and words, made of numpy only.

It takes the place of the loaded model in the engine, so that a test needs neither torch nor
weights. ``Calls`` says what it was asked for.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from phototagger.engine import model as engine_model
from phototagger.engine.events import Event
from phototagger.engine.job import Job
from phototagger.model.preprocess import Preprocess

DIMENSION = 24
PREPROCESS = Preprocess(8, 8, (0.5,) * 3, (0.5,) * 3, resize_mode="squash")
_PROJECTION = np.random.default_rng(7).standard_normal((8 * 8 * 3, DIMENSION))


@dataclass
class Calls:
    """What the model was asked for: photos by batch, labels by batch, and how often it loaded."""

    images: list[int] = field(default_factory=list)
    labels: list[list[str]] = field(default_factory=list)
    loads: int = 0


class StandIn:
    """The part of ``Encoder`` that the engine uses."""

    calls = Calls()
    ahead = 0
    at_once = 1
    heard: Callable[[np.ndarray], None] = staticmethod(lambda _: None)

    def __init__(self, *_: Any, **__: Any) -> None:
        self.preprocess = PREPROCESS

    def images(self, batch: np.ndarray) -> np.ndarray:
        assert batch.shape[1:] == (8, 8, 3)
        assert batch.dtype == np.uint8
        self.calls.images.append(len(batch))
        self.heard(batch)
        return image_vectors(batch)

    def labels(self, labels: Sequence[str], prompts: Sequence[str]) -> np.ndarray:
        self.calls.labels.append(list(labels))
        return label_vectors(labels, prompts)


def image_vectors(batch: np.ndarray) -> np.ndarray:
    pixels = batch.reshape(len(batch), -1) / 255 - 0.5
    return (pixels @ _PROJECTION).astype(np.float32)


def label_vectors(labels: Sequence[str], prompts: Sequence[str]) -> np.ndarray:
    return np.array([_words(f"{list(prompts)} {label}") for label in labels], np.float32)


def _words(text: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(DIMENSION)


def _load(*_: Any) -> tuple[Any, ...]:
    StandIn.calls.loads += 1
    return None, PREPROCESS, None, SimpleNamespace(type="cpu")


def install(put: Callable[[Any, str, Any], None] = setattr) -> Calls:
    """Put the stand-in where the engine would load a model; return what will be asked of it."""
    calls = Calls()
    put(StandIn, "calls", calls)
    put(engine_model, "load_clip", _load)
    put(engine_model, "Encoder", StandIn)
    return calls


class StandInStep(NamedTuple):
    """A step that does what a test says."""

    events: Callable[[Job], Iterator[Event]]
    name: str = "quick"
    reads_pixels: bool = False

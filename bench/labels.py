"""``labels``: one label added to 1,000 that are known, through the engine's own model.

The value is how many texts went through the text encoder, the baseline how many labels there are.
Weights are random; ``--small`` takes the smallest of open_clip's architectures.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.figures import Figure, alone, compared, measured
from bench.weights import random_weights
from phototagger.engine.model import Model
from phototagger.settings.model import Settings
from phototagger.store.catalogue.database import Catalogue


def labels(*, small: bool) -> list[Figure]:
    """Return the figures of the ``labels`` row."""
    name, count, rounds = ("RN50", 20, 1) if small else ("ViT-B-32", 1000, 5)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        weights = random_weights(name, folder)
        settings = Settings(
            root=place, run_dir=place, model_name=name, pretrained=str(weights), device="cpu"
        )
        catalogue = Catalogue(folder)
        try:
            model = Model(settings, catalogue, folder, lambda _: None)
            return _measure(model, count, rounds)
        finally:
            catalogue.close()


def _measure(model: Model, count: int, rounds: int) -> list[Figure]:
    torch.set_num_threads(1)
    encoder = model.encoder
    seen: list[int] = []
    forward = encoder.model.encode_text

    def counted(tokens: Any) -> Any:
        seen.append(len(tokens))
        return forward(tokens)

    encoder.model.encode_text = counted
    known = [f"label {number}" for number in range(count)]
    size = encoder.labels(["a dog"]).shape[1]
    random = np.random.default_rng(1)
    model.take_labels(known, random.standard_normal((count, size)).astype(np.float32))
    texts: list[float] = []
    spent: list[float] = []
    single: list[float] = []
    for number in range(rounds):
        wanted = [*known, *(f"new {extra}" for extra in range(number + 1))]
        single.append(1000 * measured(lambda: encoder.labels(["one label"])).cpu)
        seen.clear()
        spent.append(1000 * measured(lambda wanted=wanted: model.labels(wanted)).cpu)
        texts.append(float(sum(seen)))
    return [
        compared(
            "labels", "texts", texts, [count + 1.0] * rounds, "one text forward",
            lambda value, _: value == 1,
        ),
        alone("labels time", "CPU ms", spent, note=f"one forward alone {np.median(single):.0f} ms"),
    ]  # fmt: skip

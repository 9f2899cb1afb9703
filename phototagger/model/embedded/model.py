"""Photos and labels → vectors of one space, from a classifier and a text encoder.

Two ways of zero-shot recognition, side by side in each vector:

- ConSE (Norouzi et al. 2013, "Zero-shot learning by convex combination of semantic embeddings"):
  a photo is the mix of the texts of the classes it is taken for, a label is its own text;
- a classifier synthesised for each label (after Changpinyo et al. 2016, "Synthesized classifiers
  for zero-shot learning"): a photo is its features, a label is the mix of the classifier weights
  of the classes whose texts are near to it.

One constant dimension puts their cosine on the scale of CLIP's: c becomes .926 c - .074, so that
the threshold that suits CLIP suits these vectors too: 0.25, where the two alone would need 0.35.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from phototagger.model.cuda import true_float32
from phototagger.model.embedded.network import FEATURES, EfficientNetLite0
from phototagger.model.embedded.text import WIDTH, TextEncoder

if TYPE_CHECKING:
    from collections.abc import Iterator

DIMENSIONS = WIDTH + FEATURES + 1

_CHUNK = 16  # photos or texts computed at once: 64 photos would take 1.3 GB
_CHUNK_CPU = 4  # photos at once on a CPU, whose caches hold no more: about half the time
_TEMPERATURE = 1.5  # of the photo's class probabilities
_KEPT = 200  # classes that a photo is a mix of
_NEARNESS = 0.1  # temperature of a label's mix of classes
_CENTRING = 0.5  # part of the class texts' mean that is taken away
_SEMANTIC = math.sqrt(1 / 3)
_VISUAL = math.sqrt(2 / 3)
_SHIFT = 0.074  # of every score, downwards


class EmbeddedModel(nn.Module):
    """What open_clip's models are to their callers: ``encode_image`` and ``encode_text``.

    Both give float32 unit rows of 1665 numbers, whose product is the score. They compute in
    chunks of 16 at most, in full precision under autocast too, and a row does not depend on its
    neighbours (to about 1e-6).

    ``classes`` is float32 [1000, 384], the text of each class of the network.
    """

    texts: Tensor
    mean_text: Tensor
    centred_texts: Tensor
    mean_features: Tensor
    classifiers: Tensor

    def __init__(self, network: EfficientNetLite0, encoder: TextEncoder, classes: Tensor) -> None:
        super().__init__()
        self.network = network
        self.encoder = encoder
        texts = functional.normalize(classes, dim=1)
        weights = network.fc.weight.detach()
        self.register_buffer("texts", texts)
        self.register_buffer("mean_text", texts.mean(dim=0))
        self.register_buffer("centred_texts", self._centred(texts))
        self.register_buffer("mean_features", network.expected_features())
        self.register_buffer("classifiers", weights - weights.mean(dim=0))

    @torch.inference_mode()
    def encode_image(self, batch: Tensor) -> Tensor:
        """Return float32 [N, 1665], unit rows, of preprocessed photos [N, 3, 224, 224]."""
        size = _CHUNK_CPU if batch.device.type == "cpu" else _CHUNK
        with _full_precision(batch.device):
            return torch.cat([self._photos(chunk.float()) for chunk in torch.split(batch, size)])

    @torch.inference_mode()
    def encode_text(self, tokens: Tensor) -> Tensor:
        """Return float32 [M, 1665], unit rows, of the tokenizer's ids, int64 [M, L]."""
        with _full_precision(tokens.device):
            return torch.cat([self._labels(chunk) for chunk in torch.split(tokens, _CHUNK)])

    def _photos(self, batch: Tensor) -> Tensor:
        features = self.network(batch)
        likely = (self.network.fc(features) / _TEMPERATURE).softmax(dim=1)
        shares, classes = likely.topk(_KEPT, dim=1)
        shares = functional.normalize(shares, p=1, dim=1)
        mix = torch.einsum("nk,nkd->nd", shares, self.texts[classes])
        return _side_by_side(self._centred(mix), features - self.mean_features, _SHIFT)

    def _labels(self, tokens: Tensor) -> Tensor:
        text = self._centred(self.encoder(tokens))
        near = (text @ self.centred_texts.T / _NEARNESS).softmax(dim=1)
        return _side_by_side(text, near @ self.classifiers, -_SHIFT)

    def _centred(self, texts: Tensor) -> Tensor:
        """Return unit rows of texts less half of what all class texts share."""
        return functional.normalize(texts - _CENTRING * self.mean_text, dim=1)


def _side_by_side(semantic: Tensor, visual: Tensor, shift: float) -> Tensor:
    """Return unit rows whose product is a third semantic and two thirds visual cosine, shifted.

    The last number of a row has the size of the root of ``shift`` and its sign, so that rows of
    opposite signs have products lower by it.
    """
    room = math.sqrt(1 - abs(shift))
    constant = math.copysign(math.sqrt(abs(shift)), shift)
    return torch.cat(
        (
            room * _SEMANTIC * functional.normalize(semantic, dim=1),
            room * _VISUAL * functional.normalize(visual, dim=1),
            semantic.new_full((len(semantic), 1), constant),
        ),
        dim=1,
    )


@contextmanager
def _full_precision(device: torch.device) -> Iterator[None]:
    """Compute in true float32: no autocast, and no TF32, whose rounding depends on the batch."""
    with torch.autocast(device.type, enabled=False), true_float32(device):
        yield

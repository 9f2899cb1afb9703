"""Photos and labels → vectors of one space, from a classifier and a text encoder.

Two ways of zero-shot recognition, side by side in each vector:

- ConSE (Norouzi et al. 2013, "Zero-shot learning by convex combination of semantic embeddings"):
  a photo is the mix of the texts of the classes it is taken for, a label is its own text;
- a classifier synthesised for each label (after Changpinyo et al. 2016, "Synthesized classifiers
  for zero-shot learning"): a photo is its features, a label is the mix of the classifier weights
  of the classes whose texts are near to it.

No class is near to some words that photos are often asked for, a person or a sunset. Labels that
mean one of these get a probe on top, learned from photos: see scripts/make_probes.py.

One constant dimension puts their cosine on the scale of CLIP's: c becomes .926 c - .074, so that
the threshold that suits CLIP suits these vectors too: 0.25, where the two alone would need 0.35.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional

from phototagger.model.cuda import true_float32
from phototagger.model.embedded.network import FEATURES, EfficientNetLite0
from phototagger.model.embedded.text import WIDTH, TextEncoder

SEEN = WIDTH + FEATURES
"""How many numbers of a row are of what is seen; one more puts the score on CLIP's scale."""
DIMENSIONS = SEEN + 1

_CHUNK = 16  # photos or texts computed at once: 64 photos would take 1.3 GB
_CHUNK_CPU = 4  # photos at once on a CPU, whose caches hold no more: about half the time
_TEMPERATURE = 1.5  # of the photo's class probabilities
_KEPT = 200  # classes that a photo is a mix of
_NEARNESS = 0.1  # temperature of a label's mix of classes
_CENTRING = 0.5  # part of the class texts' mean that is taken away
_SEMANTIC = math.sqrt(1 / 3)
_VISUAL = math.sqrt(2 / 3)
_SHIFT = 0.074  # of every score, downwards
_UNLIKE, _ALIKE = 0.82, 0.92  # cosine of texts: a label gets nothing, all, of a word's probe


class EmbeddedModel(nn.Module):
    """What open_clip's models are to their callers: ``encode_image`` and ``encode_text``.

    Both give float32 unit rows of 1665 numbers, whose product is the score. They compute in
    chunks of 16 at most, in full precision under autocast too, and a row does not depend on its
    neighbours (to about 1e-6).

    ``classes`` is float32 [1000, 384], the text of each class of the network; ``probes`` float32
    [W, 2048], of each word that has one: its text, and what is added to the labels it means.
    """

    texts_at_once = 8
    """Texts of one length that are computed together: one alone waits for the weights, of which
    each core reads some 45 MB."""

    texts: Tensor
    mean_text: Tensor
    centred_texts: Tensor
    mean_features: Tensor
    classifiers: Tensor
    probe_words: Tensor
    probes: Tensor

    def __init__(
        self, network: EfficientNetLite0, encoder: TextEncoder, classes: Tensor, probes: Tensor
    ) -> None:
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
        self.register_buffer("probe_words", functional.normalize(probes[:, :WIDTH], dim=1))
        self.register_buffer("probes", probes[:, WIDTH:])

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
        return _shifted(_side_by_side(self._centred(mix), features - self.mean_features), _SHIFT)

    def _labels(self, tokens: Tensor) -> Tensor:
        # One row's product adds up in another order than several rows'.
        return torch.cat([self._label(words) for words in self.encoder(tokens).split(1)])

    def _label(self, words: Tensor) -> Tensor:
        text = self._centred(words)
        near = (text @ self.centred_texts.T / _NEARNESS).softmax(dim=1)
        seen = _side_by_side(text, near @ self.classifiers)
        return _shifted(functional.normalize(seen + self._probes_of(words), dim=1), -_SHIFT)

    def _probes_of(self, words: Tensor) -> Tensor:
        """Return what is added to labels: the probe of the nearest word, as far as it is meant."""
        alike, nearest = (words @ self.probe_words.T).max(dim=1, keepdim=True)
        meant = ((alike - _UNLIKE) / (_ALIKE - _UNLIKE)).clamp(0, 1)
        return meant * self.probes[nearest.squeeze(1)]

    def _centred(self, texts: Tensor) -> Tensor:
        """Return unit rows of texts less half of what all class texts share."""
        return functional.normalize(texts - _CENTRING * self.mean_text, dim=1)


def _side_by_side(semantic: Tensor, visual: Tensor) -> Tensor:
    """Return unit rows whose product is a third semantic and two thirds visual cosine."""
    return torch.cat(
        (
            _SEMANTIC * functional.normalize(semantic, dim=1),
            _VISUAL * functional.normalize(visual, dim=1),
        ),
        dim=1,
    )


def _shifted(rows: Tensor, shift: float) -> Tensor:
    """Return unit rows with one number more, of the size of the root of ``shift`` and its sign.

    Rows of opposite signs have products lower by ``shift``.
    """
    constant = rows.new_full((len(rows), 1), math.copysign(math.sqrt(abs(shift)), shift))
    return torch.cat((math.sqrt(1 - abs(shift)) * rows, constant), dim=1)


@contextmanager
def _full_precision(device: torch.device) -> Iterator[None]:
    """Compute in true float32: no autocast, and no TF32, whose rounding depends on the batch."""
    with torch.autocast(device.type, enabled=False), true_float32(device):
        yield

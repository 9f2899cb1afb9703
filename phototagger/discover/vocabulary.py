"""Nearest-label expansion: which of 5,000 nouns for what a photo can show fit it best, offline.

Vectors of texts all point roughly one way, and those of photos another: what each share, their
means, are taken out before they are compared ("All-but-the-Top", Mu & Viswanath 2018; see
``core.synonyms``), of photos half of it, so that what most of them show still counts. Of keywords
that mean nearly the same only the one that is used most is asked for, and none that means what a
label of the vocabulary means.

Then keywords and labels compete for a photo, as the words of zero-shot classification do (softmax
of the cosines: Radford et al. 2021), and a word that is used more starts ahead, as Bayes' rule has
it. A keyword's score is its share of the photo; so what a label explains is not proposed again,
and the sum over photos says what a library would gain.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from phototagger.core.synonyms import NEAR
from phototagger.discover.provider import AskedPhoto, LibraryView, Need, Proposal
from phototagger.model.vectors import Float32, normalised

KEYWORDS = Path(__file__).with_name("keywords.txt")
MOST = 5
"""How many keywords are proposed for a photo at most."""
_LEAST = 0.01  # keywords with a smaller share of a photo are not proposed
_SHARED = 0.5  # how much of what all photos share is taken out of each
_SPREAD = 0.4  # standard deviations of all cosines of a photo that make a word e times as likely
_USED_MORE = 1.5  # the power by which a word that is used more is likelier
_COMMON = 100  # the first keywords are all used about as much; a label counts as the last of them
_BLOCK = 512  # how many keywords are compared with all others at once


class Vocabulary:
    """Proposes the nearest of 5,000 photo keywords, offline."""

    version = "2"
    needs = (Need.VECTORS,)
    batch = 1024

    def __init__(self, library: LibraryView) -> None:
        nouns = read_keywords()
        texts = library.words([*(words[0] for words in nouns), *library.labels])
        centred = _centred(normalised(texts), normalised(texts[: len(nouns)]).mean(axis=0))
        keywords, labels = centred[: len(nouns)], centred[len(nouns) :]
        known = {word for label in library.labels for word in library.words_of(label)}
        free = np.array([not known.intersection(words) for words in nouns])
        if len(labels):
            free &= (keywords @ labels.T).max(axis=1) < NEAR
        chosen = apart(keywords, np.flatnonzero(free))
        self._names = [nouns[row][0] for row in chosen]
        places = np.array([*chosen, *[_COMMON] * len(labels)], np.float32)
        self._used = -_USED_MORE * np.log(places + _COMMON)
        self._vectors = np.ascontiguousarray(np.concatenate((keywords[chosen], labels)).T)
        self._centre = _SHARED * library.centre()

    def propose(self, photos: Sequence[AskedPhoto]) -> Iterator[Proposal]:
        """Yield at most ``MOST`` keywords a photo, each with its share of the photo."""
        vectors = np.stack([photo.vector for photo in photos if photo.vector is not None])
        shares = self._shares(_centred(vectors, self._centre))[:, : len(self._names)]
        most = min(MOST, len(self._names))
        best = np.argpartition(shares, -most, axis=1)[:, -most:]
        scores = np.take_along_axis(shares, best, axis=1)
        for photo, *ranked in zip(photos, best.tolist(), scores.tolist(), strict=True):
            for number, share in zip(*ranked, strict=True):
                if share >= _LEAST:
                    yield Proposal(photo, self._names[number], round(min(share, 1.0), 4))

    def _shares(self, photos: Float32) -> Float32:
        """Return the shares [N, keywords and labels] of photos [N, D], whose sum is 1."""
        shares = photos @ self._vectors
        spread = shares.std(axis=1, keepdims=True)
        shares /= np.maximum(_SPREAD * spread, np.finfo(np.float32).tiny)
        shares += self._used
        shares -= shares.max(axis=1, keepdims=True)
        np.exp(shares, out=shares)
        shares /= shares.sum(axis=1, keepdims=True)
        return shares


def read_keywords() -> list[list[str]]:
    """Return the words of each keyword, the usual one first; the keywords used most come first."""
    lines = KEYWORDS.read_text(encoding="utf-8").splitlines()
    return [line.split(", ") for line in lines if not line.startswith("#")]


def apart(vectors: Float32, chosen: np.typing.NDArray[np.int64]) -> list[int]:
    """Return those of some rows [n] of unit vectors [N, D] that are not near one before them."""
    units = vectors[chosen]
    left = np.ones(len(units), bool)
    kept = []
    for start in range(0, len(units), _BLOCK):
        near = units[start : start + _BLOCK] @ units.T >= NEAR
        for place, near_it in enumerate(near, start):
            if left[place]:
                kept.append(int(chosen[place]))
                left &= ~near_it
    return kept


def _centred(units: Float32, mean: Float32) -> Float32:
    """Return rows without what they share, of length 1."""
    return normalised(units - mean)

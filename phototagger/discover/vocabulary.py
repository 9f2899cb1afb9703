"""Nearest-label expansion: the nearest of 5,000 nouns for what a photo can show, offline.

Vectors of texts all point roughly one way, and those of photos another: what each share, their
means, are taken out before they are compared ("All-but-the-Top", Mu & Viswanath 2018; see
``core.synonyms``). Of keywords that mean nearly the same only the one that is used most is asked
for, the one that is used more is preferred, and none is proposed that means what a label of the
vocabulary means.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.synonyms import NEAR
from phototagger.discover.provider import Need, Proposal
from phototagger.model.vectors import normalised

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from phototagger.discover.provider import AskedPhoto, LibraryView
    from phototagger.model.vectors import Float32

KEYWORDS = Path(__file__).with_name("keywords.txt")
MOST = 5
"""How many keywords are proposed for a photo at most."""
_OUTSTANDING = 2.0  # standard deviations above what all keywords have for the photo
_USED_MORE = 0.5  # standard deviations that a keyword gains where it is used e times as much
_COMMON = 100  # keywords that are all used about as much


class Vocabulary:
    """Proposes the nearest of 5,000 photo keywords, offline."""

    version = "1"
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
        self._names = [nouns[one][0] for one in chosen]
        self._used = -_USED_MORE * np.log(np.array(chosen, np.float32) + _COMMON)
        self._vectors = np.ascontiguousarray(keywords[chosen].T)
        self._centre = library.centre()

    def propose(self, photos: Sequence[AskedPhoto]) -> Iterator[Proposal]:
        """Yield at most ``MOST`` keywords a photo, such as stand out among all of them."""
        vectors = np.stack([photo.vector for photo in photos if photo.vector is not None])
        cosines = _centred(vectors, self._centre) @ self._vectors
        spread = cosines.std(axis=1, keepdims=True)
        least = cosines.mean(axis=1, keepdims=True) + _OUTSTANDING * spread
        most = min(MOST, len(self._names))
        best = np.argpartition(cosines + spread * self._used, -most, axis=1)[:, -most:]
        scores = np.take_along_axis(cosines, best, axis=1)
        fit = (scores >= least) & (scores > 0)
        for photo, *found in zip(photos, best.tolist(), scores.tolist(), fit.tolist(), strict=True):
            for name, value, fits in zip(*found, strict=True):
                if fits:
                    yield Proposal(photo, self._names[name], round(min(value, 1.0), 4))


def read_keywords() -> list[list[str]]:
    """Return the words of each keyword, the usual one first; the keywords used most come first."""
    lines = KEYWORDS.read_text(encoding="utf-8").splitlines()
    return [line.split(", ") for line in lines if not line.startswith("#")]


def apart(vectors: Float32, chosen: np.typing.NDArray[np.int64]) -> list[int]:
    """Return those of some rows [n] of unit vectors [N, D] that are not near one before them."""
    left = chosen
    kept = []
    while len(left):
        kept.append(int(left[0]))
        left = left[vectors[left] @ vectors[left[0]] < NEAR]
    return kept


def _centred(units: Float32, mean: Float32) -> Float32:
    """Return rows without what they share, of length 1."""
    return normalised(units - mean)

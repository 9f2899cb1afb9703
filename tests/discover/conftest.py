"""A view of a library whose words have made-up vectors."""

import hashlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from phototagger.discover.provider import Consent, LibraryView

DIMENSION = 64


def vector_of(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    vector = np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
    return vector / np.linalg.norm(vector)


def library_view(
    labels: Sequence[str] = (),
    *,
    same: Mapping[str, str] | None = None,
    consent: Consent | None = None,
    environ: Mapping[str, str] | None = None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> LibraryView:
    """A library; ``same`` has words that mean what another word means."""

    def words(asked: Sequence[str]) -> np.ndarray:
        return np.stack([vector_of((same or {}).get(word, word)) for word in asked])

    return LibraryView(
        labels=labels, model="m-1", words=words, say=pytest.fail, environ=environ or {},
        centre=lambda: np.zeros(DIMENSION, np.float32), check_cancelled=check_cancelled,
        consent=consent or Consent(),
    )  # fmt: skip

"""A library of vectors: photos of dogs, cats, both or neither, and labels that know them."""

from collections.abc import Iterator

import numpy as np
import pytest

from bench.keys_library import VectorSet, make_keys_library
from phototagger.review import Review
from phototagger.review.open_review import open_job

LABELS = ["cat", "dog", "kayak", "person", "tree"]
PHOTOS = 90


def vector_set(photos: int = PHOTOS) -> VectorSet:
    """Every third photo has a dog, every fifth a cat, every other a person; no kayak anywhere."""
    random = np.random.default_rng(5)
    vectors = np.linalg.qr(random.standard_normal((32, len(LABELS))))[0].T.astype(np.float32)
    number = np.arange(photos)
    truth = np.zeros((photos, len(LABELS)), bool)
    for label, every in ((0, 5), (1, 3), (3, 2), (4, 11)):
        truth[:, label] = number % every == 0
    common = random.standard_normal(32) / np.sqrt(32)
    noise = random.standard_normal((photos, 32)) / np.sqrt(32)
    images = truth @ vectors * 0.8 + 0.6 * noise + common
    return VectorSet(images.astype(np.float32), vectors, LABELS, truth)


@pytest.fixture(scope="session")
def known() -> VectorSet:
    return vector_set()


@pytest.fixture
def review(tmp_path, known) -> Iterator[Review]:
    job, held_by = open_job(make_keys_library(tmp_path, known))
    with job:
        yield Review(job, held_by)

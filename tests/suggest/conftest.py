"""Vectors with the structure of CLIP's: two narrow cones, weak cosines, labels of uneven use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from tests.shared import shared_data


@dataclass(frozen=True)
class Library:
    """Photos [N, D], labels [M, D] and which labels are true [N, M]."""

    images: np.ndarray
    labels: np.ndarray
    truth: np.ndarray


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def make_library(seed: int, photos: int = 80, labels: int = 12, width: int = 32) -> Library:
    rng = np.random.default_rng(seed)
    text_cone, image_cone = unit(rng.normal(size=(2, width)))
    meanings = unit(rng.normal(size=(labels, width)))
    often = 0.5 / np.arange(1, labels + 1) ** 0.7
    truth = rng.random((photos, labels)) < often
    noise = 0.6 * unit(rng.normal(size=(photos, width)))
    images = unit(image_cone + 0.4 * truth @ meanings + noise)
    return Library(images, unit(1.8 * text_cone + 0.3 * image_cone + meanings), truth)


@pytest.fixture(scope="session")
def library() -> Library:
    return make_library(0)


@pytest.fixture(params=["review_dev", "review_dev_wide"])
def real(request: pytest.FixtureRequest) -> Library:
    data = np.load(shared_data() / f"clip_vectors/{request.param}.npz")
    images, labels = (data[name].astype(np.float32) for name in ("image_vectors", "label_vectors"))
    return Library(images, labels, data["truth"])

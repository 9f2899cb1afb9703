"""Near synonyms: labels whose vectors stay close once what all labels share is taken out."""

import numpy as np
import pytest

from phototagger.core.synonyms import NEAR, near_synonyms
from tests.shared import shared_data


def of_angle(*cosines: float) -> np.ndarray:
    """Vectors in a plane of their own each, at these cosines to a partner, plus a common part."""
    rows = []
    for number, cosine in enumerate(cosines):
        for sign in (1, -1):
            row = np.zeros(2 * len(cosines) + 1)
            half = np.arccos(cosine) / 2
            row[2 * number : 2 * number + 2] = np.cos(half), sign * np.sin(half)
            rows.append(row)
    found = np.array(rows)
    found[:, -1] = 3.0
    return found.astype(np.float32)


def test_what_all_labels_share_does_not_make_them_synonyms():
    vectors = of_angle(0.9, 0.2, 0.95, 0.1, 0.0, -0.3, 0.3)
    raw = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert (raw @ raw.T).min() > 0.85
    found = near_synonyms(vectors)
    assert [(one.first, one.second) for one in found] == [(4, 5), (0, 1)]
    assert all(NEAR <= one.cosine <= 1 for one in found)


def test_the_length_of_a_vector_does_not_matter():
    vectors = of_angle(0.9, 0.2, 0.8, 0.1)
    longer = vectors * np.arange(1, 9, dtype=np.float32)[:, None]
    for one, other in zip(near_synonyms(vectors), near_synonyms(longer), strict=True):
        assert one == pytest.approx(other, abs=1e-5)


def test_blocks_change_nothing(monkeypatch):
    vectors = np.random.default_rng(5).standard_normal((40, 6)).astype(np.float32)
    whole = near_synonyms(vectors)
    monkeypatch.setattr("phototagger.core.synonyms._CELLS", 120)
    pairs = [
        [(one.first, one.second) for one in found] for found in (whole, near_synonyms(vectors))
    ]
    assert pairs[0] == pairs[1]
    assert len(whole) > 10


def test_no_label_and_one_label_have_no_synonyms():
    assert near_synonyms(np.zeros((0, 4), np.float32)) == []
    assert near_synonyms(np.ones((1, 4), np.float32)) == []


def test_equal_labels_are_synonyms_and_opposite_ones_are_not():
    vectors = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, -1, 0]], np.float32)
    assert [tuple(one)[:2] for one in near_synonyms(vectors)] == [(0, 1)]


def test_of_real_clip_vectors_the_pairs_are_those_a_person_would_name():
    found = np.load(shared_data() / "clip_vectors" / "review_dev.npz")
    labels = found["labels"]
    pairs = [
        {str(labels[one.first]), str(labels[one.second])}
        for one in near_synonyms(found["label_vectors"].astype(np.float32))
    ]
    assert pairs == [
        {"ski", "skis"}, {"sweater", "sweatshirt"}, {"jeans", "jean"}, {"jacket", "coat"},
    ]  # fmt: skip

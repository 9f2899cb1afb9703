"""Folder → its typical photo."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger.core.medoid import Medoid, medoid, medoids


def rows(*values: list[float]) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def test_the_medoid_is_the_photo_nearest_the_centroid_of_the_directions() -> None:
    vectors = rows([100, 0], [1, 1], [0, 1])
    made = medoid(vectors)
    assert made.photo == 1
    assert made.cosine_to_centroid == pytest.approx(1)
    assert type(made.photo) is int
    assert type(made.cosine_to_centroid) is float


def test_each_folder_has_its_own_and_subfolders_are_apart() -> None:
    vectors = rows([1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9], [0.5, 0.5], [0, 1])
    made = medoids({".": [4], "a": [0, 1], "a/b": [2, 3, 5]}, vectors)
    assert list(made) == [".", "a", "a/b"]
    assert made["."].photo == 4
    assert made["a"].photo == 0
    assert made["a/b"].photo == 2
    assert made["a/b"].cosine_to_centroid == pytest.approx(0.99932, abs=1e-5)


def test_a_single_photo_is_its_folder_s_medoid() -> None:
    assert medoids({".": [1]}, rows([1, 0], [3, 4])) == {".": Medoid(1, 1.0)}


def test_a_folder_without_photos_has_none() -> None:
    assert medoids({"empty": [], "a": [0]}, rows([1, 0])) == {"a": Medoid(0, 1.0)}
    assert medoids({}, rows([1, 0])) == {}


def test_of_photos_that_tie_the_first_by_path_is_taken() -> None:
    vectors = rows([0, 1], [1, 0], [0, 2])
    assert medoids({".": [2, 1, 0]}, vectors)["."].photo == 2
    assert medoids({".": [0, 1, 2]}, vectors)["."].photo == 0
    assert medoids({".": [0, 1]}, vectors)["."].photo == 0
    assert medoids({".": [1, 0]}, vectors)["."].photo == 1


def test_photos_of_one_content_tie_wherever_they_stand() -> None:
    random = np.random.default_rng(0)
    one = random.standard_normal(768).astype(np.float32)
    others = random.standard_normal((40, 768)).astype(np.float32)
    for first in range(0, 30, 3):
        vectors = others.copy()
        vectors[[first, first + 5, 40 - 1]] = one * 2
        assert medoid(vectors).photo == first


def test_photos_that_cancel_out_have_a_medoid() -> None:
    assert medoid(rows([1, 0], [-1, 0])) == Medoid(0, 0.0)
    assert medoid(rows([0, 0], [0, 0])) == Medoid(0, 0.0)


def test_numpy_positions_are_as_good_as_a_list() -> None:
    made = medoids({"a": np.array([1, 2])}, rows([1, 0], [0, 1], [0, 1]))  # type: ignore[dict-item]
    assert made == {"a": Medoid(1, 1.0)}


small = st.integers(-3, 3)


@given(st.lists(st.tuples(small, small, small), min_size=1, max_size=12))
def test_no_other_photo_is_nearer_to_the_centroid(values: list[tuple[int, ...]]) -> None:
    vectors = np.array(values, np.float64)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = vectors / np.where(lengths == 0, 1, lengths)
    centroid = units.mean(axis=0)
    centroid /= max(np.linalg.norm(centroid), 1e-300)
    made = medoid(vectors.astype(np.float32))
    if np.linalg.norm(units.sum(axis=0)) > 1e-6:
        assert made.cosine_to_centroid == pytest.approx((units @ centroid).max(), abs=1e-6)
        assert (units @ centroid)[made.photo] == pytest.approx((units @ centroid).max(), abs=1e-6)

"""Before the first decision, suggestions are plain CLIP."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger.suggest import LabelHeads
from phototagger.suggest.plain import plain_scores

from .conftest import Library, make_library

cosines = st.floats(-1, 1, width=32)


@given(st.lists(cosines, min_size=1, max_size=30), st.one_of(cosines, st.floats(-1, 1)))
def test_a_label_is_suggested_exactly_where_its_cosine_reaches_the_threshold(values, threshold):
    threshold = np.float32(threshold)
    near = [np.nextafter(threshold, np.float32(side)) for side in (-2, 2)]
    array = np.array([*values, threshold, *near], np.float32)
    scores = plain_scores(array, threshold)
    np.testing.assert_array_equal(scores >= 0.5, array >= threshold)
    assert scores.dtype == np.float32
    assert scores.min() >= 0
    assert scores.max() <= 1


@given(st.lists(cosines, min_size=2, max_size=30), cosines)
def test_a_higher_cosine_never_has_a_lower_score(values, threshold):
    array = np.sort(np.array(values, np.float32))
    assert (np.diff(plain_scores(array, np.float32(threshold))) >= 0).all()


@given(st.integers(0, 50), st.floats(-0.5, 0.9))
def test_heads_without_decisions_suggest_what_the_threshold_says(seed, threshold):
    library = make_library(seed, photos=9)
    scores = LabelHeads(library.labels, threshold).predict(library.images)
    plain = library.images @ library.labels.T >= np.float32(threshold)
    np.testing.assert_array_equal(scores >= 0.5, plain)


def test_a_cosine_equal_to_the_threshold_is_suggested():
    heads = LabelHeads(np.eye(4, dtype=np.float32), 0.25)
    image = np.array([[0.25, 0.5, np.nextafter(np.float32(0.25), np.float32(0)), 0]], np.float32)
    assert (heads.predict(image) >= 0.5).tolist() == [[True, True, False, False]]
    assert heads.predict(image)[0, 0] == 0.5


def test_real_photos_get_plain_suggestions_in_the_cosines_order(real: Library):
    scores = LabelHeads(real.labels, 0.25).predict(real.images)
    plain = real.images @ real.labels.T
    np.testing.assert_array_equal(scores >= 0.5, plain >= np.float32(0.25))
    order = np.argsort(-plain, axis=1, kind="stable")
    assert (np.diff(np.take_along_axis(scores, order, axis=1)) <= 0).all()


@pytest.mark.parametrize("photos", [0, 1, 5000])
def test_any_number_of_photos_can_be_scored(library: Library, photos: int):
    images = np.repeat(library.images[:1], photos, axis=0)
    heads = LabelHeads(library.labels)
    assert heads.predict(images).shape == (photos, 12)
    heads.observe(library.images[:3], library.truth[:3])
    assert heads.predict(images).shape == (photos, 12)


def test_vectors_of_another_model_are_refused(library: Library):
    with pytest.raises(ValueError, match=r"image_vectors has shape \(2, 7\); \[N, 32\] is needed"):
        LabelHeads(library.labels).predict(np.zeros((2, 7)))

"""The threshold is a brake, and learning alone suggests only what was approved often enough."""

import numpy as np
import pytest

from phototagger.suggest import LabelHeads

from .conftest import Library

LABELS = 12


def taught(library: Library, photos: int, threshold: float = 0.25) -> LabelHeads:
    heads = LabelHeads(library.labels, threshold)
    heads.observe(library.images[:photos], library.truth[:photos])
    return heads


def below(library: Library, threshold: float) -> np.ndarray:
    return library.images @ library.labels.T < np.float32(threshold)


def test_a_label_under_the_threshold_needs_three_approvals_of_its_own(library: Library):
    photos = library.images[np.flatnonzero(library.truth[:, 0])[:3]]
    heads = LabelHeads(library.labels, float((photos @ library.labels[0]).max()) + 0.02)
    only_first = np.arange(LABELS)[None] == 0
    for row in range(3):
        assert (heads.predict(photos)[:, 0] < 0.5).all(), f"suggested after {row} approvals"
        heads.observe(photos[row : row + 1], only_first, only_first, keys=[row])
    assert (heads.predict(photos)[:, 0] >= 0.5).all()
    heads.forget([1])
    assert (heads.predict(photos)[:, 0] < 0.5).all()


@pytest.mark.parametrize("photos", [1, 6, 60])
def test_nothing_under_the_threshold_is_suggested_by_two_approvals(library: Library, photos: int):
    heads = taught(library, photos)
    rare = np.array([state.positives < 3 for state in heads.states])
    suggested = heads.predict(library.images) >= 0.5
    assert not (suggested & rare & below(library, 0.25)).any()


def test_careless_approvals_suggest_what_is_plain_and_what_was_approved_three_times(
    library: Library,
):
    heads = LabelHeads(library.labels)
    for row in range(6):
        checked = heads.predict(library.images[row : row + 1]) >= 0.5
        heads.observe(library.images[row : row + 1], checked, checked)
    own = np.array([state.positives >= 3 for state in heads.states])
    suggested = heads.predict(library.images) >= 0.5
    assert not (suggested & ~own & below(library, 0.25)).any()


def test_a_higher_threshold_never_suggests_more(library: Library):
    heads = taught(library, 60)
    before = heads.predict(library.images, 0.1)
    for threshold in np.arange(0.15, 0.6, 0.05):
        scores = heads.predict(library.images, threshold)
        assert (scores <= before).all()
        before = scores
    assert (before < 0.5).all()


def test_the_threshold_lowers_scores_as_lower_cosines_would(library: Library):
    heads = taught(library, 60)
    often = np.array([state.positives >= 3 for state in heads.states])
    logits = [
        np.log(scores / (1 - scores))
        for scores in map(
            np.float64, (heads.predict(library.images), heads.predict(library.images, 0.26))
        )
    ]
    moved = (logits[0] - logits[1])[:, often]
    assert moved.min() > 0
    np.testing.assert_allclose(moved, moved.mean(), rtol=0.01)


def test_the_heads_own_threshold_is_the_one_meant_by_none(library: Library):
    heads = taught(library, 20)
    np.testing.assert_array_equal(
        heads.predict(library.images), heads.predict(library.images, 0.25)
    )


def test_a_label_that_is_added_begins_without_approvals(library: Library):
    heads = taught(library, 60)
    heads.add_labels(library.labels[:1])
    scores = heads.predict(library.images)
    assert heads.states[LABELS].positives == 0
    assert not (scores[:, LABELS] >= 0.5)[below(library, 0.25)[:, 0]].any()

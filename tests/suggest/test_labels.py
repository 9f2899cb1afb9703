"""What is known of each label, why a score is what it is, and labels that come later."""

import numpy as np
import pytest

from phototagger.suggest import LabelHeads, LabelState

from .conftest import Library


def test_a_label_counts_as_learned_from_ten_approvals_on(library: Library):
    heads = LabelHeads(library.labels)
    approved = np.zeros((30, 12), bool)
    known = np.ones((30, 12), bool)
    approved[:9, 0] = approved[:10, 1] = True
    known[:25, 2] = False
    heads.observe(library.images[:30], approved, known)
    assert heads.states[:3] == [LabelState(9, 21), LabelState(10, 20), LabelState(0, 5)]
    assert [state.learned for state in heads.states[:3]] == [False, True, False]
    assert heads.learned == [state.learned for state in heads.states]


def test_without_decisions_no_label_is_learned(library: Library):
    assert LabelHeads(library.labels).states == [LabelState(0, 0)] * 12


def test_an_explanation_names_near_photos_that_pull_the_score_their_way(library: Library):
    heads = LabelHeads.from_decisions(
        library.labels,
        library.images[:40],
        library.truth[:40],
        keys=[f"photo {row}" for row in range(40)],
    )
    image = library.images[7]
    why = heads.explain(image, 0, most=2)
    assert why.cosine == pytest.approx(float(image @ library.labels[0]), abs=1e-6)
    assert why.score == pytest.approx(float(heads.predict(image[None])[0, 0]), abs=1e-6)
    assert why.state == heads.states[0]
    assert len(why.approved) == len(why.rejected) == 2
    told = {True: why.approved, False: why.rejected}
    for answer, photos in told.items():
        for photo in photos:
            row = int(str(photo.key).split()[1])
            assert library.truth[row, 0] == answer
            assert photo.similarity == pytest.approx(float(image @ library.images[row]), abs=1e-6)
            assert (photo.weight > 0) == answer
    usual = np.median(library.images[:40] @ image)
    assert all(photo.similarity > usual for photo in (*why.approved, *why.rejected))


def test_an_explanation_before_any_decision_names_no_photo(library: Library):
    why = LabelHeads(library.labels).explain(library.images[0], 3)
    assert why.state == LabelState(0, 0)
    assert why.approved == why.rejected == ()


def test_a_label_added_later_starts_from_its_words(library: Library):
    heads = LabelHeads(library.labels[:11])
    heads.observe(library.images[:60], library.truth[:60, :11])
    heads.add_labels(library.labels[11:])
    heads.rebuild()
    known = np.ones((60, 12), bool)
    known[:, 11] = False
    wanted = LabelHeads.from_decisions(
        library.labels, library.images[:60], library.truth[:60], known
    )
    difference = heads.predict(library.images) - wanted.predict(library.images)
    assert np.abs(difference).max() <= 1e-4
    assert heads.states[11] == LabelState(0, 0)
    scores = heads.predict(library.images)[:, 11]
    cosines = library.images @ library.labels[11]
    true = library.truth[:, 11]
    assert scores[true].mean() > scores[~true].mean()
    assert cosines[true].mean() > cosines[~true].mean()


def test_a_label_added_before_any_decision_is_suggested_by_its_cosine(library: Library):
    heads = LabelHeads(library.labels[:11])
    heads.add_labels(library.labels[11:])
    wanted = LabelHeads(library.labels).predict(library.images)
    np.testing.assert_array_equal(heads.predict(library.images), wanted)


@pytest.mark.parametrize("labels", [0, 1, 2])
def test_very_few_labels_work(library: Library, labels: int):
    heads = LabelHeads(library.labels[:labels])
    heads.observe(library.images[:30], library.truth[:30, :labels])
    heads.rebuild()
    scores = heads.predict(library.images)
    assert scores.shape == (80, labels)
    assert np.isfinite(scores).all()


def test_labels_with_the_same_vector_and_photos_without_labels_work(library: Library):
    heads = LabelHeads(np.repeat(library.labels[:1], 3, axis=0))
    heads.observe(library.images, np.zeros((80, 3), bool))
    assert (heads.predict(library.images) < 0.5).all()

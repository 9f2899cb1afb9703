"""Decisions of some labels, as pages of a label make them, and of photos as a whole."""

import numpy as np
import pytest

from bench.review import keys as keys_pressed
from phototagger.suggest import LabelHeads, LabelState
from phototagger.suggest.plain import BELOW_HALF

from .conftest import Library, make_library

NEAR = 1e-4


def one_label(library: Library, label: int, rows: slice) -> tuple[np.ndarray, ...]:
    """Return vectors, approvals and known labels of photos of which one label was decided."""
    known = np.zeros_like(library.truth[rows])
    known[:, label] = True
    return library.images[rows], library.truth[rows] & known, known


def test_what_is_known_of_a_photo_grows_label_by_label_and_the_newest_holds(library: Library):
    heads = LabelHeads(library.labels)
    known = np.arange(12)[None] < 10
    heads.observe(library.images[:1], np.arange(12)[None] < 2, known, keys=["a"])
    only_last = np.arange(12)[None] == 11
    heads.observe(library.images[:1], only_last, only_last, keys=["a"])
    only_first = np.arange(12)[None] == 0
    heads.observe(library.images[:1], ~only_first, only_first, keys=["a"])
    heads.rebuild()
    assert len(heads) == 1
    states = [(state.positives, state.negatives) for state in heads.states]
    assert states == [(0, 1), (1, 0), *[(0, 1)] * 8, (0, 0), (1, 0)]
    wanted = LabelHeads.from_decisions(
        library.labels,
        library.images[:1],
        [[one in (1, 11) for one in range(12)]],
        known | only_last,
    )
    difference = heads.predict(library.images) - wanted.predict(library.images)
    assert np.abs(difference).max() <= 1e-4


def test_a_photo_told_twice_at_once_keeps_both(library: Library):
    heads = LabelHeads(library.labels)
    known = np.eye(12, dtype=bool)[[3, 4, 3]]
    approved = known & np.array([[True], [True], [False]])
    heads.observe(library.images[[0, 0, 0]], approved, known, keys="aaa")
    assert heads.states[3:5] == [LabelState(0, 1), LabelState(1, 0)]


@pytest.mark.parametrize("before", [1, 30])
def test_decisions_of_one_label_leave_the_scores_of_the_others(library: Library, before: int):
    heads = LabelHeads(library.labels)
    heads.observe(library.images[:before], library.truth[:before])
    heads.rebuild()
    scores = heads.predict(library.images)
    for row in range(before, 60):
        heads.observe(*one_label(library, 0, slice(row, row + 1)), keys=[row])
    swept = heads.predict(library.images)
    heads.rebuild()
    rebuilt = heads.predict(library.images)
    np.testing.assert_allclose(swept[:, 1:], scores[:, 1:], atol=NEAR)
    np.testing.assert_allclose(rebuilt[:, 1:], scores[:, 1:], atol=NEAR)
    assert np.abs(rebuilt[:, 0] - scores[:, 0]).max() > 0.1


def test_a_library_that_begins_with_a_label_page_suggests_the_rest_as_plain_clip(library: Library):
    heads = LabelHeads(library.labels)
    heads.observe(*one_label(library, 2, slice(24)))
    plain = LabelHeads(library.labels)
    others = np.delete(np.arange(12), 2)
    suggested, as_before = (one.predict(library.images)[:, others] for one in (heads, plain))
    np.testing.assert_array_equal(suggested >= 0.5, as_before >= 0.5)
    order = np.argsort(-as_before, axis=1, kind="stable")
    assert (np.diff(np.take_along_axis(suggested, order, axis=1)) <= NEAR).all()


def test_a_photo_is_whole_where_it_is_said_whatever_is_known_of_it(library: Library):
    told = library.images[:30], library.truth[:30], np.ones((30, 12), bool)
    guessed = LabelHeads.from_decisions(library.labels, *told).predict(library.images)
    whole, partial = (
        LabelHeads.from_decisions(library.labels, *told, whole=np.full(30, value))
        for value in (True, False)
    )
    np.testing.assert_array_equal(whole.predict(library.images), guessed)
    assert np.abs(partial.predict(library.images) - guessed).max() > 0.01
    with pytest.raises(ValueError, match="whole has shape"):
        LabelHeads(library.labels).observe(*told, whole=[True])


def test_taking_back_the_decisions_of_a_label_page_leaves_what_was_there(library: Library):
    heads = LabelHeads(library.labels)
    heads.observe(library.images[:20], library.truth[:20], keys=range(20))
    scores = heads.predict(library.images)
    heads.observe(*one_label(library, 0, slice(20, 40)), keys=range(20, 40))
    heads.forget(range(20, 40))
    heads.rebuild()
    assert np.abs(heads.predict(library.images) - scores).max() <= 0.02


@pytest.mark.parametrize("seed", [0, 1])
def test_sweeping_the_commonest_label_costs_no_keys_for_the_others(seed: int):
    library = make_library(seed, photos=200)
    heads = LabelHeads(library.labels)
    heads.observe(library.images[:40], library.truth[:40])

    def cost() -> float:
        scores = heads.predict(library.images[140:])[:, 1:]
        told = zip(scores, library.truth[140:, 1:], strict=True)
        return float(np.mean([keys_pressed(row, 0.5, truth) for row, truth in told]))

    before = cost()
    heads.observe(*one_label(library, 0, slice(40, 140)), keys=range(40, 140))
    assert cost() <= before + 0.03


def assert_same(heads: LabelHeads, library: Library, label: int) -> None:
    alone = heads.predict_label(library.images, label)
    among_all = heads.predict(library.images)[:, label]
    free = among_all != BELOW_HALF  # what is seldom approved is held back among all
    assert free.sum() > len(free) / 2
    assert np.abs(alone - among_all)[free].max() <= NEAR
    assert (alone[~free] >= BELOW_HALF).all()


@pytest.mark.parametrize("told", [0, 5, 120])
def test_one_label_alone_is_scored_as_among_all(library: Library, told: int):
    heads = LabelHeads(library.labels, window=40)
    if told:
        heads.observe(library.images[:told], library.truth[:told])
    for label in (0, 11):
        assert_same(heads, library, label)
        heads.observe(*one_label(library, label, slice(0, 3)), keys=["x", "y", "z"])
        assert_same(heads, library, label)


def test_what_is_known_of_photos_is_told_by_their_keys(library: Library):
    heads = LabelHeads(library.labels)
    heads.observe(*one_label(library, 2, slice(0, 2)), keys=["a", "b"])
    known = heads.known(["c", "b", "a"])
    assert known.sum(axis=1).tolist() == [0, 1, 1]
    assert known[1:, 2].all()
    assert not heads.known([]).size

"""What decisions teach, whatever their order, and how they are taken back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phototagger.suggest import LabelHeads

from .conftest import Library, make_library, unit

CONVERGED, LIVE = 1e-4, 0.02


def shown(seed: int, library: Library) -> np.ndarray:
    return np.random.default_rng(seed).random(library.truth.shape) < 0.7


def from_rows(library: Library, known: np.ndarray, rows) -> LabelHeads:
    told = library.images[rows], library.truth[rows], known[rows]
    return LabelHeads.from_decisions(library.labels, *told, keys=list(rows))


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(1, 80))
def test_stored_decisions_give_the_same_heads_in_any_order(seed, count):
    library = make_library(seed)
    known = shown(seed, library)
    order = np.random.default_rng(seed).permutation(count)
    one, other = (from_rows(library, known, rows) for rows in (np.arange(count), order))
    difference = one.predict(library.images) - other.predict(library.images)
    assert np.abs(difference).max() <= CONVERGED


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(1, 80))
def test_live_heads_stay_near_the_rebuilt_ones_and_rebuilding_closes_the_gap(seed, count):
    library = make_library(seed)
    known = shown(seed, library)
    heads = LabelHeads(library.labels)
    for row in range(count):
        told = slice(row, row + 1)
        heads.observe(library.images[told], library.truth[told], known[told])
    rebuilt = from_rows(library, known, range(count)).predict(library.images)
    assert np.abs(heads.predict(library.images) - rebuilt).max() <= LIVE
    heads.rebuild()
    assert np.abs(heads.predict(library.images) - rebuilt).max() <= CONVERGED


def furthest_apart(library: Library, seed: int, counts: list[int]) -> list[float]:
    """Return the largest difference of any live score from the rebuilt one after these counts."""
    order = np.random.default_rng(seed).permutation(len(library.images))
    heads, apart = LabelHeads(library.labels), []
    for count, row in enumerate(order[: max(counts)], start=1):
        heads.observe(library.images[row : row + 1], library.truth[row : row + 1])
        if count in counts:
            rebuilt = from_rows(library, np.ones_like(library.truth), order[:count])
            difference = heads.predict(library.images) - rebuilt.predict(library.images)
            apart.append(np.abs(difference).max())
    return apart


def test_live_heads_of_many_labels_stay_near_the_rebuilt_ones():
    library = make_library(2, photos=320, labels=1000, width=64)
    assert max(furthest_apart(library, 2, [40, 160, 300])) <= LIVE


def test_live_heads_on_real_photos_stay_near_the_rebuilt_ones(real: Library):
    assert max(furthest_apart(real, 0, [200, 490])) <= LIVE


@settings(max_examples=15)
@given(st.integers(0, 1000), st.data())
def test_undo_unlearns(seed, data):
    library = make_library(seed, photos=30)
    known = shown(seed, library)
    undone = data.draw(st.sets(st.integers(0, 29), max_size=29))
    kept = sorted(set(range(30)) - undone)
    heads = from_rows(library, known, range(30))
    heads.forget(sorted(undone))
    wanted = from_rows(library, known, kept).predict(library.images)
    assert np.abs(heads.predict(library.images) - wanted).max() <= LIVE
    heads.rebuild()
    assert np.abs(heads.predict(library.images) - wanted).max() <= CONVERGED


@pytest.mark.parametrize("seed", [2, 7, 16])
def test_undoing_half_of_the_photos_at_once_leaves_what_the_others_taught(seed: int):
    library = make_library(seed, photos=30)
    known = shown(seed, library)
    heads = from_rows(library, known, range(30))
    heads.forget(list(range(0, 30, 2)))
    wanted = from_rows(library, known, range(1, 30, 2)).predict(library.images)
    assert np.abs(heads.predict(library.images) - wanted).max() <= LIVE


@pytest.mark.parametrize("count", [3, 60])
def test_undoing_everything_returns_to_plain_suggestions(library: Library, count: int):
    heads, plain = LabelHeads(library.labels), LabelHeads(library.labels)
    heads.observe(library.images[:count], library.truth[:count])
    heads.forget(list(range(count)))
    np.testing.assert_array_equal(heads.predict(library.images), plain.predict(library.images))


def test_undo_reaches_decisions_that_have_left_the_window(library: Library):
    heads = LabelHeads(library.labels, window=20)
    for row in range(60):
        heads.observe(library.images[row : row + 1], library.truth[row : row + 1])
    heads.forget([2, 3])
    assert len(heads) == 58
    heads.rebuild()
    rows = [0, 1, *range(4, 60)]
    wanted = LabelHeads.from_decisions(library.labels, library.images[rows], library.truth[rows])
    difference = heads.predict(library.images) - wanted.predict(library.images)
    assert np.abs(difference).max() <= CONVERGED


def test_deciding_a_photo_again_replaces_its_decision(library: Library):
    heads = LabelHeads(library.labels)
    heads.observe(library.images[:5], ~library.truth[:5], keys="abcde")
    heads.observe(library.images[:5], library.truth[:5], keys="abcde")
    heads.rebuild()
    wanted = LabelHeads.from_decisions(library.labels, library.images[:5], library.truth[:5])
    assert len(heads) == 5
    difference = heads.predict(library.images) - wanted.predict(library.images)
    assert np.abs(difference).max() <= CONVERGED


def test_what_was_not_known_teaches_nothing(library: Library):
    known = shown(1, library)
    told = library.images[:40], library.truth[:40], known[:40]
    other = library.images[:40], library.truth[:40] ^ ~known[:40], known[:40]
    one, two = (LabelHeads.from_decisions(library.labels, *rows) for rows in (told, other))
    np.testing.assert_array_equal(one.predict(library.images), two.predict(library.images))


def test_a_photo_without_any_known_label_is_ignored(library: Library):
    heads = LabelHeads(library.labels)
    heads.observe(library.images[:3], library.truth[:3], np.zeros((3, 12), bool))
    assert len(heads) == 0
    plain = LabelHeads(library.labels).predict(library.images)
    np.testing.assert_array_equal(heads.predict(library.images), plain)


def test_a_folder_told_at_once_teaches_what_its_photos_teach_one_by_one(library: Library):
    heads = LabelHeads(library.labels, window=30)
    heads.observe(library.images, library.truth)
    heads.rebuild()
    wanted = LabelHeads.from_decisions(library.labels, library.images, library.truth)
    difference = heads.predict(library.images) - wanted.predict(library.images)
    assert np.abs(difference).max() <= CONVERGED


def test_a_rebuild_of_more_decisions_than_the_window_holds_changes_little_afterwards(
    library: Library,
):
    heads = LabelHeads(library.labels, window=20)
    heads.observe(library.images[:70], library.truth[:70])
    heads.rebuild()
    before = heads.predict(library.images)
    heads.observe(library.images[:1], library.truth[:1], keys=[0])
    heads.rebuild()
    assert np.abs(heads.predict(library.images) - before).max() <= CONVERGED


def test_decisions_move_the_label_they_are_about(library: Library):
    heads = LabelHeads(library.labels)
    heads.observe(library.images[:20], library.truth[:20])
    before = heads.predict(library.images[20:21])[0]
    approved = before < before[4]
    approved[4] = True
    heads.observe(library.images[20:21], approved[None])
    after = heads.predict(library.images[20:21])[0]
    assert after[4] > before[4]


@pytest.mark.parametrize("missing", ["approved", "known", "keys"])
def test_decisions_that_do_not_fit_the_photos_are_refused(library: Library, missing: str):
    told = {"approved": library.truth[:2], "known": library.truth[:2], "keys": ["a", "b"]}
    told[missing] = told[missing][:1]
    with pytest.raises(ValueError, match=missing):
        LabelHeads(library.labels).observe(library.images[:2], **told)


@pytest.mark.parametrize("noise", [0.0, 1e-7, 1e-5])
@pytest.mark.parametrize("seed", range(4))
def test_photos_that_are_alike_and_decided_otherwise_teach_numbers_all(seed, noise):
    rng = np.random.default_rng(seed)
    base, labels = unit(rng.normal(size=(1 + seed, 32))), unit(rng.normal(size=(20, 32)))
    images = unit(base[rng.integers(0, len(base), 60)] + noise * rng.normal(size=(60, 32)))
    images[7] = 0  # as of a photo that the model makes nothing of
    library = Library(images, labels, rng.random((60, 20)) < 0.3)
    known = shown(seed, library)
    heads = LabelHeads(labels)
    with np.errstate(all="raise", under="ignore"):
        for row in range(60):
            told = slice(row, row + 1)
            heads.observe(images[told], library.truth[told], known[told])
        live = heads.predict(images)
    rebuilt = from_rows(library, known, range(60)).predict(images)
    assert np.abs(live - rebuilt).max() <= LIVE  # and none is no number

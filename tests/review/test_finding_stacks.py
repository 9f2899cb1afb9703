"""Which photos stand in one stack: by moment or name, by likeness, by what a person said."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger.review.stacks.finding import (
    ALONE,
    NEVER,
    Photographed,
    alike_from,
    find_stacks,
    moments_of,
)

SECOND = 1_000_000
BOUND = 0.9


def unit(rows):
    rows = np.asarray(rows, np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def scenes(numbers, *, noise=0.02, dimension=24):
    """Vectors of photos, those of one scene nearly the same."""
    random = np.random.default_rng(5)
    base = np.eye(dimension, dtype=np.float32)[list(numbers)]
    return unit(base + noise * random.standard_normal(base.shape).astype(np.float32))


def stacks(vectors, seconds, *, folders=None, names=None, said=None, bound=BOUND, within=10):
    """The stacks of photos taken at some seconds (None: no EXIF), as sets of positions."""
    count = len(vectors)
    moments = [NEVER if one is None else round(one * SECOND) for one in seconds]
    photos = Photographed(
        np.array(folders or [0] * count, np.int32),
        np.array(moments, np.int64),
        names or [f"IMG_{one:04}.jpg" for one in range(count)],
    )
    found = find_stacks(photos, lambda rows: vectors[rows], bound, within, said or {})
    numbers = found.numbers.tolist()
    return [
        {at for at, one in enumerate(numbers) if one == number}
        for number in range(max(numbers, default=-1) + 1)
    ]


def test_photos_that_follow_each_other_and_are_alike_are_one_stack():
    assert stacks(scenes([0, 0, 0, 1, 2, 2]), [0, 0.2, 0.4, 5, 60, 70]) == [{0, 1, 2}, {4, 5}]


def test_the_seconds_are_those_of_the_setting():
    assert stacks(scenes([0, 0]), [0, 10.0]) == [{0, 1}]
    assert stacks(scenes([0, 0]), [0, 10.000001]) == []
    assert stacks(scenes([0, 0]), [0, 3], within=2) == []


def test_what_is_not_alike_is_not_in_one_stack_however_soon_it_follows():
    assert stacks(scenes([0, 1, 0, 1]), [0, 0.1, 0.2, 0.3]) == []


def test_without_a_bound_nothing_is_known_to_be_alike():
    assert stacks(scenes([0, 0, 0]), [0, 1, 2], bound=None) == []


def test_without_exif_neighbours_by_name_are_looked_at_by_what_their_numbers_count():
    names = ["p10.jpg", "p11.jpg", "p8.jpg", "p9.jpg"]
    assert stacks(scenes([0, 1, 0, 0]), [None] * 4, names=names) == [{0, 2, 3}]


def test_a_photo_with_exif_between_two_without_keeps_them_apart():
    assert stacks(scenes([0, 0, 0]), [None, 5, None]) == []


def test_a_clock_that_jumps_ends_a_stack():
    assert stacks(scenes([0, 0, 0, 0]), [1000, 1001, 0, 1]) == [{0, 1}, {2, 3}]


def test_a_stack_stays_in_its_folder():
    assert stacks(scenes([0] * 4), [0, 1, 2, 3], folders=[0, 0, 1, 1]) == [{0, 1}, {2, 3}]


def test_another_format_beside_a_photo_is_of_its_moment():
    names = ["a.jpg", "a.png", "b.jpg", "z.png"]
    assert stacks(scenes([0, 0, 0, 0]), [0, None, 600, None], names=names) == [{0, 1}]


def test_a_stack_ends_where_what_it_shows_has_drifted_away():
    angles = np.radians(np.arange(0, 90, 10))
    drifting = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = stacks(drifting, range(9))
    assert len(found) > 1
    for members in found:
        mean = unit([drifting[sorted(members)].mean(axis=0)])[0]
        assert (drifting[sorted(members)] @ mean >= BOUND - 1e-6).all()


def test_what_was_taken_out_stands_alone_and_the_others_stay_together():
    assert stacks(scenes([0] * 4), range(4), said={1: 0}) == [{0, 2, 3}]
    assert stacks(scenes([0] * 4), range(4), said=dict.fromkeys(range(4), 0)) == []


def test_what_was_put_together_is_one_stack_whatever_it_shows():
    assert stacks(scenes([0, 1, 2, 2]), [0, 99, 200, 201], said={0: 7, 1: 7}) == [{0, 1}, {2, 3}]
    assert stacks(scenes([0, 1]), [0, 99], folders=[0, 1], said={0: 7, 1: 7}) == []


def test_photos_without_a_vector_stand_alone():
    vectors = scenes([0, 0, 0])
    vectors[1] = np.nan
    assert stacks(vectors, range(3)) == []


def test_medoid_and_farthest_member_are_told_by_their_cosine_with_the_mean():
    vectors = unit([[1, 0, 0.3], [1, 0, 0], [1, 0.1, -0.1]])
    photos = Photographed(np.zeros(3, np.int32), np.arange(3) * SECOND, ["a", "b", "c"])
    central = find_stacks(photos, lambda rows: vectors[rows], BOUND, 10, {}).central
    mean = unit([vectors.mean(axis=0)])[0]
    np.testing.assert_allclose(central, vectors @ mean, atol=1e-6)


def test_zones_make_clocks_comparable_and_a_photo_without_one_has_the_commonest():
    noon = 12 * 3600 * SECOND
    clocks = np.array([noon, noon + 3600 * SECOND, noon, NEVER], np.int64)
    zones = np.array([60.0, 120.0, np.nan, np.nan])
    found = moments_of(np.zeros(4, np.int32), clocks, zones).tolist()
    assert found == [noon - 3600 * SECOND] * 3 + [NEVER]
    assert moments_of(np.array([0, 1], np.int32), clocks[1:3], zones[1:3]).tolist() == [
        noon - 3600 * SECOND,
        noon,
    ]


def library(count, bursts=0, *, numbers=64):
    """Random photos, and bursts of four of which all are alike; of so many numbers each."""
    random = np.random.default_rng(1)
    rows = [*range(count), *(count + one // 4 for one in range(4 * bursts))]
    base = random.standard_normal((count + bursts, numbers))[rows]
    vectors = unit(base + 0.01 * random.standard_normal(base.shape))
    moments = np.array(
        [one * 3600 * SECOND for one in range(count)]
        + [(-1 - one // 4) * 3600 * SECOND + one for one in range(4 * bursts)]
    )
    photos = Photographed(
        np.zeros(len(vectors), np.int32), moments, [f"{one}.jpg" for one in range(len(vectors))]
    )  # fmt: skip
    keys = random.integers(0, 256, (len(vectors), 20)).astype(np.uint8)
    return photos, keys, vectors


@pytest.mark.parametrize("bursts", [0, 40])
def test_the_bound_is_what_one_in_a_thousand_random_pairs_reaches_bursts_or_not(bursts):
    photos, keys, vectors = library(200, bursts, numbers=4)
    bound = alike_from(photos, keys, lambda rows: vectors[rows], 10)
    assert bound is not None
    here = vectors[:200] @ vectors[:200].T
    pairs = here[np.triu_indices(200, 1)]
    assert np.quantile(pairs, 0.998) < bound < np.quantile(pairs, 0.9999)


def test_photos_of_a_library_of_different_days_differ_as_little_as_a_fifth_of_what_is_usual():
    photos, keys, vectors = library(200)
    bound = alike_from(photos, keys, lambda rows: vectors[rows], 10)
    pairs = (vectors @ vectors.T)[np.triu_indices(200, 1)]
    assert bound == pytest.approx(1 - (1 - np.quantile(pairs, 0.25)) / 5, abs=0.02)
    assert bound > pairs.max()


def small_library(others, burst, *, likeness=0.0):
    """Photos of one afternoon in one folder, the last of them a burst; and their stacks."""
    random = np.random.default_rng(others)
    scenes = np.append(np.arange(others), np.full(burst, others))
    base = random.standard_normal((others + 1, 64)) + likeness * random.standard_normal(64)
    vectors = unit(base[scenes] + 0.05 * random.standard_normal((len(scenes), 64)))
    photos = Photographed(
        np.zeros(len(scenes), np.int32), np.arange(len(scenes)) * SECOND,
        [f"{one}.jpg" for one in range(len(scenes))],
    )  # fmt: skip
    keys = random.integers(0, 256, (len(scenes), 20)).astype(np.uint8)
    bound = alike_from(photos, keys, lambda rows: vectors[rows], 10)
    found = find_stacks(photos, lambda rows: vectors[rows], bound, 10, {})
    return [np.flatnonzero(found.numbers == one).tolist() for one in range(found.numbers.max() + 1)]


@pytest.mark.parametrize(
    ("others", "burst", "likeness"), [(6, 5, 0), (1, 2, 0), (2, 9, 0), (3, 3, 1), (30, 4, 1)]
)
def test_a_library_of_few_photos_has_its_burst_and_no_other_stack(others, burst, likeness):
    found = small_library(others, burst, likeness=likeness)
    assert found == [list(range(others, others + burst))]


def test_photos_that_differ_as_little_as_all_others_of_a_small_library_are_no_stack():
    assert small_library(8, 1, likeness=4) == []


def test_a_library_that_is_one_burst_is_one_stack():
    assert small_library(0, 5) == [list(range(5))]
    assert small_library(0, 1) == []


def test_without_different_contents_nothing_is_known_to_be_alike():
    photos, keys, vectors = library(6)
    keys[:] = 1
    assert alike_from(photos, keys, lambda rows: vectors[rows], 10) is None


def test_copies_tell_nothing_of_what_is_alike():
    photos, keys, vectors = library(12)
    alone = alike_from(photos, keys, lambda rows: vectors[rows], 10)
    assert alone is not None
    keys[6:], vectors[6:] = keys[:6], vectors[:6]
    bound = alike_from(photos, keys, lambda rows: vectors[rows], 10)
    assert bound == pytest.approx(alone, abs=0.05)


PHOTOS = st.lists(
    st.tuples(
        st.integers(0, 2),  # folder
        st.one_of(st.none(), st.integers(0, 60)),  # second
        st.integers(0, 3),  # scene
        st.one_of(st.none(), st.integers(0, 2)),  # what a person said
    ),
    max_size=30,
).map(lambda rows: sorted(rows, key=lambda row: row[0]))


@given(PHOTOS)
def test_whatever_there_is_stacks_hold_what_they_promise(rows):
    folders, seconds, shown, said = ([row[at] for row in rows] for at in range(4))
    vectors = scenes(shown) if rows else np.zeros((0, 24), np.float32)
    by_person = {at: one for at, one in enumerate(said) if one is not None}
    found = stacks(vectors, seconds, folders=folders, said=by_person)
    members = [at for stack in found for at in stack]
    assert len(members) == len(set(members))
    for stack in found:
        assert len(stack) > 1
        assert len({folders[at] for at in stack}) == 1
        told = {by_person.get(at) for at in stack}
        assert len(told) == 1
        assert told != {0}
        if told == {None}:
            assert len({shown[at] for at in stack}) == 1
            assert len({seconds[at] is None for at in stack}) == 1
            times = sorted(seconds[at] for at in stack if seconds[at] is not None)
            assert all(b - a <= 10 for a, b in pairwise(times))
    for number in (1, 2):
        for folder in set(folders):
            put = {at for at, one in by_person.items() if one == number and folders[at] == folder}
            assert len(put) < 2 or put in found
    assert stacks(vectors, seconds, folders=folders, said=by_person) == found


def test_the_positions_of_photos_in_none_say_so():
    photos = Photographed(np.zeros(1, np.int32), np.zeros(1, np.int64), ["a.jpg"])
    found = find_stacks(photos, lambda rows: scenes([0])[rows], BOUND, 10, {})
    assert found.numbers.tolist() == [ALONE]

"""Exact chances, against tables, brute force and each other."""

from itertools import combinations
from math import comb

import pytest

from phototagger.suggest.exact import (
    chance_of_few,
    chance_of_few_drawn,
    looks_needed,
    most_wrong,
    upper_bound,
)


@pytest.mark.parametrize(
    ("precision", "looks"), [(0.95, [45, 77, 105, 132]), (0.9, [22, 38, 52, 65])]
)
def test_the_looks_that_are_needed_at_90_percent_confidence(precision, looks):
    assert [looks_needed(precision, 0.9, wrong) for wrong in range(4)] == looks


def test_one_look_fewer_than_needed_proves_too_little():
    for wrong in range(6):
        looks = looks_needed(0.93, 0.85, wrong)
        assert chance_of_few(wrong, looks, 0.07) <= 0.15
        assert chance_of_few(wrong, looks - 1, 0.07) > 0.15


def test_the_chance_of_few_is_the_binomial_sum():
    plain = sum(comb(40, one) * 0.1**one * 0.9 ** (40 - one) for one in range(4))
    assert chance_of_few(3, 40, 0.1) == pytest.approx(plain, rel=1e-12)
    assert chance_of_few(40, 40, 0.3) == 1
    assert chance_of_few(0, 5, 0.0) == 1
    assert chance_of_few(0, 5, 1.0) == 0


@pytest.mark.parametrize(
    ("wrong", "looks", "bound"),
    [(0, 20, 1 - 0.05 ** (1 / 20)), (1, 10, 0.394163), (3, 30, 0.2386), (5, 5, 1.0)],
)
def test_the_bound_is_that_of_clopper_and_pearson(wrong, looks, bound):
    assert upper_bound(wrong, looks, 0.95) == pytest.approx(bound, abs=2e-4)


def test_bound_and_looks_needed_say_the_same():
    for wrong in range(4):
        looks = looks_needed(0.95, 0.9, wrong)
        assert upper_bound(wrong, looks, 0.9) <= 0.05 < upper_bound(wrong, looks - 1, 0.9)


def test_a_draw_without_replacement_is_counted_as_it_is():
    looks, rest, wrong, bad = 4, 5, 1, 2
    worst = 0.0
    for all_wrong in range(looks + rest + 1):
        draws = list(combinations(range(looks + rest), looks))
        seen = [sum(one < all_wrong for one in draw) for draw in draws]
        misled = [one for one in seen if one <= wrong and all_wrong - one >= bad]
        worst = max(worst, len(misled) / len(draws))
    assert chance_of_few_drawn(wrong, looks, rest, bad) == pytest.approx(worst, rel=1e-12)


def test_what_cannot_be_has_no_chance():
    assert chance_of_few_drawn(0, 30, 3, 4) == 0
    assert chance_of_few_drawn(2, 30, 0, 1) == 0


def test_out_of_very_many_a_draw_is_binomial():
    rest = 1_000_000
    drawn = chance_of_few_drawn(1, 77, rest, most_wrong(0.95, rest))
    assert drawn == pytest.approx(chance_of_few(1, 77, 0.05), abs=1e-4)


def test_as_many_may_be_wrong_as_a_person_would_count():
    assert [most_wrong(0.95, count) for count in (0, 19, 20, 100, 140)] == [0, 0, 1, 5, 7]

"""Exact chances of few wrong answers, and what they prove: no approximation, no table.

Binomial for looks that are drawn from very many, hypergeometric where what was not looked at is
small enough to matter. Sources: Clopper and Pearson (1934), "The use of confidence or fiducial
limits illustrated in the case of the binomial"; Feller (1968), "An Introduction to Probability
Theory and Its Applications", II.6 for sampling without replacement.
"""

from collections.abc import Iterable
from functools import cache
from math import exp, floor, lgamma, log, log1p

_HALVINGS = 60
_ROUNDED = 1e-9  # 0.05 · 100 is meant to be 5


def chance_of_few(wrong: int, looks: int, rate: float) -> float:
    """Return the chance of at most ``wrong`` wrong ones of ``looks``, each wrong at ``rate``."""
    if wrong >= looks or rate <= 0:
        return 1.0
    if rate >= 1:
        return 0.0
    terms = range(wrong + 1)
    return _sum(
        _log_ways(looks, count) + count * log(rate) + (looks - count) * log1p(-rate)
        for count in terms
    )


def chance_of_few_drawn(wrong: int, looks: int, rest: int, bad: int) -> float:
    """Return how likely so few wrong looks are where at least ``bad`` of the rest are wrong.

    ``looks`` were drawn at random, without replacement, out of ``looks + rest``. It is the largest
    chance, over all such populations, of at most ``wrong`` wrong looks that leave ``bad`` or more
    wrong ones in the rest: 0 where the rest cannot hold that many.
    """
    # With one wrong more among all, each look is wrong at most once more: the least that leaves
    # ``bad`` in the rest is the likeliest.
    if bad > rest:
        return 0.0
    total, all_wrong = looks + rest, wrong + bad
    possible = range(max(0, looks - (total - all_wrong)), min(wrong, looks) + 1)
    every = _log_ways(total, looks)
    return _sum(
        _log_ways(all_wrong, count) + _log_ways(total - all_wrong, looks - count) - every
        for count in possible
    )


def most_wrong(precision: float, count: int) -> int:
    """Return how many of ``count`` may be wrong where ``precision`` of them are right."""
    return floor((1 - precision) * count + _ROUNDED)


def upper_bound(wrong: int, looks: int, confidence: float) -> float:
    """Return the rate of wrong ones that is not exceeded, with this confidence (Clopper, Pearson).

    It is the rate at which so few wrong looks have the chance ``1 - confidence``; 1 without looks.
    """
    if wrong >= looks:
        return 1.0
    low, high = wrong / looks, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if chance_of_few(wrong, looks, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


@cache
def looks_needed(precision: float, confidence: float, wrong: int) -> int:
    """Return how many looks prove this precision where ``wrong`` of them are wrong."""
    fits, level = wrong + 1, 1 - confidence + _ROUNDED

    def too_few(looks: int) -> bool:
        return chance_of_few(wrong, looks, 1 - precision) > level

    high = fits
    while too_few(high):
        fits, high = high + 1, 2 * high
    while fits < high:
        middle = (fits + high) // 2
        fits, high = (middle + 1, high) if too_few(middle) else (fits, middle)
    return high


def _log_ways(of: int, chosen: int) -> float:
    return lgamma(of + 1) - lgamma(chosen + 1) - lgamma(of - chosen + 1)


def _sum(logs: Iterable[float]) -> float:
    return min(1.0, sum(map(exp, logs)))

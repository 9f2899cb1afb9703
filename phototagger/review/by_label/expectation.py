"""How many photos still have a label, by its scores and by what its pages held so far.

Scores of photos that were never asked about come out too high or too low together. So they are
scaled by how many the pages held against how many they were expected to hold: the sums are weighed
less from page to page, and begin with a few made-up photos that came as expected. What lies beyond
the next page differs from what was seen by more, so there the factor counts twice.
"""

from typing import NamedTuple

_FADES = 0.7  # weight of a page when the next one is seen
_AS_EXPECTED = 4.0  # made-up photos that were expected and found


class SeenPage(NamedTuple):
    """A page that was accepted: the sum of its scores, how many of its photos have the label."""

    scores: float
    found: int
    photos: int


class Expectation:
    """What is expected after some pages, in their order."""

    def __init__(self, pages: tuple[SeenPage, ...] = ()) -> None:
        expected = with_label = 0.0
        for page in pages:
            expected = _FADES * expected + page.scores
            with_label = _FADES * with_label + page.found
        self._factor = (with_label + _AS_EXPECTED) / (expected + _AS_EXPECTED)

    def here(self, scores: float) -> float:
        """Return how many photos of the next page have the label; ``scores`` is their sum."""
        return self._factor * scores

    def beyond(self, scores: float) -> float:
        """Return how many photos beyond it do."""
        return self._factor**2 * scores

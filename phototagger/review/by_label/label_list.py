"""The list of labels: what was decided of each, and how much its pages are expected to gain."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from phototagger.engine.decisions.learned import SUGGESTED
from phototagger.model.vectors import Float32
from phototagger.review.by_label.label_pages import MOST, WORTH
from phototagger.review.session import Review
from phototagger.review.suggester import Suggester
from phototagger.store.labels.by_label import LabelCounts, label_counts
from phototagger.store.labels.letters import keep_letter, letters
from phototagger.store.vectors.keys import KEY_BYTES, as_bytes
from phototagger.suggest import LabelHeads, LabelState

_CELLS = 24_000_000  # scores that are looked at, photos by labels; of more photos a sample speaks
_AT_ONCE = 200_000  # scores in memory at once: some milliseconds
_LEAST = 128  # photos of a step
_WORTH_ASKING = WORTH / MOST
"""A page whose photos have a lower chance than this, one by one, is expected to hold too few."""


class LabelOrder(StrEnum):
    """The order of the list."""

    GAIN = "expected to gain most first"
    NAME = "by name"
    APPROVED = "most approved first"
    SUGGESTED = "most suggested first"


class ListedLabel(NamedTuple):
    """A label with what was decided of it.

    ``suggested`` of the ``open`` photos, and the photos that its pages are expected to ``gain``,
    are None until they were counted. ``state`` is how well it is learned; None: it has no vector.
    """

    label: str
    counts: LabelCounts
    open: int
    state: LabelState | None
    letter: str = ""
    suggested: int | None = None
    gain: float | None = None

    @property
    def is_offered(self) -> bool:
        """Whether its pages are expected to be worth their keys."""
        return self.gain is not None and self.gain >= WORTH


class ListedLabels:
    """All labels of a review, read again by ``read``; what goes by scores comes by ``look``.

    What was decided is counted over all photos; what is open, suggested and expected over those at
    ``positions`` (None: all), those of pages. ``read`` may be called on any thread.
    """

    def __init__(self, review: Review, positions: Sequence[int] | None = None) -> None:
        self._review = review
        listing = review.photos.listing
        every = range(len(listing)) if positions is None else positions
        self._shown = np.fromiter(every, np.int32, len(every))
        self._photos = listing.count_contents(self._shown)
        self._counts: Mapping[str, LabelCounts] = {}
        self._counts_shown: Mapping[str, LabelCounts] = {}
        self._suggested: dict[str, int] = {}
        self._gains: dict[str, float] = {}
        self._heads: LabelHeads | None = None  # by which it was looked at the scores

    @property
    def copies(self) -> int:
        """How many of the photos are the same file as another one, and so are decided with it."""
        return len(self._shown) - self._photos

    @property
    def is_outdated(self) -> bool:
        """Whether something else was learned since ``read``, beside the keys."""
        return self._heads is not self._heads_now

    @property
    def _heads_now(self) -> LabelHeads | None:
        suggester = self._review.suggestions.suggester
        return None if suggester is None else suggester.heads

    def read(self) -> None:
        """Read what was decided of each label."""
        self._heads = self._heads_now
        catalogue, keys = self._review.job.catalogue, self._review.photos.listing.keys
        self._counts = label_counts(catalogue, as_bytes(keys))
        is_all = len(self._shown) == len(keys)
        shown = as_bytes(keys[self._shown])
        self._counts_shown = self._counts if is_all else label_counts(catalogue, shown)

    def look(self) -> Iterator[None]:
        """Look at the scores of all photos, or of a sample where they are many; some a step.

        What is decided of a photo's label is left out. Labels that change meanwhile are those of
        the next look.
        """
        suggester, listing = self._review.suggestions.suggester, self._review.photos.listing
        if suggester is None or not len(self._shown):
            return
        labels, keys = suggester.labels, listing.keys[self._shown]
        keys = keys[np.unique(keys.view(f"S{KEY_BYTES}").reshape(-1), return_index=True)[1]]
        photos = keys[suggester.has(keys)]
        most = max(1, _CELLS // len(labels))
        if len(photos) > most:
            photos = np.random.default_rng(len(photos)).permutation(photos)[:most]
        scale = len(keys) / max(1, len(photos)) if len(photos) == most else 1.0
        suggested, gains = np.zeros(len(labels)), np.zeros(len(labels))
        rows = max(_LEAST, _AT_ONCE // len(labels))
        least = SUGGESTED if suggester.heads.is_plain else _WORTH_ASKING
        for start in range(0, len(photos), rows):
            block = as_bytes(photos[start : start + rows])
            scores = _open_scores(suggester, block)
            suggested += (scores >= SUGGESTED).sum(axis=0)
            gains += np.where(scores >= least, scores, 0).sum(axis=0)
            yield
        self._suggested = dict(
            zip(labels, (scale * suggested).round().astype(int).tolist(), strict=True)
        )
        self._gains = dict(zip(labels, (scale * gains).tolist(), strict=True))

    def rows(self, order: LabelOrder = LabelOrder.GAIN, words: str = "") -> list[ListedLabel]:
        """Return the labels that hold some letters, in an order; ties are in that of the labels."""
        suggester = self._review.suggestions.suggester
        states = (
            {}
            if suggester is None
            else dict(zip(suggester.labels, suggester.heads.states, strict=True))
        )
        letter_of = letters(self._review.job.catalogue)
        listed = []
        for label in self._review.photos.find_labels(words):
            counts = self._counts.get(label, LabelCounts())
            listed.append(
                ListedLabel(
                    label,
                    counts,
                    max(0, self._photos - sum(self._counts_shown.get(label, ()))),
                    states.get(label),
                    letter_of.get(label, ""),
                    self._suggested.get(label),
                    self._gains.get(label),
                )
            )
        if order is LabelOrder.NAME:
            levels = self._review.job.model.tree.levels
            return sorted(listed, key=lambda row: [level.casefold() for level in levels(row.label)])
        return _ordered(listed, order)

    def written(self, rows: Sequence[ListedLabel], order: LabelOrder) -> list[str]:
        """Return how the labels of rows are written: by name, those of a tree as a tree.

        There a label stands indented below the one that it is part of, or beside which it is.
        """
        tree = self._review.job.model.tree
        if order is not LabelOrder.NAME:
            return [tree.shown(row.label) for row in rows]
        written: list[str] = []
        before: tuple[str, ...] = ()
        for row in rows:
            *above, leaf = levels = tree.written(row.label)
            is_below = bool(above) and before[: len(above)] == tuple(above)
            written.append("  " * len(above) + leaf if is_below else tree.spelled(row.label))
            before = levels
        return written

    def next_open(self, after: str) -> ListedLabel | None:
        """Return the label whose pages are expected to gain most, but for one that was just done.

        That one, and what its pages gained, is not offered again before the next ``look``.
        """
        self._gains.pop(after, None)
        best = self.rows()[:1]
        return best[0] if best and best[0].is_offered else None

    def set_letter(self, label: str, letter: str) -> str:
        """Give a label a letter; say what came of it. On disk when this returns.

        Raises PhototaggerError where it cannot be kept.
        """
        self._review.check_writable()
        catalogue = self._review.job.catalogue
        before = next((owner for owner, its in letters(catalogue).items() if its == letter), "")
        keep_letter(catalogue, label, letter)
        shown = self._review.job.model.tree.shown
        lost = f"; {shown(before)} has none any more" if before not in {"", label} else ""
        return f"{letter} is {shown(label)}{lost}"


def _open_scores(suggester: Suggester, photos: list[bytes]) -> Float32:
    """Return the scores of photos, 0 where a label is decided."""
    scores = suggester.scores(photos)[1]
    scores[suggester.heads.known(photos)] = 0
    return scores


def _ordered(rows: list[ListedLabel], order: LabelOrder) -> list[ListedLabel]:
    if order is LabelOrder.APPROVED:
        return sorted(rows, key=lambda row: -row.counts.approved)
    if order is LabelOrder.SUGGESTED:
        return sorted(rows, key=lambda row: -(row.suggested or 0))
    return sorted(rows, key=lambda row: -(row.gain or 0.0))

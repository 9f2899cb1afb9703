"""Which members are held back from what is approved of their stack, until somebody looks at them.

A member is, where the mean of its stack suggests a label that is checked, and its own score denies
it. What was not decided with the rest of its stack is, too: it was held back then, or came later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.checklist import Mark
from phototagger.core.score import over
from phototagger.engine.decisions.learned import SUGGESTED
from phototagger.review.photos_shown import labels_held
from phototagger.review.stacks.finding import ALONE
from phototagger.store.labels.drafts import drafted
from phototagger.store.labels.marks import decided_in_stacks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from phototagger.review.photos_shown import PhotosShown
    from phototagger.review.suggestions import LiveSuggestions

_AT_ONCE = 1000  # members whose scores are in memory at once


class HeldBack:
    """Says which undecided members of stacks, by their positions, are held back."""

    def __init__(self, photos: PhotosShown, suggestions: LiveSuggestions) -> None:
        self._photos = photos
        self._suggestions = suggestions

    def of(self, members: Sequence[int], checked: Collection[str] | None = None) -> set[int]:
        """Return those of some members of one stack that are held back.

        ``checked`` are the labels that are to be approved: those that the mean suggests.
        """
        stacked = self._photos.stacked
        whole = stacked.of_stack(stacked.number(members[0])).tolist()
        if decided_in_stacks(self._photos.job.catalogue, self._contents(whole)):
            return self._undecided(members)
        return self._by_scores([list(members)], checked)

    def everywhere(self) -> set[bytes]:
        """Return the contents of all members that are held back; reads their vectors."""
        listing = self._photos.listing
        kept = drafted(self._photos.job.catalogue)
        found: set[int] = set()
        for stacks in self._in_parts():
            found |= self._of_some(stacks)
        return {listing.sha1(one) for one in found} - kept

    def _in_parts(self) -> Iterator[list[list[int]]]:
        """Yield the stacks of which something is undecided, some at a time."""
        photos = self._photos
        numbers = photos.stacked.stacks.numbers
        order = np.argsort(numbers, kind="stable")
        order = order[numbers[order] != ALONE]
        stacks = np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1) if len(order) else []
        part, size, marks = list[list[int]](), 0, photos.listing.marks
        for members in stacks:
            if (marks[members] == Mark.UNDECIDED).any():
                part.append(members.tolist())
                size += len(members)
            if size >= _AT_ONCE:
                yield part
                part, size = [], 0
        if part:
            yield part

    def _of_some(self, stacks: list[list[int]]) -> set[int]:
        """Return those of whole stacks that are held back."""
        members = [one for some in stacks for one in some]
        by_stack = decided_in_stacks(self._photos.job.catalogue, self._contents(members))
        found: set[int] = set()
        open_ones: list[list[int]] = []
        for some in stacks:
            if by_stack.isdisjoint(self._contents(some)):
                open_ones.append(some)
            else:
                found |= self._undecided(some)
        return found | self._by_scores(open_ones, None)

    def _contents(self, positions: Sequence[int]) -> list[bytes]:
        return [self._photos.listing.sha1(one) for one in positions]

    def _undecided(self, positions: Sequence[int]) -> set[int]:
        listing = self._photos.listing
        return {one for one in positions if listing.mark(one) is Mark.UNDECIDED}

    def _by_scores(self, stacks: list[list[int]], checked: Collection[str] | None) -> set[int]:
        """Return the undecided members of stacks whose own scores deny what is to be approved."""
        photos, suggester = self._photos, self._suggestions.suggester
        listing = photos.listing
        members = [one for some in stacks for one in some]
        if suggester is None or not members:
            return set()
        known = set(suggester.with_vectors(self._contents(members)))
        stacks = [[one for one in some if listing.sha1(one) in known] for some in stacks]
        stacks = [some for some in stacks if some]
        # Of what has no vector nothing is known: it is looked at.
        found = {one for one in members if listing.sha1(one) not in known}
        members = [one for some in stacks for one in some]
        if not members:
            return found
        sha1s = self._contents(members)
        cosines, scores, likely = suggester.scores(sha1s)
        sizes = np.array([len(some) for some in stacks])
        starts = np.cumsum(sizes) - sizes
        learned = self._suggestions.has_learned
        means = np.add.reduceat(scores if learned else cosines, starts) / sizes[:, None]
        wanted = means >= SUGGESTED if learned else over(means, suggester.threshold)
        if checked is not None:
            wanted = wanted & np.isin(suggester.labels, list(checked))
        denies = np.repeat(wanted, sizes, axis=0) & ~likely
        places = {label: at for at, label in enumerate(suggester.labels)}
        held = labels_held(photos.job, sha1s)
        for row, sha1 in enumerate(sha1s):
            decided = [places[label] for label in held.get(sha1, ()) if label in places]
            denies[row, decided] = False
        shown_large = {max(some, key=self._centrality) for some in stacks}
        found |= {members[row] for row in np.flatnonzero(denies.any(axis=1)).tolist()}
        return self._undecided(list(found)) - shown_large

    def _centrality(self, position: int) -> float:
        return float(self._photos.stacked.stacks.central[position])

"""Which members are held back from what is approved of their stack, until somebody looks at them.

A member is, where the mean of its stack suggests a label that is checked, and its own score denies
it. What was not decided with the rest of its stack is, too: it was held back then, or came later.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np

from phototagger.core.checklist import Mark
from phototagger.core.score import over
from phototagger.engine.decisions.learned import SUGGESTED
from phototagger.review.photo_list import Listing
from phototagger.review.photos_shown import PhotosShown, labels_held
from phototagger.review.stacks.finding import ALONE, Stacks
from phototagger.review.suggestions import LiveSuggestions
from phototagger.store.labels.drafts import drafted
from phototagger.store.labels.marks import decided_in_stacks

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
        listing, stacks = stacked.known
        whole = stacked.of_stack(stacked.number(members[0])).tolist()
        if decided_in_stacks(self._photos.job.catalogue, _contents(listing, whole)):
            return _undecided(listing, members)
        return self._by_scores(listing, stacks, [list(members)], checked)

    def everywhere(self) -> set[bytes]:
        """Return the contents of all members that are held back; reads their vectors.

        It may be called on any thread: other photos may be shown meanwhile.
        """
        listing, stacks = self._photos.stacked.known
        with_drafts = drafted(self._photos.job.catalogue)
        held_back: set[int] = set()
        for part in _in_parts(listing, stacks):
            held_back |= self._of_some(listing, stacks, part)
        return {listing.sha1(position) for position in held_back} - with_drafts

    def is_all_that_is_left(self) -> bool:
        """Tell whether all that is undecided was held back from an approval, or came later."""
        listing, stacks = self._photos.stacked.known
        is_left = listing.marks == Mark.UNDECIDED
        left = stacks.numbers[is_left]
        if not len(left) or (left == ALONE).any():
            return False
        left = np.unique(left)
        begun = ~is_left & np.isin(stacks.numbers, left)
        if len(np.unique(stacks.numbers[begun])) < len(left):
            return False
        contents = _contents(listing, np.flatnonzero(begun).tolist())
        by_stack = decided_in_stacks(self._photos.job.catalogue, contents)
        approved = [sha1 in by_stack for sha1 in contents]
        return len(np.unique(stacks.numbers[begun][approved])) == len(left)

    def _of_some(self, listing: Listing, stacks: Stacks, groups: list[list[int]]) -> set[int]:
        """Return those of whole stacks that are held back."""
        contents = [_contents(listing, members) for members in groups]
        all_contents = [sha1 for part in contents for sha1 in part]
        by_stack = decided_in_stacks(self._photos.job.catalogue, all_contents)
        held_back: set[int] = set()
        open_ones: list[list[int]] = []
        for members, part in zip(groups, contents, strict=True):
            if by_stack.isdisjoint(part):
                open_ones.append(members)
            else:
                held_back |= _undecided(listing, members)
        return held_back | self._by_scores(listing, stacks, open_ones, None)

    def _by_scores(
        self,
        listing: Listing,
        stacks: Stacks,
        groups: list[list[int]],
        checked: Collection[str] | None,
    ) -> set[int]:
        """Return the undecided members of stacks whose own scores deny what is to be approved."""
        photos, suggester = self._photos, self._suggestions.suggester
        members = [member for part in groups for member in part]
        if suggester is None or not members:
            return set()
        with_vectors = set(suggester.with_vectors(_contents(listing, members)))
        groups = [
            [member for member in part if listing.sha1(member) in with_vectors] for part in groups
        ]
        groups = [part for part in groups if part]
        # Nothing is known of a photo without a vector, so a person looks at it.
        held_back = {member for member in members if listing.sha1(member) not in with_vectors}
        members = [member for part in groups for member in part]
        if not members:
            return held_back
        sha1s = _contents(listing, members)
        cosines, scores, likely = suggester.scores(sha1s)
        sizes = np.array([len(part) for part in groups])
        starts = np.cumsum(sizes) - sizes
        learned = self._suggestions.has_learned
        means = np.add.reduceat(scores if learned else cosines, starts) / sizes[:, None]
        wanted = means >= SUGGESTED if learned else over(means, suggester.threshold)
        if checked is not None:
            wanted = wanted & np.isin(suggester.labels, list(checked))
        denies = np.repeat(wanted, sizes, axis=0) & ~likely
        places = {label: at for at, label in enumerate(suggester.labels)}
        decided_of = labels_held(photos.job, sha1s)
        for row, sha1 in enumerate(sha1s):
            decided = [places[label] for label in decided_of.get(sha1, ()) if label in places]
            denies[row, decided] = False
        shown_large = {max(part, key=stacks.central.__getitem__) for part in groups}
        held_back |= {members[row] for row in np.flatnonzero(denies.any(axis=1)).tolist()}
        return _undecided(listing, held_back) - shown_large


def _in_parts(listing: Listing, stacks: Stacks) -> Iterator[list[list[int]]]:
    """Yield the stacks of which something is undecided, some at a time."""
    numbers, marks = stacks.numbers, listing.marks
    order = np.argsort(numbers, kind="stable")
    order = order[numbers[order] != ALONE]
    groups = np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1) if len(order) else []
    part, size = list[list[int]](), 0
    for members in groups:
        if (marks[members] == Mark.UNDECIDED).any():
            part.append(members.tolist())
            size += len(members)
        if size >= _AT_ONCE:
            yield part
            part, size = [], 0
    if part:
        yield part


def _contents(listing: Listing, positions: Iterable[int]) -> list[bytes]:
    return [listing.sha1(position) for position in positions]


def _undecided(listing: Listing, positions: Iterable[int]) -> set[int]:
    return {position for position in positions if listing.mark(position) is Mark.UNDECIDED}

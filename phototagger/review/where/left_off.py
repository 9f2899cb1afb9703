"""A review opens where it was left: photo, filter, order, threshold, marks."""

import os
from pathlib import Path

from phototagger.review.photo_list import Listing
from phototagger.review.session import Review
from phototagger.review.view import Filter, Order, WasShown
from phototagger.store.left_off import LeftOff, read_left_off, write_left_off


class Place:
    """The place of a review in its run_dir, which is written by the review that may decide."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._last_kept: LeftOff | None = None

    def restore(self) -> LeftOff:
        """Return where the review was left, after threshold and marks are as they were then.

        What is no word of this phototagger, or came with another threshold of the settings, is
        as at first.
        """
        review = self._review
        left = read_left_off(Path(review.settings.run_dir), review.root) or LeftOff()
        self._last_kept = left
        if left.set_threshold == review.settings.threshold:
            review.suggestions.threshold = left.threshold
        review.marked.contents = set(left.marks)
        review.searches = left.searches
        return left

    def here(self, photo: int | None, before: WasShown | None = None) -> LeftOff:
        """Return where the review is, with the cursor on the photo at a position.

        In what a search found, that is where one was ``before``.
        """
        review = self._review
        shown = before or review.photos
        path = "" if photo is None else review.photos.rel_path(photo)
        return LeftOff(
            before.photo if before else path,
            shown.filter.value,
            shown.order.value,
            shown.order_label,
            review.suggestions.threshold,
            float(review.settings.threshold),
            frozenset(review.marked.known()),
            review.searches,
        )

    def keep(self, here: LeftOff) -> None:
        """Keep a place, on any thread, where it is another one than was kept last."""
        if self.is_new(here):
            self._last_kept = here
            write_left_off(Path(self._review.settings.run_dir), self._review.root, here)

    def is_new(self, here: LeftOff) -> bool:
        """Tell whether a place is to be kept: never by a review that only reads."""
        return here != self._last_kept and self._review.read_only is None


def filter_of(left: LeftOff) -> Filter:
    """Return the filter of a place, all photos where it names none."""
    return next((choice for choice in Filter if choice.value == left.filter), Filter.ALL)


def order_of(left: LeftOff) -> Order:
    """Return the order of a place, by folder where it names none."""
    return next((choice for choice in Order if choice.value == left.order), Order.FOLDER)


def position_of(listing: Listing, photo: str) -> int | None:
    """Return where a photo is in a listing, or the one that follows where it is gone.

    None where there are no photos at all.
    """
    if not len(listing):
        return None
    path = os.path.join(listing.root, photo)  # noqa: PTH118  (of surrogates, too)
    return min(listing.place(path), len(listing) - 1)

"""The review opens where one left it, and keeps where one is while it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.review import Review
from phototagger.review.where.left_off import Place, filter_of, order_of, position_of

if TYPE_CHECKING:
    from phototagger.tui.screens.review.screen import ReviewScreen
    from phototagger.tui.screens.review.views import Views

KEEP_SECONDS = 1.0
"""How often the place is kept, where it is another one: what a kill can cost of it."""


class PlaceKeeper:
    """Shows the place at which the review was left; keeps the present one beside the keys."""

    def __init__(self, screen: ReviewScreen, review: Review, views: Views) -> None:
        self._screen = screen
        self._review = review
        self._views = views
        self._place = Place(review)
        self._is_open = False

    def open(self) -> None:
        """Show what the review showed when it was left."""
        left = self._place.restore()
        listing = self._review.photos.listing
        position = position_of(listing, left.photo) if left.photo else None
        self._views.begin(filter_of(left), order_of(left), left.label, position)
        self._is_open = True
        self._screen.set_interval(KEEP_SECONDS, self._look)

    def close(self) -> None:
        """Keep the last place."""
        if self._is_open:
            at, before = self._screen.grid.cursor.position, self._screen.searching.first
            self._place.keep(self._place.here(at, before))

    def _look(self) -> None:
        at, before = self._screen.grid.cursor.position, self._screen.searching.first
        left = self._place.here(at, before)
        if self._place.is_new(left):
            self._screen.in_thread(lambda: self._place.keep(left), "place")

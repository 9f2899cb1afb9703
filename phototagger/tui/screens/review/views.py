"""Which photos are shown, and in which order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from textual.worker import get_current_worker

from phototagger.review import Filter, Order, Review
from phototagger.review.by_label.label_names import shown_label
from phototagger.review.photo_list import Listing
from phototagger.review.stacks.finding import Stacks
from phototagger.review.stacks.found import stacks_of
from phototagger.review.where.folder_facts import more_failed
from phototagger.tui.keys import Handlers
from phototagger.tui.screens.choose import ChooseScreen

if TYPE_CHECKING:
    from phototagger.tui.screens.review.act_runner import ActRunner
    from phototagger.tui.screens.review.screen import ReviewScreen

_AT_ONCE = 2000  # photos whose stacks are found before the first screen


class Views:
    """Has the person choose a filter and an order; shows another listing of the photos."""

    def __init__(self, screen: ReviewScreen, review: Review, acts: ActRunner) -> None:
        self._screen = screen
        self._review = review
        self._acts = acts
        self.actions: Handlers = {"filter": self._choose_filter, "order": self._choose_order}

    def begin(self, wanted: Filter, order: Order, label: str, at: int | None) -> None:
        """Show the first view, with the cursor on or after the photo at a position."""
        photos, suggester = self._review.photos, self._review.suggestions.suggester
        photos.show(photos.arranged(wanted, Order.FOLDER), wanted, Order.FOLDER)
        if len(photos.listing) <= _AT_ONCE:
            photos.stacked.take(self._stacks(photos.listing), photos.listing)
        self._screen.show_view()
        self._screen.call_after_refresh(self.restack)
        if at is not None:
            self._screen.grid.cursor.go_near(at)
        if suggester is not None and (order is Order.UNCERTAIN or label in suggester.labels):
            self.arrange(wanted, order, label, at)

    def take_listing(self, listing: Listing) -> None:
        """Show another listing; the cursor and a selection stay on their photos.

        While many photos are being decided, it waits: positions are those of the old one.
        """
        if self._acts.busy:
            self._acts.put_off("listing", partial(self.take_listing, listing))
            return
        review, paths = self._review, self._review.photos.listing.paths
        review.photos.take_listing(listing)
        self._screen.grid.cursor.renumber(lambda old: listing.find(paths[old]))
        self._screen.show_view()
        self.restack()
        if review.photos.order is not Order.FOLDER:
            self.arrange(review.photos.filter, review.photos.order, review.photos.order_label)

    def restack(self) -> None:
        """Find the stacks anew, beside the keys; photos that stand otherwise are shown so."""
        screen, photos = self._screen, self._review.photos
        listing = photos.listing

        def show(stacks: Stacks) -> None:
            if photos.stacked.take(stacks, listing):
                screen.show_view()
                screen.photo.show(anew=True)
                screen.show_context()

        def find() -> None:
            stacks = self._stacks(listing)
            if not get_current_worker().is_cancelled:
                screen.app.call_from_thread(show, stacks)

        screen.in_thread(find, "stacks")

    def _stacks(self, listing: Listing) -> Stacks:
        check = self._screen.background.check_leaving
        return stacks_of(self._review.job, listing, self._review.settings.stack_seconds, check)

    def _choose_filter(self) -> None:
        review = self._review
        rows = [(choice, choice.value) for choice in Filter]

        def chosen(wanted: Filter) -> None:
            self.arrange(wanted, review.photos.order, review.photos.order_label)

        screen = ChooseScreen("show which photos?", rows, review.photos.filter)
        screen.ask_on(self._screen.app, chosen)

    def _choose_order(self) -> None:
        review = self._review
        usual = "best first" if review.photos.results else Order.FOLDER.value
        rows = [(choice, usual if choice is Order.FOLDER else choice.value) for choice in Order]

        def chosen(order: Order) -> None:
            if order is Order.LABEL:
                self._choose_label()
            else:
                self.arrange(review.photos.filter, order, "")

        screen = ChooseScreen("in which order?", rows, review.photos.order)
        screen.ask_on(self._screen.app, chosen)

    def _choose_label(self) -> None:
        suggester = self._review.suggestions.suggester
        labels = suggester.labels if suggester else []
        rows = [(label, shown_label(self._review, label)) for label in labels]

        def chosen(label: str) -> None:
            self.arrange(self._review.photos.filter, Order.LABEL, label)

        screen = ChooseScreen("by the score of which label?", rows, search=True)
        screen.ask_on(self._screen.app, chosen)

    def arrange(self, wanted: Filter, order: Order, label: str, at: int | None = None) -> None:
        """Show a filter and an order: what goes by scores is found beside the keys.

        Where a label has no scores, such as one that was removed, the order is by folder.
        ``at``: the position of the photo to go to; else that of another order's first one.
        """
        screen, review = self._screen, self._review
        listing, results = review.photos.listing, review.photos.results
        suggester = review.suggestions.suggester
        if order is Order.LABEL and (suggester is None or label not in suggester.labels):
            order, label = Order.FOLDER, ""
        if order is not Order.FOLDER:
            screen.show_engine("ordering …")

        def arrange() -> None:
            view = review.photos.arranged(wanted, order, label)
            if not get_current_worker().is_cancelled:
                screen.app.call_from_thread(show, view)

        def show(view: NDArray[np.int32]) -> None:
            photos = review.photos
            if photos.results is not results or not photos.listing.has_files_of(listing):
                # Other photos were found meanwhile.
                self.arrange(wanted, order, label, at)
                return
            is_new = (order, label) != (review.photos.order, review.photos.order_label)
            review.photos.show(view, wanted, order, label)
            screen.engine_says = ""
            screen.show_view()
            if wanted is Filter.FAILED and (sentence := more_failed(review.photos)):
                screen.say(sentence)
            if at is not None:
                screen.photo.go_to([at])
            elif is_new and order is not Order.FOLDER:  # what comes first is what was asked for
                screen.grid.cursor.end_selection()
                screen.grid.cursor.home()

        screen.in_thread(arrange, "arrange")

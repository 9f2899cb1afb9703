"""What the line above the keys says of the review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.checklist import Mark
from phototagger.review import Review
from phototagger.review.by_label.label_names import shown_label
from phototagger.tui.next_step import Progressed, next_step
from phototagger.tui.rebinding import Bound
from phototagger.tui.screens.search.searching import found_said
from phototagger.tui.widgets.status import Status

if TYPE_CHECKING:
    from phototagger.tui.screens.review.screen import ReviewScreen


def status_of(screen: ReviewScreen, review: Review, bound: Bound) -> Status:
    """Return what is left, how fast it goes, what holds, and the next step."""
    photos = review.photos
    rate, seconds = photos.pace()
    by = shown_label(review, photos.order_label)
    order = f"by {by}" if photos.order_label else photos.order.value
    return Status(
        undecided=photos.undecided(),
        pace=rate,
        seconds=seconds,
        threshold=review.suggestions.threshold,
        search=f"{photos.results.said}: {found_said(review)}" if photos.results else "",
        filter="" if photos.filter == "all" else f"only {photos.filter}",
        order="" if order == "folder" else order,
        marked=len(screen.acts.chosen()),
        elsewhere=review.marked.elsewhere(),
        engine=screen.engine_says,
        read_only=review.read_only.holder if review.read_only else "",
        also=screen.photo.other_place(),
        before=screen.photo.labels_before(),
        promised=screen.photo.promised(),
        next="" if review.read_only else next_step(_standing(screen, review), bound),
    )


def _standing(screen: ReviewScreen, review: Review) -> Progressed:
    listing, position = review.photos.listing, screen.grid.cursor.position
    in_folder = (
        range(0) if position is None else listing.in_folder(int(listing.folder_of[position]))
    )
    marks = listing.marks
    return Progressed(
        photos=int(np.count_nonzero(marks != Mark.FAILED)),
        undecided=int(np.count_nonzero(marks == Mark.UNDECIDED)),
        undecided_here=int(
            np.count_nonzero(marks[in_folder.start : in_folder.stop] == Mark.UNDECIDED)
        )
        if position is not None
        else 1,
        held_back=review.stacks.held.is_all_that_is_left(),
        finds=screen.decisions.finds,
        letters=screen.letters.on,
    )

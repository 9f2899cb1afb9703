"""Searching: what is found takes the place of the photos shown, until one goes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phototagger.review import Filter, Order, Review
from phototagger.review.search.live import Answer
from phototagger.review.view import WasShown
from phototagger.review.where.left_off import position_of
from phototagger.tui.keys import Handlers
from phototagger.tui.keys_said import shown_key
from phototagger.tui.rebinding import Bound
from phototagger.tui.screens.search.seeking import Seeker

if TYPE_CHECKING:
    from phototagger.tui.screens.review.act_runner import ActRunner
    from phototagger.tui.screens.review.screen import ReviewScreen
    from phototagger.tui.screens.review.views import Views

HINTED = 10
"""So many searches say which key adds a label: that was `/` once."""

_SEARCHING = "searching"
_MORE = 24  # photos that scrolling to the end adds, at least


class Searching:
    """Has the person search, and shows what is found as a view like any other."""

    def __init__(
        self, screen: ReviewScreen, review: Review, acts: ActRunner, views: Views, bound: Bound
    ) -> None:
        self._screen = screen
        self._review = review
        self._acts = acts
        self._views = views
        self._bound = bound
        self._seeker = Seeker(screen, review, self._show, self._free)
        self._back: list[WasShown] = []
        self._before: WasShown | None = None  # what a search goes back to that is not shown yet
        self._line = ""  # that was searched for last
        self._note = ""  # what is missing of what is shown
        field = screen.search_field
        field.typed, field.taken, field.left = self._look, self._take, self._close
        field.moved = screen.action_act
        self.actions: Handlers = {"search": self._open, "alike": self._alike}

    @property
    def first(self) -> WasShown | None:
        """What was shown before any search; None where nothing is searched."""
        return self._back[0] if self._back else None

    def leave(self) -> bool:
        """Show what was shown before the last search; tell whether there was one."""
        is_on = bool(self._back)
        if is_on:
            self._return()
        return is_on

    def look_at(self, positions: Sequence[int]) -> None:
        """Have read first what is seen; at the end of what was found, show more of it."""
        self._screen.arriving.read_first(positions)
        self.reached()

    def reached(self) -> None:
        """Show more of what was found, where its end is reached: ``A`` and ``V`` mean no others."""
        photos, grid = self._review.photos, self._screen.grid
        results = photos.results
        if results is None or results.most is None or photos.order is not Order.FOLDER:
            return
        end = max(grid.seen.stop if grid.display else 0, grid.cursor.index + 1)
        is_all = end >= len(photos.view) and len(photos.stacked.everything) >= results.most
        if is_all and results.most < len(results.positions):
            more = max(_MORE, len(grid.seen))
            photos.results = results._replace(most=results.most + more)
            self._arrange(photos.filter)

    # Keys.

    def _open(self) -> None:
        """Open the field; what is like a photo is not waited for any more."""
        if self._before is not None:
            self._before = None
            self._seeker.forget()
        self._back.append(self._what_is_shown())
        self._review.searches += 1
        self._line = ""
        self._screen.set_class(True, "searching")  # noqa: FBT003  (Textual's)
        self._screen.show_context()
        self._screen.search_field.begin()
        self._screen.search_field.say(self._hint())

    def _alike(self) -> None:
        """Find what is like the photo under the cursor, or the marked ones."""
        position = self._screen.photo.show()
        liked = self._acts.chosen() or ([] if position is None else [position])
        if not liked:
            self._screen.say("no photo is here that others could be like")
        elif self._acts.is_free():
            self._before = self._what_is_shown()
            self._seeker.like(liked)
            self._hold()

    def _take(self, line: str) -> None:
        """Close the field, and keep what its line finds."""
        self._look(line)
        self._hide()
        if not line.strip():
            self._return()
        elif self._seeker.waits:
            self._hold()
        elif self._note:
            self._screen.say(self._note)

    def _close(self) -> None:
        """Close the field, and show what was shown before."""
        self._hide()
        self._return()

    def _hide(self) -> None:
        screen = self._screen
        screen.set_class(False, "searching")  # noqa: FBT003  (Textual's)
        screen.grid.focus()
        screen.show_context()

    def _hold(self) -> None:
        """Let no key decide before what was asked for is on the screen."""
        if self._seeker.waits and not self._acts.busy:
            self._acts.busy = _SEARCHING

    def _free(self) -> None:
        if self._acts.busy == _SEARCHING:
            self._acts.rest()

    # What is found.

    def _look(self, line: str) -> None:
        """Search for a line, unless that was done."""
        if line == self._line:
            return
        self._line = line
        if line.strip():
            self._seeker.line(line)
            return
        self._seeker.forget()
        self._screen.search_field.say(self._hint())
        self._show_again(self._back[-1])

    def _show(self, answer: Answer, is_first: bool) -> None:  # noqa: FBT001  (a callback's)
        """Show what was found, in the place of what was found without the model."""
        photos, listing, results = self._review.photos, answer.listing, answer.results
        if self._before is not None:
            self._back.append(self._before)
            self._before = None
        if not listing.has_files_of(photos.listing):
            positions = photos.listing.positions_from(listing, results.positions)
            results = results._replace(positions=positions)
        photos.results = results
        if is_first:
            photos.stacked.unfold(None)
        if is_first or photos.order is Order.FOLDER:
            self._arrange(Filter.ALL if is_first else photos.filter)
        else:
            self._views.arrange(photos.filter, photos.order, photos.order_label)
        if is_first or self._screen.search_field.is_open:  # else one is at work there already
            self._screen.grid.cursor.end_selection()
            self._screen.grid.cursor.home()
        self._free()
        self._say(answer)

    def _arrange(self, wanted: Filter) -> None:
        photos = self._review.photos
        photos.show(photos.arranged(wanted, Order.FOLDER), wanted, Order.FOLDER)
        self._screen.show_view()

    def _say(self, answer: Answer) -> None:
        """Say in the field how much was found, and by what; else only what is missing yet."""
        field, note_before, self._note = self._screen.search_field, self._note, answer.note
        if field.is_open:
            field.say(found_said(self._review), answer.note, self._hint())
        elif answer.note or note_before:  # what was said of it before holds no more
            self._screen.say(answer.note)

    def _hint(self) -> str:
        key = shown_key(self._bound.action("find_label").keys[0])
        return f"{key} adds a label" if self._review.searches <= HINTED else ""

    # The way back.

    def _what_is_shown(self) -> WasShown:
        photos, grid = self._review.photos, self._screen.grid
        position = grid.cursor.position
        return WasShown(
            photos.listing,
            photos.stacked.everything,
            photos.filter,
            photos.order,
            photos.order_label,
            photos.results,
            "" if position is None else photos.rel_path(position),
            next(iter(photos.stacked.opened()), None),
            grid.cursor.anchor,
            grid.cursor.index,
            grid.top,
        )

    def _return(self) -> None:
        self._seeker.forget()
        self._show_again(self._back.pop())

    def _show_again(self, before: WasShown) -> None:
        """Show what was shown; where there are other files by now, what comes nearest to it."""
        photos, grid, results = self._review.photos, self._screen.grid, before.results
        at = position_of(photos.listing, before.photo) if before.photo else None
        if photos.listing.has_files_of(before.listing):
            photos.results = results
            photos.show(before.view, before.filter, before.order, before.order_label)
            photos.stacked.unfold(before.opened)
            grid.cursor.end_selection()
            self._screen.show_view()
            index = None if at is None else photos.stacked.index_of(at)
            grid.cursor.go(before.cursor if index is None else index)
            grid.cursor.select_from(before.anchor)
            grid.scroll_rows(before.top - grid.top)
            return
        if results is not None:
            positions = photos.listing.positions_from(before.listing, results.positions)
            results = results._replace(positions=positions)
        photos.results = results
        grid.cursor.end_selection()
        self._views.begin(before.filter, before.order, before.order_label, at)
        if before.anchor is not None:
            path = before.listing.paths[before.anchor]
            grid.cursor.select_from(position_of(photos.listing, path))


def found_said(review: Review) -> str:
    """Return how many photos of a search are shown; nothing where none is on."""
    results, shown = review.photos.results, len(review.photos.stacked.everything)
    if results is None:
        return ""
    if results.most is None or not shown:
        return f"{shown:,} found" if shown else "nothing found"
    total = len(results.positions)
    return f"the nearest {shown:,} of {total:,}" if shown < total else f"all {total:,}, by nearness"

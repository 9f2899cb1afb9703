"""Searching: what is found takes the place of the photos shown, until one goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.worker import get_current_worker

from phototagger.review import Filter, Order
from phototagger.review.search.live import LiveSearch
from phototagger.review.view import WasShown
from phototagger.review.where.left_off import position_of
from phototagger.tui.keys_said import shown_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from textual.timer import Timer

    from phototagger.review import Review
    from phototagger.review.search.live import Answer
    from phototagger.tui.rebinding import Bound
    from phototagger.tui.screens.review.act_runner import ActRunner
    from phototagger.tui.screens.review.screen import ReviewScreen
    from phototagger.tui.screens.review.views import Views

RELEASE_SECONDS = 600.0
"""How long after the last search the model's process stays, where it has nothing else to do."""

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
        self._live = LiveSearch(review.photos)
        self._back: list[WasShown] = []
        self._number = 0  # of the last search
        self._line = ""  # that was searched for last
        self._note = ""  # what is missing of what is shown
        self._waits = False  # whether nothing of it is shown yet
        self._release: Timer | None = None
        field = screen.search_field
        field.typed, field.taken, field.left = self._look, self._take, self._close
        field.moved = screen.action_act

    @property
    def actions(self) -> Mapping[str, Callable[[], object]]:
        """What is done here, by the words of the table of keys."""
        return {"search": self._open, "alike": self._alike}

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
        if end >= len(photos.view) >= results.most < len(results.positions):
            more = max(_MORE, len(grid.seen))
            photos.results = results._replace(most=results.most + more)
            self._arrange(photos.filter)

    # Keys.

    def _open(self) -> None:
        """Open the field."""
        self._back.append(self._here())
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
            self._seek(lambda _: iter([self._live.like(liked)]), self._here())
            self._hold()

    def _take(self, line: str) -> None:
        """Close the field, and keep what its line finds."""
        self._look(line)
        self._hide()
        if not line.strip():
            self._return()
        elif self._waits:
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
        if self._waits and not self._acts.busy:
            self._acts.busy = _SEARCHING

    def _rest(self) -> None:
        self._waits = False
        if self._acts.busy == _SEARCHING:
            self._acts.rest()

    # What is found.

    def _look(self, line: str) -> None:
        """Search for a line, unless that was done."""
        if line == self._line:
            return
        self._line = line
        if line.strip():
            is_busy = not self._screen.engine.rests()
            self._seek(lambda is_over: self._live.find(line, is_over, is_busy=is_busy))
            return
        self._number += 1
        self._rest()
        self._screen.search_field.say(self._hint())
        self._show_again(self._back[-1])

    def _seek(
        self, find: Callable[[Callable[[], bool]], Iterator[Answer]], before: WasShown | None = None
    ) -> None:
        """Find something beside the keys; ``before``: what was shown before it, if that is new."""
        screen, self._waits = self._screen, True
        self._number += 1
        number = self._number
        screen.workers.cancel_group(screen, "arrange")
        self._stay()

        def seek() -> None:
            worker, call = get_current_worker(), screen.app.call_from_thread
            try:
                for place, answer in enumerate(find(lambda: worker.is_cancelled)):
                    call(self._show, number, answer, None if place else before, is_first=not place)
            finally:
                if not worker.is_cancelled:
                    call(self._end, number)

        screen.in_thread(seek, "search")

    def _end(self, number: int) -> None:
        if number == self._number:
            self._rest()

    def _show(
        self, number: int, answer: Answer, before: WasShown | None, *, is_first: bool
    ) -> None:
        """Show what was found, unless something else is looked for by now."""
        if number != self._number:
            return
        photos, listing, found = self._review.photos, answer.listing, answer.results
        if before is not None:
            self._back.append(before)
        if not listing.has_files_of(photos.listing):
            there = photos.listing.positions_from(listing, found.positions)
            found = found._replace(positions=there)
        photos.results = found
        if is_first or photos.order is Order.FOLDER:
            self._arrange(Filter.ALL if is_first else photos.filter)
        else:
            self._views.arrange(photos.filter, photos.order, photos.order_label)
        if is_first or self._screen.search_field.is_open:  # else one is at work there already
            self._screen.grid.cursor.end_selection()
            self._screen.grid.cursor.home()
        self._rest()
        self._say(answer)

    def _arrange(self, wanted: Filter) -> None:
        photos = self._review.photos
        photos.show(photos.arranged(wanted, Order.FOLDER), wanted, Order.FOLDER)
        self._screen.show_view()

    def _say(self, answer: Answer) -> None:
        """Say in the field how much was found, and by what; else only what is missing yet."""
        field, self._note = self._screen.search_field, answer.note
        if field.is_open:
            said = (found_said(self._review), answer.note, self._hint())
            field.say(" · ".join(one for one in said if one))
        elif answer.note:
            self._screen.say(answer.note)

    def _hint(self) -> str:
        key = shown_key(self._bound.action("find_label").keys[0])
        return f"{key} adds a label" if self._review.searches <= HINTED else ""

    # The way back.

    def _here(self) -> WasShown:
        photos, grid = self._review.photos, self._screen.grid
        position = grid.cursor.position
        return WasShown(
            photos.listing,
            photos.view,
            photos.filter,
            photos.order,
            photos.order_label,
            photos.results,
            "" if position is None else photos.rel_path(position),
            grid.cursor.index,
            grid.top,
        )

    def _return(self) -> None:
        self._number += 1  # what is still looked for is not shown any more
        self._rest()
        self._show_again(self._back.pop())

    def _show_again(self, before: WasShown) -> None:
        """Show what was shown; where there are other files by now, what comes nearest to it."""
        photos, grid, results = self._review.photos, self._screen.grid, before.results
        if photos.listing.has_files_of(before.listing):
            photos.results = results
            photos.show(before.view, before.filter, before.order, before.order_label)
            self._screen.show_view()
            grid.cursor.end_selection()
            grid.cursor.go(before.cursor)
            grid.scroll_rows(before.top - grid.top)
            return
        if results is not None:
            there = photos.listing.positions_from(before.listing, results.positions)
            results = results._replace(positions=there)
        photos.results = results
        at = position_of(photos.listing, before.photo) if before.photo else None
        self._views.begin(before.filter, before.order, before.order_label, at)

    # The model's process.

    def _stay(self) -> None:
        """Keep the model's process for a while from now on."""
        if self._release is not None:
            self._release.stop()
        self._release = self._screen.set_timer(RELEASE_SECONDS, self._let_go)

    def _let_go(self) -> None:
        engine = self._screen.engine.engine
        if engine is None:
            return

        def release() -> None:
            if not engine.release_model():
                self._screen.app.call_from_thread(self._stay)

        self._screen.in_thread(release, "release")


def found_said(review: Review) -> str:
    """Return how many photos of a search are shown; nothing where none is on."""
    results, shown = review.photos.results, len(review.photos.view)
    if results is None:
        return ""
    if shown < len(results.positions):
        return f"{shown:,} of {len(results.positions):,}"
    return f"{shown:,} found" if shown else "nothing found"

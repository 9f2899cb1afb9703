"""What every act goes through: one at a time, on disk first, then shown; undo and redo."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from phototagger.errors import InterruptedByUser
from phototagger.printable import counted
from phototagger.review import TROUBLE, Act, Review
from phototagger.review.by_label.label_names import shown_label
from phototagger.review.history import Coming
from phototagger.review.photo_list import Listing
from phototagger.review.plans import Plan
from phototagger.tui.keys import Handlers
from phototagger.tui.screens.confirm import ConfirmScreen
from phototagger.tui.screens.review.focused_photo import NO_PHOTO
from phototagger.tui.screens.review.learning import Learning

if TYPE_CHECKING:
    from phototagger.tui.screens.review.screen import ReviewScreen

Result = TypeVar("Result")

_EVERY = 0.2  # seconds between two looks at how much is done

FEW = 200
"""Photos that an act may touch while the keys wait."""


class ActRunner:
    """Does acts and says what came of them; nothing is shown that is not on disk.

    ``busy``: what goes on that no decision may come between.
    """

    def __init__(self, screen: ReviewScreen, review: Review, learning: Learning) -> None:
        self._screen = screen
        self._review = review
        self._learning = learning
        self.busy = ""
        self._is_stopped: threading.Event | None = None  # of a long act
        self._afterwards: dict[str, Callable[[], object]] = {}
        self.actions: Handlers = {
            "undo": partial(self._step, redo=False),
            "redo": partial(self._step, redo=True),
        }

    def is_free(self) -> bool:
        """Tell whether something can be done now; say what is waited for, if not."""
        if self.busy:
            self._screen.say(f"one moment: {self.busy}")
        return not self.busy

    def editable_position(self) -> int | None:
        """Return the position to act on; where there is none, or a long act goes on, say so."""
        if not self.is_free():
            return None
        position = self._screen.photo.show()
        if position is None:
            self._screen.say(NO_PHOTO)
        return position

    def chosen(self) -> list[int]:
        """Return the positions that are marked in this view, or in an open range."""
        cursor, marked = self._screen.grid.cursor, self._review.marked.here()
        if not cursor.is_selecting:
            return marked
        stacked = self._review.photos.stacked
        ranged = {*stacked.all_members(cursor.selected()), *marked}
        return [position for position in stacked.everything.tolist() if position in ranged]

    def propose(
        self,
        photos: Sequence[int],
        plan: Callable[[], Plan],
        doing: str,
        *,
        keeps: bool = False,
        scope: str = "",
        do: Callable[[Plan], Act] | None = None,
    ) -> None:
        """Say what would be done to photos, and do that at enter: what is many, beside the keys.

        ``scope`` says in words which photos these are, where they are not the marked ones.
        Afterwards all of these are marked no more, unless the act ``keeps`` the marks.
        ``do`` does what was planned, where that takes more than the plan.
        """
        which = f"{scope or 'what is marked'}: {counted(len(photos), 'photo')}"
        listing = self._review.photos.listing  # others may go before it is answered

        def ask(planned: Plan) -> None:
            if not planned.sha1s:
                marked = len(self.chosen())
                where = f"with {counted(marked, 'marked photo')}" if marked else "here"
                cure = ["space unmarks it" if marked == 1 else "V, V unmarks all"] if marked else []
                self._screen.say("; ".join([f"nothing to do {where}", *planned.notes, *cure]))
                return

            unmarked, does = () if keeps else photos, do or self._review.do
            apply = partial(self._apply, planned, doing, unmarked, listing, does)
            detail = replace(planned, scope=which).detail(partial(shown_label, self._review))
            self._screen.ask(ConfirmScreen(planned.question, detail, yes="do it"), apply)

        self._beside(photos, plan, ask, "counting", asks=True)

    def do_here(self, plan: Callable[[], Plan], unmarked: Sequence[int] = ()) -> None:
        """Do something without a question; afterwards some photos are marked no more."""
        planned = self._screen.attempt(plan)
        if planned is not None:
            listing = self._review.photos.listing
            self._apply(planned, "deciding", unmarked, listing, self._review.do)

    def _apply(
        self,
        plan: Plan,
        doing: str,
        unmarked: Sequence[int],
        listing: Listing,
        do: Callable[[Plan], Act],
    ) -> None:
        """Do what was planned; afterwards some photos of a listing are marked no more."""
        marked = self._review.marked
        contents = [listing.sha1(position) for position in unmarked] if marked.contents else []

        def finish(done: Act) -> None:
            marked.unmark(contents)
            if len(unmarked):
                self._screen.grid.cursor.end_selection()
            self._finish(done)

        self._beside(plan.sha1s, partial(do, plan), finish, doing)

    def _beside(
        self,
        photos: Collection[object],
        work: Callable[[], Result],
        then: Callable[[Result], None],
        doing: str,
        *,
        asks: bool = False,
    ) -> None:
        """Do something at once where photos are few, else beside the keys; then go on.

        What only ``asks`` does not go on where it was stopped as it ended: nothing is done yet.
        """
        if len(photos) <= FEW:
            came = self._screen.attempt(work)
            if came is not None:
                then(came)
            return
        self.busy = f"{doing} {len(photos):,} photos …"
        self._screen.show_engine(self.busy)
        self._is_stopped = threading.Event()
        self._review.photos.tell = self._teller(self.busy, self._is_stopped)

        def finish(came: Result) -> None:
            is_stopped = self._is_stopped is not None and self._is_stopped.is_set()
            self._end()
            if asks and is_stopped:
                self._screen.complain(_stopped())
            else:
                then(came)  # before another listing that waited: positions are those of the old one
            if not self.busy:
                self._go_on()

        def working() -> None:
            app = self._screen.app
            try:
                came = work()
            except TROUBLE:
                if not self._screen.background.is_leaving:
                    app.call_from_thread(self.rest)
                raise
            app.call_from_thread(finish, came)

        self._screen.in_thread(working, "act")

    def _teller(self, says: str, is_stopped: threading.Event) -> Callable[[float], None]:
        """Return what shows how much is done, and raises where it is to end, on any thread."""
        screen, shown = self._screen, time.monotonic()

        def tell(done: float) -> None:
            nonlocal shown
            if is_stopped.is_set() or screen.background.is_leaving:
                raise _stopped()
            if time.monotonic() - shown >= _EVERY:
                shown = time.monotonic()
                screen.call_later(show, done)

        def show(done: float) -> None:
            if self.busy == says:
                screen.show_engine(f"{says} {done:.0%}, esc stops it")

        return tell

    def stop(self) -> bool:
        """Have a long act end with nothing done; tell whether one goes on."""
        if self._is_stopped is None:
            return False
        self._is_stopped.set()
        return True

    def put_off(self, what: str, do: Callable[[], object]) -> None:
        """Do something once what goes on is over, in the place of the same that was put off."""
        self._afterwards[what] = do

    def rest(self) -> None:
        """Let decisions come again, and do what waited for that."""
        self._end()
        self._go_on()

    def _end(self) -> None:
        self.busy, self._is_stopped = "", None
        self._review.photos.tell = lambda _: None
        self._screen.show_engine("")

    def _go_on(self) -> None:
        afterwards, self._afterwards = self._afterwards, {}
        for do in afterwards.values():
            do()

    def _step(self, *, redo: bool) -> None:
        """Undo or redo something, and go to where that is seen; ask first where it is not."""
        if not self.is_free():
            return
        review = self._review
        nothing = Coming(f"nothing is left to {'redo' if redo else 'undo'}", [])
        step = review.redo if redo else review.undo
        question, doing = ("Do again", "doing again") if redo else ("Take back", "taking back")
        photos = self._screen.attempt(lambda: range(review.photos_ahead(redo=redo)))
        if photos is None:
            return

        def ask(coming: Coming) -> None:
            def do() -> None:
                self._beside(
                    coming.sha1s, lambda: step() or Act(nothing.said, []), self._show_step, doing
                )

            if coming is nothing:
                self._screen.say(nothing.said)
            elif coming.ask:
                said = f"{question}: {coming.said}?"
                self._screen.ask(ConfirmScreen(said, coming.ask), do)
            else:
                do()

        on_screen = self._on_screen()

        def read() -> Coming:
            coming = review.coming(on_screen, redo=redo) or nothing
            review.photos.tell(1.0)  # which ends here where it was stopped
            return coming

        self._beside(photos, read, ask, "reading", asks=True)

    def _show_step(self, act: Act) -> None:
        if act.positions:
            self._screen.photo.go_to(act.positions)
        self._finish(act)

    def _on_screen(self) -> set[int]:
        """Return the photos that can be seen, and those before and after the one under the cursor.

        One key ago the latter were seen: what was just approved is taken back at once.
        """
        grid, view = self._screen.grid, self._review.photos.view
        at = grid.cursor.index
        near = range(max(0, at - 1), min(at + 2, len(view)))
        seen = (int(view[index]) for index in (*near, *(grid.seen if grid.display else ())))
        return set(self._review.photos.stacked.all_members(seen))

    def _finish(self, act: Act) -> None:
        self._screen.done(act)
        if self._review.suggestions.stale:
            self._learning.begin()


def _stopped() -> InterruptedByUser:
    return InterruptedByUser("stopped: nothing of it was done", "press the key again")

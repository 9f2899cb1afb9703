"""What every decision goes through: one at a time, on disk first, then shown; undo and redo."""

from __future__ import annotations

import functools
import sqlite3
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from textual import work

from phototagger.errors import PhototaggerError
from phototagger.tui.screens.review.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from phototagger.review import Act

P = ParamSpec("P")

FEW = 200
"""Photos that an act may touch while the keys wait."""

TROUBLE = (PhototaggerError, OSError, sqlite3.Error)
"""What keeps a decision from the disk."""


def complains(work: Callable[Concatenate[Any, P], None]) -> Callable[Concatenate[Any, P], None]:
    """Have a thread of the review say what keeps it from its work, and the review go on."""

    @functools.wraps(work)
    def trying(desk: Any, /, *args: P.args, **more: P.kwargs) -> None:
        try:
            work(desk, *args, **more)
        except TROUBLE as error:
            desk.call_from_thread(desk.complain, error)

    return trying


class Acting(Desk):
    """Does acts and says what came of them; nothing is shown that is not on disk."""

    def _able(self) -> int | None:
        """Return the position to act on; None where there is none, or a long act goes on."""
        if self.busy:
            self.say(f"one moment: {self.busy}")
            return None
        return self.focus_photo()

    def _selected(self) -> list[int]:
        return self.grid.selected() if self.grid.is_selecting else []

    def _many(
        self,
        act: Callable[[], Act],
        doing: str,
        photos: Collection[int],
        *,
        selected_still: bool = False,
    ) -> None:
        """Do something to photos: at once where they are few, else beside the keys.

        It ends the selection, unless they are to be ``selected_still``.
        """
        count = len(photos)
        if count > FEW:
            self.busy = f"{doing} {count:,} photos …"
            self.engine_says = self.busy
            self.show_status()
            self._in_thread(act, selected_still)
            return
        try:
            done = act()
        except TROUBLE as error:
            self.complain(error)
        else:
            self._finished(done, selected_still)

    @work(thread=True)
    def _in_thread(self, act: Callable[[], Act], selected_still: bool) -> None:  # noqa: FBT001
        try:
            done = act()
        except TROUBLE as error:
            self.call_from_thread(self._rest)
            self.call_from_thread(self.complain, error)
        else:
            self.call_from_thread(self._rest)
            self.call_from_thread(self._finished, done, selected_still)

    def _rest(self) -> None:
        self.busy = self.engine_says = ""
        listing, self.next_listing = self.next_listing, None
        if listing is not None:
            self.take_listing(listing)
        self.show_status()

    def _finished(self, act: Act, selected_still: bool) -> None:  # noqa: FBT001
        if self.grid.is_selecting and not selected_still:
            self.grid.end_selection()
        self.done(act)
        if self.review.stale:
            self.learn()

    def action_undo(self) -> None:
        """Take back what was done last."""
        self._step(self.review.undo, "nothing is left to undo")

    def action_redo(self) -> None:
        """Do again what was undone last."""
        self._step(self.review.redo, "nothing is left to redo")

    def _step(self, step: Callable[[], Act | None], nothing: str) -> None:
        if self.busy:
            self.say(f"one moment: {self.busy}")
            return
        try:
            act = step()
        except TROUBLE as error:
            self.complain(error)
            return
        if act is None:
            self.say(nothing)
            return
        self.go_to(act.positions)
        self.done(act)
        if self.review.stale:
            self.learn()

    def go_to(self, positions: list[int]) -> None:
        """Move the cursor to the first of some photos, unless it is on one of them."""
        if self.grid.position in positions:
            return
        wanted = set(positions)
        found = (at for at, one in enumerate(self.review.view.tolist()) if one in wanted)
        index = next(found, None)
        if index is not None:
            self.grid.go(index)

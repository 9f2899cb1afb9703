"""What every act goes through: one at a time, on disk first, then shown; undo and redo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.review import TROUBLE, Act

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from phototagger.review import Review
    from phototagger.tui.screens.review.learning import Learning
    from phototagger.tui.screens.review.screen import ReviewScreen

FEW = 200
"""Photos that an act may touch while the keys wait."""


class ActRunner:
    """Does acts and says what came of them; nothing is shown that is not on disk.

    ``busy``: what goes on that no decision may come between. ``afterwards`` is done once that is
    over.
    """

    def __init__(self, screen: ReviewScreen, review: Review, learning: Learning) -> None:
        self._screen = screen
        self._review = review
        self._learning = learning
        self.busy = ""
        self.afterwards: Callable[[], object] | None = None

    @property
    def actions(self) -> Mapping[str, Callable[[], object]]:
        """What is done here, by the words of the table of keys."""
        return {
            "undo": lambda: self._step(self._review.undo, "nothing is left to undo"),
            "redo": lambda: self._step(self._review.redo, "nothing is left to redo"),
        }

    def is_free(self) -> bool:
        """Tell whether something can be done now; say what is waited for, if not."""
        if self.busy:
            self._screen.say(f"one moment: {self.busy}")
        return not self.busy

    def editable_position(self) -> int | None:
        """Return the position to act on; None where there is none, or a long act goes on."""
        return self._screen.photo.show() if self.is_free() else None

    def selected(self) -> list[int]:
        """Return the positions that are selected; none where no range was begun."""
        grid = self._screen.grid
        return grid.cursor.selected() if grid.cursor.is_selecting else []

    def apply_to(
        self,
        photos: Collection[int],
        act: Callable[[], Act],
        doing: str,
        *,
        selected_still: bool = False,
    ) -> None:
        """Do something to photos: at once where they are few, else beside the keys.

        It ends the selection, unless they are to be ``selected_still``.
        """
        if len(photos) <= FEW:
            done = self._screen.attempt(act)
            if done is not None:
                self._finish(done, selected_still=selected_still)
            return
        self.busy = f"{doing} {len(photos):,} photos …"
        self._screen.show_engine(self.busy)

        def finish(done: Act) -> None:
            self.rest()
            self._finish(done, selected_still=selected_still)

        def work() -> None:
            app = self._screen.app
            try:
                done = act()
            except TROUBLE:
                app.call_from_thread(self.rest)
                raise
            app.call_from_thread(finish, done)

        self._screen.in_thread(work, "act")

    def rest(self) -> None:
        """Let decisions come again, and do what waited for that."""
        self.busy = ""
        afterwards, self.afterwards = self.afterwards, None
        if afterwards is not None:
            afterwards()
        self._screen.show_engine("")

    def _step(self, step: Callable[[], Act | None], nothing: str) -> None:
        """Undo or redo something, and go to where that is seen."""
        if not self.is_free():
            return
        act = self._screen.attempt(lambda: step() or Act(nothing, []))
        if act is None:
            return
        if act.positions:
            self._screen.photo.go_to(act.positions)
        self._finish(act, selected_still=True)

    def _finish(self, act: Act, *, selected_still: bool) -> None:
        if self._screen.grid.cursor.is_selecting and not selected_still:
            self._screen.grid.cursor.end_selection()
        self._screen.done(act)
        if self._review.suggestions.stale:
            self._learning.begin()

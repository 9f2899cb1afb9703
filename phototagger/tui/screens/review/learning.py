"""Learning anew from all decisions, beside the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.review import TROUBLE, Review

if TYPE_CHECKING:
    from phototagger.tui.screens.review.screen import ReviewScreen


class Learning:
    """Has the heads made of all decisions, and shows what is suggested with them."""

    def __init__(self, screen: ReviewScreen, review: Review) -> None:
        self._screen = screen
        self._review = review

    def begin(self) -> None:
        """Learn, in the place of what is being learned now."""
        self._screen.in_thread(self._learn, "learn")

    def _learn(self) -> None:
        app, review = self._screen.app, self._review
        begun = app.call_from_thread(review.suggestions.learning)
        if begun is None:
            return
        try:
            heads = begun(self._screen.background.check_leaving)
        except TROUBLE:
            if not self._screen.background.is_leaving:
                app.call_from_thread(review.suggestions.not_learned)
            raise

        def take() -> None:
            was_plain = not review.suggestions.has_learned
            review.suggestions.learned(heads)
            if review.suggestions.stale:
                self.begin()
            if len(heads):
                self._screen.grid.reload()
                self.show_again(anew=was_plain)

        app.call_from_thread(take)

    def show_again(self, *, anew: bool = False) -> None:
        """Show the photo with what is suggested now, unless its checks were changed by hand.

        Its rows stay where they are, but ``anew``: where they say what nothing was learned for yet.
        """
        photo = self._screen.photo
        if not photo.checks.changed:
            photo.show(again=True, anew=anew)

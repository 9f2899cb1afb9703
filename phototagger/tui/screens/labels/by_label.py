"""The way from the photos to the label list, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.review import Act, Review
from phototagger.tui.graphics.pictures import Pictures
from phototagger.tui.keys import Handlers
from phototagger.tui.rebinding import Bound
from phototagger.tui.screens.labels.list_screen import LabelListScreen
from phototagger.tui.screens.labels.work import LabelWork
from phototagger.tui.screens.review.learning import Learning

if TYPE_CHECKING:
    from phototagger.tui.screens.review.act_runner import ActRunner
    from phototagger.tui.screens.review.screen import ReviewScreen


class ByLabel:
    """Opens the label list over the photos shown, or those of them that are marked."""

    def __init__(
        self,
        screen: ReviewScreen,
        review: Review,
        acts: ActRunner,
        learning: Learning,
        *,
        pictures: Pictures,
        bound: Bound,
    ) -> None:
        self._screen = screen
        self._review = review
        self._acts = acts
        self._learning = learning
        self._pictures = pictures
        self._bound = bound
        self._touched: set[int] = set()
        self._is_named = False
        self.actions: Handlers = {"label_list": self._open}

    def _open(self) -> None:
        if not self._acts.is_free():
            return
        self._touched, self._is_named = set(), False
        self._acts.busy = "labels are being decided"  # the listing stays as it is meanwhile
        chosen = self._acts.chosen() or self._review.photos.stacked.everything.tolist()
        work = LabelWork(self._review, chosen, self._pictures, self._bound, self._decided)
        self._screen.app.push_screen(LabelListScreen(work), self._closed)

    def _decided(self, act: Act) -> None:
        self._touched |= set(act.positions)
        self._is_named |= act.is_naming
        if self._review.suggestions.stale:
            self._learning.begin()

    def _closed(self, _: None) -> None:
        """Show what was decided meanwhile, in the checklist under the cursor, too."""
        is_other = bool(self._touched) or self._is_named
        if is_other:
            self._screen.changed(self._touched)
        self._acts.rest()
        if is_other:
            self._screen.photo.show(anew=True)
        if self._is_named:  # what a label is called now may have no vector yet
            self._screen.engine.suggest_new_label()

"""The keywords that the photo under the cursor has in its file or sidecar: one key checks them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.core.checklist import check
from phototagger.engine.decisions.keywords import labels_in
from phototagger.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from phototagger.engine.decisions.keywords import FoundLabels
    from phototagger.review import Review
    from phototagger.tui.screens.review.act_runner import ActRunner
    from phototagger.tui.screens.review.photo_decisions import PhotoDecisions
    from phototagger.tui.screens.review.screen import ReviewScreen


class FileKeywords:
    """Checks the keywords of a photo; they are approved as other labels are."""

    def __init__(
        self, screen: ReviewScreen, review: Review, acts: ActRunner, decisions: PhotoDecisions
    ) -> None:
        self._screen = screen
        self._review = review
        self._acts = acts
        self._decisions = decisions

    @property
    def actions(self) -> Mapping[str, Callable[[], object]]:
        """What is done here, by the words of the table of keys."""
        return {"take_keywords": self._take}

    def _take(self) -> None:
        """Read the keywords beside the keys: exiftool takes a moment."""
        screen, position = self._screen, self._acts.editable_position()
        if position is None:
            return
        path = Path(self._review.photos.listing.paths[position])
        screen.say("reading the keywords of the photo and its sidecar …")

        def read() -> None:
            found = labels_in(self._review.job, path, lambda: not screen.is_running)
            screen.app.call_from_thread(self._check, position, found)

        screen.in_thread(read, "keywords")

    def _check(self, position: int, found: FoundLabels) -> None:
        """Check what was found, where the cursor is still on that photo."""
        screen = self._screen
        if position != screen.grid.cursor.position:
            screen.say("not taken: the cursor is on another photo now")
        elif not found.labels:
            left_out = "".join(f"; left out: {why}" for why in found.left_out)
            screen.say(f"no keyword in the photo or its sidecar{left_out}")
        else:
            self._decisions.change(lambda now: check(now, found.labels))
            named = ", ".join(map(printable, found.labels))
            screen.say(f"checked, as the file says: {named}; approving keeps them")

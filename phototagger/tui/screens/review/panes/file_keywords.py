"""The keywords that the photo under the cursor has in its file or sidecar: shown, and one key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.worker import get_current_worker

from phototagger.core.checklist import check
from phototagger.printable import printable
from phototagger.review import Review
from phototagger.review.by_label.label_names import shown_label
from phototagger.tui.keys import Handlers

if TYPE_CHECKING:
    from phototagger.engine.decisions.keywords import FoundLabels
    from phototagger.tui.screens.review.act_runner import ActRunner
    from phototagger.tui.screens.review.photo_decisions import PhotoDecisions
    from phototagger.tui.screens.review.screen import ReviewScreen


class FileKeywords:
    """Reads the keywords of a photo beside the keys; they are approved as other labels are.

    One photo is read at a time, the latest next: where a disk does not answer, nothing queues up.
    """

    def __init__(
        self, screen: ReviewScreen, review: Review, acts: ActRunner, decisions: PhotoDecisions
    ) -> None:
        self._screen = screen
        self._review = review
        self._acts = acts
        self._decisions = decisions
        self._last_read: tuple[Path, FoundLabels] | None = None
        self._is_reading = self._is_due = False
        self._taking: Path | None = None
        self.actions: Handlers = {"take_keywords": self._take}

    def show(self) -> None:
        """Mark the labels that the file has as keywords, and list what is no label in sight."""
        screen = self._screen
        if self._last_read is None or self._last_read[0] != self._path(screen.photo.position):
            screen.labels.mark(())
            screen.board.mark(())
            screen.keyword_line.blank()
            return
        labels = self._last_read[1].labels
        screen.labels.mark(labels)
        screen.board.mark(labels)
        in_sight = screen.labels.in_sight
        out_of_sight = [label for label in labels if label not in in_sight]
        screen.keyword_line.put(out_of_sight)
        screen.labels.set_class(bool(out_of_sight), "short")

    def follow(self) -> None:
        """Read the keywords of the photo that is shown."""
        self._is_due = self._screen.photo.position is not None
        self._read()

    def _path(self, position: int | None) -> Path | None:
        return None if position is None else Path(self._review.photos.listing.paths[position])

    def _read(self) -> None:
        path, screen = self._path(self._screen.photo.position), self._screen
        if self._is_reading or not self._is_due or path is None:
            return
        self._is_reading, self._is_due = True, False

        def read() -> None:
            # The screen opens without what reads XMP.
            from phototagger.engine.decisions.keywords import labels_in

            keywords = None
            try:
                keywords = labels_in(self._review.job, path)
            finally:
                if not get_current_worker().is_cancelled:
                    screen.app.call_from_thread(self._came, path, keywords)

        screen.in_thread(read, "keywords")

    def _came(self, path: Path, keywords: FoundLabels | None) -> None:
        """Show what was found, where its photo is still shown; read what is wanted by now."""
        self._is_reading = False
        if keywords is not None:
            self._last_read = path, keywords
            self.show()
            if self._taking is not None and not self._is_due:
                self._check(path, keywords)
        self._read()

    def _take(self) -> None:
        """Read the keywords anew, and check them: another program may have written meanwhile."""
        position = self._acts.editable_position()
        if position is not None:
            self._taking = self._path(position)
            self._screen.say("reading the keywords of the photo and its sidecar …")
            self.follow()

    def _check(self, path: Path, keywords: FoundLabels) -> None:
        """Check what was found, where the cursor is still on that photo."""
        screen, taking, self._taking = self._screen, self._taking, None
        if path != taking or path != self._path(screen.grid.cursor.position):
            screen.say("not taken: the cursor is on another photo now")
        elif not keywords.labels:
            left_out = "".join(f"; left out: {why}" for why in keywords.left_out)
            screen.say(f"no keyword in the photo or its sidecar{left_out}")
        else:
            self._decisions.change(lambda checks: check(checks, keywords.labels))
            named = ", ".join(
                printable(shown_label(self._review, label)) for label in keywords.labels
            )
            screen.say(f"checked, as the file says: {named}; approving keeps them")

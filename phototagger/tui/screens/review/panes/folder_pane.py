"""While the cursor is among the folders, the right side shows the folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.worker import get_current_worker

from phototagger.imaging.taken import taken_between
from phototagger.review import Review
from phototagger.review.where.folder_facts import folder_facts
from phototagger.tui.widgets.folder_card import taken_said

if TYPE_CHECKING:
    from phototagger.tui.screens.review.screen import ReviewScreen


class FolderPane:
    """Shows the folder under the cursor of the tree, until the cursor is elsewhere."""

    def __init__(self, screen: ReviewScreen, review: Review) -> None:
        self._screen = screen
        self._review = review
        self._path = ""
        self._taken = ""  # of the folder that is shown
        self.on = False

    def switch(self, *, on: bool) -> None:
        """Show the folder, or the photo again."""
        if on == self.on:
            return
        self.on, self._path = on, ""
        self._screen.set_class(on, "folder")
        if on:
            self.show()
        else:
            self._screen.photo.show(again=True)
            self._screen.show_status()

    def show(self) -> None:
        """Show the folder under the cursor, with what holds for it now."""
        path = self._screen.folders.path
        if not self.on or not path:
            return
        facts = folder_facts(self._review.photos, path)
        typical = "" if facts.typical is None else self._review.photos.rel_path(facts.typical)
        typical = typical.removeprefix(f"{path}/")
        if path != self._path:
            self._path, self._taken = path, ""
            self._screen.preview.show(facts.typical)
            self._screen.in_thread(lambda: self._read(path, facts.paths), "dates")
        self._screen.card.put(facts, typical, self._taken)

    def _read(self, path: str, paths: list[str]) -> None:
        taken = taken_said(taken_between(paths, self._review.settings.formats))
        if not get_current_worker().is_cancelled:
            self._screen.app.call_from_thread(self._dated, path, taken)

    def _dated(self, path: str, taken: str) -> None:
        if path == self._path:
            self._taken = taken
            self.show()

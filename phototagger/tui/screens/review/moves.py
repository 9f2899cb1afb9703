"""Moving: from photo to photo, folder to folder, to what is undecided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.checklist import Mark
from phototagger.tui.screens.review.desk import Desk

if TYPE_CHECKING:
    from phototagger.tui.widgets.folders import FolderTree
    from phototagger.tui.widgets.grid.grid import PhotoGrid


class Moves(Desk):
    """The actions that change nothing but where one looks.

    They move the cursor; what stands beside the grid follows when it rests.
    """

    def action_left(self) -> None:
        """One photo to the left."""
        self.grid.move(-1, 0)

    def action_right(self) -> None:
        """One photo to the right."""
        self.grid.move(1, 0)

    def action_up(self) -> None:
        """One row up."""
        self.grid.move(0, -1)

    def action_down(self) -> None:
        """One row down."""
        self.grid.move(0, 1)

    def action_page_up(self) -> None:
        """One page up."""
        self._page(-1)

    def action_page_down(self) -> None:
        """One page down."""
        self._page(1)

    def _page(self, direction: int) -> None:
        """Turn a page; what is beside it weighs little then, and is part of the same paint."""
        self.grid.page(direction)
        self.focus_photo()

    def action_first(self) -> None:
        """To the first photo."""
        self.grid.home()

    def action_last(self) -> None:
        """To the last photo."""
        self.grid.end()

    def action_next_folder(self) -> None:
        """To the first photo of the next folder."""
        self._to_folder(1)

    def action_previous_folder(self) -> None:
        """To the first photo of this folder, or of the one before where that is the cursor's."""
        self._to_folder(-1)

    def _to_folder(self, direction: int) -> None:
        folders = self.review.listing.folder_of[self.review.view]
        starts = np.flatnonzero(np.diff(folders, prepend=-1))
        cursor = self.grid.cursor
        found = starts[starts > cursor] if direction > 0 else starts[starts < cursor][::-1]
        if len(found):
            self.grid.go(int(found[0]))
        else:
            self.say("this is the last folder" if direction > 0 else "this is the first folder")

    def action_next_undecided(self) -> None:
        """To the next undecided photo; from the last one to the first."""
        self._to_undecided(1)

    def action_previous_undecided(self) -> None:
        """To the previous undecided photo; from the first one to the last."""
        self._to_undecided(-1)

    def _to_undecided(self, direction: int) -> None:
        marks = self.review.listing.marks[self.review.view]
        found = np.flatnonzero(marks == Mark.UNDECIDED)
        if not len(found):
            self.say("nothing undecided is left here")
            return
        cursor = self.grid.cursor
        if direction > 0:
            further = found[found > cursor]
            self.grid.go(int(further[0] if len(further) else found[0]))
        else:
            before = found[found < cursor]
            self.grid.go(int(before[-1] if len(before) else found[-1]))

    def on_photo_grid_moved(self, event: PhotoGrid.Moved) -> None:
        """Show the photo that the cursor is on now, at once where the grid is out of sight."""
        event.stop()
        self.follow()
        if self.screen_stack[0].has_class("large"):
            self._followed()

    def on_photo_grid_opened(self, event: PhotoGrid.Opened) -> None:
        """Show a photo large that was double-clicked."""
        event.stop()
        self.action_large()

    def on_folder_tree_folder_pointed(self, event: FolderTree.FolderPointed) -> None:
        """Show the face of the folder that the cursor is on."""
        event.stop()
        face = self.review.face(event.folder)
        if face is not None:
            self.preview.show(face)

    def on_folder_tree_folder_chosen(self, event: FolderTree.FolderChosen) -> None:
        """Go to the first photo of a folder."""
        event.stop()
        folders = self.review.listing.folder_of[self.review.view]
        found = np.flatnonzero(folders == event.folder)
        if len(found):
            self.grid.focus()
            self.grid.go(int(found[0]))
            self.focus_photo(again=True)
        else:
            self.say("no photo of that folder is shown; f shows others")

    def action_large(self) -> None:
        """Show the picture large, or small again."""
        self.screen.toggle_class("large")
        if not self.screen.has_class("large"):
            self.grid.focus()

    def action_leave(self) -> None:
        """Drop the selection, the large picture; back to the photos."""
        if self.grid.is_selecting:
            self.grid.end_selection()
            self.show_status()
        elif self.screen.has_class("large"):
            self.action_large()
        else:
            self.grid.focus()
            self.focus_photo(again=True)

"""Moving: from photo to photo, folder to folder, to what is undecided."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.core.checklist import Mark
from phototagger.review import Review
from phototagger.tui.keys import Handlers
from phototagger.tui.widgets.neighbours import around
from phototagger.tui.widgets.preview import Zoom

if TYPE_CHECKING:
    from phototagger.tui.screens.review.screen import ReviewScreen


WIDER = 4
"""Columns by which a key makes the folders wider."""

NARROWEST = 14
"""The least width of the folders, in columns."""


class Moves:
    """Changes nothing but where one looks: moves the cursor, and the rest follows when it rests."""

    def __init__(self, screen: ReviewScreen, review: Review) -> None:
        self._screen = screen
        self._grid = screen.grid
        self._review = review
        screen.preview.around = self._around
        self.actions: Handlers = {
            "left": partial(self._step, -1, 0),
            "right": partial(self._step, 1, 0),
            "up": partial(self._step, 0, -1),
            "down": partial(self._step, 0, 1),
            "page_up": partial(self._page, -1),
            "page_down": partial(self._page, 1),
            "first": self._grid.cursor.home,
            "last": self._grid.cursor.end,
            "next_folder": self._to_next_folder,
            "previous_folder": self._to_previous_folder,
            "next_undecided": partial(self._to_undecided, 1),
            "previous_undecided": partial(self._to_undecided, -1),
            "large": self.large,
            "narrower": partial(self._widen, -WIDER),
            "wider": partial(self._widen, WIDER),
            "leave": self._leave,
        }

    def _step(self, columns: int, rows: int) -> None:
        """Go to another photo; at 100 % to another part of this one."""
        if not self._screen.preview.pan(columns, rows):
            self._grid.cursor.move(columns, rows)

    def _around(self, position: int, most: int) -> Sequence[int]:
        """Return the positions of photos that are shown beside one, in their order."""
        view = self._review.photos.view
        at = np.flatnonzero(view == position)
        return view[around(int(at[0]), len(view), most)].tolist() if len(at) else (position,)

    def _page(self, direction: int) -> None:
        """Turn a page; what is beside it weighs little then, and is part of the same paint."""
        self._grid.page(direction)
        self._screen.photo.show()

    def _to_next_folder(self) -> None:
        starts = self._folder_starts()
        self._go(starts[starts > self._grid.cursor.index][:1], "this is the last folder")

    def _to_previous_folder(self) -> None:
        """To the first photo of this folder, or of the one before where that is the cursor's."""
        starts = self._folder_starts()
        self._go(starts[starts < self._grid.cursor.index][-1:], "this is the first folder")

    def _folder_starts(self) -> NDArray[np.intp]:
        """Return the indices into the view at which a folder begins."""
        folders = self._review.photos.listing.folder_of[self._review.photos.view]
        return np.flatnonzero(np.diff(folders, prepend=-1))

    def _to_undecided(self, direction: int) -> None:
        """To the next undecided photo (1) or the previous one (-1); from an end to the other."""
        undecided = np.flatnonzero(self._review.photos.stacked.marks() == Mark.UNDECIDED)
        cursor = self._grid.cursor.index
        ahead = undecided[undecided > cursor] if direction > 0 else undecided[undecided < cursor]
        in_order = (ahead if len(ahead) else undecided)[::direction]
        self._go(in_order[:1], "nothing undecided is left here")

    def _go(self, index: NDArray[np.intp], nowhere: str) -> bool:
        """Go to the index, one or none; say ``nowhere`` where it is none."""
        if len(index):
            self._grid.cursor.go(int(index[0]))
            if self._screen.folders.has_focus:
                self._grid.focus()
        else:
            self._screen.say(nowhere)
        return bool(len(index))

    def enter_folder(self, folder: int) -> None:
        """Go to the first photo of a folder."""
        self._grid.cursor.end_selection()  # a click here is no end of a range
        inside = np.flatnonzero(
            self._review.photos.listing.folder_of[self._review.photos.view] == folder
        )
        if self._go(inside[:1], "no photo of that folder is shown; f shows others"):
            self._screen.photo.show(again=True)

    def large(self) -> None:
        """Show the photo itself, then at 100 %, then small again."""
        self._zoom(self._screen.preview.next_zoom)

    def _zoom(self, zoom: Zoom) -> None:
        self._screen.preview.zoom_to(zoom)
        self._screen.set_class(bool(zoom), "large")
        if not zoom:
            self._grid.focus()

    def _widen(self, columns: int) -> None:
        """Make the folders wider by so many columns, or narrower."""
        folders = self._screen.folders
        if not folders.display:
            self._screen.say("the folders are not shown: the window is too narrow for them")
            return
        most = max(NARROWEST, self._screen.size.width // 2)
        wide = min(most, max(NARROWEST, folders.outer_size.width + columns))
        folders.styles.width = folders.styles.max_width = wide

    def _leave(self) -> None:
        """Drop the range that is open, the large picture, what was searched for. Marks stay.

        From another part of the screen, back to the photos first. A long act is stopped.
        """
        if self._screen.acts.stop():
            return
        if self._grid.cursor.is_selecting:
            self._grid.cursor.end_selection()
            self._screen.show_status()
        elif self._screen.has_class("large"):
            self._zoom(Zoom.SMALL)
        elif self._review.photos.stacked.is_open is not None:
            self._screen.stacks.close()
        elif not self._grid.has_focus or not self._screen.searching.leave():
            self._grid.focus()
            self._screen.photo.show(again=True)

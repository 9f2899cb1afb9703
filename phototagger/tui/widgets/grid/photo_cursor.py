"""The cursor among the photos of the view: the one it is on, those that are selected."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from phototagger.tui.widgets.grid.cursor import Cursor, index_of, place_of

if TYPE_CHECKING:
    from phototagger.tui.widgets.grid.drawing import Drawing, GridPhotos


class PhotoCursor:
    """Moves through the review's view, and finds its photo again in another one.

    ``show`` is given the cursor before and after each move, ``tell`` the position of another
    photo that it came to, or None.
    """

    def __init__(
        self,
        review: GridPhotos,
        drawing: Drawing,
        show: Callable[[Cursor, Cursor], None],
        tell: Callable[[int | None], object],
    ) -> None:
        self._review = review
        self._drawing = drawing
        self._show = show
        self._tell = tell
        self._told_position: int | None = None
        self._anchor: int | None = None
        self.at = Cursor()

    @property
    def index(self) -> int:
        """The index into the review's view."""
        return self.at.index

    @property
    def position(self) -> int | None:
        """The position of the photo under the cursor, or None where the view is empty."""
        view = self._review.view
        return int(view[self.index]) if self.index < len(view) else None

    @property
    def is_selecting(self) -> bool:
        """Whether there is a selection."""
        return self.at.anchor is not None

    @property
    def anchor(self) -> int | None:
        """The position of the photo that a selection began at, or None."""
        return self._anchor

    def selected(self) -> list[int]:
        """Return the positions that are selected, in the order shown."""
        chosen = self.at.selection
        positions: list[int] = self._review.view[chosen.start : chosen.stop].tolist()
        return positions

    def move(self, dx: int, dy: int) -> None:
        """Move by columns and rows."""
        self.put(self.at.moved(dx, dy, self._drawing.layout.columns, len(self._review.view)))

    def home(self) -> None:
        """Move to the first photo."""
        self.go(0)

    def end(self) -> None:
        """Move to the last photo."""
        self.go(len(self._review.view) - 1)

    def go(self, index: int) -> None:
        """Move to an index into the view."""
        self.put(self.at.at(index, len(self._review.view)))

    def go_near(self, position: int) -> None:
        """Move to a photo, or to the one that follows where the view has it not."""
        self.go(place_of(self._review.view, self._review.standing_for(position), 0))

    def begin_selection(self) -> None:
        """Begin a selection here; it reaches to wherever the cursor moves."""
        self._anchor = self.position
        self.put(self.at.begun())

    def select_from(self, position: int | None) -> None:
        """Select from a photo to here; nothing where the view has it not."""
        anchor = None if position is None else self._review.standing_for(position)
        index = index_of(self._review.view, anchor)
        self._anchor = None if index is None else anchor
        self.put(Cursor(self.index, index))

    def end_selection(self) -> None:
        """Select nothing."""
        self._anchor = None
        self.put(self.at.ended())

    def renumber(self, new: Callable[[int], int | None]) -> None:
        """Follow the photos into another listing, before the view is; None: it has it no more."""
        followed = [
            None if position is None else new(position)
            for position in (self._told_position, self._anchor)
        ]
        self._told_position, self._anchor = followed

    def find_again(self) -> None:
        """Stay on the photo in another view, or go to the next one that it still has.

        A selection stays where the view still has the photo that it began at.
        """
        view, stands = self._review.view, self._review.standing_for
        photo, anchor = (
            None if position is None else stands(position)
            for position in (self._told_position, self._anchor)
        )
        index = place_of(view, photo, self.index)
        self.put(Cursor(index, index_of(view, anchor)).at(index, len(view)))

    def put(self, new: Cursor) -> None:
        """Put the cursor somewhere, within the view."""
        old, self.at = self.at, new
        self._show(old, new)
        if self.position != self._told_position:
            self._told_position = self.position
            self._tell(self._told_position)

"""The stacks of the photos that are shown: which cell holds which, and which stack is open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.core.path_column import PathIndex
from phototagger.review.photo_list import Listing
from phototagger.review.stacks.finding import ALONE, Stacks, no_stacks
from phototagger.review.stacks.folded import Folded

if TYPE_CHECKING:
    from phototagger.review.photos_shown import PhotosShown


class ShownStacks:
    """Folds the view of a review; ``is_open`` is the number of the stack whose members stand apart.

    A stack of which the view shows nothing is not open. Positions are those of the listing, as
    everywhere. ``known`` is a listing with its stacks, which other threads read at once.
    """

    def __init__(self, photos: PhotosShown, listing: Listing) -> None:
        self._photos = photos
        self._whole = np.zeros(0, np.int32)
        self.known = listing, no_stacks(len(listing))
        self.is_open: int | None = None
        self._folded = Folded(self._whole, self.stacks, None)

    @property
    def stacks(self) -> Stacks:
        """The stacks of the listing."""
        return self.known[1]

    def show(self, whole: NDArray[np.int32]) -> None:
        """Show these photos, each stack of them as one cell."""
        self._whole = whole
        self._fold()

    def take(self, stacks: Stacks, listing: Listing) -> bool:
        """Take up the stacks of a listing, and tell whether the photos stand otherwise now."""
        if not listing.has_files_of(self._photos.listing):
            return False
        before, numbers = self._photos.view, self.stacks.numbers
        opened = self.opened()
        self.known = self._photos.listing, stacks
        # The stack that was open stays open while one of its photos still stands in a stack.
        open_numbers = (self._number(position) for position in opened)
        self.is_open = next((number for number in open_numbers if number is not None), None)
        self._fold()
        view = self._photos.view
        return not (np.array_equal(stacks.numbers, numbers) and np.array_equal(view, before))

    def unfold(self, position: int | None) -> None:
        """Open the stack of a photo, and close what is open; None closes only."""
        self.is_open = None if position is None else self._number(position)
        self._fold()

    @property
    def everything(self) -> NDArray[np.int32]:
        """The positions of all photos that are shown, in stacks or not, int32 [n]."""
        return self._folded.photos

    def index_of(self, position: int) -> int | None:
        """Return the index of the cell in which a photo stands; None where it is not shown."""
        return self._folded.index_of(position) if position < len(self.stacks.numbers) else None

    def members(self, position: int) -> list[int]:
        """Return the photos of the cell in which one stands: itself alone where it is no stack."""
        index = self.index_of(position)
        return [position] if index is None else self._folded.members(index)

    def all_members(self, positions: Iterable[int]) -> list[int]:
        """Return the photos of the cells in which some stand, each once."""
        return list(
            dict.fromkeys(member for position in positions for member in self.members(position))
        )

    def cells_of(self, positions: Iterable[int]) -> set[int]:
        """Return the photos that stand for cells in which some photos are."""
        view = self._photos.view
        cells = (self.index_of(position) for position in positions)
        return {int(view[index]) for index in cells if index is not None}

    def marks(self) -> NDArray[np.uint8]:
        """Return the mark of each cell: undecided as long as one photo in it is."""
        return self._folded.least(self._photos.listing.marks)

    def is_in_open(self, position: int) -> bool:
        """Tell whether a photo is a member of the stack that is open."""
        return self.is_open is not None and self._number(position) == self.is_open

    def stands_in_one(self, position: int) -> bool:
        """Tell whether a photo is in a stack, open or not."""
        return self._number(position) is not None

    def opened(self) -> list[int]:
        """Return the members that are shown of the stack that is open."""
        return [] if self.is_open is None else self.shown_of(self.is_open)

    def shown_of(self, number: int) -> list[int]:
        """Return the members of a stack that are shown, in the order of the view."""
        photos = self._folded.photos
        members: list[int] = photos[self.stacks.numbers[photos] == number].tolist()
        return members

    def of_stack(self, number: int) -> NDArray[np.int64]:
        """Return all members of a stack, shown or not."""
        return np.flatnonzero(self.stacks.numbers == number)

    def number(self, position: int) -> int:
        """Return the number of a photo's stack, ``ALONE`` for none."""
        number = self._number(position)
        return ALONE if number is None else number

    def farthest(self, members: Sequence[int]) -> int:
        """Return the member that is least like the others of its stack."""
        return min(members, key=lambda member: float(self.stacks.central[member]))

    def _number(self, position: int) -> int | None:
        if position >= len(self.stacks.numbers):
            return None
        number = int(self.stacks.numbers[position])
        return None if number == ALONE else number

    def _fold(self) -> None:
        self._folded = Folded(self._whole, self.stacks, self.is_open)
        self._photos.view = self._folded.view
        if not self.opened():
            self.is_open = None

    def follow(self) -> None:
        """Keep the stacks of photos that the new listing has, too, until they are found anew."""
        before, stacks = self.known
        listing = self._photos.listing
        if listing.has_files_of(before):
            self.known = listing, stacks
            return
        followed = no_stacks(len(listing))
        stacked = np.flatnonzero(stacks.numbers != ALONE)
        places = PathIndex(listing.paths).find(before.paths.at(stacked))
        present = places >= 0
        followed.numbers[places[present]] = stacks.numbers[stacked[present]]
        followed.central[places[present]] = stacks.central[stacked[present]]
        self.known = listing, followed

"""What the grid says of its cells, those of stacks among them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phototagger.core.checklist import Cell, Look
from phototagger.printable import counted
from phototagger.review.photos_shown import PhotoFiles, PhotosShown
from phototagger.review.stacks.deciding import StackDecisions
from phototagger.review.stacks.finding import ALONE
from phototagger.settings.model import Settings

TIMES = "\u00d7"

_OPEN = {Look.UNDECIDED, Look.DRAFT, Look.WAITING}


class StackCells:
    """The photos of a review as its grid sees them: a cell for each photo, or for each stack."""

    def __init__(self, photos: PhotosShown, stacks: StackDecisions) -> None:
        self._photos = photos
        self._stacks = stacks

    @property
    def settings(self) -> Settings:
        """The settings that hold."""
        return self._photos.settings

    @property
    def view(self) -> NDArray[np.int32]:
        """The positions of the photos that stand for the cells, in the order shown."""
        return self._photos.view

    def standing_for(self, position: int) -> int:
        """Return the photo of the cell in which one stands; itself where it is not shown."""
        index = self._photos.stacked.index_of(position)
        return position if index is None else int(self._photos.view[index])

    def files(self, position: int) -> PhotoFiles:
        """Return where a photo is, and its thumbnail."""
        return self._photos.files(position)

    def name(self, position: int) -> str:
        """Return a photo's file name; before it, how many are in its stack, or which it is."""
        stacked = self._photos.stacked
        name, number = self._photos.name(position), stacked.number(position)
        if not stacked.stands_in_one(position):
            return name
        size, shown = len(stacked.of_stack(number)), stacked.shown_of(number)
        name = name.rpartition(".")[0] or name
        if stacked.is_in_open(position):
            return f"{shown.index(position) + 1}/{len(shown)} {name}"
        size_shown = f"{TIMES}{size}" if len(shown) == size else f"{len(shown)} of {size}"
        return f"{size_shown} {name}"

    def cells(self, positions: Sequence[int]) -> list[Cell]:
        """Return what to say of cells, by the photos that stand for them."""
        stacked = self._photos.stacked
        members = [stacked.members(position) for position in positions]
        all_members = list(dict.fromkeys(member for of_cell in members for member in of_cell))
        known = dict(zip(all_members, self._photos.cells(all_members), strict=True))
        apart = (stacked.number(of_cell[0]) for of_cell in members if len(of_cell) == 1)
        held_back: set[int] = set()
        for number in set(apart) - {ALONE}:
            held_back |= self._stacks.held.of(stacked.of_stack(number).tolist())
        return [
            self._stack(position, of_cell, [known[member] for member in of_cell])
            if len(of_cell) > 1
            else _marked_held_back(known[position], is_held=position in held_back)
            for position, of_cell in zip(positions, members, strict=True)
        ]

    def _stack(self, position: int, members: Sequence[int], cells: Sequence[Cell]) -> Cell:
        own = cells[list(members).index(position)]
        is_open = [cell.look in _OPEN for cell in cells]
        if not any(is_open):
            return own
        left = self._stacks.held.of(members)
        if not all(is_open) or len(left) == len(members):
            words = f"{counted(len(left), 'photo')} held back" if left else "not all decided"
            return Cell(Look.HELD if left else Look.UNDECIDED, (), words)
        checks = self._stacks.checklist(position)
        looks = {cell.look for cell in cells}
        look = Look.DRAFT if checks.changed else Look.UNDECIDED
        look = Look.WAITING if looks == {Look.WAITING} else look
        best = tuple(line.label for line in checks.lines if line.label in checks.checked)
        return Cell(look, best, own.words or "nothing checked")


def _marked_held_back(cell: Cell, *, is_held: bool) -> Cell:
    return cell._replace(look=Look.HELD) if is_held and cell.look is Look.UNDECIDED else cell

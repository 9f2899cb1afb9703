"""Which photos are shown, and in which order."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.core.checklist import Mark
from phototagger.model.vectors import Float32
from phototagger.review.photo_list import Listing
from phototagger.review.suggester import Suggester


class Filter(StrEnum):
    """Which photos are shown."""

    ALL = "all"
    UNDECIDED = "undecided"
    APPROVED = "approved"
    NONE = "no label"
    FAILED = "failed"
    DRAFT = "changed, not approved"
    AUTO = "approved by auto"
    MARKED = "marked"
    WAITING = "not suggested yet"
    BEHIND = "sidecar not up to date"
    HELD = "held back from a stack"


class Order(StrEnum):
    """The order in which photos are shown."""

    FOLDER = "folder"
    UNCERTAIN = "most uncertain first"
    LABEL = "score of one label"


class SearchResults(NamedTuple):
    """What a search found: the positions int32 [n], the best first; ``most`` of them are shown.

    ``said`` is how it is called; None shows all.
    """

    said: str
    positions: NDArray[np.int32]
    most: int | None = None


class WasShown(NamedTuple):
    """What was shown at a moment, to come back to it: down to the photo and the first row.

    ``opened`` is the position of a photo in the stack that was open, ``anchor`` of the one at which
    a range began, None where none was.
    """

    listing: Listing
    view: NDArray[np.int32]
    filter: Filter
    order: Order
    order_label: str
    results: SearchResults | None
    photo: str
    opened: int | None
    anchor: int | None
    cursor: int
    top: int


_MARKS = {
    Filter.UNDECIDED: Mark.UNDECIDED,
    Filter.APPROVED: Mark.APPROVED,
    Filter.NONE: Mark.NONE,
    Filter.FAILED: Mark.FAILED,
}


def arrange(
    listing: Listing,
    suggester: Suggester | None,
    wanted: Filter,
    order: Order,
    label: str = "",
    *,
    contents: Iterable[bytes] = (),
    results: SearchResults | None = None,
) -> NDArray[np.int32]:
    """Return the positions of the photos to show, int32, in their order.

    A ``results`` stands in for the photos of all folders, and its order for theirs.

    What no mark tells of a filter is told by ``contents``, those of the photos it shows. Photos
    without a vector come last where the order goes by scores. Reads every vector then, so do not
    call it where a key waits.
    """
    marks = listing.marks
    chosen = results.positions if results else np.arange(len(listing), dtype=np.int32)
    if wanted in _MARKS:
        chosen = chosen[marks[chosen] == _MARKS[wanted]]
    elif wanted is not Filter.ALL:
        chosen = chosen[np.isin(chosen, listing.positions_of(contents))]
    if results:
        chosen = chosen[: results.most]
    if order is Order.FOLDER or suggester is None:
        return chosen
    if order is Order.LABEL and label not in suggester.labels:  # it was one a moment ago
        return chosen
    ranks = np.argsort(-_values(listing, suggester, chosen, order, label), kind="stable")
    return chosen[ranks]


def _values(
    listing: Listing, suggester: Suggester, chosen: NDArray[np.int32], order: Order, label: str
) -> Float32:
    """Return what the photos are ordered by, float32 [n], the largest first."""
    keys = listing.keys[chosen]
    has_vector = suggester.has(keys)
    values = np.full(len(keys), -np.inf, np.float32)
    if order is Order.LABEL:
        values[has_vector] = suggester.cosines_of(keys[has_vector], label)
        return values
    values[has_vector] = suggester.uncertainty(keys[has_vector])
    # A photo that is decided has nothing uncertain left.
    decided = listing.marks[chosen] != Mark.UNDECIDED
    values[decided & has_vector] = -1
    return values

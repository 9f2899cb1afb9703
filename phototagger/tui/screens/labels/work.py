"""What deciding by label goes about, shared by the list and the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from phototagger.review import Act, Review
    from phototagger.tui.graphics.pictures import Pictures
    from phototagger.tui.rebinding import Bound


class LabelWork(NamedTuple):
    """The photos that it is about, by their ``positions``; ``decided`` is told of each act."""

    review: Review
    positions: list[int]
    pictures: Pictures
    bound: Bound
    decided: Callable[[Act], None]

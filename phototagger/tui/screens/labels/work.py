"""What deciding by label goes about, shared by the list and the pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from phototagger.review import TROUBLE, Act, Review
from phototagger.tui.rebinding import Bound

if TYPE_CHECKING:
    from textual.worker import Worker

    from phototagger.tui.graphics.pictures import Pictures
    from phototagger.tui.screens.keyed import KeyedScreen


class LabelWork(NamedTuple):
    """The photos that it is about, by their ``positions``; ``decided`` is told of each act."""

    review: Review
    positions: list[int]
    pictures: Pictures
    bound: Bound
    decided: Callable[[Act], None]


def between_keys(
    screen: KeyedScreen, steps: Iterable[object], then: Callable[[], object]
) -> Worker[None]:
    """Go through steps of some milliseconds each, keys between them; then do what comes after.

    It takes the place of what a screen still goes through. What cannot be done is said.
    """

    async def go() -> None:
        try:
            for _ in steps:
                await asyncio.sleep(0)
        except TROUBLE as error:
            screen.complain(error)
        else:
            then()

    return screen.run_worker(go, group="between keys", exclusive=True)

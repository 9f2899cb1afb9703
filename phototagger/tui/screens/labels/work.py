"""What deciding by label goes about, shared by the list and the pages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from textual.screen import Screen
from textual.widgets import Static

from phototagger.engine.advice import told
from phototagger.review import TROUBLE
from phototagger.tui.screens.help import HelpScreen
from phototagger.tui.widgets.footer import KeyFooter
from phototagger.tui.widgets.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.worker import Worker

    from phototagger.review import Act, Review
    from phototagger.tui.graphics.pictures import Pictures
    from phototagger.tui.keys import Context
    from phototagger.tui.rebinding import Bound


class LabelScreen(Screen[None]):
    """A screen of these: its last line shows the keys of ``context``, the one above what happened.

    ``actions`` are what its keys do, by their words in the table of keys.
    """

    def __init__(self, bound: Bound, context: Context) -> None:
        super().__init__()
        self.said = Static(id="said")
        self.footer = KeyFooter(bound, lambda word: word in self.actions, id="footer")
        self.actions: dict[str, Callable[[], object]] = {
            "help": lambda: self.app.push_screen(HelpScreen(bound, context)),
        }

    def action_act(self, word: str) -> None:
        """Do what the table of keys calls by a word."""
        self.actions[word]()

    def say(self, text: str) -> None:
        """Say something."""
        self.said.update(plain(text))

    def complain(self, error: Exception) -> None:
        """Say what went wrong, and what to do about it."""
        self.say(str(told(error)))


class LabelWork(NamedTuple):
    """The photos that it is about, by their ``positions``; ``decided`` is told of each act."""

    review: Review
    positions: list[int]
    pictures: Pictures
    bound: Bound
    decided: Callable[[Act], None]


def between_keys(
    screen: LabelScreen, steps: Iterable[object], then: Callable[[], object]
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

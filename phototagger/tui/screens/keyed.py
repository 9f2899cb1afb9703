"""A screen with keys of its own: the last line shows them, ``?`` explains them."""

from collections.abc import Callable

from textual import events
from textual.screen import Screen
from textual.widgets import Static

from phototagger.engine.advice import told
from phototagger.tui.contexts import Context
from phototagger.tui.rebinding import Bound
from phototagger.tui.screens.help import HelpScreen
from phototagger.tui.widgets.footer import KeyFooter
from phototagger.tui.widgets.text import plain

STEPS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
"""The keys that move, each with the columns and rows that it moves by."""


class KeyedScreen(Screen[None]):
    """A screen over the review: its last line shows the keys of ``context``, ``said`` what came.

    ``actions`` are what its keys do, by their words in the table of keys; ``read`` is when the key
    or the click that is acted on was read.
    """

    def __init__(self, bound: Bound, context: Context) -> None:
        super().__init__()
        self.read = 0.0
        self.said = Static(id="said")
        self.footer = KeyFooter(bound, lambda word: word in self.actions, id="footer")
        self.footer.context = context
        self.actions: dict[str, Callable[[], object]] = {
            "help": lambda: self.app.push_screen(HelpScreen(bound, context)),
        }

    def action_act(self, word: str) -> None:
        """Do what the table of keys calls by a word."""
        self.actions[word]()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Note when a click was read."""
        self.read = event.time

    def say(self, text: str) -> None:
        """Say something."""
        self.said.update(plain(text))

    def complain(self, error: Exception) -> None:
        """Say what went wrong, and what to do about it."""
        self.say(str(told(error)))

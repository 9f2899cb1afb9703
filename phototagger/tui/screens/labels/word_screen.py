"""A question that is answered with a word."""

from collections.abc import Iterable

from textual.widget import Widget
from textual.widgets import Input

from phototagger.tui.screens.dialog import Dialog


class WordScreen(Dialog[str]):
    """Asks; returns what was typed at enter, None for esc or where nothing was.

    The ``word`` that is there at first gives way to what is typed.
    """

    hints = (("enter", "take it", ""),)

    def __init__(self, heading: str, word: str = "") -> None:
        super().__init__()
        self.heading = heading
        self._word = word

    def body(self) -> Iterable[Widget]:
        """Return the field."""
        yield Input(self._word, classes="dialog--input", id="word")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close with the word."""
        event.stop()
        self.dismiss(event.value.strip() or None)

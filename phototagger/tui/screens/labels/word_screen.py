"""A question that is answered with a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from phototagger.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget


class WordScreen(Dialog[str]):
    """Asks; returns what was typed at enter, None for esc or where nothing was."""

    hints = (("enter", "take it", ""),)

    def __init__(self, heading: str) -> None:
        super().__init__()
        self.heading = heading

    def body(self) -> Iterable[Widget]:
        """Return the field."""
        yield Input(classes="dialog--input", id="word")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close with the word."""
        event.stop()
        self.dismiss(event.value.strip() or None)

"""A question that is answered with enter or esc."""

import time
from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from phototagger.tui.screens.dialog import Dialog
from phototagger.tui.widgets.text import plain

REPEAT = 0.15
"""Seconds: keys that follow each other faster come from one that is held down."""


class Presses:
    """Tells which press of a key answers a question that was asked at a moment."""

    def __init__(self, asked: float) -> None:
        self._asked = self._last = asked

    def answer(self, now: float, settle: float) -> bool:
        """Tell whether a press now answers: not at first, nor as the repetition of the last one."""
        before, self._last = self._last, now
        return not settle or (now - self._asked >= settle and now - before >= REPEAT)


class ConfirmScreen(Dialog[bool]):
    """Asks; True for enter, None for esc.

    ``detail``: more to know, below the question. ``yes``, ``no``: what enter and esc do, in a
    word or two. ``settle``: how many seconds it takes no enter, which was typed before it was seen;
    then enter counts unless it only repeats itself.
    """

    DEFAULT_CSS = """
    ConfirmScreen .confirm--text { height: auto; max-height: 60vh; }
    ConfirmScreen .confirm--question { text-style: bold; width: 100%; height: auto; }
    ConfirmScreen .confirm--detail { width: 100%; height: auto; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("enter", "accept", "yes")]

    def __init__(
        self,
        question: str,
        detail: str = "",
        *,
        yes: str = "yes",
        no: str = "cancel",
        heading: str = "",
    ) -> None:
        super().__init__()
        self.heading = heading
        self.hints = (("enter", yes, "accept"),)
        self.leaving = no
        self._question = question
        self._detail = detail
        self.settle = 0.0
        self._presses = Presses(time.monotonic())

    def body(self) -> Iterable[Widget]:
        """Return the question and its detail."""
        with VerticalScroll(classes="confirm--text") as text:
            text.can_focus = bool(self._detail)
            yield Static(plain(self._question), classes="confirm--question")
            if self._detail:
                yield Static(plain(self._detail), classes="confirm--detail")

    def action_accept(self) -> None:
        """Close with a yes, where it is an answer."""
        if self._presses.answer(time.monotonic(), self.settle):
            self.dismiss(result=True)

"""A question that is answered with enter or esc."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.widgets import Static

from phototagger.tui.screens.dialog import Dialog
from phototagger.tui.widgets.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget


class ConfirmScreen(Dialog[bool]):
    """Asks; True for enter, None for esc.

    ``detail``: more to know, below the question. ``yes``, ``no``: what enter and esc do, in a
    word or two.
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

    def body(self) -> Iterable[Widget]:
        """Return the question and its detail."""
        with VerticalScroll(classes="confirm--text") as text:
            text.can_focus = bool(self._detail)
            yield Static(plain(self._question), classes="confirm--question")
            if self._detail:
                yield Static(plain(self._detail), classes="confirm--detail")

    def action_accept(self) -> None:
        """Close with a yes."""
        self.dismiss(result=True)

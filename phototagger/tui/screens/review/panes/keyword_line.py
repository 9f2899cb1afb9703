"""The keywords of a photo's file that are no label in sight, in one line."""

from collections.abc import Callable, Sequence

from textual.content import Content
from textual.widget import Widget

from phototagger.tui.widgets.checklist import IN_FILE
from phototagger.tui.widgets.text import listed


class KeywordLine(Widget):
    """Shows keywords, as many as fit; takes a line only where there are some."""

    DEFAULT_CSS = """
    KeywordLine { width: 100%; height: 1; padding: 0 1; display: none; }
    KeywordLine.some { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.shown: Callable[[str], str] = str  # how a label is written
        self._labels: tuple[str, ...] = ()

    def blank(self) -> None:
        """Show none for now, the line staying as it is: those of another photo are being read."""
        self._say(())

    def put(self, labels: Sequence[str]) -> None:
        """Show these keywords."""
        self._say(tuple(labels))
        self.set_class(bool(labels), "some")

    def _say(self, labels: tuple[str, ...]) -> None:
        if labels != self._labels:
            self._labels = labels
            self.refresh()

    def render(self) -> Content:
        """Return the line."""
        return Content(listed(f"{IN_FILE} ", self._labels, self.content_size.width, self.shown))

"""The console of rich for tables and bars, which shows what comes from outside as plain text."""

from collections.abc import Iterable
from typing import IO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from phototagger.cli.output.streams import drawing_on
from phototagger.printable import printable_lines


class PrintableConsole(Console):
    """Takes no markup and no emoji codes, and makes printable whatever text is drawn."""

    def __init__(self, out: IO[str], width: int | None = None) -> None:
        super().__init__(
            file=drawing_on(out), width=width, markup=False, emoji=False, highlight=False
        )

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Draw; what rich itself says to the terminal are segments of control codes."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(printable_lines(text), style)

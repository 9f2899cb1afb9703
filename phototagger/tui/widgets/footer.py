"""The last line: the keys of where one is, as many as fit."""

from collections.abc import Callable

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from phototagger.tui.bindings import footer_entries
from phototagger.tui.contexts import PHOTOS, Context
from phototagger.tui.rebinding import Bound

_ALWAYS = 2  # entries that are always there, such as help and quit
_GAP = 2  # cells between two of them


class KeyFooter(Static):
    """Shows the keys of the ``context`` that holds; a click on one does what the key does.

    ``is_done`` tells which words of the table of keys the screen can do.
    """

    DEFAULT_CSS = """
    KeyFooter {
        height: 1; width: 100%; background: $panel; color: $foreground; padding: 0 1;
        link-style: none; link-color: $foreground; link-background: transparent;
    }
    """

    def __init__(
        self,
        bound: Bound,
        is_done: Callable[[str], bool],
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._bound = bound
        self._is_done = is_done
        self.context = PHOTOS

    def show(self, context: Context) -> None:
        """Show the keys of a context, which holds from now on."""
        if context is not self.context:
            self.context = context
            self._draw()

    def on_resize(self) -> None:
        """Show as many keys as fit."""
        self._draw()

    def _draw(self) -> None:
        mode = "" if self.context is PHOTOS else self.context.name.upper()
        entries = footer_entries(self._bound, self.context)
        width = self.size.width - (cell_len(mode) + _GAP if mode else 0)
        keys = [
            Content.assemble((key, "bold reverse"), f" {word}").stylize(
                f"@click=screen.act('{name}')" if self._is_done(name) else ""
            )
            for key, word, name in fitting(entries, width)
        ]
        self.update(
            Content(" " * _GAP).join([*([Content.styled(mode, "bold")] if mode else []), *keys])
        )


def fitting(entries: list[tuple[str, str, str]], width: int) -> list[tuple[str, str, str]]:
    """Return the entries that fit into so many cells: the first ones, and always the last two."""
    ends = entries[-_ALWAYS:]
    shown = entries[:-_ALWAYS]
    while shown and _wide([*shown, *ends]) > width:
        del shown[-1]
    return [*shown, *ends]


def _wide(entries: list[tuple[str, str, str]]) -> int:
    return sum(cell_len(key) + 1 + cell_len(word) + _GAP for key, word, _ in entries) - _GAP

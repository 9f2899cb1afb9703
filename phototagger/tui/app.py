"""The review on the screen: folders, photos, the focused photo with its labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from phototagger.tui.bindings import all_bindings, footer_entries, palette_entries
from phototagger.tui.engine_bridge import Bridge
from phototagger.tui.screens.review.deciding import Deciding
from phototagger.tui.screens.review.moves import Moves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.app import ComposeResult, SystemCommand
    from textual.binding import BindingType
    from textual.screen import Screen

_WIDE = 110  # columns from which on the folders are shown
_TALL = 30  # rows from which on the labels have more than their nine
_ALWAYS = 2  # entries of the footer that are always there: help and quit
_STATUS_EVERY = 5.0  # seconds between two looks at the pace


class ReviewApp(Bridge, Moves, Deciding):
    """The whole review; ends with the exit code of the command."""

    TITLE = "phototagger"
    AUTO_FOCUS = "#grid"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        *all_bindings(),
        ("ctrl+c", "quit", "quit"),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True),
    ]
    CSS = """
    #main { height: 1fr; }
    #folders { width: 26; height: 100%; }
    #grid { width: 1fr; height: 100%; }
    #side { width: 24%; min-width: 34; max-width: 64; height: 100%; }
    #preview { height: 1fr; }
    #labels { height: 13; }
    #info { display: none; height: 10; }
    #footer { height: 1; width: 100%; background: $panel; color: $foreground; padding: 0 1; }
    .narrow #folders { display: none; }
    .narrow #side { width: 30; min-width: 30; }
    .tall #labels { height: 1fr; max-height: 30; }
    #boxes { height: auto; width: 100%; }
    .tall #boxes { height: 55%; }
    .info #info { display: block; }
    .large #folders, .large #grid { display: none; }
    .large #side { width: 1fr; max-width: 100%; layout: horizontal; }
    .large #preview { width: 1fr; height: 100%; }
    .large #boxes { width: 34; height: 100%; }
    .large #labels { height: 1fr; max-height: 100%; }
    """

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        with Horizontal(id="main"):
            yield self.tree_
            yield self.grid
            with Vertical(id="side"):
                yield self.preview
                with Vertical(id="boxes"):
                    yield self.list_
                    yield self.info
        yield self.status
        yield Static(id="footer")

    def _footer(self, width: int) -> Content:
        """Return the keys that fit; of too many the last but help and quit are left out."""
        entries = footer_entries(self.bound)
        while len(entries) > _ALWAYS and _wide(entries) > width:
            del entries[-_ALWAYS - 1]
        return Content("  ").join(
            Content.assemble((key, "bold reverse"), f" {word}").stylize(f"@click=app.{action}")
            for key, word, action in entries
        )

    def on_mount(self) -> None:
        """Show the first photo; the rest begins once that is painted."""
        self.set_keymap(self.bound.keymap)
        self.use_theme()
        self.app_resume_signal.subscribe(self, lambda _: self._paint_anew(), immediate=True)
        self.grid.focus()
        self.show_view()
        self.set_interval(_STATUS_EVERY, self.show_status)
        self.call_after_refresh(self.begin_work)

    def on_resize(self, event: events.Resize) -> None:
        """Leave out what does not fit."""
        below, size = self.screen_stack[0], event.size  # a dialog may be in front
        below.set_class(size.width < _WIDE, "narrow")
        below.set_class(size.height >= _TALL, "tall")
        below.query_one("#footer", Static).update(self._footer(size.width - 2))

    def _paint_anew(self) -> None:
        """Paint everything: another program had the terminal, and Textual keeps what it painted."""
        self.refresh(layout=True)

    def on_unmount(self) -> None:
        """Let the picture threads go."""
        self.pictures.close()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every action by its name, and the theme."""
        from textual.app import SystemCommand

        for title, sentence, action in palette_entries(self.bound):
            yield SystemCommand(
                title, sentence, lambda run=action: self.call_later(self.run_action, run)
            )
        yield SystemCommand("theme", "Choose another theme.", self.action_change_theme)

    async def action_quit(self) -> None:
        """End; everything is on disk already."""
        self.exit(0)


def _wide(entries: list[tuple[str, str, str]]) -> int:
    return sum(len(key) + len(word) + 3 for key, word, _ in entries) - 2

"""The review's app: the terminal, its colours, the palette, how it ends."""

import re
from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from phototagger.imaging.limits import Limits
from phototagger.printable import printable
from phototagger.review import Review
from phototagger.settings.keep import CONFIG, ConfigFile
from phototagger.tui.bindings import palette_entries
from phototagger.tui.graphics.compositor import draw_past_textual
from phototagger.tui.graphics.painters import make_painter
from phototagger.tui.graphics.pictures import Pictures
from phototagger.tui.graphics.terminal import Terminal, how_to_draw
from phototagger.tui.keys_said import no_key
from phototagger.tui.rebinding import Bound
from phototagger.tui.screens.review.messages import ReopenAsked, ReopenRequest
from phototagger.tui.screens.review.screen import ReviewScreen
from phototagger.tui.textual_patches.app import PatchedApp

_FUNCTION_KEY = re.compile(r"f\d+|insert|delete")
"""Keys without a character that nobody presses for another one, as shift is."""


class ReviewApp(PatchedApp[int]):
    """The whole review; ends with the exit code of the command.

    ``first_step``: what to start at once, such as ``run``; ``says``: what to say then. ``config``
    is where settings can be saved. ``reopen`` says after the end how to open the review again; not
    at all where it is None.
    """

    TITLE = "phototagger"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("ctrl+c", "quit", "quit"),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True),
        Binding("ctrl+l", "paint_anew", "paint anew", show=False, priority=True),
    ]

    def __init__(
        self,
        review: Review,
        bound: Bound,
        terminal: Terminal | None = None,
        *,
        config: ConfigFile | None = None,
        first_step: str = "",
        says: str = "",
    ) -> None:
        super().__init__()
        self.reopen: ReopenRequest | None = None
        self._bound = bound
        self._usual_theme = ""
        terminal = terminal or Terminal()
        colours = self.console.color_system
        how = how_to_draw(review.settings.images, terminal, colours, no_color=self.no_color)
        painter = make_painter(how, terminal, colours)
        self.pictures = Pictures(self, painter, limits=Limits.of(review.settings))
        draw_past_textual(self, self.pictures, terminal)
        self._review = review
        config = config or ConfigFile(CONFIG, review.settings)
        self.review_screen = ReviewScreen(
            review, bound, self.pictures, config, first_step=first_step, says=says
        )

    def get_default_screen(self) -> Screen[Any]:
        """Return the review's screen."""
        return self.review_screen

    def on_mount(self) -> None:
        """Take the person's keys and colours."""
        self.set_keymap(self._bound.keymap)
        self._use_theme()
        self.app_resume_signal.subscribe(self, lambda _: self.action_paint_anew(), immediate=True)

    def action_paint_anew(self) -> None:
        """Paint everything: another program had the terminal, or wrote on it."""
        self.shown.forget()
        if self.graphics is not None:
            self.graphics.forget()
        self.refresh(layout=True)

    def _use_theme(self) -> None:
        """Take the colours that the settings name, if they name any."""
        self._usual_theme = self._usual_theme or self.theme
        name = self._review.settings.theme or self._usual_theme
        if name in self.available_themes:
            self.theme = name
        else:
            trouble = f"theme: there is no {name}; ctrl+p, theme lists them"
            self.review_screen.status.say(trouble, error=True)

    async def on_event(self, event: events.Event) -> None:
        """Let what is beside the grid catch up before anything hears a key or a click.

        Letter keys come first: they are for what was on the screen before.
        """
        review = self.review_screen
        review.photo.note_read(event)
        if isinstance(event, events.Key) and not event.is_forwarded and review.letters.takes(event):
            return
        if isinstance(event, events.Key) and event.is_forwarded and _types(review, event):
            return  # it was on its way to the photos as a field opened
        review.photo.catch_up(event)
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """Say of a key that nothing was given that it is none: nobody else took it."""
        typed = event.character if event.is_printable else event.key
        is_pressed = event.is_printable or _FUNCTION_KEY.fullmatch(event.key)
        is_here = self.screen is self.review_screen
        if typed and is_pressed and is_here and event.key not in self.screen.active_bindings:
            helping = self._bound.action("help").keys[0]
            self.review_screen.say(no_key(printable(typed), helping))

    # What a dialog posts comes here: a screen's messages never reach the screen below it.

    def on_settings_changed(self) -> None:
        """Take the colours and the limits of the new settings."""
        self.pictures.whole.limits = Limits.of(self._review.settings)
        self._use_theme()

    def on_reopen_asked(self, event: ReopenAsked) -> None:
        """Close the review, to be opened again."""
        self.reopen = event.request
        self.exit(0)

    def on_run_screen_pause_asked(self) -> None:
        """Pause the engine, or let it go on."""
        self.review_screen.engine.pause_or_resume()

    def on_run_screen_cancel_asked(self) -> None:
        """Stop the engine after this batch."""
        self.review_screen.engine.cancel()

    def on_changes_screen_take_back_asked(self) -> None:
        """Show what taking the last write back would change."""
        self.review_screen.sidecars.show_taken_back()

    def on_changes_screen_write_asked(self) -> None:
        """Write the sidecars that were shown."""
        self.review_screen.sidecars.write_shown()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer every action by its name, and the theme."""
        review = self.review_screen
        entries = palette_entries(self._bound, review.footer.context) if screen is review else ()
        for title, sentence, name in entries:
            yield SystemCommand(title, sentence, partial(self.call_later, review.action_act, name))
        yield SystemCommand("theme", "Choose another theme.", self.action_change_theme)

    async def action_quit(self) -> None:
        """End; everything is on disk already."""
        self.exit(0)

    def on_unmount(self) -> None:
        """Let the picture threads go, and all that looks at photos and catalogue beside the keys.

        Python waits for its threads when the loop ends.
        """
        self.review_screen.background.leave()
        self.pictures.close()

    def close_engine(self) -> str:
        """End the engine and the model's process, and what looks at the catalogue.

        Returns what a person should know of what that stopped, if anything.
        """
        self.review_screen.close()
        return self.review_screen.sidecars.unwritten()


def _types(review: ReviewScreen, key: events.Key) -> bool:
    """Put a letter into the field that is open; tell whether there is one that takes it."""
    return review.finder.takes(key) or review.search_field.takes(key)

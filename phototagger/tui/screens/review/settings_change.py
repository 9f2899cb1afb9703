"""Changing settings while the review is open."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from phototagger.engine.job import OPENED_WITH
from phototagger.printable import printable
from phototagger.settings.model import Settings
from phototagger.tui.keys import Handlers
from phototagger.tui.screens.confirm import ConfirmScreen
from phototagger.tui.screens.review.messages import ReopenAsked, ReopenRequest, SettingsChanged
from phototagger.tui.screens.settings import ChosenSettings, SettingsScreen

if TYPE_CHECKING:
    from phototagger.review import Review
    from phototagger.settings.keep import ConfigFile
    from phototagger.tui.engine_bridge import EngineBridge
    from phototagger.tui.screens.review.screen import ReviewScreen

_REOPENS = (*OPENED_WITH, "labels_file", "images", "max_images", "formats", "pair_raw")


class SettingsChange:
    """Shows the settings; changed ones hold from now on, some in a review opened again.

    ``config`` is the file that they can be saved in.
    """

    def __init__(
        self, screen: ReviewScreen, review: Review, engine: EngineBridge, config: ConfigFile
    ) -> None:
        self._screen = screen
        self._review = review
        self._engine = engine
        self._config = config
        self.actions: Handlers = {"settings": self._show}

    def _show(self) -> None:
        review = self._review
        better = review.suggestions.better_threshold(review.photos.listing.keys)
        screen = SettingsScreen(review.settings, str(self._config.path), better)
        screen.ask_on(self._screen.app, self._chosen)

    def _chosen(self, chosen: ChosenSettings) -> None:
        settings = chosen.settings
        if not (self._reopens(settings) or self._engine.rests()):
            self._screen.say("settings can be changed when the engine rests")
        elif not chosen.save:
            self._use(settings, "these settings hold until the review is closed; o, w saves them")
        elif self._config.is_there or not self._config.changed(settings):
            self._save(settings)
        else:
            self._ask_for_file(settings)

    def _reopens(self, settings: Settings) -> bool:
        """Tell whether the review has to be opened again for settings."""
        before = self._review.settings
        return any(getattr(settings, name) != getattr(before, name) for name in _REOPENS)

    def _ask_for_file(self, settings: Settings) -> None:
        """Make a file only where somebody says so."""
        path = printable(self._config.path)
        names = ", ".join(self._config.changed(settings))
        question = ConfirmScreen(
            f"Make {path}? It is not there yet.",
            f"It will say: {names}. phototagger reads it whenever it is started in that folder.",
            yes="make it",
            no="only use them",
        )
        only_use = partial(self._use, settings, "these settings hold until the review is closed")
        self._screen.ask(question, partial(self._save, settings), only_use)

    def _save(self, settings: Settings) -> None:
        sentence = self._screen.attempt(lambda: self._config.save(settings))
        if sentence is not None:
            self._use(settings, sentence)

    def _use(self, settings: Settings, sentence: str) -> None:
        screen = self._screen
        if self._reopens(settings):
            screen.post_message(ReopenAsked(ReopenRequest(settings, says=sentence)))
        elif settings == self._review.settings:
            screen.say(sentence)
        else:
            self._review.use(settings)
            screen.show_view()
            screen.views.restack()
            screen.photo.show(anew=True)
            screen.say(sentence)
            screen.post_message(SettingsChanged())

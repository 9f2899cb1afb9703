"""Changing settings while the review is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.engine.job import OPENED_WITH
from phototagger.tui.screens.review.messages import ReopenAsked, ReopenRequest, SettingsChanged
from phototagger.tui.screens.settings import SettingsScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from phototagger.review import Review
    from phototagger.settings.model import Settings
    from phototagger.tui.engine_bridge import EngineBridge
    from phototagger.tui.screens.review.screen import ReviewScreen

_REOPENS = (*OPENED_WITH, "labels_file", "images", "max_images", "formats")


class SettingsChange:
    """Shows the settings; changed ones hold from now on, some in a review opened again."""

    def __init__(self, screen: ReviewScreen, review: Review, engine: EngineBridge) -> None:
        self._screen = screen
        self._review = review
        self._engine = engine

    @property
    def actions(self) -> Mapping[str, Callable[[], object]]:
        """What is done here, by the words of the table of keys."""
        return {"settings": self._show}

    def _show(self) -> None:
        self._screen.app.push_screen(SettingsScreen(self._review.settings), self._use)

    def _use(self, settings: Settings | None) -> None:
        screen, before = self._screen, self._review.settings
        if settings is None:
            return
        if any(getattr(settings, name) != getattr(before, name) for name in _REOPENS):
            screen.post_message(ReopenAsked(ReopenRequest(settings)))
        elif not self._engine.rests():
            screen.say("settings can be changed when the engine rests")
        else:
            self._review.use(settings)
            screen.show_view()
            screen.photo.show(anew=True)
            screen.say("these settings hold until the review is closed; config.yaml keeps them")
            screen.post_message(SettingsChanged())

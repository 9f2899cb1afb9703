"""What the parts of the review tell each other across threads and screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.message import Message

from phototagger.settings.model import Settings

if TYPE_CHECKING:
    from phototagger.engine.progress import Progress


class EngineProgressed(Message):
    """The engine is further; of several, the last one says everything."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        super().__init__()

    def can_replace(self, message: Message) -> bool:
        """Only the last one matters: counts are absolute, failures are kept."""
        return isinstance(message, EngineProgressed)


class SettingsChanged(Message):
    """Other settings hold from now on."""


class ReopenRequest(NamedTuple):
    """Settings that cannot be changed in an open review; a step to begin with, words to say."""

    settings: Settings
    step: str = ""
    says: str = ""


class ReopenAsked(Message):
    """The review is to be closed, and opened again."""

    def __init__(self, request: ReopenRequest) -> None:
        self.request = request
        super().__init__()

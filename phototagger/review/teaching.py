"""What decisions teach: a few at once, many beside the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.review.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from phototagger.engine.library.library import Opened
    from phototagger.errors import LockedError
    from phototagger.review.suggester import Suggester
    from phototagger.suggest import LabelHeads

FEW = 32
"""Photos whose decisions are learned at once; after more, ``stale`` asks for new heads."""


class Teaching(Reading):
    """Keeps the suggestions up with the decisions."""

    stale = False
    """Whether decisions were made that the suggestions have not learned."""

    def __init__(self, job: Opened, read_only: LockedError | None = None) -> None:
        super().__init__(job, read_only)
        self._since: list[bytes] | None = None  # decided since new heads were begun
        self._learner: Suggester | None = None  # whose heads are being made

    def learning(self) -> Callable[[], LabelHeads] | None:
        """Return what makes heads of all decisions, on any thread; give them to ``learned``."""
        if self.suggester is None or self._since is not None:
            return None
        self.stale, self._since, self._learner = False, [], self.suggester
        return self.suggester.built

    def learned(self, heads: LabelHeads) -> None:
        """Suggest with these heads, and with what was decided since they were begun."""
        since, self._since = self._since or [], None
        if self.suggester is None or self.suggester is not self._learner:
            self.stale = True  # they are of other labels: new vectors came meanwhile
            return
        self.suggester.take(heads, since if len(since) <= FEW else ())
        self.stale = self.stale or len(since) > FEW

    def not_learned(self) -> None:
        """Take note that the heads that were begun could not be made."""
        self._since, self.stale = None, True

    def _learn(self, sha1s: list[bytes]) -> None:
        """Learn from the decisions on photos, now or as soon as somebody asks."""
        if self._since is not None:
            self._since += sha1s
        elif len(sha1s) > FEW:
            self.stale = True
        elif self.suggester is not None:
            self.suggester.learn(sha1s)

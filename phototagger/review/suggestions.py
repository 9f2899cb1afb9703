"""What is suggested, and what decisions teach: a few at once, many beside the keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from phototagger.engine.library.threshold import LEAST, better_than, some_of
from phototagger.review.suggester import Suggester
from phototagger.store.vectors.keys import Keys, as_bytes
from phototagger.suggest import LabelHeads

if TYPE_CHECKING:
    from phototagger.engine.library.library import Opened

FEW = 32
"""Photos whose decisions are learned at once; after more, ``stale`` asks for new heads."""


class LiveSuggestions:
    """What is suggested for the photos of a job; keeps up with the decisions.

    ``suggester`` is None where the model or all vectors are missing. ``stale``: decisions were made
    that the suggestions have not learned.
    """

    def __init__(self, job: Opened) -> None:
        self.job = job
        self.suggester = _suggester(job)
        self._threshold = self._given = job.settings.threshold
        self.stale = False
        self._since: list[bytes] | None = None  # decided since new heads were begun
        self._learner: Suggester | None = None  # whose heads are being made

    @property
    def threshold(self) -> float:
        """The cosine from which on a label is suggested."""
        return self._threshold

    @threshold.setter
    def threshold(self, value: float) -> None:
        self._threshold = min(1.0, max(-1.0, round(value, 4)))
        if self.suggester is not None:
            self.suggester.threshold = self._threshold

    @property
    def has_learned(self) -> bool:
        """Whether anything that was decided stands behind what is suggested."""
        return self.suggester is not None and len(self.suggester.heads) > 0

    def better_threshold(self, keys: Keys) -> float | None:
        """Return a threshold that fits these photos better, where they say enough of it."""
        if self.suggester is None:
            return None
        drawn = some_of(keys, self.job.model.images)
        if len(drawn) < LEAST:
            return None
        return better_than(self.threshold, self.suggester.scores(as_bytes(drawn))[0])

    def renew(self) -> None:
        """Take up the vectors that the engine has made since, and the threshold it settled."""
        if self.job.settings.threshold != self._given:
            self.threshold = self._given = self.job.settings.threshold
        labels = self.job.model.with_vectors(self.job.offered)
        if self.suggester is None or self.suggester.labels != labels:
            self.begin_again(self.job)

    def begin_again(self, job: Opened) -> None:
        """Suggest anew for a job, at the same threshold, with nothing learned yet."""
        self.job = job
        self.suggester = _suggester(job)
        self.threshold = self._threshold

    def best(
        self, sha1s: Sequence[bytes], count: int
    ) -> dict[bytes, list[tuple[str, float, bool]]]:
        """Return (label, score, whether it is suggested) of the likeliest labels of photos."""
        if self.suggester is None:
            return {}
        known = self.suggester.with_vectors(sha1s)
        return dict(zip(known, self.suggester.best(known, count), strict=True)) if known else {}

    def learning(self) -> Callable[[Callable[[], None]], LabelHeads] | None:
        """Return what makes heads of all decisions, on any thread; give them to ``learned``.

        What it is given is called again and again meanwhile, and may raise to end it.
        """
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

    def learn(self, sha1s: list[bytes]) -> None:
        """Learn from the decisions on photos, now or as soon as somebody asks."""
        if self._since is not None:
            self._since += sha1s
        elif len(sha1s) > FEW:
            self.stale = True
        elif self.suggester is not None:
            self.suggester.learn(sha1s)


def knows_photos(job: Opened) -> bool:
    """Tell whether any photo has a vector of the model."""
    return job.model.known_or_none is not None and len(job.model.images) > 0


def _suggester(job: Opened) -> Suggester | None:
    """Return what suggests, without heads."""
    if not knows_photos(job):
        return None
    labels = job.model.with_vectors(job.offered)
    return Suggester(job, labels, learn=False) if labels else None

"""What a review has done and can take back."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from phototagger.core.checklist import Draft

Drafts = dict[bytes, Draft | None]
"""The kept checks of photos; None: none are kept."""

MOST = 2000
"""Of how many photos checks are remembered: a day of toggling must not fill the memory."""


@dataclass(frozen=True)
class Checks:
    """Checks that were changed: what was kept of them before and after."""

    before: Drafts
    after: Drafts


@dataclass(frozen=True)
class Done:
    """An act in the catalogue, and what was kept of its photos' checks before and after."""

    before: Drafts
    after: Drafts


Step = Checks | Done


class Steps:
    """What can be taken back, or done again; the oldest steps go once they hold too many checks.

    Acts that went are still in the catalogue, and undone there.
    """

    def __init__(self, most: int = MOST) -> None:
        self._steps: deque[Step] = deque()
        self._most, self._photos = most, 0

    @property
    def last(self) -> Step | None:
        """The newest step, None where there is none."""
        return self._steps[-1] if self._steps else None

    def push(self, step: Step) -> None:
        """Remember one more step: always this one, whatever it holds."""
        self._steps.append(step)
        self._photos += len(step.before)
        while self._photos > self._most and len(self._steps) > 1:
            self._photos -= len(self._steps.popleft().before)

    def drop(self) -> None:
        """Forget the newest step, if there is one."""
        if self._steps:
            self._photos -= len(self._steps.pop().before)

    def clear(self) -> None:
        """Forget all."""
        self._steps.clear()
        self._photos = 0

"""How fast photos are being decided."""

import time
from collections import deque
from collections.abc import Callable
from itertools import pairwise

_WINDOW = 600.0  # seconds looked back on
_LEAST = 5  # gaps between decisions that say something
_PAUSE = 60.0  # a longer rest between two decisions is not counted as work


class Pace:
    """Counts photos decided one by one; rests are left out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=1000)

    def decided(self) -> None:
        """Note that a photo was decided now."""
        self._times.append(self._clock())

    def per_minute(self) -> float:
        """Return photos a minute while somebody was working; 0.0 while too few are known."""
        now = self._clock()
        times = [moment for moment in self._times if now - moment <= _WINDOW]
        gaps = [later - earlier for earlier, later in pairwise(times)]
        worked = [gap for gap in gaps if gap <= _PAUSE]
        if len(worked) < _LEAST or not sum(worked):
            return 0.0
        return 60 * len(worked) / sum(worked)

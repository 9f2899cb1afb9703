"""A second review shows what the first one decides, and takes over when that has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from phototagger.engine.advice import told
from phototagger.engine.job import Job
from phototagger.errors import LockedError
from phototagger.review import TROUBLE, Review
from phototagger.review.open_review import beside, change_counter, open_beside
from phototagger.tui.arriving import Arriving

if TYPE_CHECKING:
    from phototagger.tui.screens.review.screen import ReviewScreen

LOOK_SECONDS = 1.0
"""How long it waits from one look at the run_dir's lock to the next."""


class Takeover:
    """Looks after the lock beside a read-only review; gives ``take`` the job once that is free.

    Of several that wait, the kernel lets one have the lock. The lock of another host is respected
    until its holder gives it back.
    """

    def __init__(
        self,
        screen: ReviewScreen,
        review: Review,
        arriving: Arriving,
        take: Callable[[Job], None],
    ) -> None:
        self._screen = screen
        self._review = review
        self._arriving = arriving
        self._give = take
        self._guard = threading.Lock()
        self._job: Job | None = None  # opened, and not taken yet
        self._is_closed = False
        self._trying = threading.Lock()
        self._version = change_counter(review.job)
        self._complained = ""
        self._timer = screen.set_interval(LOOK_SECONDS, self._look)

    def close(self) -> None:
        """Wait no more."""
        self._timer.stop()
        with self._guard:
            self._is_closed, job, self._job = True, self._job, None
        if job is not None:
            job.close()

    def _look(self) -> None:
        """Show what was decided elsewhere; see on a thread whether the run_dir is free."""
        try:
            version = change_counter(self._review.job)
        except TROUBLE as error:
            self._complain(error)
            return
        if version != self._version:
            self._version = version
            self._arriving.soon()
        if self._job is None and self._trying.acquire(blocking=False):
            self._screen.run_worker(self._try, group="takeover", thread=True)

    def _try(self) -> None:
        try:
            job = open_beside(self._review.job)
        except LockedError as locked:
            self._screen.call_later(self._still, locked)
        except TROUBLE as error:
            self._screen.call_later(self._complain, error)
        else:
            self._opened(job)
        finally:
            self._trying.release()

    def _opened(self, job: Job) -> None:
        with self._guard:
            if not self._is_closed:
                self._job = job
        if self._job is job:
            self._screen.call_later(self._take)
        else:
            job.close()

    def _take(self) -> None:
        with self._guard:
            job, self._job = self._job, None
        if job is not None:
            self.close()
            self._give(job)

    def _still(self, locked: LockedError) -> None:
        """Name who decides, where that is another one by now."""
        review = self._review
        if review.read_only is not None and locked.holder != review.read_only.holder:
            review.read_only = beside(locked)
            self._screen.show_status()

    def _complain(self, error: Exception) -> None:
        message = str(told(error))
        if message != self._complained:
            self._complained = message
            self._screen.complain(error)

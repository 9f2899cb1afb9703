"""A second review shows what the first one decides, and takes over when that has ended."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from phototagger.engine.advice import told
from phototagger.errors import LockedError
from phototagger.review.open_review import beside, open_to_write
from phototagger.tui.screens.review.acting import TROUBLE

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.tui.engine_bridge import Bridge

LOOK_SECONDS = 1.0
"""How long it waits from one look at the run_dir's lock to the next."""


class Takeover:
    """Looks after the lock beside a read-only review, and gives it the job once that is free.

    Of several that wait, the kernel lets one have the lock. The lock of another host is respected
    until its holder gives it back.
    """

    def __init__(self, app: Bridge) -> None:
        self._app = app
        self._guard = threading.Lock()
        self._job: Job | None = None  # opened, and not taken yet
        self._is_closed = False
        self._trying = threading.Lock()
        self._version = self._change_counter()
        self._complained = ""
        self._timer = app.set_interval(LOOK_SECONDS, self._look)

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
            version = self._change_counter()
        except TROUBLE as error:
            self._complain(error)
            return
        if version != self._version and self._app.show_ready_soon():
            self._version = version
        if self._job is None and self._trying.acquire(blocking=False):
            self._app.run_worker(self._try, group="takeover", thread=True)

    def _change_counter(self) -> int:
        """Return a number that changes whenever another process has changed the catalogue."""
        connection = self._app.review.job.catalogue.connection
        version: int = connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def _try(self) -> None:
        before = self._app.review.job
        try:
            before.catalogue.in_place.check()  # or a run_dir that was deleted would be made anew
            job = open_to_write(before.settings, before.command)
        except LockedError as held:
            self._app.call_later(self._still, held)
        except TROUBLE as error:
            self._app.call_later(self._complain, error)
        else:
            self._opened(job)
        finally:
            self._trying.release()

    def _opened(self, job: Job) -> None:
        with self._guard:
            if not self._is_closed:
                self._job = job
        if self._job is job:
            self._app.call_later(self._take)
        else:
            job.close()

    def _take(self) -> None:
        with self._guard:
            job, self._job = self._job, None
        if job is not None:
            self.close()
            self._app.take_over(job)

    def _still(self, held: LockedError) -> None:
        """Name who decides, where that is another one by now."""
        review = self._app.review
        if review.read_only is not None and held.holder != review.read_only.holder:
            review.read_only = beside(held)
            self._app.show_status()

    def _complain(self, error: Exception) -> None:
        said = str(told(error))
        if said != self._complained:
            self._complained = said
            self._app.complain(error)

"""Photos that somebody looks at, read before their turn comes in a step.

Each gets its thumbnail and its content; no vector, so no model is waited for. This runs beside the
steps, on decoding threads of the screen's process.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from phototagger.core.thumb_cache import begin_cache
from phototagger.engine.advice import told
from phototagger.engine.decisions.former import said_of_carried
from phototagger.engine.photo_reader.looks import kept
from phototagger.engine.photo_reader.reader import Have, Looked, Looker
from phototagger.errors import PhototaggerError
from phototagger.imaging.limits import Limits
from phototagger.machine import usable_cores
from phototagger.store.vectors.keys import as_keys

if TYPE_CHECKING:
    from phototagger.engine.job import Job

_THREADS = 2
_TOLD_SECONDS = 0.2  # between two times that what was read is kept and told, while there is more


class ReadAhead:
    """Reads the photos that are wanted, in that order.

    ``ready`` is called from a thread after some became known. All methods may be called from any
    thread. Where the catalogue cannot be written, nothing is read any more, and the job's notices
    say why.
    """

    def __init__(self, job: Job, ready: Callable[[], None]) -> None:
        self._job = job
        self._ready = ready
        self._wanted: list[str] = []  # the next one last
        self._tried: set[str] = set()
        self._failures: dict[str, str] = {}
        self._looks: list[Looked] = []
        self._told_at = 0.0
        self._working = 0
        self._ended = False
        self._changed = threading.Condition()
        self._keeping = threading.Lock()
        self._begin_again()
        count = min(_THREADS, usable_cores())
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def want(self, paths: Sequence[str]) -> None:
        """Read these photos, in this order; others that were wanted are wanted no more."""
        with self._changed:
            self._wanted = [path for path in reversed(paths) if path not in self._tried]
            self._changed.notify_all()

    def failure(self, path: str) -> str:
        """Say why a photo could not be read; nothing where it could, or was not tried."""
        return self._failures.get(path, "")

    def forget(self) -> None:
        """Try again what was tried: files may have changed since."""
        with self._changed:
            self._begin_again()

    def close(self, seconds: float = 1.0) -> None:
        """End, after the photos that are being read."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(seconds)

    def _begin_again(self) -> None:
        nothing = Have.of([as_keys(())] * 5)
        settings = self._job.settings
        self._looker = Looker(settings.cache_dir, None, nothing, Limits.of(settings))
        self._tried.clear()
        self._failures.clear()

    def _run(self) -> None:
        try:
            while (photo := self._next()) is not None:
                begin_cache(self._job.settings.cache_dir)
                self._looked(photo[1], self._looker.look(photo))
        # What keeps it from going on keeps decisions from the disk, too, and is told with its cure.
        except (PhototaggerError, OSError, sqlite3.Error) as error:
            with self._changed:
                ended, self._ended = self._ended, True
                self._changed.notify_all()
            if not ended:
                self._job.notices.append(str(told(error)))

    def _next(self) -> tuple[int, str] | None:
        """Wait for the next photo to read, by a number and its path; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._wanted or self._ended)
            if self._ended:
                return None
            path = self._wanted.pop()
            self._tried.add(path)
            self._working += 1
            return len(self._tried), path

    def _looked(self, path: str, looked: Looked) -> None:
        now = time.monotonic()
        with self._changed:
            self._working -= 1
            self._looks.append(looked)
            if looked.file is None and looked.reason is not None:
                self._failures[path] = str(looked.reason)
            is_last = not self._wanted and not self._working
            if not is_last and now - self._told_at < _TOLD_SECONDS:
                return
            self._told_at = now
        with self._keeping:
            # Taken no earlier than here, or the last thread would miss what is put back below.
            with self._changed:
                looks, self._looks = self._looks, []
            # Nothing is written before everything was looked at.
            if looks and self._job.catalogue.check(lambda: self._ended):
                files, carried = kept(self._job, looks)
                # A copy of what another thread still decodes is kept with that.
                early = [look for look in looks if look.file and look.file.path not in files]
                with self._changed:
                    self._looks += early
                if carried:
                    self._job.notices.append(said_of_carried(carried))
                self._ready()

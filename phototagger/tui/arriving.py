"""What becomes known of photos while they are on the screen: it is shown as it comes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from phototagger.engine.photo_reader.ahead import ReadAhead

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.review import Review
    from phototagger.review.photo_list import Listing
    from phototagger.tui.screens.review.act_runner import ActRunner
    from phototagger.tui.screens.review.learning import Learning
    from phototagger.tui.screens.review.screen import ReviewScreen
    from phototagger.tui.screens.review.views import Views

_LOOK_SECONDS = 0.4  # between two looks at what has become known
_LEARN_SECONDS = 3.0  # between two times that decisions are learned from again
_RESTS = 50  # times as long as the last look took, at least: keys wait for it in a large library


class Arriving:
    """Looks after what steps, another review and the reading of photos have made known.

    Photos that are seen are read before all others, where a job may write what comes of it.
    """

    def __init__(
        self,
        screen: ReviewScreen,
        review: Review,
        acts: ActRunner,
        views: Views,
        learning: Learning,
    ) -> None:
        self._screen = screen
        self._review = review
        self._acts = acts
        self._views = views
        self._learning = learning
        self._is_due = False
        self._looked = self._learned = 0.0
        self._took = 0.0
        self._reader: ReadAhead | None = None

    def connect(self, job: Job) -> None:
        """Read photos that are seen, from now on."""

        def came() -> None:
            self._screen.call_later(self.soon)

        self._reader = ReadAhead(job, came)
        self._review.photos.why_unread = self._reader.failure

    def close(self) -> None:
        """Read nothing more."""
        if self._reader is not None:
            self._reader.close()

    def read_first(self, positions: Sequence[int]) -> None:
        """Read those of some photos first that nobody has read; a step goes on with all of them."""
        photos, job = self._review.photos, self._review.job.writer
        if self._reader is not None and job is not None:
            paths = {position: photos.listing.paths[position] for position in positions}
            job.wanted.put(list(paths.values()))
            self._reader.want([paths[at] for at in positions if photos.is_unread(at)])

    def found_again(self) -> None:
        """Try again what could not be read: files may have changed."""
        if self._reader is not None:
            self._reader.forget()

    def soon(self) -> None:
        """Show what has become known; of many calls in a while one is enough."""
        if not self._is_due:
            self._is_due = True
            rest = max(_LOOK_SECONDS, _RESTS * self._took)
            wait = self._looked + rest - time.monotonic()
            self._screen.set_timer(max(0.001, wait), self.now)

    def now(self) -> None:
        """Show what has become known."""
        self._is_due, self._looked = False, time.monotonic()
        self._screen.in_thread(self._look, "ready")

    def _look(self) -> None:
        began, before = time.monotonic(), self._review.photos.listing
        listing = self._review.photos.known_listing()
        self._took = time.monotonic() - began
        self._screen.app.call_from_thread(self._take, listing, before)

    def _take(self, listing: Listing, before: Listing) -> None:
        """Show photos, those that were there ``before`` with what is known of them by now.

        Where others are there meanwhile, or are not to be yet, it is looked again.
        """
        if self._acts.busy:
            self._acts.put_off("look", self.soon)
            return
        screen, photos = self._screen, self._review.photos
        if photos.listing is not before:
            self.soon()
            return
        photos.renew()
        if not listing.has_files_of(photos.listing):
            self._views.take_listing(listing)
        else:
            photos.take_contents(listing)
            screen.grid.read_labels(files=True)
            screen.folders.put_counts(photos.listing.counts())
            self._views.restack()
            self._learning.show_again()
            screen.show_status()
        if time.monotonic() - self._learned >= _LEARN_SECONDS:
            self._learned = time.monotonic()
            self._learning.begin()

"""What goes on beside the keys without being asked for: learn, look again, bring tables up."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from phototagger.core.scan import FoundPhotos
from phototagger.engine.job import Job
from phototagger.engine.memory import give_back
from phototagger.errors import InterruptedByUser
from phototagger.review import Review
from phototagger.review.background.rescan import Rescan, rescan
from phototagger.review.background.tables import tables_are_due
from phototagger.review.open_review import look_after
from phototagger.review.photo_list import Listing
from phototagger.tui.screens.keyed import KeyedScreen
from phototagger.tui.screens.review.learning import Learning
from phototagger.tui.screens.review.takeover import Takeover
from phototagger.tui.screens.review.views import Views

if TYPE_CHECKING:
    from phototagger.tui.engine_bridge import EngineBridge
    from phototagger.tui.screens.review.screen import ReviewScreen


class BackgroundTasks:
    """Begins what is due at the start, once the first screen is painted, and ends it all."""

    def __init__(
        self,
        screen: ReviewScreen,
        review: Review,
        engine: EngineBridge,
        views: Views,
        learning: Learning,
    ) -> None:
        self._screen = screen
        self._review = review
        self._engine = engine
        self._arriving = screen.arriving
        self._views = views
        self._learning = learning
        self._takeover: Takeover | None = None  # waits for the right to decide
        self._is_leaving = threading.Event()  # nothing is waited for then

    def watch(self) -> None:
        """Make the engine ready, or wait until no other phototagger has the run_dir."""
        job = self._review.job.writer
        if job is not None:
            self._connect(job)
        else:
            self._takeover = Takeover(self._screen, self._review, self._arriving, self._take_over)

    def _connect(self, job: Job) -> None:
        self._engine.connect(job)
        self._arriving.connect(job)

    def begin(self, first_step: str = "") -> None:
        """Begin what is due, after a step of the pipeline that was asked for."""
        if first_step:
            self._engine.start_step(first_step)
        self._begin_due()

    @property
    def is_leaving(self) -> bool:
        """Whether the review is over: nobody looks at what is found any more."""
        return self._is_leaving.is_set()

    def check_leaving(self) -> None:
        """Raise InterruptedByUser once the review is over."""
        if self.is_leaving:
            raise InterruptedByUser("the review has ended", "open it again")

    def leave(self) -> None:
        """Let what looks at photos and catalogue beside the keys end soon."""
        self._is_leaving.set()

    def close(self) -> None:
        """End the engine and the model's process, and what looks at the catalogue."""
        self.leave()
        if self._takeover is not None:
            self._takeover.close()
        self._arriving.close()
        self._engine.close()

    def _begin_due(self) -> None:
        if self._review.read_only:
            self._screen.status.say(str(self._review.read_only), error=True)
        self._learning.begin()
        self.rescan()
        self._screen.in_thread(self._look_after, "look after")

    def _take_over(self, job: Job) -> None:
        """Decide from now on: the phototagger that did has ended."""
        ended = self._review.read_only
        self._review.take_over(job)
        self._connect(job)
        self._views.take_listing(self._review.photos.known_listing())
        self._begin_due()
        holder = f" ({ended.holder})" if ended else ""
        message = f"you decide now: the other phototagger has ended{holder}"
        self._screen.status.say(message, error=True)
        front = self._screen.app.screen
        if isinstance(front, KeyedScreen):  # it covers that line
            front.say(message)

    def _look_after(self) -> None:
        """Have the catalogue looked at."""
        if message := look_after(self._review.job, self._is_leaving.is_set):
            self._screen.app.call_from_thread(self._screen.say, message)

    def rescan(self, *, begin: bool = True) -> None:
        """Look at the root again; ``begin`` what is missing for what is there."""
        self._screen.in_thread(partial(self._rescan, begin), "rescan")

    def _rescan(self, begin: bool) -> None:  # noqa: FBT001  (in_thread takes no names)
        call, review = self._screen.app.call_from_thread, self._review
        knows_none = not len(review.photos.listing)

        def show_part(listing: Listing) -> None:
            if knows_none:  # else what is known would go until the scan comes to it
                marked = review.photos.touched.marking(listing, review.job.catalogue)
                call(self._views.take_listing, marked)

        rescanned = rescan(review.job, show_part, self.check_leaving)
        if not rescanned.listing.is_same(review.photos.listing):
            review.photos.touched.marking(rescanned.listing, review.job.catalogue)
        call(self._take, rescanned, begin)
        del rescanned
        give_back()

    def _take(self, rescanned: Rescan, begin: bool) -> None:  # noqa: FBT001
        """Show what was found; begin what is missing for it, where that is wanted."""
        if not rescanned.listing.unread.any():
            rescanned.found.photos = FoundPhotos()  # nothing is left to become known of them
        self._review.photos.found = rescanned.found
        self._arriving.found_again()
        if not rescanned.listing.is_same(self._review.photos.listing) or not len(rescanned.listing):
            self._views.take_listing(rescanned.listing)
        if begin:
            self._engine.begin_missing(rescanned.waiting)
            # Not before: it looks at the root as well, and both at once take twice the memory.
            if self._engine.rests() and tables_are_due(self._review.job):
                self._engine.export(asked=False)

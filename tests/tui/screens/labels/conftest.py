"""The label list and the pages over a real library, drawn as kitty draws, or by blocks."""

import asyncio
import re
import time
from dataclasses import replace

import pytest

from bench.keys_library import make_keys_library
from phototagger.core.checklist import Mark
from phototagger.review.open_review import open_job, open_review
from phototagger.tui.app import ReviewApp
from phototagger.tui.graphics.terminal import Terminal
from phototagger.tui.rebinding import rebound
from phototagger.tui.screens.labels.pages_screen import PagesScreen
from tests.review.by_label.conftest import vector_set
from tests.tui.driving import workers_done
from tests.tui.reviewing import User

NARROW = (80, 24)


class Pager(User):
    """Somebody who decides by label."""

    def __init__(self, app, pilot, known) -> None:
        super().__init__(app, pilot)
        self.known = known

    async def rest(self) -> None:
        await super().rest()
        await workers_done(self.app)
        await self.pilot.pause()
        while (grid := self.pages) is not None and grid.has_pictures and self.waits(grid):
            await self.pilot.pause(0.01)
        await self.pilot.pause()

    def waits(self, grid) -> bool:
        """Whether a picture of the page is still to come."""
        return len(grid.drawn(time.monotonic()) | grid.missing()) < grid.count

    @property
    def pages(self):
        """The grid of the page, where one is shown."""
        return self.app.screen.grid if isinstance(self.app.screen, PagesScreen) else None

    @property
    def last_line(self) -> str:
        return self.screen.splitlines()[-1]

    @property
    def head(self) -> str:
        return self.screen.splitlines()[0].strip()

    @property
    def cells(self) -> dict[str, tuple[bool, int]]:
        """By letter: whether the photo is YES, and its number, as they are on the screen."""
        found = re.findall(r"([a-z]) (■ YES|□ no ) \d\d \S*?(\d{5})(?= |$)", self.screen)
        return {letter: (box == "■ YES", int(number)) for letter, box, number in found}

    def wrong(self, label: str) -> list[str]:
        """The letters of the photos that are not as the truth says."""
        column = self.known.labels.index(label)
        return [
            letter
            for letter, (yes, number) in self.cells.items()
            if yes != self.known.truth[number, column]
        ]

    def said_of(self, label: str) -> dict[int, bool]:
        """What is on disk of a label, by the number of the photo."""
        held = self.held_each(f"IMG_{number:05}.jpg" for number in range(len(self.known.images)))
        return {number: one[label] for number, one in enumerate(held.values()) if label in one}

    def whole(self) -> int:
        """How many photos the disk has as decided."""
        listing = self.review.photos.listing
        with self.disk() as catalogue:
            listing.read_marks(catalogue)
        return sum(listing.mark(one) is not Mark.UNDECIDED for one in range(len(listing)))


@pytest.fixture
def by_label(tmp_path):
    """Return what runs an act of a ``Pager`` in the review of a library."""
    return paging(tmp_path, vector_set())


def paging(folder, known):
    """Return what runs an act of a ``Pager`` in the review of a library made of vectors."""
    settings = make_keys_library(folder, known)

    def run(act, size=(120, 40), images="kitty", **more):
        chosen = replace(settings, **{"images": images, "settle": 0, **more})
        job, held_by = open_job(chosen)

        async def sitting(app):
            async with app.run_test(size=size) as pilot:
                user = Pager(app, pilot, known)
                await user.rest()
                await act(user)
                return user

        with job, open_review(job, held_by) as review:
            terminal = Terminal(kitty=images == "kitty", cell=(10, 20))
            app = ReviewApp(review, rebound({}), terminal)
            try:
                return asyncio.run(sitting(app))
            finally:
                app.close_engine()

    return run

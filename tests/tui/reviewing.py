"""The real review over a real library, driven as a person would; what the disk then holds."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from contextlib import contextmanager

from phototagger.engine.worker import Engine
from phototagger.review import Review
from phototagger.settings.keep import ConfigFile
from phototagger.store import WHOLE_PHOTO, decisions
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.drafts import drafts
from phototagger.tui.app import ReviewApp
from phototagger.tui.rebinding import rebound
from phototagger.tui.screens.changes import ChangesScreen
from phototagger.tui.screens.labels.pages_screen import PagesScreen
from phototagger.tui.screens.review.focused_photo import BESIDE
from phototagger.tui.screens.review.screen import ReviewScreen
from tests.review.conftest import reviewing
from tests.tui.driving import screen_text, workers_done


async def followed(pilot) -> None:
    """Wait until what is beside the grid shows the photo under the cursor, where a review is."""
    await _caught_up(pilot.app)
    await pilot.pause()


async def _caught_up(app) -> bool:
    """Wait for what is beside the grid, where the cursor is ahead of it; tell whether it was."""
    screens = [one for one in app.screen_stack if isinstance(one, ReviewScreen)]
    was_ahead = False
    while app.is_running and any(one.photo.following is not None for one in screens):
        was_ahead = True
        await asyncio.sleep(BESIDE / 8)
    return was_ahead


class User:
    """What a person at the review does and sees, and what is on disk meanwhile."""

    def __init__(self, app: ReviewApp, pilot) -> None:
        self.app, self.pilot, self.ui = app, pilot, app.review_screen
        self.review = self.ui.review

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until all that they began is done."""
        for key in keys:
            await self.pilot.press(key)
            if await _caught_up(self.app):
                await self.pilot.pause()
            if isinstance(self.app.screen, (ChangesScreen, PagesScreen)):
                await self.rest()  # the next key is for what is planned, written or drawn then
        await self.rest()

    async def type(self, text: str) -> None:
        await self.press(*(" " if one == " " else one for one in text))

    async def rest(self) -> None:
        """Wait until nothing goes on, nor begins as what went on ends."""
        await self.pilot.pause()
        while await self._waited():
            await self.pilot.pause()

    async def _waited(self) -> bool:
        """Wait for what goes on now; tell whether anything did."""
        engine = self.ui.engine.engine
        went_on = any(not one.is_finished for one in self.app.workers)
        await workers_done(self.app)
        while self.ui.engine.is_due and not self.ui.acts.busy and self.app.is_running:
            went_on = True
            await asyncio.sleep(0.01)
        if engine is not None and engine.is_running:
            went_on = True
            await asyncio.to_thread(engine.wait, 60)
        while engine is not None and self.app.is_running and not self.has_heard(engine):
            went_on = True
            await asyncio.sleep(0.01)
        return await _caught_up(self.app) or went_on

    def has_heard(self, engine: Engine) -> bool:
        """Whether the screen was told that the engine ended, if it did."""
        return engine.is_running or self.ui.engine.shown_start == engine.latest.start

    async def click(self, words: str, times: int = 1, after: int = 0) -> None:
        """Click on the first place where some words stand on the screen."""
        for row, line in enumerate(self.screen.splitlines()):
            if words in line:
                where = (line.index(words) + after, row)
                await self.pilot.click(offset=where, times=times)
                await self.rest()
                return
        raise AssertionError(f"{words} is not on the screen:\n{self.screen}")

    # What is seen.

    @property
    def screen(self) -> str:
        return screen_text(self.app)

    @property
    def here(self) -> str:
        """The photo under the cursor."""
        return self.review.photos.rel_path(self.ui.grid.cursor.position)

    @property
    def status(self) -> str:
        return self.screen.splitlines()[-2]

    @property
    def checked(self) -> set[str]:
        """The labels with a cross in the checklist, as it is drawn."""
        return set(re.findall(r"■ . (\w[\w ]*?) {2,}", self.screen))

    @property
    def mark(self) -> str:
        """The mark beside the photo under the cursor, as it is drawn."""
        return re.search(r"▸(.)", self.screen)[1]

    # What is on disk.

    def at(self, name: str) -> int:
        return [
            self.review.photos.rel_path(one) for one in range(len(self.review.photos.listing))
        ].index(name)

    @contextmanager
    def disk(self):
        """The catalogue through a connection of its own."""
        catalogue = Catalogue(self.review.settings.run_dir, writable=False)
        try:
            yield catalogue
        finally:
            catalogue.close()

    def held(self, name: str) -> dict[str, bool]:
        return self.held_each([name])[name]

    def held_each(self, names: Iterable[str]) -> dict[str, dict[str, bool]]:
        """The decisions on each of some photos, read at once."""
        contents = self._contents(names)
        held: dict[bytes, dict[str, bool]] = {sha1: {} for sha1 in contents.values()}
        with self.disk() as catalogue:
            for one in decisions(catalogue, list(held)):
                if one.label != WHOLE_PHOTO:
                    held[one.sha1][one.label] = one.approved
        return {name: held[sha1] for name, sha1 in contents.items()}

    def _contents(self, names: Iterable[str]) -> dict[str, bytes]:
        listing = self.review.photos.listing
        places = {self.review.photos.rel_path(at): at for at in range(len(listing))}
        return {name: listing.sha1(places[name]) for name in names}

    def approved(self, name: str) -> set[str]:
        return {label for label, yes in self.held(name).items() if yes}

    def decided(self) -> list[str]:
        """The photos with a decision, in their order."""
        with self.disk() as catalogue:
            found = {one.sha1 for one in decisions(catalogue)}
        listing = self.review.photos.listing
        return [
            self.review.photos.rel_path(at)
            for at in range(len(listing))
            if listing.sha1(at) in found
        ]

    def kept(self, name: str) -> set[str] | None:
        return self.kept_each([name])[name]

    def kept_each(self, names: Iterable[str]) -> dict[str, set[str] | None]:
        """The checks of each of some photos that are kept and not approved, or None."""
        contents = self._contents(names)
        with self.disk() as catalogue:
            found = drafts(catalogue, list(contents.values()))
        return {
            name: set(found[sha1].checked) if sha1 in found else None
            for name, sha1 in contents.items()
        }

    def shown_is_on_disk(self) -> bool:
        """Tell whether every mark that the review shows is what the catalogue holds."""
        listing = self.review.photos.listing
        shown = [listing.mark(one) for one in range(len(listing))]
        with self.disk() as catalogue:
            listing.read_marks(catalogue)
        return shown == [listing.mark(one) for one in range(len(listing))]


def sit(
    review: Review,
    act: Callable[[User], Awaitable[None]],
    size: tuple[int, int] = (120, 36),
    first_step: str = "",
    *,
    rests: bool = True,
    config: ConfigFile | None = None,
) -> User:
    """Open the review on a screen of some size, let somebody act, and close it.

    Unless it ``rests`` first, somebody acts while all that begins with it is still going on.
    """
    bound = rebound(review.settings.keys)
    app = ReviewApp(review, bound, config=config, first_step=first_step)

    async def run() -> User:
        async with app.run_test(size=size) as pilot:
            user = User(app, pilot)
            if rests:
                await user.rest()
            await act(user)
            return user

    try:
        return asyncio.run(run())
    finally:
        app.close_engine()


def at_review(
    library, act, size=(120, 36), first_step="", *, rests=True, config=None, **more
) -> User:
    """Open a library's review without pictures, let somebody act, and close it."""
    with reviewing(library, **{"images": "none", "settle": 0, **more}) as review:
        return sit(review, act, size, first_step, rests=rests, config=config)

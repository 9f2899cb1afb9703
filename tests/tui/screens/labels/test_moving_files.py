"""Files that come, go and are moved under a page: it decides the photos that it shows."""

import random
from pathlib import Path

import pytest

from phototagger.store.labels.by_label import decided_of
from tests.review.by_label.conftest import vector_set
from tests.tui.screens.labels.conftest import paging

STEPS = 10
OPEN = ("L", "/", *"person", "enter")


class Mover:
    """Moves the files of a root about, and knows what a page should have decided."""

    def __init__(self, user, chance) -> None:
        self.user, self.chance = user, chance
        self.root = user.ui.review.settings.root
        listing = user.review.photos.listing
        self.contents = {
            int(path[-9:-4]): listing.sha1(at) for at, path in enumerate(listing.paths)
        }
        self.expected: dict[bytes, bool] = {}
        self.acts: list[dict[bytes, bool]] = []

    def files(self):
        return sorted(Path(self.root).rglob("*.jpg"))

    def move(self):
        """Give a file another folder and name, that of its number at the end."""
        for file in self.chance.sample(self.files(), 5):
            folder = file.parents[len(file.relative_to(self.root).parents) - 1]
            place = folder / self.chance.choice(["", "a", "b c", "é"])
            place.mkdir(exist_ok=True)
            file.rename(place / f"{self.chance.choice('xyz')}_{file.name[-9:]}")

    def on_disk(self) -> dict[bytes, bool]:
        with self.user.disk() as catalogue:
            return dict(decided_of(catalogue, "person"))

    async def step(self) -> None:
        """Do what somebody, or another program, might do next."""
        user, chance = self.user, self.chance
        what = chance.choice(["move", "rescan", "accept", "accept", "flip", "back", "leave"])
        if what == "move":
            self.move()
        elif what == "rescan":
            user.ui.background.rescan(begin=False)
            await user.rest()
        elif what == "leave":
            await user.press("escape", "escape", "escape")
            self.acts.clear()  # only the pages' own acts are taken back there
            await user.press(*OPEN)
        elif what == "flip" and user.cells:
            await user.press(chance.choice(sorted(user.cells)))
        elif what == "accept" and user.cells:
            page = {self.contents[number]: yes for yes, number in user.cells.values()}
            await user.press("enter")
            self.acts.append(dict(self.expected))
            self.expected |= page
        elif what == "back" and self.acts:
            await user.press("backspace")
            self.expected = self.acts.pop()
        assert self.on_disk() == self.expected, what


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_moved_under_a_page_is_decided_by_what_it_shows(tmp_path, seed):
    async def act(user):
        await user.press(*OPEN)
        mover = Mover(user, random.Random(seed))
        for _ in range(STEPS):
            await mover.step()
        await user.press("escape", "escape", "escape")
        user.ui.background.rescan(begin=False)
        await user.rest()
        assert list(user.review.photos.listing.paths) == sorted(
            map(str, mover.files()), key=lambda path: (path.rpartition("/")[0], path)
        )
        assert mover.on_disk() == mover.expected
        assert user.shown_is_on_disk()
        for _ in range(STEPS):
            await user.press("u")
            if user.app.screen is not user.ui:
                await user.press("enter")
        assert not mover.on_disk()

    paging(tmp_path, vector_set())(act)

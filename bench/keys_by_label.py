"""``keys SET.npz --by label``: how many keys it costs to decide label by label, in the real review.

One label is found in the label list and finished; and all of them are swept to the offered stop,
one after the other as the review offers them, after the first photos were decided one by one. The
robot knows what is true of the photos on a page, and reads keys, YES and no, and where pages stop
from the screen.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.figures import Figure, alone, narrate
from bench.keys import Truth, number_of
from bench.keys_library import VectorSet, make_keys_library
from bench.keys_robot import Robot
from phototagger.review.open_review import open_job, open_review
from phototagger.store.labels.holding import decisions
from phototagger.tui.app import ReviewApp
from phototagger.tui.graphics.terminal import Terminal
from phototagger.tui.rebinding import rebound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from phototagger.review import Review

_TERMINAL = Terminal(kitty=True, cell=(10, 20))
_CELL = re.compile(r"([a-z]) (■ YES|□ no ) \d\d \S*?(\d{5})(?= |$)")
_HEAD = re.compile(r"([^·]+?): [\d,]+ yes, .* about ([\d.,]+) left")
_FIRST = 100
_MOST = 2000  # keys of one label after which something is wrong
GOALS = {"person": (40, 0.98), "dog": (20, 0.98)}
"""Keys in which a label has to be finished, and the least part of its photos that is found."""

PER_PHOTO, RECALL, FACTOR = 2.0, 0.84, 1.5


@dataclass
class Swept:
    """What a sweep cost, and what it said and found at the end of each label.

    ``opening`` of the ``keys`` were pressed before the first page was shown.
    """

    keys: int
    opening: int
    labels: int
    found: int
    true: int
    wrong: int
    said_left: float
    left: int

    @property
    def recall(self) -> float:
        """The part of what is true that was approved."""
        return self.found / max(1, self.true)


class Pager:
    """Sweeps labels by the screen; ``press`` returns when the screen shows what a key did."""

    def __init__(
        self,
        press: Callable[[str], Awaitable[None]],
        lines: Callable[[], list[str]],
        known: VectorSet,
    ) -> None:
        self._press = press
        self._lines = lines
        self._known = known
        self.pressed = self.opening = 0
        self.said_left: dict[str, float] = {}

    async def key(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            self.pressed += 1
            await self._press(key)

    async def find(self, label: str) -> None:
        """Open the pages of a label from the photos, typing as much of it as is needed."""
        await self.key("L")
        typed = iter(label)
        if not self._is_first(label):
            await self.key("/")
        while not self._is_first(label):
            await self.key(next(typed))
        await self.key("enter")

    def _is_first(self, label: str) -> bool:
        return any(line.startswith(f">{label} ") for line in self._lines())

    async def sweep(self, *, most_labels: int) -> int:
        """Finish label after label until none is offered; return how many."""
        self.opening = self.pressed
        for done in range(most_labels):
            await self.finish()
            text = " ".join(" ".join(self._lines()).split())
            if "enter: next label" not in text or done + 1 == most_labels:
                return done + 1
            await self.key("enter")
        return most_labels

    async def finish(self) -> None:
        """Accept pages until they stop; note what is said to be left."""
        before = self.pressed
        while cells := _CELL.findall("\n".join(self._lines())):
            if self.pressed - before > _MOST:
                raise AssertionError("pages do not stop:\n" + "\n".join(self._lines()))
            await self.key(*self._keys(cells))
        head = _HEAD.search(self._lines()[0].replace("PAGES ·", ""))
        if head is None:
            raise AssertionError("nothing is said to be left:\n" + "\n".join(self._lines()))
        self.said_left[head[1].strip()] = float(head[2].replace(",", ""))

    def _keys(self, cells: list[tuple[str, str, str]]) -> list[str]:
        """Return the fewest keys that make a page as the truth says, and accept it."""
        label = self._lines()[0].replace("PAGES ·", "").partition(":")[0].strip()
        column = self._known.labels.index(label)
        true = {letter: bool(self._known.truth[int(at), column]) for letter, _, at in cells}
        shown = {letter: box == "■ YES" for letter, box, _ in cells}
        ways = [
            _flipping([], [letter for letter in true if true[letter] != shown[letter]]),
            _flipping(["+"], [letter for letter in true if not true[letter]]),
            _flipping(["-"], [letter for letter in true if true[letter]]),
        ]
        return min(ways, key=len)


def _flipping(first: list[str], letters: list[str]) -> list[str]:
    """Return the keys that flip letters after others; the last one accepts, or enter does."""
    return [*first, *letters[:-1], letters[-1].upper()] if letters else [*first, "enter"]


@asynccontextmanager
async def _screen(
    review: Review, size: tuple[int, int]
) -> AsyncIterator[tuple[ReviewApp, Callable[[str], Awaitable[None]], Callable[[], list[str]]]]:
    """Open the review; yield it with what presses keys and what returns the screen's lines."""
    app = ReviewApp(review, rebound({}), _TERMINAL)
    try:
        async with app.run_test(size=size) as pilot:

            def waits() -> bool:
                grid = getattr(app.screen, "grid", None)
                page = getattr(getattr(app.screen, "pages", None), "page", None)
                return page is not None and len(grid.drawn(time.monotonic())) < len(page.rows)

            async def rest() -> None:
                await pilot.pause()
                await pilot.pause()
                while app.review_screen.photo.following is not None:
                    await pilot.pause(0.01)
                if app.screen is not app.review_screen:
                    await app.workers.wait_for_complete()
                    await pilot.pause()
                    while waits():
                        await pilot.pause(0.005)

            async def press(key: str) -> None:
                await pilot.press(key)
                await rest()

            def lines() -> list[str]:
                strips = app.screen._compositor.render_strips()
                return ["".join(segment.text for segment in strip) for strip in strips]

            await app.workers.wait_for_complete()
            await rest()
            yield app, press, lines
    finally:
        app.close_engine()


def one_label(known: VectorSet, label: str, screen: tuple[int, int]) -> Swept:
    """Finish one label in a library of which nothing is decided."""

    async def act(_: ReviewApp, pager: Pager) -> int:
        await pager.find(label)
        return await pager.sweep(most_labels=1)

    return _played(known, screen, act, [label])


def all_labels(known: VectorSet, screen: tuple[int, int], first: int = _FIRST) -> Swept:
    """Decide the first photos one by one, then sweep all labels that are offered."""

    async def act(app: ReviewApp, pager: Pager) -> int:
        truth = Truth(known, tolerant=False)
        robot = Robot(pager.key, pager._lines)
        app.review_screen.letters.clock = lambda: robot.seconds
        await robot.begin()
        for _ in range(min(first, len(known.images))):
            number = number_of(pager._lines()[0])
            await robot.review(partial(truth.wanted, photo=number), truth.in_mind(number))
        await pager.key("escape", "L", "enter")
        return await pager.sweep(most_labels=len(known.labels))

    return _played(known, screen, act, known.labels)


def _played(
    known: VectorSet,
    screen: tuple[int, int],
    act: Callable[[ReviewApp, Pager], Awaitable[int]],
    labels: Sequence[str],
) -> Swept:
    """Let the robot act in the review of a library, and compare what the disk holds then."""

    async def play(review: Review) -> tuple[Pager, int]:
        async with _screen(review, screen) as (app, press, lines):
            pager = Pager(press, lines, known)
            return pager, await act(app, pager)

    with tempfile.TemporaryDirectory(prefix="phototagger-keys-") as place:
        settings = replace(make_keys_library(Path(place), known), images="kitty", settle=0.0)
        job, held_by = open_job(settings)
        with job, open_review(job, held_by) as review:
            pager, done = asyncio.run(play(review))
            listing = review.photos.listing
            names = {listing.sha1(at): listing.paths[at] for at in range(len(listing))}
            decided = {
                (
                    number_of(names[decision.sha1]),
                    known.labels.index(decision.label),
                ): decision.approved
                for decision in decisions(job.catalogue)
                if decision.label in known.labels
            }
    columns = {known.labels.index(label) for label in labels}
    swept = [known.labels.index(label) for label in pager.said_left]
    true = {(photo, at) for photo, at in np.argwhere(known.truth).tolist() if at in columns}
    right = [pair in true for pair, yes in decided.items() if yes and pair[1] in columns]
    return Swept(
        keys=pager.pressed,
        opening=pager.opening,
        labels=done,
        found=sum(right),
        true=len(true),
        wrong=sum(yes != bool(known.truth[pair]) for pair, yes in decided.items()),
        said_left=sum(pager.said_left.values()),
        left=sum(1 for pair in true if pair[1] in swept and pair not in decided),
    )


def _at_most(most: float) -> Callable[[float], bool]:
    return lambda value: value <= most


def figures(name: str, known: VectorSet, screen: tuple[int, int]) -> list[Figure]:
    """Return the figures of a set: one label finished, and all of them swept."""
    results = []
    for label, (most, recall) in GOALS.items():
        if label not in known.labels:
            continue
        narrate(f"keys: {name}, label {label} ...")
        swept = one_label(known, label, screen)
        title = f"keys {name}: label {label}"
        results += [
            alone(
                title, "keys", [swept.keys - swept.opening], f"<= {most}", _at_most(most)
            ),
            alone(f"{title}, finding it", "keys", [swept.opening]),
            alone(
                f"{title}, recall", "", [swept.recall], f">= {recall}",
                lambda part, recall=recall: part >= recall,
            ),
        ]  # fmt: skip
    narrate(f"keys: {name}, all labels after {_FIRST} photos ...")
    swept = all_labels(known, screen)
    title = f"keys {name}: all labels"
    photos = len(known.images)
    factor = (swept.said_left + 1) / (swept.left + 1)
    results += [
        alone(title, "a photo", [swept.keys / photos], f"<= {PER_PHOTO}", _at_most(PER_PHOTO)),
        alone(f"{title}, first {_FIRST}", "a photo", [swept.opening / min(_FIRST, photos)]),
        alone(f"{title}, recall", "", [swept.recall], f">= {RECALL}", lambda part: part >= RECALL),
        alone(f"{title}, wrong", "decisions", [swept.wrong], "0", lambda wrong: not wrong),
        alone(f"{title}, swept", "labels", [swept.labels]),
        alone(
            f"{title}, said left by true", "times", [factor], f"within {FACTOR}",
            lambda value: 1 / FACTOR <= value <= FACTOR,
        ),
    ]  # fmt: skip
    return results

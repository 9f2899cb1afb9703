"""``keys --by stack``: a robot that decides what the review shows as one stack at once.

It sees which photos stand in the stack, as a person does in the strip below the large picture, and
approves what is true of most of them. Those of which something else is true it goes to, in the
open stack; what is held back it looks at.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.figures import Figure, alone, narrate
from bench.keys_library import make_keys_library
from bench.keys_robot import Robot
from phototagger.core.checklist import Mark
from phototagger.review.open_review import open_job, open_review
from phototagger.review.stacks.cells import TIMES
from phototagger.store.labels.edits import WHOLE_PHOTO
from phototagger.store.labels.holding import decisions
from phototagger.tui.app import ReviewApp
from phototagger.tui.rebinding import rebound

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bench.keys_library import VectorSet
    from phototagger.review import Review

GOAL = 1.0
_STACK = re.compile(TIMES + r"(\d+)(?: \(\+\d+\))?, least alike first")
_MEMBER = re.compile(r"[·✓\u2013✎⚙…≈║] \S*?(\d{4})(?= |$)")
_PHOTO = re.compile(r"IMG_(\d+)\.jpg")
_CELL = re.compile(r"[▸┃ ][·✓\u2013✎⚙…≈║] \S")
_OUTLINED = re.compile(r"║ (\d+)/\d")


@dataclass(frozen=True)
class PlayedByStack:
    """Keys and seconds of all, stacks that were shown, those of several scenes, wrong labels."""

    photos: int
    keys: int
    seconds: float
    stacks: int
    mixed: int
    errors: int


def play(known: VectorSet, screen: tuple[int, int]) -> PlayedByStack:
    """Make a library of a set, review all of it by stack, and say what that cost."""
    with tempfile.TemporaryDirectory(prefix="phototagger-keys-") as place:
        job, held_by = open_job(make_keys_library(Path(place), known))
        with job, open_review(job, held_by) as review:
            keys, seconds, shown = asyncio.run(_reviewed(review, known, screen))
            approved: dict[bytes, set[str]] = {}
            for decision in decisions(job.catalogue):
                if decision.approved and decision.label != WHOLE_PHOTO:
                    approved.setdefault(decision.sha1, set()).add(decision.label)
            listing = review.photos.listing
            errors = 0
            for at, path in enumerate(listing.paths):
                number = int(_PHOTO.findall(path)[-1])
                has = approved.get(listing.sha1(at), set())
                errors += len(has ^ _true(known, number))
    scenes = known.scenes
    mixed = (
        sum(len({int(scenes[photo]) for photo in members}) > 1 for members in shown)
        if (scenes is not None)
        else 0
    )
    return PlayedByStack(len(known.images), keys, seconds, len(shown), mixed, errors)


def _true(known: VectorSet, photo: int) -> set[str]:
    return {known.labels[column] for column in np.flatnonzero(known.truth[photo])}


async def _reviewed(
    review: Review, known: VectorSet, size: tuple[int, int]
) -> tuple[int, float, list[list[int]]]:
    app = ReviewApp(review, rebound({}))
    try:
        async with app.run_test(size=size) as pilot:
            ui = app.review_screen

            async def rest() -> None:
                await pilot.pause()
                await pilot.pause()
                while ui.photo.following is not None:
                    await pilot.pause(0.01)

            async def press(key: str) -> None:
                await pilot.press(key)
                await rest()

            def lines() -> list[str]:
                strips = app.screen._compositor.render_strips()
                return ["".join(segment.text for segment in strip) for strip in strips]

            robot = Robot(press, lines)
            ui.letters.clock = lambda: robot.seconds
            await app.workers.wait_for_complete()
            await rest()
            await robot.begin()
            by_stack = StackRobot(robot, press, lines, known)
            left = len(known.images) + 1
            while undecided := int((review.photos.listing.marks == Mark.UNDECIDED).sum()):
                if undecided >= left:  # what is left stands before the last photo
                    await by_stack.to_undecided()
                left = undecided
                await by_stack.review()
            return sum(robot.keys) + by_stack.moves, robot.seconds, by_stack.shown
    finally:
        app.close_engine()


class StackRobot:
    """Reviews cell after cell; ``moves`` counts the keys that correct nothing."""

    def __init__(
        self,
        robot: Robot,
        press: Callable[[str], Awaitable[None]],
        screen: Callable[[], list[str]],
        known: VectorSet,
    ) -> None:
        self._robot = robot
        self._press = press
        self._screen = screen
        self._known = known
        self.moves = 0
        self.shown: list[list[int]] = []

    async def review(self) -> None:
        """Review the photo or the stack under the cursor, and what that leaves of it."""
        members = self._members()
        if len(members) == 1:
            await self._review_one(members[0])
            return
        self.shown.append(members)
        truths = [set(self._true(photo)) for photo in members]
        common = {label for truth in truths for label in truth
                  if 2 * sum(label in other for other in truths) > len(members)}  # fmt: skip
        if self._is_only_held_back():
            await self._move("enter")
        else:
            await self._robot.review(partial(_wanted, common), sorted(common))
        held_back = self._held_back(members)  # the stack is open where one is
        for member in members:
            if member not in held_back and set(self._true(member)) != common:
                await self._go_to(member, members)
                await self._review_one(member)
        while self._is_open():
            await self._review_one(self._number())

    async def _go_to(self, member: int, members: list[int]) -> None:
        """Go to a member by the fewest arrows, as the grid shows them; open the stack first."""
        if not self._is_open(decided=True):
            stays = self._members() == members  # at the last one
            await self._move(">" if stays else "<")
        columns = max(len(_CELL.findall(line)) for line in self._screen()[:-2])
        for _ in members:
            place = members.index(self._number())
            away = members.index(member) - place
            if not away:
                return
            by_row = place + (columns if away > 0 else -columns)
            if 2 * abs(away) > columns and 0 <= by_row < len(members):
                await self._move("down" if away > 0 else "up")
            else:
                await self._move("right" if away > 0 else "left")
        raise AssertionError(f"no way to {member}:\n" + "\n".join(self._screen()))

    async def to_undecided(self) -> None:
        """Leave letter keys for the key that finds what is undecided."""
        for key in ("escape", "n", ";"):
            await self._move(key)

    async def _review_one(self, photo: int) -> None:
        true = self._true(photo)
        await self._robot.review(partial(_wanted, set(true)), true)

    async def _move(self, key: str) -> None:
        self.moves += 1
        self._robot.seconds += 0.28
        await self._press(key)

    def _true(self, photo: int) -> list[str]:
        return sorted(_true(self._known, photo))

    def _number(self) -> int:
        return int(_PHOTO.findall(self._screen()[0])[-1])

    def _members(self) -> list[int]:
        """Return the photos of the strip, or the one in view."""
        lines = self._screen()
        at = next((row for row, line in enumerate(lines) if _STACK.search(line)), None)
        if at is None:
            return [self._number()]
        start = _STACK.search(lines[at])
        assert start is not None
        numbers = [int(digits) for digits in _MEMBER.findall(lines[at + 5][start.start() :])]
        if len(numbers) != int(start[1]):
            raise AssertionError("the strip does not show all members:\n" + "\n".join(lines))
        return sorted(numbers)  # as the open stack shows them

    def _held_back(self, members: list[int]) -> set[int]:
        """Return the members of the open stack that are outlined; none where it is closed."""
        places = [number for line in self._screen() for number in _OUTLINED.findall(line)]
        return {members[int(place) - 1] for place in places}

    def _is_only_held_back(self) -> bool:
        return any("▸║ \u00d7" in line for line in self._screen())

    def _is_open(self, *, decided: bool = False) -> bool:
        """Tell whether the cursor is on a member of an open stack that is undecided, or on any."""
        signs = r"\S" if decided else "[║✎·]"
        return any(re.search(rf"▸{signs} \d+/\d", line) for line in self._screen())


def _wanted(true: set[str], label: str, *, checked: bool) -> bool:
    return label in true


def figures(name: str, known: VectorSet, screen: tuple[int, int]) -> list[Figure]:
    """Return the figures of a set: keys a photo, errors left, stacks of several scenes, minutes."""
    narrate(f"keys: {name}, by stack ...")
    played = play(known, screen)
    title = f"keys {name}: by stack"
    keys = played.keys / played.photos
    minutes = played.seconds / played.photos * 1000 / 60
    return [
        alone(title, "a photo", [keys], f"<= {GOAL:g}", lambda value: value <= GOAL),
        alone(f"{title}, errors left", "labels", [played.errors], "0", lambda left: not left),
        alone(f"{title}, stacks", "stacks", [played.stacks]),
        alone(f"{title}, of two scenes", "stacks", [played.mixed], "0", lambda some: not some),
        alone(f"{title}, 1,000 photos", "minutes", [minutes]),
    ]

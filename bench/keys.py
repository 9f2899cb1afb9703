"""``keys``: how many keys a photo costs its reviewer, by playing the real review.

    python -m bench keys SET.npz [--by photo|label|stack] [--screen 120x40] [--seed 0] [--json]

A robot makes a library of the set, opens the review, and presses keys until every photo is as the
truth says: by letter keys, without the chord, where labels that one describer alone used may stay
as they are (tolerant), and without letter keys. It reads only what is on the screen.

SET holds image_vectors [N, D], label_vectors [M, D], truth bool [N, M], labels [M]; and votes
[N, M] for the tolerant truth: how many of five describers used a label.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bench.figures import Figure, alone, narrate, show
from bench.keys_library import VectorSet, made_up_set, make_keys_library, read_set
from bench.keys_robot import KEYSTROKE, LOOK, Robot
from phototagger.review.open_review import open_job, open_review
from phototagger.store.labels.edits import WHOLE_PHOTO
from phototagger.store.labels.holding import decisions
from phototagger.tui.app import ReviewApp
from phototagger.tui.rebinding import rebound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phototagger.review import Review

SETS = Path(__file__).parents[2] / "shared/data/clip_vectors"
_FIRST = 100
_SCREEN = (120, 40)
_PHOTO = re.compile(r"IMG_(\d+)\.jpg")


class Way(NamedTuple):
    """A way to review: its name, what the robot uses, which truth holds."""

    name: str
    letters: bool = True
    chord: bool = True
    tolerant: bool = False


LETTERS = Way("letter keys")
WAYS = (
    LETTERS,
    Way("letter keys, tolerant truth", tolerant=True),
    Way("letter keys, no chord", chord=False),
    Way("no letter keys", letters=False),
    Way("no letter keys, tolerant truth", letters=False, tolerant=True),
)


@dataclass(frozen=True)
class Played:
    """Keys of each photo in the order reviewed, the seconds of all, labels that are wrong still."""

    keys: np.ndarray
    seconds: float
    errors: int

    @property
    def minutes(self) -> float:
        """Minutes for 1,000 photos."""
        return self.seconds / len(self.keys) * 1000 / 60


class Truth:
    """What is true of the photos of a set."""

    def __init__(self, known: VectorSet, *, tolerant: bool) -> None:
        self._known = known
        self._places = {label: place for place, label in enumerate(known.labels)}
        votes = known.votes if tolerant else None
        self._open = np.zeros_like(known.truth) if votes is None else votes == 1
        self._true = known.truth if votes is None else votes > 1

    def wanted(self, label: str, *, photo: int, checked: bool) -> bool:
        """Tell whether a label is to be checked on a photo, given whether it is."""
        at = (photo, self._places[label])
        return bool(checked if self._open[at] else self._true[at])

    def in_mind(self, photo: int) -> list[str]:
        """Return the labels that somebody has in mind who looks at a photo."""
        columns = np.flatnonzero(self._open[photo] | self._true[photo])
        return [self._known.labels[column] for column in columns]

    def errors(self, photo: int, approved: set[str]) -> int:
        """Return how many labels of a photo are wrong, or not there."""
        has = np.array([label in approved for label in self._known.labels])
        return int(((has != self._true[photo]) & ~self._open[photo]).sum())


def play(known: VectorSet, way: Way, screen: tuple[int, int] = _SCREEN) -> Played:
    """Make a library of a set, review all of it, and say what that cost."""
    with tempfile.TemporaryDirectory(prefix="phototagger-keys-") as place:
        settings = make_keys_library(Path(place), known)
        job, held_by = open_job(settings)
        with job, open_review(job, held_by) as review:
            truth = Truth(known, tolerant=way.tolerant)
            robot = asyncio.run(_reviewed(review, way, truth, len(known.images), screen))
            approved: dict[bytes, set[str]] = {}
            for decision in decisions(job.catalogue):
                if decision.approved and decision.label != WHOLE_PHOTO:
                    approved.setdefault(decision.sha1, set()).add(decision.label)
            listing = review.photos.listing
            errors = sum(
                truth.errors(number_of(listing.paths[at]), approved.get(listing.sha1(at), set()))
                for at in range(len(listing))
            )
    return Played(np.array(robot.keys), robot.seconds, errors)


async def _reviewed(
    review: Review, way: Way, truth: Truth, photos: int, size: tuple[int, int]
) -> Robot:
    app = ReviewApp(review, rebound({}))
    try:
        async with app.run_test(size=size) as pilot:
            ui = app.review_screen

            async def rest() -> None:
                await pilot.pause()
                await pilot.pause()  # what a list scrolls to comes after its paint
                while ui.photo.following is not None:
                    await pilot.pause(0.01)

            async def press(key: str) -> None:
                await pilot.press(key)
                await rest()

            def lines() -> list[str]:
                strips = app.screen._compositor.render_strips()
                return ["".join(segment.text for segment in strip) for strip in strips]

            robot = Robot(press, lines, letters=way.letters, chord=way.chord)
            ui.letters.clock = lambda: robot.seconds
            await app.workers.wait_for_complete()
            await rest()
            await robot.begin()
            for _ in range(photos):
                number = number_of(lines()[0])
                await robot.review(partial(truth.wanted, photo=number), truth.in_mind(number))
            return robot
    finally:
        app.close_engine()


def number_of(text: str) -> int:
    """Return the number of the photo whose name stands last in a text: the one in view."""
    return int(_PHOTO.findall(text)[-1])


def figures(
    name: str,
    known: VectorSet,
    ways: Sequence[Way],
    screen: tuple[int, int],
    goals: dict[str, float],
) -> list[Figure]:
    """Return the figures of a set: keys a photo for each way, errors left, minutes."""
    results = []
    for way in ways:
        if way.tolerant and known.votes is None:
            continue
        narrate(f"keys: {name}, {way.name} ...")
        played = play(known, way, screen)
        goal, title = goals.get(way.name), f"keys {name}: {way.name}"
        first = float(played.keys[:_FIRST].mean())
        results += [
            alone(
                title,
                "a photo",
                [float(played.keys.mean())],
                f"<= {goal:g}" if goal else "",
                lambda value, goal=goal: not goal or value <= goal,
            ),
            alone(f"{title}, first {_FIRST}", "a photo", [first]),
            alone(f"{title}, errors left", "labels", [played.errors], "0", lambda left: not left),
            alone(f"{title}, 1,000 photos", "minutes", [played.minutes]),
        ]
    return results


GOALS = {"letter keys": 2.4, "letter keys, tolerant truth": 1.6, "letter keys, no chord": 3.2}
WIDE_GOALS = {"letter keys": 2.75}
_WIDE = 500  # labels from which on a set is a wide one


def keys(*, small: bool) -> list[Figure]:
    """Return the figures of the ``keys`` row: of the sets at hand, or of a made-up one."""
    if small or not SETS.is_dir():
        return figures("made up", made_up_set(), (LETTERS, WAYS[3]), _SCREEN, {})
    return [
        figure
        for path in (SETS / "review_dev.npz", SETS / "review_dev_wide.npz")
        for figure in figures_of(path, WAYS, _SCREEN, seed=0)
    ]


def figures_of(
    path: Path, ways: Sequence[Way], screen: tuple[int, int], seed: int, photos: int | None = None
) -> list[Figure]:
    """Return the figures of a set's file, in an order drawn with a seed."""
    known = read_set(path)
    order = np.random.default_rng(seed).permutation(len(known.images))[:photos]
    goals = WIDE_GOALS if len(known.labels) >= _WIDE else GOALS
    return figures(path.stem, known.of(order), ways, screen, goals)


def main(argv: Sequence[str]) -> int:
    """Play the review of one set, as the command line says."""
    ask = argparse.ArgumentParser(prog="python -m bench keys", description=__doc__.splitlines()[0])
    ask.add_argument("set", type=Path, metavar="SET.npz", help="vectors with their true labels")
    ask.add_argument(
        "--by", choices=["photo", "label", "stack"], default="photo", help="what one act decides"
    )
    ask.add_argument("--screen", default="120x40", help="columns and rows, such as 80x24")
    ask.add_argument("--seed", type=int, default=0, help="of the order of the photos")
    ask.add_argument("--photos", type=int, help="how many of them (all)")
    ask.add_argument("--way", action="append", choices=[way.name for way in WAYS], help="only so")
    ask.add_argument("--json", action="store_true", help="one object a line on stdout")
    options = ask.parse_args(argv)
    if not options.set.is_file():
        ask.error(f"{options.set} is not there; name a file of vectors with their true labels")
    width, _, height = options.screen.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        ask.error(f"--screen {options.screen}: columns and rows are meant, such as 80x24")
    screen = int(width), int(height)
    if options.by == "label":
        from bench.keys_by_label import figures as figures_by_label

        order = np.random.default_rng(options.seed).permutation
        known = read_set(options.set)
        subset = known.of(order(len(known.images))[: options.photos])
        results = figures_by_label(options.set.stem, subset, screen)
    elif options.by == "stack":
        from bench.keys_by_stack import figures as figures_by_stack

        subset = read_set(options.set).of(
            np.arange(len(read_set(options.set).images))[: options.photos]
        )
        results = figures_by_stack(options.set.stem, subset, screen)
    else:
        ways = [way for way in WAYS if not options.way or way.name in options.way]
        results = figures_of(options.set, ways, screen, options.seed, options.photos)
    for figure in results:
        show(figure, as_json=options.json)
    narrate(f"a key takes {KEYSTROKE} s, a look at a photo {LOOK} s")
    return 0 if all(figure.ok for figure in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

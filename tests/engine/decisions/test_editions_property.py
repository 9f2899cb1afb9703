"""Whatever is done to files and decisions, in any order: nothing that a person said is lost."""

import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from phototagger.engine.decisions.approve import Recorded, clear, decide_labels
from phototagger.engine.job import Job
from phototagger.engine.library.photos import Photos
from phototagger.store import redo, undo
from tests.engine.conftest import Library
from tests.engine.decisions.test_editions import approved, is_whole, position, scan, subjects
from tests.engine.standin import install
from tests.sidecar_files import needs_exiftool

pytestmark = needs_exiftool

START = ("a.jpg", "b.png", "sea/c.jpg")
EDITS = {
    "rate": ["-XMP:Rating={}", "-XMP:Label=n{}"],
    "keyword": ["-IPTC:Keywords+=mine{}"],
    "turn": ["-n", "-EXIF:Orientation=6", "-Comment=n{}"],
    "strip": ["-all=", "-Comment=n{}"],
}

photo = st.integers(0, len(START) - 1)
STEP = st.one_of(
    st.tuples(st.just("approve"), photo, st.sampled_from(("cat", "dog"))),
    st.tuples(st.just("edit"), photo, st.sampled_from(sorted(EDITS))),
    st.tuples(st.just("foreign"), photo, st.sampled_from(("theirs", "cat", "dog"))),
    st.tuples(st.sampled_from(("clear", "move")), photo),
    st.sampled_from((("sidecars",), ("run",), ("undo",), ("redo",), ("swap",))),
)


@dataclass
class Told:
    """What a person did: acts on labels of photos (None: forgotten), and how many are done."""

    acts: list[dict[tuple[int, str], bool | None]] = field(default_factory=list)
    done: int = 0

    def act(self, said: dict[tuple[int, str], bool | None]) -> None:
        if said:
            self.acts[self.done :] = [said]
            self.done += 1

    def labels(self, number: int) -> set[str]:
        held: dict[tuple[int, str], bool | None] = {}
        for said in self.acts[: self.done]:
            held |= said
        return {label for (one, label), yes in held.items() if one == number and yes}


class World:
    """A library, and what has to hold in it; ``count`` makes every edit one of its own."""

    def __init__(self, library: Library) -> None:
        self.library = library
        for path in library.root.rglob("*.*"):
            if str(path.relative_to(library.root)) not in START:
                path.unlink()
        self.names = list(START)
        self.told = Told()
        self.theirs: list[set[str]] = [set() for _ in START]
        self.count = 0
        library.run()

    def path(self, number: int) -> Path:
        return self.library.root / self.names[number]

    def sidecar(self, number: int) -> Path:
        return Path(f"{self.path(number)}.xmp")

    def do(self, name: str, *said: int | str) -> None:
        self.count += 1
        getattr(self, name)(*said)

    def approve(self, number: int, label: str) -> None:
        approve = partial(decide_labels, labels=[label], approved=True)
        done = self._decide(number, approve)
        self.told.act({(number, label): True} if done.new else {})

    def clear(self, number: int) -> None:
        self._decide(number, clear)
        self.told.act({(number, label): None for label in self.told.labels(number)})

    def _decide(self, number: int, how: Callable[[Job, Photos, np.ndarray], Recorded]) -> Recorded:
        with self.library.job() as job:
            scan(job)
            return how(job, job.photos, np.array([position(job, self.names[number])]))

    def edit(self, number: int, how: str) -> None:
        self._exiftool(self.path(number), *(word.format(self.count) for word in EDITS[how]))

    def move(self, number: int) -> None:
        here, sidecar = self.path(number), self.sidecar(number)
        self.names[number] = f"{self.count}/{self.count}{here.suffix}"
        self.path(number).parent.mkdir()
        here.rename(self.path(number))
        if sidecar.exists():
            sidecar.rename(self.sidecar(number))

    def swap(self) -> None:
        """The two JPEGs take one another's names, each with its sidecar."""
        both, held = (0, 2), []
        for number in both:
            files = [one for one in (self.path(number), self.sidecar(number)) if one.exists()]
            held.append([one.rename(f"{one}.{self.count}") for one in files])
        self.names[0], self.names[2] = self.names[2], self.names[0]
        for number, files in zip(both, held, strict=True):
            for moved, name in zip(files, (self.path(number), self.sidecar(number)), strict=False):
                moved.rename(name)

    def foreign(self, number: int, keyword: str) -> None:
        """Another program adds a keyword, maybe one of our labels; it is there only once."""
        sidecar = self.sidecar(number)
        if sidecar.exists() and keyword not in subjects(sidecar):
            self.theirs[number].add(keyword)
            self._exiftool(sidecar, f"-XMP-dc:Subject+={keyword}")

    def _exiftool(self, file: Path, *words: str) -> None:
        command = ["exiftool", "-config", "", "-q", "-q", "-m", "-overwrite_original"]
        subprocess.run([*command, *words, file], check=True)

    def sidecars(self) -> None:
        self.library.run("sidecars")

    def run(self) -> None:
        self.library.run()

    def undo(self) -> None:
        with self.library.job() as job:
            undo(job.catalogue, root=job.root)
        self.told.done = max(0, self.told.done - 1)

    def redo(self) -> None:
        with self.library.job() as job:
            redo(job.catalogue, root=job.root)
        self.told.done = min(len(self.told.acts), self.told.done + 1)

    def check(self) -> None:
        """All that was said holds: in the tables, and in the sidecars once they are written."""
        self.sidecars()
        said = approved(self.library.run())
        for number, name in enumerate(self.names):
            labels, theirs = self.told.labels(number), self.theirs[number]
            assert set(said.get(name, "").split("|")) - {""} == labels
            there = self.sidecar(number).exists()
            held = set(subjects(self.sidecar(number))) if there else set()
            assert labels | theirs <= held
            assert {one for one in held if one in ("cat", "dog")} == (labels | theirs) & {
                "cat",
                "dog",
            }
        assert is_whole(self.library)


@given(st.lists(STEP, max_size=9))
@example([("approve", 0, "cat"), ("sidecars",), ("edit", 0, "rate"), ("move", 0), ("undo",)])
@example([("approve", 0, "cat"), ("edit", 0, "turn"), ("sidecars",), ("clear", 0), ("undo",)])
@settings(max_examples=int(os.environ.get("PHOTOTAGGER_EXAMPLES", "6")), deadline=None)
def test_nothing_that_a_person_said_is_lost(steps: list[tuple[str, ...]]):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        world = World(Library(Path(folder), install(patch.setattr)))
        for step in steps:
            world.do(*step)
        world.check()

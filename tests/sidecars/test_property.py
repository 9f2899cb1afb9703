"""Whatever people, other programs and faults do: originals, foreign keywords and approvals hold."""

from __future__ import annotations

import errno
import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phototagger.sidecars.apply import Exiftools, SidecarResult, undo, write_sidecars
from phototagger.sidecars.xmp.keywords import same
from tests.kill_points import killed_at
from tests.ledgers import FileLedger
from tests.sidecar_files import (
    by_exiv2,
    identity,
    keywords,
    leftovers,
    make_photo,
    needs_exiftool,
    sidecar_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = needs_exiftool

LABELS = ["sunset", "a&b <c>", "été\n$@", "-x=1"]
FOREIGN = ["Sunset", "sunset", "family", "Ann", "a&b <c>"]
FAULTS = ["none", "none", "exiftool killed", "no space", "read-only"]

steps = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["approve", "clear"]), st.integers(0, 1), st.sampled_from(LABELS)
        ),
        st.tuples(st.sampled_from(["add", "take"]), st.integers(0, 1), st.sampled_from(FOREIGN)),
        st.tuples(st.just("remove"), st.integers(0, 1), st.none()),
        st.tuples(st.just("edit photo"), st.just(0), st.sampled_from(FOREIGN)),
        st.tuples(st.just("write"), st.sampled_from(FAULTS), st.none()),
        st.tuples(st.just("write and kill"), st.integers(0, 50), st.none()),
        st.tuples(st.just("write and undo"), st.none(), st.none()),
    ),
    max_size=16,
)


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exiftools]:
    folder = tmp_path_factory.mktemp("tools")
    with Exiftools() as tools:
        photo = make_photo(folder / "a.jpg", sidecar_text(["x"]).encode())
        write_sidecars({photo: ["a"]}, FileLedger(folder / "ledger"), tools=tools)
        yield tools


class One:
    """What must be true of one photo and its sidecar."""

    def __init__(self, photo: Path, embedded: list[str]) -> None:
        self.photo = photo
        self.sidecar = photo.with_name(photo.name + ".xmp")
        self.embedded = embedded
        self.stars = 1 if embedded else 0
        """The photo's own rating; 0 where its format takes none from this test."""
        self.shown: int | None = None
        """The rating of the photo that our sidecar says; None where nobody can tell."""
        self.save()
        self.wanted: list[str] = []
        self.theirs: list[str] = []
        self.ours: list[str] = []
        self.remembered: list[str] = []
        """What was ours at the last write: the same keyword put back later counts as that one."""
        self.unsure: set[str] = set()
        self.rating = 0
        self.made = False
        """Whether we made the sidecar, and nobody else wrote it since."""

    def save(self) -> None:
        attributes = f'xmp:Rating="{self.stars}"'
        text = sidecar_text(self.embedded, attributes=attributes).encode()
        make_photo(self.photo, text if self.stars else None)
        self.original = identity(self.photo)

    def edit_photo(self, keyword: str) -> None:
        """Give the photo another rating, and one keyword more or less."""
        self.stars = self.stars % 5 + 1
        others = [one for one in self.embedded if one != keyword]
        self.embedded = others if keyword in self.embedded else [*others, keyword]
        self.save()

    def others_write(self, subject: list[str]) -> None:
        """Write the sidecar as a program would that knows only dc:subject."""
        self.rating, self.made = self.rating % 5 + 1, False
        hierarchy = keywords(self.sidecar, "lr:hierarchicalSubject")
        attributes = f'xmp:Rating="{self.rating}" my:note="&lt;é"'
        self.sidecar.write_text(sidecar_text(subject, hierarchy, attributes=attributes))

    def others_add(self, keyword: str) -> None:
        there = keywords(self.sidecar)
        if keyword in there or keyword in self.unsure:
            return
        (self.ours if keyword in self.remembered else self.theirs).append(keyword)
        self.others_write([*there, keyword])

    def others_take(self, keyword: str) -> None:
        if keyword in keywords(self.sidecar):
            self.ours = [k for k in self.ours if k != keyword]
            self.theirs = [k for k in self.theirs if k != keyword]
            self.others_write([k for k in keywords(self.sidecar) if k != keyword])

    def others_remove(self) -> None:
        self.sidecar.unlink(missing_ok=True)
        self.ours, self.theirs, self.rating = [], [], 0

    def after_write(self) -> tuple[list[str], list[str]]:
        """Return what is theirs and ours after a write that goes well."""
        if not self.sidecar.exists():
            if not self.wanted:
                return [], []
            theirs, ours = list(self.embedded), []
        elif self.made:
            theirs, ours = list(self.embedded) if self.wanted else [], []
        else:
            theirs = self.theirs
            ours = [k for k in self.ours if same(k) in map(same, self.wanted)]
        for label in self.wanted:
            if same(label) not in map(same, [*theirs, *ours]):
                ours.append(label)
        return theirs, ours

    def wrote(self) -> None:
        self.theirs, self.ours = self.planned
        self.remembered, self.unsure = list(self.ours), set()
        self.made = self.made_then
        self.shown = self.stars

    def settle_kill(self, before: list[str]) -> None:
        """Learn from the disk whether a killed write happened to this one."""
        there = sorted(keywords(self.sidecar))
        after = self.expected
        assert there in (sorted(before), sorted(after))
        old = set(self.remembered)
        follows = not (self.made_then and self.stars and self.sidecar.exists())
        if there == sorted(after) and (follows or self.rating_there() == self.stars):
            self.theirs, self.ours = self.planned
            self.remembered = list(self.ours)
            self.made = self.made_then
        self.shown = None
        self.unsure |= old ^ set(self.remembered) | (old - set(self.ours))

    def plan(self) -> None:
        self.planned = self.after_write()
        self.made_then = self.made or not self.sidecar.exists()
        self.expected = [k for part in self.planned for k in part]

    def check(self) -> None:
        assert identity(self.photo) == self.original
        there = keywords(self.sidecar)
        assert sorted(there) == sorted([*self.theirs, *self.ours])
        assert self.sidecar.exists() or not there
        if self.made and self.shown and self.sidecar.exists():
            assert self.rating_there() == self.shown
        if self.rating:
            read = by_exiv2(self.sidecar.read_bytes())
            assert read["Xmp.xmp.Rating"] == str(self.rating)
            assert read["Xmp.my.note"] == "<é"

    def rating_there(self) -> int:
        """Return the rating in the sidecar."""
        return int(by_exiv2(self.sidecar.read_bytes())["Xmp.xmp.Rating"])


class World:
    """Two photos, one with embedded keywords, and a ledger that outlives kills."""

    def __init__(self, folder: Path, tools: Exiftools) -> None:
        self.folder = folder
        self.tools = tools
        self.photos = [One(folder / "a.jpg", ["Ann", "old"]), One(folder / "b.png", [])]
        self.writes = 0

    def write(self) -> list[SidecarResult]:
        self.writes += 1
        for one in self.photos:
            one.plan()
        return write_sidecars(
            {one.photo: one.wanted for one in self.photos},
            FileLedger(self.folder / "ledger"),
            tools=self.tools,
            write_id=f"{self.writes:06d}",
        )

    def step(self, what: str, which: object, word: str | None) -> None:
        if what in {"approve", "clear", "add", "take", "remove", "edit photo"}:
            assert isinstance(which, int)
            one = self.photos[which]
            if what in {"approve", "clear"}:
                one.wanted = [label for label in one.wanted if label != word]
            if what == "approve":
                one.wanted.append(word or "")
            if what in {"add", "take"}:
                (one.others_add if what == "add" else one.others_take)(word or "")
            if what == "remove":
                one.others_remove()
            if what == "edit photo":
                one.edit_photo(word or "")
        elif what == "write":
            self.write_with(str(which))
        elif what == "write and kill":
            assert isinstance(which, int)
            self.write_and_kill(which)
        else:
            self.write_and_undo()
        for one in self.photos:
            one.check()

    def write_with(self, fault: str) -> None:
        real = {"fsync": os.fsync, "open": os.open}

        def refuse(call: str, number: int):
            def refused(target: object, *rest: object) -> object:
                file = isinstance(target, int) and Path(f"/proc/self/fd/{target}").readlink()
                if ".phototagger-" in str(file or target):
                    raise OSError(number, os.strerror(number))
                return real[call](target, *rest)

            return refused

        if fault == "exiftool killed":
            for pid in (self.tools.writer.pid, self.tools.reader.pid):
                if pid is not None:
                    os.kill(pid, signal.SIGKILL)
        call, number = {
            "no space": ("fsync", errno.ENOSPC),
            "read-only": ("open", errno.EROFS),
        }.get(fault, ("", 0))
        if call:
            with mock.patch.object(os, call, refuse(call, number)):
                results = self.write()
        else:
            results = self.write()
            assert {result.outcome for result in results} <= {"written", "unchanged"}
        for one, result in zip(self.photos, results, strict=True):
            if result.outcome != "refused":
                one.wrote()
        assert leftovers(self.folder) == []

    def write_and_kill(self, step: int) -> None:
        before = [keywords(one.sidecar) for one in self.photos]
        for one in self.photos:
            one.plan()
        killed_at(step, self.write)
        self.writes += 1
        for one, there in zip(self.photos, before, strict=True):
            one.settle_kill(there)

    def write_and_undo(self) -> None:
        states = [self._bytes(one) for one in self.photos]
        results = self.write()
        for one, result in zip(self.photos, results, strict=True):
            assert result.outcome != "refused"
            one.remembered = list(one.ours)
            if result.outcome == "unchanged":
                one.wrote()
        ledger = FileLedger(self.folder / "ledger")
        for result in undo(ledger, write_id=f"{self.writes:06d}"):
            assert result.outcome == "written"
        assert [self._bytes(one) for one in self.photos] == states

    @staticmethod
    def _bytes(one: One) -> bytes | None:
        return one.sidecar.read_bytes() if one.sidecar.exists() else None


@pytest.mark.timeout(900)
@settings(
    max_examples=int(os.environ.get("PHOTOTAGGER_EXAMPLES", "200")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(steps)
def test_any_sequence_keeps_originals_foreign_keywords_and_approvals(
    tools: Exiftools, sequence: list[tuple[str, object, str | None]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), tools)
        for step in [*sequence, ("write", "none", None)]:
            world.step(*step)
        for one in world.photos:
            there = set(map(same, keywords(one.sidecar)))
            assert there >= set(map(same, one.wanted))
            assert there == set(map(same, [*one.theirs, *one.wanted]))
            assert one.wanted or not (one.made and one.sidecar.exists())

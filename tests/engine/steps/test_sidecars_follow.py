"""What is ours in a sidecar stays ours wherever people move, copy or edit their photos."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from phototagger.engine.library.contents import contents
from phototagger.engine.library.photos import photos_now
from phototagger.engine.steps.sidecars import ledger_now, wanted
from phototagger.settings.model import Settings
from phototagger.sidecars.apply import Area, Exiftools, SidecarResult, apply, plan, undo, verify
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.edits import Edit
from phototagger.store.labels.history import decide
from phototagger.store.labels.history import undo as undo_decision
from phototagger.store.photos.arrivals import former_at
from tests.sidecar_files import by_exiv2, keywords, needs_exiftool, sidecar_text

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = needs_exiftool


@pytest.fixture(scope="module")
def tools() -> Iterator[Exiftools]:
    with Exiftools() as tools:
        yield tools


class Library:
    """A root with photos, decisions on them, and their sidecars."""

    def __init__(self, folder: Path, tools: Exiftools) -> None:
        self.folder = folder
        self.root = folder / "photos"
        self.tools = tools
        self.catalogue = Catalogue(folder)

    def close(self) -> None:
        self.catalogue.close()

    def photo(self, name: str, colour: int = 90, rating: int | None = None) -> Path:
        """Make a photo, or the same with another rating of its own."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        xmp = sidecar_text(attributes=f'xmp:Rating="{rating}"').encode() if rating else b""
        Image.new("RGB", (8, 6), (colour, 120, 40)).save(path, xmp=xmp)
        return path

    def decide(self, photo: Path, *labels: str, approved: bool | None = True) -> None:
        edits = [Edit(content(photo), label, approved) for label in labels]
        decide(self.catalogue, edits, root=str(self.root))

    @property
    def settings(self) -> Settings:
        return Settings(run_dir=str(self.folder), cache_dir=str(self.folder / "cache"))

    def photos(self):
        return photos_now(str(self.root), self.catalogue, self.settings)[1]

    def scan(self) -> None:
        """Read what photos hold, as a command does that writes no sidecar."""
        photos = self.photos()
        list(contents(self.catalogue, photos, range(len(photos)), self.settings))

    def write(self, style: str = "append") -> dict[str, SidecarResult]:
        labels, states, ledger = wanted(self.catalogue, self.photos(), self.settings)
        results = apply(
            labels, ledger, style=style, tools=self.tools, root=self.root, states=states
        )
        return {result.sidecar.name: result for result in results}

    def preview(self) -> dict[str, SidecarResult]:
        """Plan with a catalogue that may not be written."""
        reader = Catalogue(self.folder, writable=False)
        try:
            found = photos_now(str(self.root), reader, Settings(run_dir=str(self.folder)))[1]
            labels, states, ledger = wanted(reader, found, self.settings)
            results = plan(labels, ledger, tools=self.tools, root=self.root, states=states)
            return {result.sidecar.name: result for result in results}
        finally:
            reader.close()

    def take_back(self) -> list[SidecarResult]:
        ledger = ledger_now(self.catalogue, self.photos(), self.settings)
        return list(undo(ledger, self.ours(ledger), area=Area.below(self.root)))

    def drifts(self) -> list[tuple[str, str, tuple[str, ...]]]:
        ledger = ledger_now(self.catalogue, self.photos(), self.settings)
        found = verify(ledger, self.ours(ledger), area=Area.below(self.root))
        return [(drift.sidecar.name, drift.what, drift.removed) for drift in found]

    def ours(self, ledger) -> list[Path]:
        photos = (Path(entry.photo_of_it) for entry in ledger.entries())
        return [photo for photo in photos if photo.is_relative_to(self.root)]

    def rename(self, name: str) -> None:
        self.root = self.root.rename(self.folder / name)


def content(photo: Path) -> bytes:
    return hashlib.sha1(photo.read_bytes(), usedforsecurity=False).digest()


def sidecar_of(photo: Path) -> Path:
    return photo.with_name(f"{photo.name}.xmp")


def move(photo: Path, name: str) -> Path:
    """Move a photo with its sidecar, as a file manager does."""
    target = photo.parent / name
    target.parent.mkdir(parents=True, exist_ok=True)
    sidecar_of(photo).rename(sidecar_of(target))
    return photo.rename(target)


def rating_of(path: Path) -> int | None:
    """Return the rating in a sidecar; None where there is none."""
    rating = by_exiv2(path.read_bytes()).get("Xmp.xmp.Rating")
    return int(rating) if rating else None


def others_add(sidecar: Path, keyword: str) -> None:
    """Add a keyword as a program does that writes the whole file anew."""
    subject = [*keywords(sidecar), keyword]
    hierarchy = [*keywords(sidecar, "lr:hierarchicalSubject"), keyword]
    sidecar.write_text(sidecar_text(subject, hierarchy))


@pytest.fixture
def library(tmp_path: Path, tools: Exiftools) -> Iterator[Library]:
    library = Library(tmp_path, tools)
    yield library
    library.close()


@pytest.fixture
def cat(library: Library) -> Path:
    """A photo with cat and pet in its sidecar, both ours."""
    photo = library.photo("a.jpg")
    library.decide(photo, "cat", "pet")
    library.write()
    assert keywords(sidecar_of(photo)) == ["cat", "pet"]
    return photo


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize("how", ["renamed", "to a folder", "both", "with its root", "with all"])
def test_what_is_ours_goes_out_of_a_sidecar_that_was_moved_with_its_photo(
    library: Library, cat: Path, how: str, *, edited: bool
) -> None:
    if edited:
        others_add(sidecar_of(cat), "Ann")
    name = {"renamed": "b.jpg", "to a folder": "x/a.jpg", "both": "x/b.jpg"}.get(how, "a.jpg")
    if name != "a.jpg":
        cat = move(cat, name)
    elif how == "with its root":
        library.rename("moved")
        cat = library.root / "a.jpg"
    else:
        library.rename("moved")
        cat = move(library.root / "a.jpg", "y/b.jpg")
    library.decide(cat, "cat", approved=None)
    assert library.preview()[f"{cat.name}.xmp"].removed == ("cat",)
    result = library.write()[f"{cat.name}.xmp"]
    assert (result.outcome, result.removed) == ("written", ("cat",))
    assert keywords(sidecar_of(cat)) == ["pet", *(["Ann"] if edited else [])]
    assert library.drifts() == []


def test_undo_and_verify_find_a_sidecar_that_was_moved_with_its_root(
    library: Library, cat: Path
) -> None:
    library.decide(cat, "cat", approved=False)
    before = sidecar_of(cat).read_bytes()
    library.write()
    library.rename("moved")
    cat = library.root / "a.jpg"
    assert library.drifts() == []
    assert [result.outcome for result in library.take_back()] == ["written"]
    assert sidecar_of(cat).read_bytes() == before
    others_add(sidecar_of(cat), "Ann")
    assert [(name, what) for name, what, _ in library.drifts()] == [("a.jpg.xmp", "edited")]


def test_a_moved_sidecar_is_not_missed_at_its_old_place(library: Library, cat: Path) -> None:
    move(cat, "x/b.jpg")
    assert library.drifts() == []


def test_a_copied_photo_keeps_what_others_wrote_and_loses_what_is_ours(
    library: Library, cat: Path
) -> None:
    others_add(sidecar_of(cat), "Ann")
    copy = cat.with_name("copy.jpg")
    shutil.copy(cat, copy)
    shutil.copy(sidecar_of(cat), sidecar_of(copy))
    others_add(sidecar_of(copy), "Ben")
    own = cat.with_name("own.jpg")
    shutil.copy(cat, own)
    shutil.copy(sidecar_of(cat), sidecar_of(own))
    library.decide(cat, "cat", "pet", approved=None)
    library.write()
    assert keywords(sidecar_of(cat)) == ["Ann"]
    assert keywords(sidecar_of(own)) == ["Ann"]
    # edited after it was copied: nothing proves whose the labels are, so they stay
    assert keywords(sidecar_of(copy)) == ["cat", "pet", "Ann", "Ben"]


def change_places(one: Path, other: Path) -> tuple[Path, Path]:
    """Give two photos, with their sidecars, each other's names; return where each is now."""
    names = one.name, other.name
    one = move(one, "other.jpg")
    other = move(other, names[0])
    return move(one, names[1]), other


def test_photos_that_change_places_take_what_is_ours_along(library: Library, cat: Path) -> None:
    dog = library.photo("dog.jpg", 10)
    library.decide(dog, "dog")
    library.write()
    cat, dog = change_places(cat, dog)
    library.write()
    assert (keywords(sidecar_of(cat)), keywords(sidecar_of(dog))) == (["cat", "pet"], ["dog"])
    library.decide(dog, "dog", approved=None)
    library.decide(cat, "cat", approved=None)
    library.write()
    assert (keywords(sidecar_of(cat)), keywords(sidecar_of(dog))) == (["pet"], [])


def test_photos_that_change_places_after_others_wrote_take_what_is_ours_along(
    library: Library, cat: Path
) -> None:
    dog = library.photo("dog.jpg", 10)
    library.decide(dog, "dog")
    library.write()
    others_add(sidecar_of(cat), "Ann")
    library.write()  # what Ann is in is seen beside its photo
    cat, dog = change_places(cat, dog)
    assert library.preview()["dog.jpg.xmp"].removed == ()
    library.decide(cat, "cat", approved=None)
    assert library.preview()["dog.jpg.xmp"].removed == ("cat",)
    library.decide(cat, "pet", approved=None)
    library.write()
    assert (keywords(sidecar_of(cat)), keywords(sidecar_of(dog))) == (["Ann"], ["dog"])


def test_a_sidecar_that_others_wrote_is_known_where_it_replaces_that_of_another_photo(
    library: Library, cat: Path
) -> None:
    dog = library.photo("dog.jpg", 10)
    library.decide(dog, "dog")
    library.write()
    others_add(sidecar_of(cat), "Ann")
    library.write()
    sidecar_of(cat).replace(sidecar_of(dog))
    cat = cat.replace(dog)
    library.decide(cat, "cat", approved=None)
    library.write()
    assert keywords(sidecar_of(cat)) == ["pet", "Ann"]


def test_a_sidecar_that_was_renamed_by_hand_is_kept_true(library: Library, cat: Path) -> None:
    by_hand = sidecar_of(cat).rename(cat.with_name("a.xmp"))
    library.decide(cat, "cat", approved=None)
    library.write()
    assert keywords(by_hand) == keywords(sidecar_of(cat)) == ["pet"]


def test_labels_stay_where_the_photos_bytes_changed_and_nobody_decided(
    library: Library, cat: Path
) -> None:
    library.photo("a.jpg", 200)
    assert library.write()["a.jpg.xmp"].outcome == "unchanged"
    assert keywords(sidecar_of(cat)) == ["cat", "pet"]
    library.decide(cat, "dog")
    library.decide(cat, "pet", approved=False)
    library.write()
    assert keywords(sidecar_of(cat)) == ["cat", "dog"]
    sidecar_of(cat).unlink()
    library.write()
    assert keywords(sidecar_of(cat)) == ["dog"]  # nobody approved cat for this picture


def test_an_undone_approval_is_taken_out(library: Library, cat: Path) -> None:
    undo_decision(library.catalogue, root=str(library.root))
    library.write()
    assert keywords(sidecar_of(cat)) == []


def test_a_foreign_sidecar_beside_a_copy_is_left_alone(library: Library, cat: Path) -> None:
    copy = cat.with_name("copy.jpg")
    shutil.copy(cat, copy)
    sidecar_of(copy).write_text(sidecar_text(["cat", "theirs"], ["cat", "theirs"]))
    library.decide(cat, "cat", "pet", approved=None)
    library.write()
    assert keywords(sidecar_of(copy)) == ["cat", "theirs"]


def test_entries_of_a_disk_that_is_not_there_are_kept(library: Library, cat: Path) -> None:
    copy = library.folder / "disk"
    shutil.copytree(library.root, copy)
    here, library.root = library.root.rename(library.folder / "away"), copy
    library.write()
    library.decide(copy / "a.jpg", "cat", approved=None)
    library.write()
    library.root = here.rename(library.folder / "photos")
    assert keywords(library.root / "a.jpg.xmp") == ["cat", "pet"]
    library.write()
    assert keywords(library.root / "a.jpg.xmp") == ["pet"]


def test_a_root_that_came_back_knows_what_was_written_while_it_was_elsewhere(
    library: Library, cat: Path
) -> None:
    library.rename("moved")
    library.decide(library.root / "a.jpg", "dog")
    library.write()
    others_add(library.root / "a.jpg.xmp", "Ann")
    library.rename("photos")
    library.decide(cat, "dog", "cat", approved=None)
    library.write()
    assert keywords(sidecar_of(cat)) == ["pet", "Ann"]


def test_what_another_program_wrote_from_its_own_database_is_named_and_mended(
    library: Library, cat: Path
) -> None:
    """darktable writes the whole sidecar anew when a photo is edited in it."""
    tags = "<lr:hierarchicalSubject><rdf:Seq><rdf:li>Places|Rome</rdf:li></rdf:Seq>"
    inside = f"{tags}</lr:hierarchicalSubject><my:history>exposure</my:history>"
    sidecar_of(cat).write_text(sidecar_text(["Rome"], attributes='xmp:Rating="3"', inside=inside))
    assert library.drifts() == [("a.jpg.xmp", "edited", ("cat", "pet"))]
    assert library.write()["a.jpg.xmp"].added == ("cat", "pet")
    assert keywords(sidecar_of(cat)) == ["Rome", "cat", "pet"]
    assert keywords(sidecar_of(cat), "lr:hierarchicalSubject") == ["Places|Rome", "cat", "pet"]
    assert "exposure" in sidecar_of(cat).read_text()
    assert library.drifts() == []
    library.decide(cat, "cat", "pet", approved=None)
    library.write()
    assert keywords(sidecar_of(cat)) == ["Rome"]


def test_hard_links_and_equal_photos_each_have_their_sidecar(library: Library, cat: Path) -> None:
    twin = cat.with_name("twin.jpg")
    twin.hardlink_to(cat)
    library.write()
    assert keywords(sidecar_of(twin)) == ["cat", "pet"]
    library.decide(cat, "cat", approved=None)
    library.write()
    assert keywords(sidecar_of(twin)) == keywords(sidecar_of(cat)) == ["pet"]


def test_an_edit_of_a_photos_metadata_is_followed_and_shown_before(
    library: Library, cat: Path
) -> None:
    library.photo("a.jpg", rating=4)
    assert library.preview()["a.jpg.xmp"].note.startswith("made anew,")
    library.write()
    assert rating_of(sidecar_of(cat)) == 4
    library.photo("a.jpg", rating=2)
    library.write()
    assert (rating_of(sidecar_of(cat)), keywords(sidecar_of(cat))) == (2, ["cat", "pet"])
    assert library.preview()["a.jpg.xmp"].outcome == "unchanged"
    library.decide(cat, "cat", "pet", approved=None)
    library.photo("a.jpg", rating=5)
    assert library.preview()["a.jpg.xmp"].note.startswith("removed:")
    library.write()
    assert not sidecar_of(cat).exists()


@pytest.mark.parametrize("colour", [90, 200])
def test_what_a_photo_said_stays_where_its_metadata_were_stripped(
    library: Library, cat: Path, colour: int
) -> None:
    library.photo("a.jpg", rating=4)
    library.write()
    library.photo("a.jpg", colour)
    assert "has lost metadata" in library.preview()["a.jpg.xmp"].note
    library.write()
    assert (rating_of(sidecar_of(cat)), keywords(sidecar_of(cat))) == (4, ["cat", "pet"])


def test_what_a_photo_said_does_not_stay_for_another_that_is_renamed_over_it(
    library: Library, cat: Path
) -> None:
    library.photo("a.jpg", rating=4)
    dog = library.photo("b.jpg", 10)
    library.decide(dog, "dog")
    library.write()
    dog.replace(cat)
    library.write()
    assert (rating_of(sidecar_of(cat)), keywords(sidecar_of(cat))) == (None, ["dog"])


def test_a_photo_that_is_as_it_was_costs_no_exiftool(
    library: Library, cat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.photo("a.jpg", rating=4)
    library.write()
    os.utime(cat)
    monkeypatch.setattr(Exiftools, "reader", None)
    monkeypatch.setattr(Exiftools, "writer", None)
    assert library.write()["a.jpg.xmp"].outcome == "unchanged"
    assert library.preview()["a.jpg.xmp"].outcome == "unchanged"


@pytest.mark.parametrize("seen", [False, True])
@pytest.mark.parametrize("theirs", [[], ["Ann"]])
def test_another_photo_that_is_renamed_over_one_takes_over_none_of_its_labels(
    library: Library, cat: Path, theirs: list[str], *, seen: bool
) -> None:
    dog = library.photo("b.jpg", 10, rating=3)
    library.decide(dog, "dog")
    library.write()
    for keyword in theirs:
        others_add(sidecar_of(cat), keyword)
        library.write()
    dog.replace(cat)
    if seen:
        library.scan()
    expected = {*theirs, "dog"}
    shown = library.preview()["a.jpg.xmp"]
    assert {*shown.kept, *shown.added} == expected
    assert set(shown.removed) == {"cat", "pet"}
    library.write()
    assert set(keywords(sidecar_of(cat))) == expected
    assert theirs or rating_of(sidecar_of(cat)) == 3
    library.decide(cat, "dog", approved=None)
    library.write()
    assert keywords(sidecar_of(cat)) == theirs


@pytest.mark.parametrize("seen", [False, True])
def test_a_sidecar_of_others_that_comes_with_another_photo_keeps_all_that_it_says(
    library: Library, cat: Path, *, seen: bool
) -> None:
    dog = library.photo("b.jpg", 10)
    sidecar_of(dog).write_text(sidecar_text(["cat", "Ann"]))
    library.write()
    if seen:
        library.scan()
    sidecar_of(dog).replace(sidecar_of(cat))
    dog.replace(cat)
    before = sidecar_of(cat).read_bytes()
    library.write()
    assert sidecar_of(cat).read_bytes() == before
    for approved in (True, None):
        library.decide(cat, "cat", "dog", approved=approved)
        library.write()
    assert keywords(sidecar_of(cat)) == ["cat", "Ann"]


def test_undo_gives_labels_back_as_those_of_the_photo_that_they_were_said_of(
    library: Library, cat: Path
) -> None:
    library.photo("b.jpg", 10)
    library.write()
    (library.root / "b.jpg").replace(cat)
    library.write()
    assert not sidecar_of(cat).exists()
    library.take_back()
    assert keywords(sidecar_of(cat)) == ["cat", "pet"]
    library.write()
    assert not sidecar_of(cat).exists()


def test_a_photo_without_a_decision_that_is_renamed_over_one_has_no_label(
    library: Library, cat: Path
) -> None:
    library.photo("b.jpg", 10).replace(library.photo("c.jpg", 20))
    library.write()
    (library.root / "c.jpg").replace(cat)
    library.write()
    assert not sidecar_of(cat).exists()


def test_what_was_offered_for_a_photo_is_not_offered_for_one_renamed_over_it(
    library: Library, cat: Path
) -> None:
    library.photo("b.jpg", 10)
    library.photo("a.jpg", 200)  # another picture, of which nobody has decided
    library.write()
    assert keywords(sidecar_of(cat)) == ["cat", "pet"]
    (library.root / "b.jpg").replace(cat)
    assert library.preview()["a.jpg.xmp"].removed == ("cat", "pet")
    library.write()
    assert not sidecar_of(cat).exists()
    assert former_at(library.catalogue, str(cat)) is None


def test_labels_stay_where_a_picture_and_then_its_metadata_are_edited(
    library: Library, cat: Path
) -> None:
    library.photo("a.jpg", 200)
    library.write()
    library.photo("a.jpg", 200, rating=5)
    assert library.preview()["a.jpg.xmp"].removed == ()
    library.write()
    assert (keywords(sidecar_of(cat)), rating_of(sidecar_of(cat))) == (["cat", "pet"], 5)


LABELS = ["cat", "dog"]
FOREIGN = ["Ann", "family"]
WHICH = st.integers(0, 3)
steps = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["approve", "clear"]), st.integers(0, 3), st.sampled_from(LABELS)
        ),
        st.tuples(st.just("others add"), st.integers(0, 3), st.sampled_from(FOREIGN)),
        st.tuples(
            st.sampled_from(
                [
                    "rename",
                    "to folder",
                    "photo alone",
                    "copy",
                    "remove sidecar",
                    "edit",
                    "over",
                    "swap",
                ]
            ),
            st.integers(0, 3),
            st.none(),
        ),
        st.tuples(st.sampled_from(["write", "write", "undo", "rename root"]), st.none(), st.none()),
    ),
    max_size=14,
)


class Model:
    """What must hold of a library: by photo, what others wrote into its sidecar.

    ``pictures`` and ``ratings`` are what a photo shows and says of itself, ``approved`` is by
    picture.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self.theirs: dict[str, set[str]] = {}
        self.pictures: dict[str, int] = {}
        self.ratings: dict[str, int | None] = {}
        self.approved: dict[int, set[str]] = {}
        self.names = 0
        self.has_renamed_over = False
        for number in range(2):
            photo = library.photo(f"{number}.jpg", 100 * number)
            self.theirs[photo.name] = set()
            self.pictures[photo.name] = number
            self.ratings[photo.name] = None
            self.approved[number] = set()

    def photo(self, which: int) -> Path:
        names = sorted(self.theirs)
        return self.library.root / names[which % len(names)]

    def fresh(self) -> str:
        self.names += 1
        return f"n{self.names}.jpg"

    def step(self, what: str, which: int | None, word: str | None) -> None:
        library = self.library
        if what == "write":
            library.write()
        elif what == "undo":
            self.undo()
        elif what == "rename root":
            library.rename("moved" if library.root.name == "photos" else "photos")
        else:
            assert which is not None
            self.change(what, self.photo(which), word or "")

    def change(self, what: str, photo: Path, word: str) -> None:
        name = str(photo.relative_to(self.library.root))
        sidecar = sidecar_of(photo)
        if what in {"approve", "clear"}:
            self.library.decide(photo, word, approved=True if what == "approve" else None)
            labels = self.approved[self.pictures[name]]
            (labels.add if what == "approve" else labels.discard)(word)
        elif what == "others add" and sidecar.exists() and word not in keywords(sidecar):
            others_add(sidecar, word)
            self.theirs[name].add(word)
        elif what == "remove sidecar":
            sidecar.unlink(missing_ok=True)
            self.theirs[name] = set()
        elif what in {"rename", "to folder", "photo alone"}:
            new = self.fresh() if what != "to folder" else f"{self.fresh()}.d/{photo.name}"
            theirs = self.theirs.pop(name)
            self.pictures[new], self.ratings[new] = self.pictures.pop(name), self.ratings.pop(name)
            target = self.library.root / new
            target.parent.mkdir(exist_ok=True)
            photo.rename(target)
            if what != "photo alone" and sidecar.exists():
                sidecar.rename(sidecar_of(target))
            self.theirs[new] = theirs if what != "photo alone" else set()
        elif what == "copy":
            self.library.write()  # what is copied while it is moved and edited is nobody's to tell
            new = self.fresh()
            shutil.copy(photo, self.library.root / new)
            self.theirs[new] = set(self.theirs[name])
            self.pictures[new], self.ratings[new] = self.pictures[name], self.ratings[name]
            if sidecar.exists():
                shutil.copy(sidecar, sidecar_of(self.library.root / new))
                self.library.write()  # edited before it was seen it is nobody's to prove

        elif what == "edit":
            self.library.scan()  # a copy that was edited while it was moved is a photo of its own
            self.ratings[name] = rating = (self.ratings[name] or 0) % 5 + 1
            self.library.photo(name, 100 * self.pictures[name], rating)
            self.library.scan()
        elif what in {"over", "swap"} and len(self.theirs) > 1:
            (self.rename_over if what == "over" else self.swap)(photo, name)

    def swap(self, photo: Path, name: str) -> None:
        """Let a photo and the next one change places, with their sidecars."""
        names = sorted(self.theirs)
        other = names[(names.index(name) + 1) % len(names)]
        if list(self.pictures.values()).count(self.pictures[name]) > 1:
            return  # which of two copies came is nobody's to tell
        self.library.write()  # nor whose a sidecar is that others wrote since
        there = self.library.root / other
        for one, two in ((photo, there), (sidecar_of(photo), sidecar_of(there))):
            aside = one.with_name("aside")
            for source, target in ((one, aside), (two, one), (aside, two)):
                if source.exists():
                    source.rename(target)
        for known in (self.theirs, self.pictures, self.ratings):
            known[name], known[other] = known[other], known[name]
        self.library.write()

    def rename_over(self, photo: Path, name: str) -> None:
        """Put a photo in the place of the next one, whose sidecar stays."""
        files = [(self.pictures[one], self.ratings[one]) for one in self.theirs]
        if files.count((self.pictures[name], self.ratings[name])) > 1:
            return  # what lies elsewhere as well need not have been renamed
        self.has_renamed_over = True
        self.library.scan()  # what was never seen may be the picture before, cut to size
        self.library.write()  # and what moved unseen as well is nobody's to prove
        names = sorted(self.theirs)
        over = names[(names.index(name) + 1) % len(names)]
        photo.replace(self.library.root / over)
        del self.theirs[name]
        self.pictures[over], self.ratings[over] = self.pictures.pop(name), self.ratings.pop(name)
        self.library.write()

    def undo(self) -> None:
        before = self.bytes()
        self.library.write()
        written = self.bytes()
        self.library.take_back()
        after = self.bytes()
        for name, data in after.items():
            assert data in (before.get(name), written.get(name)) or self.theirs[name] <= set(
                keywords(sidecar_of(self.library.root / name))
            )

        if self.has_renamed_over:
            self.library.write()  # moved with another photo, labels are nobody's to prove

    def bytes(self) -> dict[str, bytes | None]:
        sidecars = {name: sidecar_of(self.library.root / name) for name in self.theirs}
        return {
            name: path.read_bytes() if path.exists() else None for name, path in sidecars.items()
        }

    def check(self) -> None:
        for name, theirs in self.theirs.items():
            there = set(keywords(sidecar_of(self.library.root / name)))
            assert there >= theirs, name

    def check_written(self) -> None:
        for name, theirs in self.theirs.items():
            sidecar = sidecar_of(self.library.root / name)
            approved = self.approved[self.pictures[name]]
            assert set(keywords(sidecar)) == theirs | approved, name
            if not theirs:
                assert sidecar.exists() == bool(approved), name
                assert not approved or rating_of(sidecar) == self.ratings[name], name


@settings(
    max_examples=int(os.environ.get("PHOTOTAGGER_EXAMPLES", "30")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(steps)
def test_whatever_is_moved_copied_or_edited_every_label_and_no_other_is_there(
    tools: Exiftools, sequence: list[tuple[str, int | None, str | None]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), tools)
        model = Model(library)
        try:
            for step in sequence:
                model.step(*step)
                model.check()
            library.write()
            model.check_written()
        finally:
            library.close()

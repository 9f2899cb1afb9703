"""A ledger that came with somebody else's album names any path; only those in use are touched."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from phototagger.sidecars.apply import Area, apply, plan, undo, verify
from phototagger.sidecars.ledger import (
    Entry,
    Intent,
    Undo,
    digest_of,
    left_open,
    settle,
)
from phototagger.sidecars.xmp.keywords import Owned
from tests.ledgers import MemoryLedger
from tests.sidecar_files import identity, keywords, make_photo, needs_exiftool, sidecar_text

TEMPORARY = ".phototagger-0123456789abcdef.tmp"


class Place:
    """A root with a photo and its sidecar, and a folder outside with files of somebody's."""

    def __init__(self, folder: Path) -> None:
        self.root, self.outside = folder / "root", folder / "outside"
        self.root.mkdir()
        self.outside.mkdir()
        self.photo = make_photo(self.root / "a.jpg")
        self.sidecar = self.root / "a.jpg.xmp"
        self.sidecar.write_text(sidecar_text(["ours"]))
        self.victim = self.outside / "victim.xmp"
        self.victim.write_text(sidecar_text(["theirs"]))
        self.ledger = MemoryLedger()
        self.area = Area.below(self.root)

    def entry(self, sidecar: Path, *, before: bytes | None = None) -> Entry:
        """Return an entry whose last write, taken back, gives these bytes."""
        return Entry(
            os.fsencode(sidecar),
            os.fsencode(self.photo),
            Owned(("ours",)),
            digest_of(sidecar.read_bytes()),
            ("ours",),
            Undo("1", digest_of(before), Owned()),
        )

    def keep(self, entry: Entry, previous: bytes | None = None) -> None:
        intent = Intent(entry.sidecar, "", None, entry.digest, entry, previous)
        self.ledger.begin([intent])
        self.ledger.finish([entry.sidecar])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_cut_off_write_outside_the_root_is_left_and_named(place: Place) -> None:
    temporary = place.outside / TEMPORARY
    temporary.write_bytes(b"new")
    intent = Intent(os.fsencode(place.victim), TEMPORARY, None, digest_of(b"new"), None)
    place.ledger.begin([intent])
    assert settle(place.ledger, place.area) == frozenset()
    assert list(apply({}, place.ledger, root=place.root)) == []
    assert list(undo(place.ledger, area=place.area)) == []
    assert temporary.read_bytes() == b"new"
    assert list(place.ledger.pending()) == [intent]
    assert left_open(place.ledger, place.area) == [place.victim]


@pytest.mark.parametrize(
    "name", ["a.jpg", "../outside/victim.xmp", "/etc/passwd", ".phototagger-1.tmp", "a.jpg.xmp", ""]
)
def test_a_temporary_file_of_another_name_is_never_removed(place: Place, name: str) -> None:
    before = sorted(path for path in place.root.parent.rglob("*"))
    identities = [identity(place.photo), identity(place.victim), identity(place.sidecar)]
    data = place.sidecar.read_bytes()
    intent = Intent(os.fsencode(place.sidecar), name, digest_of(data), None, None)
    place.ledger.begin([intent])
    settle(place.ledger, place.area)
    assert sorted(path for path in place.root.parent.rglob("*")) == before
    assert [identity(place.photo), identity(place.victim), identity(place.sidecar)] == identities


def test_a_temporary_file_of_other_bytes_or_kind_is_left(place: Place) -> None:
    temporary = place.root / TEMPORARY
    intent = Intent(os.fsencode(place.sidecar), TEMPORARY, None, digest_of(b"new"), None)
    for make in (
        lambda: temporary.write_bytes(b"somebody's"),
        lambda: temporary.symlink_to(place.victim),
        lambda: os.mkfifo(temporary),
        temporary.mkdir,
    ):
        make()
        place.ledger.begin([intent])
        settle(place.ledger, place.area)
        assert temporary.is_dir() or os.path.lexists(temporary)
        temporary.rmdir() if temporary.is_dir() else temporary.unlink()
    temporary.write_bytes(b"new")
    place.ledger.begin([intent])
    settle(place.ledger, place.area)
    assert not temporary.exists()
    assert place.victim.exists()


@pytest.mark.parametrize("before", [None, sidecar_text(["planted"]).encode()])
def test_undo_neither_removes_nor_replaces_a_sidecar_outside_the_root(
    place: Place, before: bytes | None
) -> None:
    place.keep(place.entry(place.victim, before=before), before)
    kept = identity(place.victim)
    (result,) = undo(place.ledger, [place.photo], area=place.area)
    assert (result.outcome, result.sidecar) == ("refused", place.victim)
    assert result.reason == (
        "it does not lie where the photos are, so its path in the catalogue is not used"
    )
    assert identity(place.victim) == kept


def test_a_path_that_leads_out_of_the_root_is_outside(place: Place) -> None:
    (place.root / "link").symlink_to(place.outside)
    for path in (
        place.root / "link" / "victim.xmp",
        place.root / ".." / "outside" / "victim.xmp",
        Path(f"{place.root}2") / "x.xmp",
        Path("victim.xmp"),
        place.root / "a.jpg",
        place.root / "nul\0.xmp",
    ):
        entry = replace(place.entry(place.sidecar), sidecar=os.fsencode(str(path)))
        assert not place.area.holds(entry), path
    assert place.area.holds(place.entry(place.sidecar))
    assert Area.beside([place.photo]).holds(place.entry(place.sidecar))
    deeper = replace(place.entry(place.sidecar), sidecar=os.fsencode(place.root / "b" / "x.xmp"))
    assert place.area.holds(deeper)
    assert not Area.beside([place.photo]).holds(deeper)


@pytest.mark.parametrize("labels", [["sunset"], []])
def test_a_link_that_leads_out_of_the_root_is_refused_by_name(
    place: Place, labels: list[str]
) -> None:
    kept = identity(place.victim)
    place.keep(place.entry(place.victim))
    place.sidecar.unlink()
    place.sidecar.symlink_to(place.victim)
    for results in (
        plan({place.photo: labels}, place.ledger, root=place.root),
        apply({place.photo: labels}, place.ledger, root=place.root),
        undo(place.ledger, area=place.area),
    ):
        (result,) = results
        assert result.outcome == "refused"
    (result,) = plan({place.photo: labels}, place.ledger, root=place.root)
    assert result.sidecar == place.sidecar
    assert result.reason == (
        f"it is a link that leads out of the photos' folder, to {place.victim}; "
        "put a sidecar in the place of the link, or name a root that holds both"
    )
    assert identity(place.victim) == kept
    assert place.sidecar.is_symlink()


@needs_exiftool
def test_a_link_within_the_root_is_followed(place: Place) -> None:
    place.sidecar.rename(place.root / "elsewhere.xmp")
    (place.root / "b").mkdir()
    photo = make_photo(place.root / "b" / "b.jpg")
    photo.with_name("b.jpg.xmp").symlink_to(place.root / "elsewhere.xmp")
    (result,) = apply({photo: ["sunset"]}, place.ledger, root=place.root)
    assert result.outcome == "written"
    assert keywords(place.root / "elsewhere.xmp") == ["ours", "sunset"]


def test_a_sidecar_that_became_a_link_is_not_undone_where_the_link_leads(place: Place) -> None:
    place.keep(place.entry(place.sidecar))
    inside = place.sidecar.rename(place.root / "inside.xmp")
    place.sidecar.symlink_to(inside)
    kept = identity(inside)
    (result,) = undo(place.ledger, area=place.area)
    assert (result.outcome, result.reason[:26]) == ("refused", "somebody changed it since;")
    assert identity(inside) == kept


@needs_exiftool
def test_a_link_out_of_the_root_under_the_other_name_is_not_copied_in(place: Place) -> None:
    place.sidecar.unlink()
    place.photo.with_name("a.xmp").symlink_to(place.victim)
    (result,) = apply({place.photo: ["sunset"]}, place.ledger, root=place.root)
    assert result.reason.startswith("it would hide a.xmp, of which: it is a link that leads out")
    assert not place.sidecar.exists()


def test_verify_does_not_read_outside_the_root_and_names_what_it_leaves(place: Place) -> None:
    place.keep(place.entry(place.victim))
    place.victim.unlink()
    os.mkfifo(place.victim)  # to read it would wait for ever
    (drift,) = verify(place.ledger, [place.photo], area=place.area)
    assert (drift.sidecar, drift.what) == (place.victim, "unreadable")
    assert drift.reason.startswith("it does not lie where the photos are")


def test_a_preview_asks_no_disk_outside_the_root(place: Place) -> None:
    os.mkfifo(place.outside / "fifo.xmp")
    place.ledger.begin([Intent(os.fsencode(place.outside / "fifo.xmp"), "", None, "00", None)])
    assert list(plan({}, place.ledger, root=place.root)) == []

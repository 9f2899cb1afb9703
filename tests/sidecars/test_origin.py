"""A sidecar that phototagger made, and nobody else changed, says what its photo says today."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from phototagger.sidecars.apply import Exiftools, SidecarResult, plan, undo, verify, write_sidecars
from phototagger.sidecars.exiftool.edit import Reader, Writer
from tests.ledgers import MemoryLedger
from tests.sidecar_files import (
    by_exiv2,
    identity,
    keywords,
    make_photo,
    needs_exiftool,
    sidecar_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = needs_exiftool
ANEW = "made anew, to say what the photo says of itself now"
STRIPPED = "the photo has lost metadata"
GONE = "removed: phototagger made it, and it holds no label any more"


@pytest.fixture(scope="module")
def tools() -> Iterator[Exiftools]:
    with Exiftools() as tools:
        yield tools


class Album:
    """A photo with a rating, a title and a keyword, and its sidecar with the label sunset."""

    def __init__(self, folder: Path, tools: Exiftools) -> None:
        self.tools = tools
        self.ledger = MemoryLedger()
        self.photo = make_photo(folder / "IMG.jpg", sidecar_text(["Ann"]).encode())
        self.exiftool("-XMP-dc:Title=first")
        self.sidecar = folder / "IMG.jpg.xmp"
        self.write("sunset")

    def exiftool(self, *arguments: str) -> None:
        options = ["-q", "-overwrite_original", "-charset", "UTF8"]
        subprocess.run(["exiftool", *options, *arguments, self.photo], check=True)

    def write(self, *labels: str, style: str = "append") -> SidecarResult:
        planned = next(iter(plan({self.photo: labels}, self.ledger, style=style, tools=self.tools)))
        (result, *_) = write_sidecars({self.photo: labels}, self.ledger, style, tools=self.tools)
        assert planned == result
        return result

    def said(self) -> dict[str, str]:
        """Return rating and title of the sidecar, as exiv2 reads them."""
        read = by_exiv2(self.sidecar.read_bytes())
        names = {"Xmp.xmp.Rating": "rating", "Xmp.dc.title": "title"}
        return {names[key]: text.split()[-1] for key, text in read.items() if key in names}


@pytest.fixture
def album(tmp_path: Path, tools: Exiftools) -> Album:
    return Album(tmp_path, tools)


def test_an_edit_of_the_photo_is_followed(album: Album) -> None:
    assert album.said() == {"rating": "4", "title": "first"}
    before = album.sidecar.read_bytes()
    album.exiftool("-XMP:Rating=2", "-XMP-dc:Title=", "-XMP-dc:Subject+=Ben")
    result = album.write("sunset")
    assert (result.outcome, result.added, result.removed, result.note) == (
        "written", ("Ben",), (), ANEW,
    )  # fmt: skip
    assert not result.created
    assert album.said() == {"rating": "2"}
    assert keywords(album.sidecar) == ["Ann", "Ben", "sunset"]
    assert list(verify(album.ledger)) == []
    assert [done.outcome for done in undo(album.ledger)] == ["written"]
    assert album.sidecar.read_bytes() == before
    assert album.write("sunset").note == ANEW
    assert album.said() == {"rating": "2"}


def test_labels_and_an_edit_of_the_photo_come_together(album: Album) -> None:
    album.exiftool("-XMP:Rating=1", "-XMP-dc:Subject+=beach")
    result = album.write("beach", "harbour")
    assert (result.added, result.removed) == (("beach", "harbour"), ("sunset",))
    assert (album.said()["rating"], keywords(album.sidecar)) == ("1", ["Ann", "beach", "harbour"])
    album.write("harbour")
    assert keywords(album.sidecar) == ["Ann", "beach", "harbour"]  # beach is the photo's own


def test_the_rating_that_only_exif_has_is_followed(tmp_path: Path, tools: Exiftools) -> None:
    album = Album(tmp_path, tools)
    album.write()
    album.exiftool("-all=", "-EXIF:Rating=2")
    album.write("sunset")
    album.exiftool("-EXIF:Rating=3")
    album.write("sunset")
    assert (album.said(), keywords(album.sidecar)) == ({"rating": "3"}, ["sunset"])


def test_writing_again_reads_no_photo_and_writes_nothing(
    album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    album.exiftool("-XMP:Rating=2")
    album.write("sunset")
    album.exiftool("-EXIF:Software=x")  # which a sidecar does not say
    album.write("sunset")
    before = identity(album.sidecar)
    monkeypatch.setattr(Reader, "embedded", None)
    monkeypatch.setattr(Writer, "edit", None)
    result = album.write("sunset")
    assert (result.outcome, result.note) == ("unchanged", "")
    assert identity(album.sidecar) == before


def test_what_another_program_changed_keeps_what_that_wrote(album: Album) -> None:
    album.sidecar.write_text(album.sidecar.read_text().replace(">4<", ">5<"))
    album.exiftool("-XMP:Rating=2")
    assert album.write("sunset").outcome == "unchanged"
    album.write("sunset", "beach")
    album.exiftool("-XMP:Rating=1")
    album.write("beach")
    assert album.said() == {"rating": "5", "title": "first"}
    assert keywords(album.sidecar) == ["Ann", "beach"]
    assert (album.write().outcome, album.said()["rating"]) == ("written", "5")


def test_a_cleared_photo_keeps_no_sidecar_of_ours(album: Album) -> None:
    album.exiftool("-XMP:Rating=2")
    before = album.sidecar.read_bytes()
    result = album.write()
    assert (result.removed, result.note, album.sidecar.exists()) == (("sunset",), GONE, False)
    assert album.write().outcome == "unchanged"
    assert [done.outcome for done in undo(album.ledger)] == ["written"]
    assert album.sidecar.read_bytes() == before


@pytest.mark.parametrize("labels", [["sunset"], ["beach"], []])
def test_what_a_photo_that_was_stripped_said_stays(album: Album, labels: list[str]) -> None:
    album.exiftool("-all=")
    assert STRIPPED in album.write(*labels).note
    assert album.said() == {"rating": "4", "title": "first"}
    assert keywords(album.sidecar) == ["Ann", *labels]
    assert album.write(*labels).outcome == "unchanged"
    album.write()
    assert (keywords(album.sidecar), album.said()["title"]) == (["Ann"], "first")


@pytest.mark.parametrize("left", ["-EXIF:Artist=Ann", "-IPTC:Keywords=Ann"])
def test_a_photo_that_was_stripped_of_its_xmp_alone_loses_nothing(album: Album, left: str) -> None:
    album.exiftool("-XMP:all=", left)
    album.write("sunset")
    assert album.said() == {"rating": "4", "title": "first"}


def test_undo_does_not_forget_who_made_a_sidecar_without_a_label_of_ours(album: Album) -> None:
    album.write("ann")
    assert keywords(album.sidecar) == ["Ann"]
    album.write("ann", "beach")
    list(undo(album.ledger))
    album.exiftool("-XMP:Rating=2")
    album.write("ann")
    assert album.said()["rating"] == "2"
    album.write()
    assert not album.sidecar.exists()


@pytest.mark.parametrize("labels", [["sunset"], ["sunset", "beach"], ["beach"]])
def test_keywords_alone_of_an_older_phototagger_hide_nothing_any_more(
    album: Album, labels: list[str]
) -> None:
    album.sidecar.unlink()
    album.ledger = MemoryLedger()
    album.sidecar.write_text(sidecar_text(["Ann"], ["Ann"], attributes=""))
    write_sidecars({album.photo: ["sunset"]}, album.ledger, tools=album.tools)
    forget_who_made_it(album.ledger)
    before = album.sidecar.read_bytes()
    result = album.write(*labels)
    assert (result.outcome, result.note) == ("written", ANEW)
    assert album.said() == {"rating": "4", "title": "first"}
    assert keywords(album.sidecar) == ["Ann", *labels]
    list(undo(album.ledger))
    assert album.sidecar.read_bytes() == before
    assert album.write().note == GONE


def test_a_sidecar_of_an_older_phototagger_that_others_had_a_part_in_stays_theirs(
    album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    album.ledger = MemoryLedger()
    album.sidecar.write_text(sidecar_text(["Chris"], ["Chris"], attributes=""))
    write_sidecars({album.photo: ["sunset"]}, album.ledger, tools=album.tools)
    forget_who_made_it(album.ledger)
    before = identity(album.sidecar)
    assert album.write("sunset").outcome == "unchanged"
    assert identity(album.sidecar) == before
    with monkeypatch.context() as patched:
        patched.setattr(Reader, "embedded", None)  # it is looked into once
        assert album.write("sunset").outcome == "unchanged"
    album.write()
    assert (keywords(album.sidecar), album.said()) == (["Chris"], {})


def forget_who_made_it(ledger: MemoryLedger) -> None:
    """Leave of each entry what the first phototagger kept."""
    known = {"sidecar", "photo", "owned", "digest", "subject", "undo"}
    for key, text in ledger.kept.items():
        entry = json.loads(text)
        if entry["undo"]:
            del entry["undo"]["origin"]
        ledger.kept[key] = json.dumps({name: entry[name] for name in known})


def test_the_sidecar_under_the_other_name_is_followed_as_long_as_it_is_there(
    tmp_path: Path, tools: Exiftools
) -> None:
    album = Album(tmp_path, tools)
    album.write()
    other = tmp_path / "IMG.xmp"
    other.write_text(sidecar_text(["theirs"], attributes='xmp:Rating="5"'))
    album.write("sunset")
    assert album.said() == {"rating": "5", "title": "first"}
    other.write_text(sidecar_text(["theirs"], attributes='xmp:Rating="1"'))
    album.write("sunset")
    assert album.said()["rating"] == "1"
    other.unlink()
    before = album.sidecar.read_bytes()
    album.exiftool("-XMP:Rating=3")
    assert album.write("sunset").outcome == "unchanged"
    assert album.sidecar.read_bytes() == before  # what the other said is nowhere else
    album.write()
    assert (keywords(album.sidecar), album.said()["rating"]) == (["theirs", "Ann"], "1")


def test_a_photo_whose_sidecar_is_a_link_to_ours_of_another_photo_changes_nothing_but_labels(
    album: Album,
) -> None:
    second = make_photo(album.photo.with_name("two.jpg"))
    second.with_name("two.jpg.xmp").symlink_to(album.sidecar.name)
    write_sidecars({second: ["beach"]}, album.ledger, tools=album.tools)
    assert album.said() == {"rating": "4", "title": "first"}
    write_sidecars({second: []}, album.ledger, tools=album.tools)
    assert album.sidecar.exists()


def test_both_sidecars_of_ours_follow_after_a_change_of_style(
    tmp_path: Path, tools: Exiftools
) -> None:
    album = Album(tmp_path, tools)
    album.write("sunset", style="replace")
    album.exiftool("-XMP:Rating=2")
    album.write("sunset", style="replace")
    album.write("sunset", style="replace")
    read = [by_exiv2(path.read_bytes())["Xmp.xmp.Rating"] for path in tmp_path.glob("*.xmp")]
    assert read == ["2", "2"]
    write_sidecars({album.photo: []}, album.ledger, "replace", tools=tools)
    assert list(tmp_path.glob("*.xmp")) == []


def test_a_photo_that_cannot_be_read_any_more_still_gets_its_labels(album: Album) -> None:
    album.photo.write_bytes(b"no picture")
    result = album.write("sunset", "beach")
    assert (result.outcome, result.note) == (
        "written", "it cannot follow the photo: exiftool finds no picture in the photo",
    )  # fmt: skip
    assert keywords(album.sidecar) == ["Ann", "sunset", "beach"]
    assert album.said() == {"rating": "4", "title": "first"}

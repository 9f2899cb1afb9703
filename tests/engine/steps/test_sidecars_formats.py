"""Sidecars of raws, of raws with their JPEGs, and of other formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from phototagger.formats import FORMATS
from phototagger.imaging.opened import plug_in
from phototagger.settings.model import Settings
from tests.engine.steps.test_sidecars_follow import Library, rating_of, tools
from tests.imaging.pictures import scene
from tests.imaging.raws import save_dng
from tests.sidecar_files import keywords, needs_exiftool, sidecar_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phototagger.sidecars.apply import Exiftools

pytestmark = needs_exiftool
__all__ = ["tools"]

RATED = sidecar_text(attributes='xmp:Rating="4"').encode()


class AllFormats(Library):
    """A root whose photos may be of any format."""

    @property
    def settings(self) -> Settings:
        return Settings(
            run_dir=str(self.folder), cache_dir=str(self.folder / "cache"), formats=tuple(FORMATS)
        )

    def raw(self, name: str, xmp: bytes = b"") -> Path:
        """Make a raw photo."""
        self.root.mkdir(exist_ok=True)
        return save_dng(self.root / name, scene(16, 12), xmp=xmp)


@pytest.fixture
def library(tmp_path: Path, tools: Exiftools) -> Iterator[AllFormats]:
    library = AllFormats(tmp_path, tools)
    yield library
    library.close()


@pytest.fixture
def pair(library: AllFormats) -> tuple[Path, Path]:
    """A JPEG with its raw, cat and pet in the sidecars of both."""
    photo, raw = library.photo("a.jpg"), library.raw("a.nef")
    library.decide(photo, "cat", "pet")
    assert set(library.write()) == {"a.jpg.xmp", "a.xmp"}
    return photo, raw


@pytest.mark.parametrize("style", ["append", "replace"])
def test_the_sidecar_of_a_raw_is_the_one_that_lightroom_reads(library: AllFormats, style: str):
    raw = library.raw("IMG.nef", RATED)
    before = raw.read_bytes()
    library.decide(raw, "cat")
    assert [(name, one.outcome) for name, one in library.write(style).items()] == [
        ("IMG.xmp", "written")
    ]
    assert keywords(library.root / "IMG.xmp") == ["cat"]
    assert rating_of(library.root / "IMG.xmp") == 4
    assert raw.read_bytes() == before


def test_a_raw_keeps_the_only_sidecar_that_darktable_made(library: AllFormats):
    raw = library.raw("IMG.nef")
    (library.root / "IMG.nef.xmp").write_text(sidecar_text(["dog"]))
    library.decide(raw, "cat")
    library.write()
    assert keywords(library.root / "IMG.nef.xmp") == ["dog", "cat"]
    assert not (library.root / "IMG.xmp").exists()


def test_a_sidecar_of_lightroom_is_added_to(library: AllFormats):
    raw = library.raw("IMG.nef")
    (library.root / "IMG.xmp").write_text(
        sidecar_text(["dog"], attributes='crs:Exposure2012="+0.5"')
    )
    library.decide(raw, "cat")
    library.write()
    assert keywords(library.root / "IMG.xmp") == ["dog", "cat"]
    assert "+0.5" in (library.root / "IMG.xmp").read_text()


def test_raws_of_one_stem_have_a_sidecar_each(library: AllFormats):
    for name in ("IMG.nef", "IMG.dng"):
        library.decide(library.raw(name, RATED if name == "IMG.nef" else b""), "cat")
    assert set(library.write()) == {"IMG.nef.xmp", "IMG.dng.xmp"}


def test_a_pair_has_the_labels_in_both_sidecars_until_they_are_taken_back(
    library: AllFormats, pair: tuple[Path, Path]
):
    photo, raw = pair
    originals = photo.read_bytes(), raw.read_bytes()
    for name in ("a.jpg.xmp", "a.xmp"):
        assert keywords(library.root / name) == ["cat", "pet"]
    assert {one.outcome for one in library.write().values()} == {"unchanged"}
    library.decide(photo, "pet", approved=False)
    library.write()
    for name in ("a.jpg.xmp", "a.xmp"):
        assert keywords(library.root / name) == ["cat"]
    assert {one.outcome for one in library.take_back()} == {"written"}
    for name in ("a.jpg.xmp", "a.xmp"):
        assert keywords(library.root / name) == ["cat", "pet"]
    assert (photo.read_bytes(), raw.read_bytes()) == originals


def test_a_pair_that_was_moved_is_known_with_both_sidecars(
    library: AllFormats, pair: tuple[Path, Path]
):
    (library.root / "new").mkdir()
    for path in sorted(library.root.glob("a.*")):
        path.rename(library.root / "new" / path.name.replace("a.", "b."))
    library.decide(library.root / "new" / "b.jpg", "pet", approved=False)
    library.write()
    for name in ("b.jpg.xmp", "b.xmp"):
        assert keywords(library.root / "new" / name) == ["cat"]


@pytest.mark.parametrize("name", ["webp", "tiff", "heic"])
def test_a_sidecar_of_another_format_begins_as_what_its_photo_says(library: AllFormats, name: str):
    plug_in(FORMATS[name])
    library.root.mkdir()
    photo = library.root / f"a.{name}"
    xmp = {"tiffinfo": {700: RATED}} if name == "tiff" else {"xmp": RATED}
    scene(64, 48).save(photo, FORMATS[name].pillow, **xmp)
    before = photo.read_bytes()
    library.decide(photo, "cat")
    (result,) = library.write().values()
    assert result.outcome == "written", result.reason
    assert keywords(library.root / f"a.{name}.xmp") == ["cat"]
    assert rating_of(library.root / f"a.{name}.xmp") == 4
    assert photo.read_bytes() == before
    moved = photo.rename(library.root / f"b.{name}")
    (library.root / f"a.{name}.xmp").rename(library.root / f"b.{name}.xmp")
    library.decide(moved, "cat", approved=False)
    library.write()
    assert keywords(library.root / f"b.{name}.xmp") == []

"""Runs over photos of other formats than JPEG and PNG."""

import os
from pathlib import Path

import polars as pl
import pytest

from phototagger.core.scan import scan
from phototagger.engine.events import Notice
from phototagger.errors import ExitCode, MissingError
from phototagger.formats import FORMATS, USUAL
from phototagger.imaging import opened
from tests.engine.pictures import LIBRARY, picture
from tests.engine.test_failures import failures
from tests.imaging.pictures import scene
from tests.imaging.raws import save_dng

MORE = ("c.webp", "sea/h.TIF")


@pytest.fixture
def mixed(photos):
    for number, name in enumerate(MORE):
        picture(photos.root / name, 70 + number)
    return photos


def test_only_what_is_asked_for_is_a_photo(mixed):
    assert list(mixed.run().results()) == list(LIBRARY)
    found = mixed.run(formats=("jpeg", "png", "webp", "tiff")).results()
    assert list(found) == sorted([*LIBRARY, *MORE], key=lambda name: name.split("/"))
    assert (found["c.webp"]["width"], found["sea/h.TIF"]["height"]) == ("48", "36")
    assert mixed.embedded == len(MORE)
    assert list(mixed.run(formats=("webp",)).results()) == ["c.webp"]
    assert mixed.embedded == 0


def test_originals_are_as_they_were(mixed):
    def originals() -> dict[Path, tuple[bytes, int]]:
        files = mixed.root.rglob("*.*")
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    before = originals()
    mixed.run(formats=tuple(FORMATS))
    assert originals() == before


def test_a_photo_that_was_moved_is_known_by_its_content(mixed):
    mixed.run(formats=("tiff", "webp"))
    (mixed.root / "c.webp").rename(mixed.root / "town" / "moved.webp")
    ran = mixed.run(formats=("tiff", "webp"))
    assert list(ran.results()) == ["sea/h.TIF", "town/moved.webp"]
    assert mixed.embedded == 0


def test_what_was_refused_for_its_format_is_tried_again_once_that_is_asked_for(mixed):
    (mixed.root / "c.webp").rename(mixed.root / "c.jpg")
    assert failures(mixed.run()) == {"c.jpg": "holds a WEBP image, not JPEG or PNG"}
    ran = mixed.run(formats=("jpeg", "png", "webp"))
    assert failures(ran) == {}
    assert "c.jpg" in ran.results()


def test_a_format_whose_package_is_missing_is_one_error_with_its_cure(photos, monkeypatch):
    row = FORMATS["tiff"]._replace(name="heic", said="HEIC", package="no-such-package")
    monkeypatch.setitem(FORMATS, "tiff", row)
    with pytest.raises(MissingError) as caught:
        photos.run(formats=("jpeg", "tiff"))
    assert str(caught.value) == (
        "HEIC needs no-such-package, which is not installed; type `pip install 'phototagger[heic]'`"
    )
    assert caught.value.exit_code == ExitCode.MISSING
    assert len(photos.run().results()) == len(LIBRARY)


def test_a_package_that_does_not_work_is_one_error_with_its_cure(photos, monkeypatch):
    row = FORMATS["webp"]._replace(plugin="phototagger.no_such", package="pillow")
    monkeypatch.setitem(FORMATS, "webp", row)
    with pytest.raises(MissingError, match="pillow, which reads WebP, does not work here: No mod"):
        opened.plug_in(row)
    with pytest.raises(MissingError, match="does not work here"):
        photos.run(formats=(*USUAL, "webp"))


def test_nothing_is_imported_to_look_at_the_names(mixed, monkeypatch):
    monkeypatch.setattr(opened, "plug_in", lambda row: pytest.fail(f"{row.plugin} was imported"))
    assert len(scan(mixed.root, formats=tuple(FORMATS)).photos) == len(LIBRARY) + len(MORE)


# Raws


def test_a_raw_and_its_jpeg_are_one_photo_of_the_tables(photos):
    save_dng(photos.root / "a.nef", scene(64, 48))
    save_dng(photos.root / "sea" / "z.dng", scene(64, 48, 1))
    ran = photos.run(formats=(*USUAL, "raw"))
    table = pl.read_parquet(ran.path / "results.parquet")
    pairs = dict(zip(table["rel_path"], table["pair"], strict=True))
    assert pairs == dict.fromkeys([*LIBRARY, "sea/z.dng"]) | {"a.jpg": str(photos.root / "a.nef")}
    said = "1 raw file beside a JPEG of the same name: each pair is one photo (pair_raw)"
    assert said in [one.text for one in ran.events if isinstance(one, Notice)]
    alone = photos.run(formats=(*USUAL, "raw"), pair_raw=False)
    assert set(alone.results()) == {*LIBRARY, "a.nef", "sea/z.dng"}
    assert "pair" not in pl.read_parquet_schema(alone.path / "results.parquet")
    assert "pair" not in pl.read_parquet_schema(photos.run().path / "results.parquet")


def test_a_raw_that_is_broken_is_named(photos):
    path = save_dng(photos.root / "z.arw", scene(64, 48))
    os.truncate(path, 2000)
    found = failures(photos.run(formats=(*USUAL, "raw")))
    assert list(found) == ["z.arw"]
    assert found["z.arw"].startswith("is broken or cut short: LibRaw says: ")

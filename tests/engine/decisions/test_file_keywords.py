"""The keywords of a photo that somebody looks at: as `approvals import` reads them by exiftool."""

import os
import subprocess
import time

import pytest
from PIL import Image

from phototagger.engine.decisions.file_keywords import keywords_in, sidecar_keywords
from phototagger.formats import FORMATS
from phototagger.imaging.opened import plug_in
from phototagger.sidecars.apply import Exiftools
from phototagger.sidecars.seed import seed_of
from phototagger.sidecars.xmp.keywords import Field
from tests.imaging.pictures import scene
from tests.shared import SAMPLES, shared_data
from tests.sidecar_files import make_photo, needs_exiftool, sidecar_text

ALL = tuple(FORMATS)
XMP = ["-XMP-dc:Subject=Rome", "-XMP-dc:Subject=Größe", "-XMP-lr:HierarchicalSubject=Places|Rome"]
IPTC = ["-IPTC:Keywords=rome", "-IPTC:Keywords=Café", "-IPTC:Keywords=Forum"]
WINDOWS = ["-XPKeywords=ein Hund;Rom"]
WRITTEN = {
    "xmp": XMP,
    "iptc in UTF-8": ["-IPTC:CodedCharacterSet=UTF8", *IPTC],
    "iptc in Latin-1": IPTC,
    "xmp and iptc": [*XMP, *IPTC],
    "windows": WINDOWS,
    "all three": [*XMP, *IPTC, *WINDOWS],
}


def by_exiftool(path):
    with Exiftools() as tools:
        (embedded,) = tools.reader.embedded([path])
        return dict(seed_of(embedded, None, tools.reader.makes_nothing_of).keywords)


@needs_exiftool
@pytest.mark.parametrize("name", ["jpg", "png", "tiff", "webp"])
def test_every_place_of_a_photo_says_what_exiftool_says(tmp_path, name):
    plug_in(FORMATS["webp"])
    plug_in(FORMATS["tiff"])
    for case, tags in WRITTEN.items():
        if name in ("png", "webp") and ("iptc" in case or "three" in case):
            continue  # no standard has a place for it there
        path = tmp_path / f"{case}.{name}"
        scene(32, 24).save(path)
        subprocess.run(["exiftool", "-q", "-overwrite_original", *tags, path], check=True)
        found = keywords_in(path, ALL)
        assert found.refused == ""
        assert found.keywords == by_exiftool(path), case
        assert found.keywords, case


@needs_exiftool
@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore:.*EXIF data:UserWarning")
def test_photos_of_other_programs_say_what_exiftool_says():
    looked = 0
    for path in sorted([*SAMPLES.rglob("*.jpg"), *(shared_data() / "exif").rglob("*.jpg")])[:40]:
        found = keywords_in(path, ALL)
        if not found.refused:
            assert found.keywords == by_exiftool(path), path
            looked += 1
    assert looked > 10


def test_no_pixel_is_read_and_a_long_file_is_not_read_to_its_end(tmp_path):
    path = make_photo(tmp_path / "a.jpg", sidecar_text(["Rome"]).encode())
    os.truncate(path, 2**31)
    begun = time.process_time()
    assert keywords_in(path, ALL).keywords == {Field.SUBJECT: ("Rome",)}
    assert time.process_time() - begun < 1  # two GiB would take more


def test_what_is_no_photo_has_none_and_says_so(tmp_path):
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    for name in ("text.jpg", "empty.jpg", "folder.jpg", "pipe.jpg", "gone.jpg"):
        assert keywords_in(tmp_path / name, ALL)[1:] == ({}, "the photo cannot be read")


@pytest.mark.parametrize(
    "packet", [b"<not xmp", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"\0" * 40, b"\xff\xfe"]
)
def test_damaged_xmp_leaves_what_iptc_says(tmp_path, packet):
    path = make_photo(tmp_path / "a.jpg", packet)
    found = keywords_in(path, ALL)
    assert found.keywords == {}
    assert bool(found.refused) == bool(packet.strip(b"\0"))


def test_a_windows_tag_that_says_a_number_is_no_keyword(tmp_path):
    exif = Image.Exif()
    exif[0x9C9E] = 2**31 - 1
    Image.new("RGB", (4, 3)).save(tmp_path / "a.jpg", exif=exif)
    assert keywords_in(tmp_path / "a.jpg", ALL).keywords == {}


def test_sidecars_under_both_names_are_read_and_links_that_lead_out_are_not(tmp_path):
    (tmp_path / "photos").mkdir()
    photo = make_photo(tmp_path / "photos" / "a.jpg")
    assert list(sidecar_keywords(photo, "append")) == []
    photo.with_name("a.jpg.xmp").write_text(sidecar_text(["sea"]))
    photo.with_name("a.xmp").write_text("<not xmp")
    beside, other = sidecar_keywords(photo, "append")
    assert beside.keywords == {Field.SUBJECT: ("sea",)}
    assert "not well-formed XML" in other.refused


def test_a_sidecar_that_came_later_is_seen(tmp_path):
    photo = make_photo(tmp_path / "a.jpg")
    assert list(sidecar_keywords(photo, "append")) == []
    photo.with_name("A.JPG.XMP").write_text(sidecar_text(["sea"]))
    os.utime(tmp_path, ns=(1, 1))
    (found,) = sidecar_keywords(photo, "append")
    assert found.keywords == {Field.SUBJECT: ("sea",)}

"""Raw photos: the camera's own preview where it will do, else what the sensor saw."""

import contextlib
import io
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from phototagger.errors import UnreadablePhoto
from phototagger.formats import FORMATS
from phototagger.imaging.decode import Picture, decode, open_photo
from phototagger.imaging.limits import Limits
from phototagger.imaging.opened import opened
from phototagger.imaging.taken import taken_at
from tests.imaging.pictures import corners, difference, scene
from tests.imaging.raws import dng, jpeg, save_dng
from tests.imaging.test_formats import ALL, exiftool_size, reason

SEEN = scene(800, 600)
OTHER = Image.new("RGB", (800, 600), (10, 200, 30))
"""What no sensor saw: where it is shown, the preview was taken."""


def of_dng(data: bytes, **options: object) -> Picture:
    return decode(io.BytesIO(data), "a.dng", limits=ALL, **options)


def apart(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference of two pictures, which are made equally large."""
    other = other.resize(one.size, Image.Resampling.BOX)
    return float(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).mean())


def test_a_raw_without_a_preview_is_developed_in_the_colours_that_the_sensor_saw():
    whole, half = of_dng(dng(SEEN)), of_dng(dng(SEEN), long=200)
    assert (whole.image.size, half.image.size) == ((800, 600), (400, 300))
    assert (half.width, half.height) == (800, 600)
    assert apart(whole.image, SEEN) < 1.5
    assert apart(half.image, SEEN) < 1.5


def test_the_preview_is_taken_where_it_is_large_enough():
    data = dng(SEEN, preview=jpeg(OTHER.resize((400, 300))))
    assert apart(of_dng(data, long=200).image, OTHER) < 1
    assert apart(of_dng(data, long=512).image, SEEN) < 1.5
    assert apart(of_dng(data).image, SEEN) < 1.5
    assert (of_dng(data, long=200).width, of_dng(data, long=200).height) == (800, 600)


def test_a_preview_that_shows_all_of_the_photo_is_all_of_it():
    picture = of_dng(dng(SEEN, preview=jpeg(OTHER.resize((792, 594)))))
    assert apart(picture.image, OTHER) < 1
    assert (picture.width, picture.height) == (800, 600)
    assert picture.image.size == (792, 594)


@pytest.mark.parametrize(
    "preview",
    [
        jpeg(OTHER.resize((800, 400))), jpeg(OTHER.resize((2000, 1500))), jpeg(OTHER)[:-400],
        jpeg(OTHER, progressive=True)[:-2] + b"\xff\xda\0\x08\1\1\0\0\0\0" * 200 + b"\xff\xd9",
        b"\xff\xd8\xff\xd9",
    ],
    ids=["another shape", "larger than the photo", "cut short", "of many scans", "empty"],
)  # fmt: skip
def test_an_odd_preview_is_passed_over(preview):
    made = dng(SEEN, preview=jpeg(OTHER))
    place = made.index(jpeg(OTHER))
    data = made[:place] + preview.ljust(len(jpeg(OTHER)), b"\0") + made[place + len(jpeg(OTHER)) :]
    if len(preview) > len(jpeg(OTHER)):
        data = dng(SEEN, preview=preview)
    assert apart(of_dng(data, long=200).image, SEEN) < 1.5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_raw_is_upright_and_as_large_as_exiftool_says(tmp_path, orientation):
    seen = corners(320, 200)
    plain = save_dng(tmp_path / "a.dng", seen, orientation=orientation)
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = Image.open(io.BytesIO(jpeg(seen, exif=exif)))
    expected = open_upright(turned)
    previews = {"none": b"", "silent": jpeg(seen), "telling": jpeg(seen, exif=exif)}
    for name, preview in previews.items():
        save_dng(tmp_path / f"{name}.dng", seen, orientation=orientation, preview=preview)
        picture = open_photo(tmp_path / f"{name}.dng", limits=ALL, long=100)
        assert (picture.width, picture.height) == exiftool_size(plain)
        assert apart(picture.image, expected) < 3, name
    if orientation > 4:
        upright = jpeg(expected)
        save_dng(tmp_path / "done.dng", seen, orientation=orientation, preview=upright)
        assert apart(open_photo(tmp_path / "done.dng", limits=ALL, long=100).image, expected) < 3


def open_upright(image: Image.Image) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", exif=image.getexif(), quality=95, subsampling=0)
    return decode(out, "a.jpg").image


def test_what_the_camera_cuts_off_is_cut_off():
    data = dng(SEEN, crop=(20, 40, 700, 500))
    seen = SEEN.crop((20, 40, 720, 540))
    whole, half = of_dng(data), of_dng(data, long=200)
    assert (whole.width, whole.height) == (half.width, half.height) == (700, 500)
    assert (whole.image.size, half.image.size) == ((700, 500), (350, 250))
    assert apart(whole.image, seen) < 1.5
    assert apart(half.image, seen) < 1.5


def test_a_raw_is_known_by_its_name_alone(tmp_path):
    save_dng(tmp_path / "a.dng", SEEN).rename(tmp_path / "a.jpg")
    said = "holds a TIFF or raw image, not JPEG, PNG or raw"
    assert reason(tmp_path / "a.jpg", Limits(formats=("jpeg", "png", "raw"))) == said
    (tmp_path / "b.nef").write_bytes(jpeg(SEEN))
    assert difference(open_photo(tmp_path / "b.nef", limits=ALL).image, SEEN) < 40


def test_the_sensor_s_pixels_are_counted_before_anything_is_decoded(tmp_path):
    path = save_dng(tmp_path / "a.dng", SEEN)
    assert open_photo(path, limits=ALL._replace(max_pixels=480_000), long=100).width == 800
    assert reason(path, ALL._replace(max_pixels=479_999)).startswith("has 800 x 600 pixels, more")


def test_a_large_raw_is_read_from_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("phototagger.imaging.photo_file._IN_MEMORY", 0)
    path = save_dng(tmp_path / "a.dng", SEEN)
    with path.open("ab") as file:
        file.truncate(300 * 2**20)
    assert apart(open_photo(path, limits=ALL, long=200).image, SEEN) < 1.5


@pytest.mark.parametrize("part", [0.001, 0.01, 0.5, 0.99])
def test_a_raw_that_is_cut_short_is_named(tmp_path, part):
    path = save_dng(tmp_path / "a.dng", SEEN)
    os.truncate(path, int(path.stat().st_size * part))
    assert reason(path, long=200).startswith("is broken or cut short: LibRaw says: ")


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.cr3", b"\0\0\0\x18ftypcrx \0\0\0\1" + bytes(2000), "Unsupported file format"),
        ("a.raf", b"FUJIFILMCCD-RAW 0201FF383501" + bytes(2000), "Unsupported file format"),
        ("a.orf", b"IIRO\x08\0\0\0" + bytes(2000), "Unsupported file format"),
        ("a.rw2", b"IIU\0\x08\0\0\0" + bytes(2000), "Unsupported file format"),
    ],
)
def test_what_no_camera_made_is_named(tmp_path, name, data, why):
    (tmp_path / name).write_bytes(data)
    assert why in reason(tmp_path / name)


def test_what_holds_no_raw_is_named(tmp_path):
    (tmp_path / "a.nef").write_bytes(b"no photo" * 40)
    assert reason(tmp_path / "a.nef") == "is not an image that can be recognised"


SMALL = dng(scene(64, 48), preview=jpeg(scene(32, 24)))


@given(st.data())
def test_any_damage_gives_a_picture_or_a_reason(data):
    spoiled = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 8))):
        spoiled[data.draw(st.integers(0, 1200))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadablePhoto):
        assert of_dng(bytes(spoiled), short=4).image.mode == "RGB"


# What the camera says


def test_when_and_how_a_raw_was_taken_is_read(tmp_path):
    path = save_dng(tmp_path / "a.dng", scene(64, 48), orientation=6)
    assert str(taken_at(path, ("raw",))) == "2024-05-06 07:08:09"
    with path.open("rb") as file, opened(file, path, ("raw",)) as image:
        exif = image.getexif()
        assert exif[ExifTags.Base.Model].strip("\0") == "Handmade One"
        assert exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ISOSpeedRatings] == 200
        assert ExifTags.Base.Orientation not in exif


def tiff_of(tags: dict[int, bytes]) -> bytes:
    """Return a directory of texts as a TIFF of its own, as a CR3 has them."""
    beyond = 8 + 2 + 12 * len(tags) + 4
    entries, texts = b"", b""
    for tag, text in sorted(tags.items()):
        entries += struct.pack("<HHII", tag, 2, len(text), beyond + len(texts))
        texts += text
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4) + texts


def test_the_tags_of_a_cr3_and_of_a_raf_are_found():
    from phototagger.imaging.raw import _exif_of

    boxes = b""
    for name, tags in (
        (b"CMT1", {0x0110: b"Canon EOS R5\0"}),
        (b"CMT2", {0x9003: b"2024:05:06 07:08:09\0"}),
        (b"CMT4", {0x001D: b"2024:05:06\0"}),
    ):
        body = tiff_of(tags)
        boxes += struct.pack(">I", 8 + len(body)) + name + body
    found = _exif_of(b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + boxes)
    assert found[ExifTags.Base.Model] == "Canon EOS R5"
    assert found.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] == "2024:05:06 07:08:09"
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "X-T5"
    inner = jpeg(scene(64, 48), exif=exif)
    head = b"FUJIFILMCCD-RAW 0201FF383501".ljust(84, b"\0") + struct.pack(">II", 100, len(inner))
    assert _exif_of(head.ljust(100, b"\0") + inner)[ExifTags.Base.Model] == "X-T5"


def test_every_ending_of_a_raw_is_tried_as_one(tmp_path: Path):
    for ending in FORMATS["raw"].endings:
        path = save_dng(tmp_path / f"a{ending.upper()}", scene(64, 48))
        assert open_photo(path, limits=ALL).width == 64

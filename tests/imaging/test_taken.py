"""When a photo was taken, to the part of a second, with its zone, and its camera, as EXIF says."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from phototagger.formats import USUAL
from phototagger.imaging.taken import LONGEST_CAMERA, Taken, taken_at, taken_in, taken_of
from phototagger.printable import printable

MAKE, MODEL = 0x010F, 0x0110
EXIF, ORIGINAL, DIGITIZED, CHANGED = 0x8769, 0x9003, 0x9004, 0x0132
NOON = int(datetime(2024, 5, 1, 12, tzinfo=UTC).timestamp()) * 1_000_000


def a_photo(path, detail, top=()):
    exif = Image.Exif()
    exif.get_ifd(EXIF).update(detail)
    exif.update({0x0131: "software", **dict(top)})
    Image.new("RGB", (8, 6)).save(path, exif=exif)
    return path


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
@pytest.mark.parametrize(
    ("detail", "top", "taken"),
    [
        ({ORIGINAL: "2024:05:01 12:00:00"}, {}, Taken(NOON)),
        ({ORIGINAL: "2024:05:01 12:00:00", 0x9291: "25"}, {}, Taken(NOON + 250_000)),
        ({ORIGINAL: "2024:05:01 12:00:00", 0x9291: "007"}, {}, Taken(NOON + 7_000)),
        ({ORIGINAL: "2024:05:01 12:00:00", 0x9291: "12345678"}, {}, Taken(NOON + 123_456)),
        ({ORIGINAL: "2024:05:01 12:00:00", 0x9291: "½"}, {}, Taken(NOON)),
        ({ORIGINAL: "2024:05:01 12:00:00", 0x9011: "+05:30"}, {}, Taken(NOON, 330)),
        ({ORIGINAL: "2024:05:01 12:00:00", 0x9011: "-03:00"}, {}, Taken(NOON, -180)),
        ({ORIGINAL: "2024:05:01 12:00:00", 0x9011: "Z"}, {}, Taken(NOON, 0)),
        ({ORIGINAL: "2024:05:01 12:00:00", 0x9011: "+99:00"}, {}, Taken(NOON)),
        ({DIGITIZED: "2024:05:01 12:00:00", 0x9292: "5"}, {}, Taken(NOON + 500_000)),
        ({ORIGINAL: "0000:00:00 00:00:00"}, {CHANGED: "2024:05:01 12:00:00"}, Taken(NOON)),
        ({ORIGINAL: "    :  :     :  :  "}, {}, Taken()),
        ({}, {}, Taken()),
    ],
)
def test_what_exif_says_is_when_it_was_taken(tmp_path, name, detail, top, taken):
    assert taken_in(a_photo(tmp_path / name, detail, top), USUAL) == taken


def test_a_file_that_is_no_photo_does_not_say(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe1\x00\x10Exif\0\0II*\0")
    assert taken_in(tmp_path / "a.jpg", USUAL) == Taken()
    assert taken_in(tmp_path / "missing.jpg", USUAL) == Taken()


def test_a_moment_is_told_by_the_camera_s_clock(tmp_path):
    path = a_photo(tmp_path / "a.jpg", {ORIGINAL: "2024:05:01 12:00:00", 0x9011: "+02:00"})
    assert taken_at(path, USUAL) == datetime(2024, 5, 1, 12)


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("CANON", "Canon EOS R5", "Canon EOS R5"),
        ("NIKON CORPORATION", "NIKON D70", "NIKON D70"),
        ("EASTMAN KODAK COMPANY", "KODAK DX4900", "KODAK DX4900"),
        ("SONY", "ILCE-7M3", "SONY ILCE-7M3"),
        ("Apple", None, "Apple"),
        (None, "Pixel 7", "Pixel 7"),
        ("  FUJIFILM \0\0", " X-T4\n  II ", "FUJIFILM X-T4 II"),
        ("\x1b[31mevil", "\x07bell\x7f", "[31mevil bell"),
        (None, None, ""),
        ("\0 \x1b", "\r\n", ""),
        (7, 8, "7 8"),
        (b"Leica", b"\xff\xfeM", "Leica ÿþM"),
    ],
)
def test_a_camera_is_its_make_and_model_without_what_is_unfit(tmp_path, name, make, model, camera):
    told = {tag: said for tag, said in ((MAKE, make), (MODEL, model)) if said is not None}
    path = a_photo(tmp_path / name, {ORIGINAL: "2024:05:01 12:00:00"}, told)
    assert taken_in(path, USUAL) == Taken(NOON, camera=camera)
    assert taken_in(a_photo(path, {}, told), USUAL) == Taken(camera=camera)


@given(st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255)))
def test_whatever_exif_says_a_camera_can_be_shown_on_one_line(make, model):
    photo = io.BytesIO()
    exif = Image.Exif()
    exif.update({MAKE: make, MODEL: model + "x" * LONGEST_CAMERA})
    Image.new("RGB", (8, 6)).save(photo, "JPEG", exif=exif)
    camera = taken_of(photo, "a.jpg", USUAL).camera
    assert 0 < len(camera) <= LONGEST_CAMERA
    assert camera == printable(camera) == " ".join(camera.split())

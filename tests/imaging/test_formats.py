"""Photos of the formats that are read on request: upright, of the right size and colours."""

import contextlib
import functools
import io
import json
import os
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from phototagger.errors import UnreadablePhoto
from phototagger.formats import FORMATS, USUAL, endings_of, said_of
from phototagger.imaging.decode import Picture, decode, open_photo
from phototagger.imaging.limits import Limits
from phototagger.imaging.opened import plug_in
from phototagger.imaging.other_kinds import kind_of
from phototagger.imaging.taken import taken_at
from tests.imaging.pictures import corners, difference, save_turned, scene

ALL = Limits(formats=tuple(FORMATS))
SAVE = {
    "webp": {"lossless": True, "exact": True},
    "tiff": {},
    "heic": {"quality": -1, "chroma": 444},
}
"""How a picture is saved in each format that can be written, as well as it can."""
LOSS = {"heic": 4}
"""By how much a colour may differ then."""
for one in SAVE:
    plug_in(FORMATS[one])


def reason(path: Path, limits: Limits = ALL, **options: int) -> str:
    with pytest.raises(UnreadablePhoto) as caught:
        open_photo(path, limits=limits, **options)
    assert str(caught.value.reason).isprintable()
    return str(caught.value.reason)


def saved(image: Image.Image, path: Path, **more: object) -> Path:
    image.save(path, **SAVE.get(path.suffix[1:], {}), **more)
    return path


def exiftool_size(path: Path) -> tuple[int, int]:
    """Return the size of the upright photo, as exiftool says it."""
    asked = [
        "exiftool",
        "-j",
        "-n",
        "-ImageWidth",
        "-ImageHeight",
        "-Orientation",
        "-Rotation",
        path,
    ]
    [said] = json.loads(subprocess.check_output(asked))
    is_turned = said.get("Rotation", 0) in (90, 270)
    if path.suffix != ".heic":  # which is turned by its own properties alone (ISO 23008-12)
        is_turned = said.get("Orientation", 1) > 4
    size = (said["ImageWidth"], said["ImageHeight"])
    return size[::-1] if is_turned else size


# The table


def test_the_usual_formats_are_jpeg_and_png():
    assert USUAL == Limits().formats == ("jpeg", "png")
    assert endings_of(USUAL) == (".jpg", ".jpeg", ".png")


def test_what_a_photo_is_is_said_in_a_sentence():
    assert said_of(("jpeg",)) == "JPEG"
    assert said_of(USUAL) == "JPEG or PNG"
    assert said_of(("jpeg", "webp", "tiff")) == "JPEG, WebP or TIFF"


def test_no_ending_belongs_to_two_formats():
    endings = endings_of(FORMATS)
    assert len(set(endings)) == len(endings)


@pytest.mark.parametrize("name", SAVE)
def test_what_a_format_holds_has_the_kind_of_its_row(name):
    out = io.BytesIO()
    corners().save(out, FORMATS[name].pillow)
    assert kind_of(out.getvalue()[:1024]) == FORMATS[name].kind


@pytest.mark.parametrize("name", SAVE)
def test_a_format_that_was_not_asked_for_is_refused_and_named(tmp_path, name):
    path = saved(corners(), tmp_path / f"a.{name}")
    assert reason(path, Limits()) == f"holds {FORMATS[name].kind}, not JPEG or PNG"
    assert open_photo(path, limits=ALL).image.size == corners().size


def test_a_photo_is_what_it_holds_and_not_what_its_name_says(tmp_path):
    corners().save(tmp_path / "a.webp", "PNG")
    corners().save(tmp_path / "b.tif", "JPEG", quality=95, subsampling=0)
    saved(corners(), tmp_path / "c.webp").rename(tmp_path / "c.jpg")
    assert difference(open_photo(tmp_path / "a.webp", limits=ALL).image, corners()) == 0
    assert difference(open_photo(tmp_path / "b.tif", limits=ALL).image, corners()) <= 2
    assert difference(open_photo(tmp_path / "c.jpg", limits=ALL).image, corners()) == 0


# Upright, sized, coloured


@pytest.mark.parametrize("name", SAVE)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_upright_and_as_large_as_exiftool_says(tmp_path, name, orientation):
    seen = corners(192, 128)
    save_turned(seen, orientation, tmp_path / "turned.png")
    with Image.open(tmp_path / "turned.png") as turned:
        path = saved(turned, tmp_path / f"a.{name}", exif=turned.getexif().tobytes())
    picture = open_photo(path, limits=ALL)
    assert difference(picture.image, seen) <= LOSS.get(name, 0)
    assert (picture.width, picture.height) == exiftool_size(path) == seen.size


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_that_does_not_turn_its_picture_is_turned_by_its_exif(tmp_path, orientation):
    """As some apps of telephones write them: no rotation of the file's own, which goes first."""
    seen = corners(192, 128)
    save_turned(seen, orientation, tmp_path / "turned.png")
    with Image.open(tmp_path / "turned.png") as turned:
        path = saved(Image.fromarray(np.asarray(turned)), tmp_path / "a.heic")
    words = ["exiftool", "-q", "-overwrite_original", "-n", f"-Orientation={orientation}", path]
    subprocess.check_call(words)
    picture = open_photo(path, limits=ALL)
    assert difference(picture.image, seen) <= LOSS["heic"]
    assert (picture.width, picture.height) == seen.size


@pytest.mark.parametrize("name", SAVE)
def test_a_large_photo_is_decoded_smaller_and_keeps_its_size(tmp_path, name):
    path = saved(scene(2403, 1801), tmp_path / f"a.{name}")
    picture = open_photo(path, limits=ALL, short=200, long=512)
    assert (picture.width, picture.height) == (2403, 1801)
    assert picture.image.size == (601, 451)
    assert difference(picture.image, scene(2403, 1801).reduce(4)) <= 1 + LOSS.get(name, 0)


@pytest.mark.parametrize("name", SAVE)
def test_of_several_pictures_the_first_is_the_photo(tmp_path, name):
    others = [scene(64, 48, 1), scene(64, 48, 2)]
    path = saved(scene(64, 48), tmp_path / f"a.{name}", save_all=True, append_images=others)
    assert difference(open_photo(path, limits=ALL).image, scene(64, 48)) <= LOSS.get(name, 0)


@pytest.mark.parametrize("name", SAVE)
def test_what_is_transparent_is_white(tmp_path, name):
    seen = corners().convert("RGBA")
    seen.putalpha(Image.new("L", seen.size, 0))
    path = saved(seen, tmp_path / f"a.{name}")
    assert open_photo(path, limits=ALL).image.getcolors() == [(48 * 32, (255, 255, 255))]


@pytest.mark.parametrize("name", SAVE)
def test_the_colour_profile_is_kept_for_the_thumbnail(tmp_path, name):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = saved(corners(), tmp_path / f"a.{name}", icc_profile=profile)
    assert open_photo(path, limits=ALL).icc_profile == profile


def test_colours_of_a_webp_are_near_what_was_saved(tmp_path):
    scene(300, 200).save(tmp_path / "a.webp", quality=95)
    apart = np.asarray(open_photo(tmp_path / "a.webp", limits=ALL).image, np.int16)
    assert np.abs(apart - np.asarray(scene(300, 200), np.int16)).mean() < 2


def gray16() -> Image.Image:
    return Image.fromarray(np.asarray(scene(300, 200).convert("L")).astype(np.uint16) * 257)


@pytest.mark.parametrize(
    ("made", "most"),
    [
        (scene(300, 200).convert("L"), 0), (gray16(), 0), (scene(300, 200).convert("CMYK"), 0),
        (scene(300, 200).convert("YCbCr"), 4), (scene(300, 200).quantize(256), 0),
        (Image.fromarray(np.asarray(scene(300, 200).convert("L"), np.float32) / 255), 1),
    ],
    ids=["gray", "16 bit", "CMYK", "YCbCr", "palette", "float"],
)  # fmt: skip
def test_a_tiff_of_any_mode_has_the_colours_that_were_saved(tmp_path, made, most):
    made.save(tmp_path / "a.tif")
    expected = scene(300, 200) if len(made.getbands()) > 1 else made.convert("RGB")
    if made.mode not in ("CMYK", "YCbCr", "P"):
        expected = scene(300, 200).convert("L").convert("RGB")
    found = open_photo(tmp_path / "a.tif", limits=ALL).image
    assert difference(found, expected) <= most


def test_a_tiff_in_lab_has_its_colours(tmp_path):
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    muted = Image.blend(scene(90, 60), Image.new("RGB", (90, 60), (128, 128, 128)), 0.5)
    ImageCms.profileToProfile(muted, srgb, lab, outputMode="LAB").save(tmp_path / "a.tif")
    assert difference(open_photo(tmp_path / "a.tif", limits=ALL).image, muted) <= 8


def tiff(tags: dict[int, tuple[int, bytes]], pixels: bytes = b"", chain: bytes = b"") -> bytes:
    """Return a TIFF of these tags (kind, value of 4 bytes at most), pixels and more directories."""
    where = 324 if 322 in tags else 273  # of tiles or strips
    after = 8 + 2 + 12 * (len(tags) + 1) + 4
    tags = tags | {where: (4, struct.pack("<I", after))}
    entries = b"".join(
        struct.pack("<HHI", tag, kind, 1) + value.ljust(4, b"\0")
        for tag, (kind, value) in sorted(tags.items())
    )
    follows = struct.pack("<I", after + len(pixels) if chain else 0)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + follows + pixels + chain


def short(value: int) -> tuple[int, bytes]:
    return 3, struct.pack("<H", value)


def long(value: int) -> tuple[int, bytes]:
    return 4, struct.pack("<I", value)


def gray_tiff(wide: int, high: int, *, sixteen: bool = False, **more: object) -> bytes:
    """Return a TIFF of one strip, compressed with deflate."""
    pixels = zlib.compress(bytes(range(256)) * -(-wide * high * (1 + sixteen) // 256))
    tags = {
        256: long(wide), 257: long(high), 258: short(16 if sixteen else 8), 259: short(8),
        262: short(1), 277: short(1), 278: long(high), 279: long(len(pixels)),
    }  # fmt: skip
    return tiff(tags, pixels, **more)


def opened(data: bytes, name: str = "a.tif", **options: object) -> Picture:
    return decode(io.BytesIO(data), name, limits=ALL, **options)


def test_a_tiff_made_by_hand_is_read():
    assert opened(gray_tiff(16, 16)).image.getpixel((3, 1)) == (19, 19, 19)
    assert opened(gray_tiff(16, 8, sixteen=True)).image.getpixel((3, 0)) == (7, 7, 7)


# Limits and broken files


@pytest.mark.parametrize("name", SAVE)
def test_pixels_are_counted_before_anything_is_decoded(tmp_path, name):
    path = saved(scene(40, 25), tmp_path / f"a.{name}")
    assert open_photo(path, limits=ALL._replace(max_pixels=1000)).image.size == (40, 25)
    why = reason(path, ALL._replace(max_pixels=999))
    assert why.startswith("has 40 x 25 pixels, more than max_pixels (999)")


def test_a_tile_that_is_larger_than_its_image_counts():
    tags = {
        256: long(10), 257: long(10), 258: short(8), 259: short(8), 262: short(1), 277: short(1),
        322: long(30_000), 323: long(20_000), 325: long(1000),
    }  # fmt: skip
    with pytest.raises(UnreadablePhoto, match="has 30000 x 20000 pixels, more than max_pixels"):
        opened(tiff(tags, zlib.compress(bytes(1000))))


def test_a_chain_of_millions_of_directories_is_not_followed():
    at = len(gray_tiff(16, 16))
    links = (
        struct.pack("<HHHIII", 1, 256, 4, 1, 1, at + 18 * (number + 1))
        for number in range(1_000_000)
    )
    began = time.process_time()
    assert opened(gray_tiff(16, 16, chain=b"".join(links))).image.size == (16, 16)
    assert time.process_time() - began < 20


def test_the_budget_is_asked_for_what_a_decoder_holds(tmp_path):
    asked = []

    class Budget:
        def of(self, pixels: int) -> contextlib.AbstractContextManager[None]:
            asked.append(pixels)
            return contextlib.nullcontext()

    for name in ("tiff", "webp"):
        data = io.BytesIO(saved(scene(64, 48), tmp_path / f"a.{name}").read_bytes())
        decode(data, f"a.{name}", limits=ALL, budget=Budget())
    assert asked == [64 * 48, 2 * 64 * 48]


@pytest.mark.parametrize("name", SAVE)
def test_a_file_that_its_plug_in_would_hold_is_not_read_beyond_256_mib(tmp_path, name):
    path = saved(corners(), tmp_path / f"a.{name}")
    with path.open("ab") as file:
        file.truncate(300 * 2**20)
    if name == "tiff":  # libtiff reads what it needs from the disk
        assert open_photo(path, limits=ALL).image.size == corners().size
    else:
        assert reason(path) == "has 314,572,800 bytes; 268,435,456 are the most"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("webp", "is broken or cut short: could not create decoder object"),
        ("tiff", "is broken or cut short: image file is truncated"),
        ("heic", "is broken or cut short: Invalid input: Unexpected end of file"),
    ],
)
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_a_photo_that_is_cut_short_is_named(tmp_path, name, why, part):
    path = saved(scene(300, 200), tmp_path / f"a.{name}")
    os.truncate(path, int(path.stat().st_size * part))
    assert reason(path).startswith(why)


def test_a_tiff_without_its_directory_or_of_a_rare_kind_is_named(tmp_path):
    saved(scene(300, 200), tmp_path / "a.tif", compression="tiff_lzw")
    os.truncate(tmp_path / "a.tif", 1000)
    assert reason(tmp_path / "a.tif").startswith("is broken")
    tags = {256: long(4), 257: long(4), 258: short(13), 262: short(1), 277: short(1)}
    (tmp_path / "b.tif").write_bytes(tiff(tags, bytes(64)))
    rare = "is broken, or a TIFF of a rare kind that cannot be read"
    assert reason(tmp_path / "b.tif") == rare


def test_a_heic_whose_pixels_are_more_than_it_says_is_not_decoded(tmp_path):
    path = saved(scene(2000, 1500), tmp_path / "a.heic")
    data = bytearray(path.read_bytes())
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", 10, 10)
    path.write_bytes(data)
    began = time.process_time()
    assert reason(path).startswith(
        "is broken or cut short: Memory allocation error: Security limit"
    )
    assert time.process_time() - began < 1


def test_a_heic_of_10_bit_has_its_colours(tmp_path):
    values = np.asarray(scene(300, 200)).astype(np.uint16) * 257
    made = pillow_heif.from_bytes("RGB;16", (300, 200), values.tobytes())
    made.save(tmp_path / "a.heic", quality=95)
    apart = np.asarray(open_photo(tmp_path / "a.heic", limits=ALL).image, np.int16)
    assert np.abs(apart - np.asarray(scene(300, 200), np.int16)).mean() < 2


@pytest.mark.parametrize("broken", ["its end", "its samples"])
def test_nothing_is_printed_of_a_broken_tiff(tmp_path, broken):
    """Neither by libtiff, past Python, nor by Pillow, which logs what is odd."""
    data = gray_tiff(64, 64)
    if broken == "its end":
        data = data[:-30] + bytes(30)
    else:
        one, many = (struct.pack("<HHIH", 277, 3, 1, samples) for samples in (1, 34564))
        data = data.replace(one, many)
    (tmp_path / "a.tif").write_bytes(data)
    code = (
        "import sys; from phototagger.imaging.decode import open_photo\n"
        "from phototagger.imaging.limits import Limits\n"
        "try: open_photo(sys.argv[1], limits=Limits(formats=('tiff',)))\n"
        "except Exception as error: print(error.reason)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a.tif"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("is broken")
    assert done.stderr == ""


@functools.cache
def small(name: str) -> bytes:
    out = io.BytesIO()
    scene(64, 48).save(out, FORMATS[name].pillow)
    return out.getvalue()


@given(st.sampled_from(sorted(SAVE)), st.data())
def test_any_damage_gives_a_picture_or_a_reason(name, data):
    whole = small(name)
    spoiled = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8))):
        spoiled[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(whole)))
    with contextlib.suppress(UnreadablePhoto):
        assert opened(bytes(spoiled[:cut]), f"a.{name}", short=4).image.mode == "RGB"


# When


@pytest.mark.parametrize("name", SAVE)
def test_when_a_photo_was_taken_is_read(tmp_path, name):
    exif = Image.Exif()
    exif[0x0132] = "2024:05:06 07:08:09"
    path = saved(corners(), tmp_path / f"a.{name}", exif=exif)
    assert str(taken_at(path, tuple(FORMATS))) == "2024-05-06 07:08:09"
    assert taken_at(path, USUAL) is None


# What is loaded


def test_what_reads_other_formats_is_not_loaded_to_read_a_jpeg(tmp_path):
    corners().save(tmp_path / "a.jpg")
    code = (
        "import sys; from phototagger.imaging.decode import open_photo\n"
        "open_photo(sys.argv[1])\n"
        "print(sorted({'rawpy', 'pillow_heif', 'PIL.WebPImagePlugin'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a.jpg"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"

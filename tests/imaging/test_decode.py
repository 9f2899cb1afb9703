"""Bytes → upright RGB pixels, or a reason that a person understands."""

import contextlib
import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps, JpegImagePlugin, PngImagePlugin

from phototagger.errors import UnreadablePhoto
from phototagger.imaging.decode import decode, open_photo
from phototagger.imaging.limits import Limits
from tests.imaging.pictures import (
    corners,
    difference,
    png,
    png_header,
    save_turned,
    scene,
)
from tests.shared import shared_data

# What Pillow says of EXIF blocks that it cannot read to the end.
broken_exif = pytest.mark.filterwarnings(
    "ignore:.*EXIF data:UserWarning:PIL",
    "ignore:Tag data larger than file:UserWarning:PIL",
    "ignore:Metadata Warning:UserWarning:PIL",
)
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def reason(path: Path, **options: int) -> str:
    with pytest.raises(UnreadablePhoto) as caught:
        open_photo(path, **options)
    assert caught.value.path == str(path)
    assert str(caught.value.reason).isprintable()
    return str(caught.value.reason)


def pixel(path: Path, x: int = 0, y: int = 0) -> tuple[int, ...]:
    image = open_photo(path).image
    assert image.mode == "RGB"
    return tuple(np.asarray(image)[y, x].tolist())


# Upright


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_as_its_exif_says(tmp_path: Path, orientation: int) -> None:
    save_turned(corners(), orientation, tmp_path / "a.png")
    save_turned(corners(), orientation, tmp_path / "a.jpg")
    for name, tolerance in (("a.png", 0), ("a.jpg", 6)):
        picture = open_photo(tmp_path / name)
        assert (picture.width, picture.height) == picture.image.size == (48, 32)
        assert difference(picture.image, corners()) <= tolerance


@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
def test_a_photo_decoded_smaller_is_turned_as_well(tmp_path: Path, orientation: int) -> None:
    save_turned(corners(480, 320), orientation, tmp_path / "a.jpg")
    picture = open_photo(tmp_path / "a.jpg", short=80)
    assert (picture.width, picture.height) == (480, 320)
    assert difference(picture.image, corners(120, 80)) <= 6


@pytest.mark.parametrize("orientation", [0, 9, 42, 65535])
def test_an_orientation_that_does_not_exist_turns_nothing(tmp_path: Path, orientation: int) -> None:
    save_turned(corners(), orientation, tmp_path / "a.png")
    assert difference(open_photo(tmp_path / "a.png").image, corners()) == 0


CORRUPT = {
    "no TIFF": b"Exif\0\0XX*\0\x08\0\0\0",
    "cut short": b"Exif\0\0II*\0\x08\0\0\0\x05\0",
    "far away": b"Exif\0\0II*\0\xff\xff\xff\x7f",
    "no header": b"Exif\0\0",
    "endless": b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x08\0\0\0\x08",
    "wrong type": b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\x04\0\0\0abc\0\0\0\0\0",
    "values elsewhere": b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0" + b"\xff\xff\xff\x7f" * 2,
}


@broken_exif
@pytest.mark.parametrize("exif", CORRUPT.values(), ids=CORRUPT.keys())
def test_a_corrupt_exif_block_spoils_nothing(tmp_path: Path, exif: bytes) -> None:
    corners().save(tmp_path / "a.jpg", exif=exif, quality=95, subsampling=0)
    corners().save(tmp_path / "a.png", exif=exif)
    assert difference(open_photo(tmp_path / "a.jpg").image, corners()) <= 6
    assert difference(open_photo(tmp_path / "a.png").image, corners()) == 0


def test_what_pillow_says_of_a_corrupt_exif_block_is_not_printed(tmp_path: Path) -> None:
    corners().save(tmp_path / "a.jpg", exif=CORRUPT["cut short"])
    code = "import sys; from phototagger.imaging.decode import open_photo; open_photo(sys.argv[1])"
    command = [sys.executable, "-c", code, str(tmp_path / "a.jpg")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


@broken_exif
@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda rest: b"II*\0\x08\0\0\0" + rest))
def test_any_exif_block_gives_the_photo(exif: bytes) -> None:
    out = io.BytesIO()
    corners(8, 8).save(out, "PNG", exif=b"Exif\0\0" + exif)
    assert decode(out, "a.png").image.size == (8, 8)


# Colours


def test_alpha_is_put_on_white(tmp_path: Path) -> None:
    made = Image.new("RGBA", (3, 1), (*BLACK, 0))
    made.putpixel((1, 0), (200, 100, 0, 128))
    made.putpixel((2, 0), (200, 100, 0, 255))
    made.save(tmp_path / "a.png")
    assert pixel(tmp_path / "a.png", 0) == WHITE
    assert pixel(tmp_path / "a.png", 1) == (227, 177, 127)
    assert pixel(tmp_path / "a.png", 2) == (200, 100, 0)


def test_gray_with_alpha_is_put_on_white(tmp_path: Path) -> None:
    made = Image.new("LA", (2, 1), (0, 0))
    made.putpixel((1, 0), (40, 255))
    made.save(tmp_path / "a.png")
    assert [pixel(tmp_path / "a.png", x) for x in (0, 1)] == [WHITE, (40, 40, 40)]


@pytest.mark.parametrize("transparency", [0, b"\0\xff"])
def test_a_palette_with_transparency_is_put_on_white(
    tmp_path: Path, transparency: int | bytes
) -> None:
    made = Image.new("P", (2, 1), 0)
    made.putpalette([10, 20, 30, 40, 50, 60])
    made.putpixel((1, 0), 1)
    made.save(tmp_path / "a.png", transparency=transparency)
    made.save(tmp_path / "b.png")
    assert [pixel(tmp_path / "a.png", x) for x in (0, 1)] == [WHITE, (40, 50, 60)]
    assert [pixel(tmp_path / "b.png", x) for x in (0, 1)] == [(10, 20, 30), (40, 50, 60)]


def test_one_transparent_colour_is_put_on_white(tmp_path: Path) -> None:
    made = Image.new("RGB", (2, 1), (1, 2, 3))
    made.putpixel((1, 0), (4, 5, 6))
    made.save(tmp_path / "a.png", transparency=(1, 2, 3))
    assert [pixel(tmp_path / "a.png", x) for x in (0, 1)] == [WHITE, (4, 5, 6)]
    made = Image.new("L", (2, 1), 7)
    made.putpixel((1, 0), 9)
    made.save(tmp_path / "b.png", transparency=7)
    assert [pixel(tmp_path / "b.png", x) for x in (0, 1)] == [WHITE, (9, 9, 9)]


def test_16_bit_gray_is_scaled(tmp_path: Path) -> None:
    values = np.array([[0, 255, 256, 32768, 65535]], dtype=np.uint16)
    Image.fromarray(values).save(tmp_path / "a.png")
    found = [pixel(tmp_path / "a.png", x)[0] for x in range(5)]
    assert found == [0, 0, 1, 128, 255]


def test_16_bit_gray_with_one_transparent_value_is_put_on_white(tmp_path: Path) -> None:
    line = struct.pack(">BHH", 0, 1000, 30000)
    (tmp_path / "a.png").write_bytes(
        png(png_header(2, 1, 16, 0), (b"tRNS", struct.pack(">H", 1000)),
            (b"IDAT", zlib.compress(line)))
    )  # fmt: skip
    assert [pixel(tmp_path / "a.png", x) for x in (0, 1)] == [WHITE, (117, 117, 117)]


@pytest.mark.parametrize("channels", [3, 4])
def test_16_bit_colours_are_scaled(tmp_path: Path, channels: int) -> None:
    line = b"\0" + struct.pack(f">{channels}H", 65535, 32768, 256, *[65535][: channels - 3])
    header = png_header(1, 1, 16, 2 if channels == 3 else 6)
    (tmp_path / "a.png").write_bytes(png(header, (b"IDAT", zlib.compress(line))))
    assert pixel(tmp_path / "a.png") == (255, 128, 1)


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "a.jpg", quality=95)
    red, green, blue = pixel(tmp_path / "a.jpg")
    assert red >= 250
    assert max(green, blue) <= 5


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_gray_becomes_rgb(tmp_path: Path, name: str) -> None:
    Image.new("L", (16, 16), 90).save(tmp_path / name)
    assert pixel(tmp_path / name) == (90, 90, 90)


def test_one_bit_becomes_black_and_white(tmp_path: Path) -> None:
    made = Image.new("1", (2, 1), 0)
    made.putpixel((1, 0), 1)
    made.save(tmp_path / "a.png")
    assert [pixel(tmp_path / "a.png", x) for x in (0, 1)] == [BLACK, WHITE]


def test_of_an_animation_the_first_frame_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((250, 0, 0), (0, 250, 0))]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:], duration=100)
    assert pixel(tmp_path / "a.png") == (250, 0, 0)


def test_of_two_pictures_in_a_jpeg_the_first_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ((250, 0, 0), (0, 250, 0))]
    frames[0].save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=frames[1:])
    red, green, _ = pixel(tmp_path / "a.jpg")
    assert red >= 245
    assert green <= 5


def test_the_extension_does_not_matter_between_jpeg_and_png(tmp_path: Path) -> None:
    corners().save(tmp_path / "a.jpg", "PNG")
    corners().save(tmp_path / "a.png", "JPEG", quality=95, subsampling=0)
    assert difference(open_photo(tmp_path / "a.jpg").image, corners()) == 0
    assert difference(open_photo(tmp_path / "a.png").image, corners()) <= 6


@pytest.mark.parametrize(
    ("mode", "kept"),
    [("RGB", True), ("RGBA", True), ("P", True), ("L", False), ("CMYK", False), ("LA", False)],
)
def test_the_profile_is_kept_where_it_describes_the_rgb_pixels(
    tmp_path: Path, mode: str, kept: bool
) -> None:
    name = "a.jpg" if mode == "CMYK" else "a.png"
    corners().convert("L" if mode == "LA" else mode).convert(mode).save(
        tmp_path / name, icc_profile=b"a profile"
    )
    assert open_photo(tmp_path / name).icc_profile == (b"a profile" if kept else None)


# What is no photo


OTHERS = {
    "gif": ("GIF", "holds a GIF image, not JPEG or PNG"),
    "bmp": ("BMP", "holds a BMP image, not JPEG or PNG"),
    "tiff": ("TIFF", "holds a TIFF or raw image, not JPEG or PNG"),
    "webp": ("WEBP", "holds a WEBP image, not JPEG or PNG"),
}


@pytest.mark.parametrize(("kind", "why"), OTHERS.values(), ids=OTHERS.keys())
def test_another_kind_of_image_is_named(tmp_path: Path, kind: str, why: str) -> None:
    corners().save(tmp_path / "a.jpg", kind)
    assert reason(tmp_path / "a.jpg") == why


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0", "holds a HEIC image, not JPEG or PNG"),
        (b"MM\0*\0\0\0\x08", "holds a TIFF or raw image, not JPEG or PNG"),
        (b"%PDF-1.7\n", "holds a PDF document, not JPEG or PNG"),
        (b"PK\3\4rest", "holds a ZIP archive, not JPEG or PNG"),
        (b"<html>404</html>", "holds a web page (HTML), not JPEG or PNG"),
        (b"x", "is not an image that can be recognised"),
        (b"\0" * 5000, "is not an image that can be recognised"),
        (b"\xff\xd8\xff", "is broken: its header cannot be read"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "is broken or cut short: Truncated File Read"),
        (b"\x89PNG\r\n\x1a\n", "is broken: its header cannot be read"),
        (b"", "is an empty file"),
    ],
)
def test_what_cannot_be_read_has_a_reason(tmp_path: Path, data: bytes, why: str) -> None:
    (tmp_path / "a.jpg").write_bytes(data)
    assert reason(tmp_path / "a.jpg") == why


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_cut_short_is_told(tmp_path: Path, name: str, share: float) -> None:
    scene(300, 200).save(tmp_path / name)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(len(data) * share)])
    assert reason(tmp_path / name).startswith("is broken or cut short: ")


def test_a_png_with_a_wrong_checksum_is_told(tmp_path: Path) -> None:
    scene(50, 40).save(tmp_path / "a.png")
    data = bytearray((tmp_path / "a.png").read_bytes())
    data[-20] ^= 0xFF
    (tmp_path / "a.png").write_bytes(data)
    assert reason(tmp_path / "a.png").startswith("is broken or cut short: ")


@pytest.mark.parametrize("size", [(0, 5), (5, 0)])
def test_a_photo_without_a_pixel_is_told(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "a.png").write_bytes(png(png_header(*size), (b"IDAT", zlib.compress(b""))))
    assert reason(tmp_path / "a.png").startswith("is broken")


def test_a_file_that_is_gone_or_a_pipe_is_told(tmp_path: Path) -> None:
    assert reason(tmp_path / "gone.jpg") == "cannot be read: No such file or directory"
    os.mkfifo(tmp_path / "pipe.jpg")
    assert reason(tmp_path / "pipe.jpg") == "is not a regular file"


def test_too_little_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corners().save(tmp_path / "a.png")

    def load(_: Image.Image) -> None:
        raise MemoryError

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", load)
    assert reason(tmp_path / "a.png").startswith("needs more memory than there is; end")


@given(st.data())
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_flipped_bytes_give_a_picture_or_a_reason(data: st.DataObject) -> None:
    out = io.BytesIO()
    corners(32, 24).save(out, data.draw(st.sampled_from(["JPEG", "PNG"])))
    spoiled = bytearray(out.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        spoiled[data.draw(st.integers(0, len(spoiled) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadablePhoto):
        picture = decode(io.BytesIO(spoiled), "a.jpg", short=4)
        assert picture.image.mode == "RGB"


# Limits


def test_pixels_are_counted_before_anything_is_decoded(tmp_path: Path) -> None:
    bomb = tmp_path / "a.png"
    bomb.write_bytes(png(png_header(60_000, 60_000), (b"IDAT", zlib.compress(b""))))
    assert bomb.stat().st_size < 100
    assert reason(bomb) == (
        "has 60000 x 60000 pixels, more than max_pixels (100,000,000); raise that setting to use it"
    )
    assert reason(bomb) == str(Limits().refusal(60_000, 60_000, 1))


def test_max_pixels_is_the_last_number_that_is_opened(tmp_path: Path) -> None:
    corners(40, 25).save(tmp_path / "a.png")
    assert open_photo(tmp_path / "a.png", limits=Limits(1000)).image.size == (40, 25)
    assert reason(tmp_path / "a.png", limits=Limits(999)).startswith("has 40 x 25 pixels")


def test_a_million_rows_are_the_most(tmp_path: Path) -> None:
    for name, rows in (("a.png", 1_000_000), ("b.png", 1_000_001)):
        pixels = zlib.compress(b"\0\x55" * rows)
        (tmp_path / name).write_bytes(png(png_header(1, rows, 8, 0), (b"IDAT", pixels)))
    assert open_photo(tmp_path / "a.png", long=512).height == 1_000_000
    assert reason(tmp_path / "b.png") == "has 1,000,001 rows of 1 pixels; 1,000,000 are the most"


def many_scans(scans: int, size: tuple[int, int] = (64, 48)) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    out = io.BytesIO()
    Image.new("L", size, 77).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    once = data.count(b"\xff\xda")
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * (scans - once) + data[-2:]


def test_the_scans_of_a_jpeg_are_counted_before_anything_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jpg").write_bytes(many_scans(8000, (2000, 1500)))
    assert (tmp_path / "a.jpg").stat().st_size < 300_000
    with monkeypatch.context() as patched:
        patched.delattr(JpegImagePlugin.JpegImageFile, "load_read")
        assert reason(tmp_path / "a.jpg") == (
            "is a JPEG of 8000 scans of 2000 x 1500 pixels, which take minutes to decode; "
            "save it anew to use it, or raise max_pixels (100,000,000)"
        )


def test_100_scans_of_a_quarter_of_max_pixels_are_the_most(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(many_scans(100))
    (tmp_path / "b.jpg").write_bytes(many_scans(101))
    assert open_photo(tmp_path / "a.jpg", limits=Limits(4 * 64 * 48)).image.size == (64, 48)
    assert "101 scans" in reason(tmp_path / "b.jpg", limits=Limits(4 * 64 * 48))
    assert open_photo(tmp_path / "b.jpg").image.size == (64, 48)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff\xfe\0\2" * 2_000_000,
        b"\xff\xd8\xff\xe0" + b"junk" * 4_000_000,
        png(*[(b"tEXt", b"a\0b")] * 1_000_000),
    ],
    ids=["segments", "junk", "chunks"],
)
def test_a_header_of_millions_of_parts_is_not_read_to_its_end(data: bytes) -> None:
    source = io.BytesIO(data)
    with pytest.raises(UnreadablePhoto, match="it has too many parts"):
        decode(source, "a.jpg")


def test_a_photo_beyond_pillow_s_own_limit_is_opened(tmp_path: Path) -> None:
    wide, high = 20_000, 10_000
    rows = zlib.compress(bytes(high * (1 + wide // 8)), 1)
    (tmp_path / "a.png").write_bytes(png(png_header(wide, high, 1, 0), (b"IDAT", rows)))
    picture = open_photo(tmp_path / "a.png", long=512, limits=Limits(200_000_000))
    assert (picture.width, picture.height) == (wide, high)
    assert picture.image.size == (2500, 1250)


@pytest.mark.parametrize(
    ("name", "progressive", "scans", "held"),
    [
        ("a.jpg", False, 1, 16 * 8),
        ("a.jpg", False, 3, 64 * 32),  # all coefficients
        ("a.jpg", True, 1, 64 * 32),
        ("a.png", False, 1, 64 * 32),
    ],
)
def test_the_budget_is_asked_for_what_a_decode_really_holds(
    tmp_path: Path, name: str, progressive: bool, scans: int, held: int
) -> None:
    scene(64, 32).save(tmp_path / name, progressive=progressive)
    asked = []

    class Budget:
        @contextlib.contextmanager
        def of(self, pixels: int) -> Iterator[None]:
            asked.append(pixels)
            yield
            asked.append(-pixels)

    with (tmp_path / name).open("rb") as file:
        decode(file, name, short=8, scans=scans, budget=Budget())
    assert asked == [held, -held]


def test_a_long_file_is_decoded_from_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phototagger.imaging.photo_file._IN_MEMORY", 0)
    scene(300, 200).save(tmp_path / "a.png")
    assert difference(open_photo(tmp_path / "a.png").image, scene(300, 200)) == 0
    (tmp_path / "b.jpg").write_bytes(b"GIF89a")
    assert reason(tmp_path / "b.jpg") == "holds a GIF image, not JPEG or PNG"


# Decoding smaller


@pytest.mark.parametrize(
    ("size", "short", "long", "decoded"),
    [
        ((1600, 1200), 0, 0, (1600, 1200)),
        ((1600, 1200), 601, 0, (1600, 1200)),
        ((1600, 1200), 600, 0, (800, 600)),
        ((1600, 1200), 448, 0, (800, 600)),
        ((1600, 1200), 300, 0, (400, 300)),
        ((1600, 1200), 150, 0, (200, 150)),
        ((1600, 1200), 1, 0, (200, 150)),
        ((1600, 1200), 0, 512, (800, 600)),
        ((1600, 1200), 0, 400, (400, 300)),
        ((1600, 1200), 150, 512, (800, 600)),
        ((1600, 1200), 448, 200, (800, 600)),
        ((1201, 1603), 300, 0, (301, 401)),
        ((1199, 1603), 300, 0, (600, 802)),
        ((3000, 10), 0, 300, (375, 2)),
        ((10, 3000), 0, 300, (2, 375)),
        ((3000, 5), 0, 300, (750, 2)),
        ((3000, 1), 0, 300, (3000, 1)),
        ((3000, 5), 2, 300, (1500, 3)),
        ((3, 3), 1, 0, (2, 2)),
        ((1, 1), 0, 1, (1, 1)),
    ],
)
def test_a_jpeg_is_decoded_smaller_while_enough_pixels_remain(
    tmp_path: Path, size: tuple[int, int], short: int, long: int, decoded: tuple[int, int]
) -> None:
    Image.new("RGB", size, (90, 120, 30)).save(tmp_path / "a.jpg")
    picture = open_photo(tmp_path / "a.jpg", short=short, long=long)
    assert picture.image.size == decoded
    assert (picture.width, picture.height) == size


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_decoded_smaller_is_the_same_picture(tmp_path: Path, progressive: bool) -> None:
    scene(1201, 903).save(tmp_path / "a.jpg", quality=95, progressive=progressive)
    whole = open_photo(tmp_path / "a.jpg").image
    half = open_photo(tmp_path / "a.jpg", short=448).image
    assert half.size == (601, 452)
    apart = ImageChops.difference(half.crop((0, 0, 600, 451)), whole.reduce(2, (0, 0, 1200, 902)))
    assert np.asarray(apart).mean() < 0.5
    assert np.percentile(np.asarray(apart), 99.9) <= 12


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "I;16", "P"])
def test_a_large_png_shrunk_in_strips_equals_the_whole_one(tmp_path: Path, mode: str) -> None:
    made = scene(3001, 2003)
    if mode == "RGBA":
        made.putalpha(scene(3001, 2003, 1).getchannel("R"))
    elif mode == "I;16":
        made = Image.fromarray(np.asarray(made.convert("L")).astype(np.uint16) * 257)
    else:
        made = made.convert(mode)
    made.save(tmp_path / "a.png", compress_level=1)
    picture = open_photo(tmp_path / "a.png", long=512)
    assert (picture.width, picture.height) == (3001, 2003)
    assert picture.image.size == (751, 501)
    assert difference(picture.image, open_photo(tmp_path / "a.png").image.reduce(4)) <= 1


def test_a_large_png_of_an_extreme_shape_is_shrunk(tmp_path: Path) -> None:
    wide, high = 5_000_000, 2
    rows = zlib.compress((b"\0" + b"\x55" * wide) * high, 1)
    (tmp_path / "a.png").write_bytes(png(png_header(wide, high, 8, 0), (b"IDAT", rows)))
    picture = open_photo(tmp_path / "a.png", long=512)
    assert picture.image.size == (625_000, 1)
    assert picture.image.getpixel((624_999, 0)) == (0x55,) * 3


# Everything at once


@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore:.*EXIF data:UserWarning")
def test_every_broken_file_gives_a_picture_or_a_reason() -> None:
    pictures, reasons = 0, {}
    for path in sorted((shared_data() / "broken").rglob("*")):
        if not path.is_file():
            continue
        try:
            picture = open_photo(path, short=448, long=512)
        except UnreadablePhoto as error:
            reasons[path.name] = str(error.reason)
        else:
            pictures += 1
            assert picture.image.mode == "RGB", path
            assert min(picture.image.size) >= 1, path
    assert pictures > 300
    assert [name for name, why in reasons.items() if not why.isprintable()] == []
    assert reasons["bomb_60000x60000_header.png"].startswith("has 60000 x 60000 pixels")
    assert reasons["empty.jpg"] == reasons["empty.png"] == "is an empty file"
    assert reasons["webp_as.jpg"] == "holds a WEBP image, not JPEG or PNG"
    assert reasons["html_as.png"] == "holds a web page (HTML), not JPEG or PNG"


def test_the_shared_photos_of_each_orientation_are_turned_as_pillow_turns_them() -> None:
    for path in sorted((shared_data() / "broken/made").glob("orient_*.jpg")):
        with Image.open(path) as image:
            assert difference(open_photo(path).image, ImageOps.exif_transpose(image)) == 0


@pytest.mark.parametrize(
    ("orientation", "box"),
    [
        (1, (0, 0, 30.25, 20.75)), (2, (0.75, 0, 31, 20.75)), (3, (0.75, 0.25, 31, 21)),
        (4, (0, 0.25, 30.25, 21)), (5, (0, 0, 30.25, 20.75)), (6, (0.75, 0, 31, 20.75)),
        (7, (0.75, 0.25, 31, 21)), (8, (0, 0.25, 30.25, 21)),
    ],
)  # fmt: skip
def test_a_photo_decoded_smaller_says_which_part_of_the_image_it_fills(
    tmp_path: Path, orientation: int, box: tuple[float, ...]
) -> None:
    save_turned(scene(121, 83), orientation, tmp_path / "a.jpg")
    picture = open_photo(tmp_path / "a.jpg", short=20)
    assert picture.image.size == (31, 21)
    assert picture.box == box
    assert open_photo(tmp_path / "a.jpg").box == (0, 0, 121, 83)

"""The picture apart from what is said about it: any edit of metadata keeps it, any pixel counts."""

import io
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from phototagger.imaging import picture_data as walker
from phototagger.imaging.picture_data import PictureData, picture_data
from tests.imaging.pictures import ADOBE_RGB, corners, png, png_header, profile, scene
from tests.shared import SAMPLES, shared_data

XMP = b"http://ns.adobe.com/xap/1.0/\0"


def of(data: bytes) -> PictureData:
    return picture_data(io.BytesIO(data))


def of_file(path: Path) -> PictureData:
    with path.open("rb") as file:
        return picture_data(file)


def jpeg(image: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90, **options)
    return file.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def with_thumbnail(thumbnail: bytes) -> bytes:
    """Return an Exif segment of nothing but a thumbnail (CIPA DC-008, 4.6.3)."""
    first = struct.pack("<HI", 0, 14)
    second = struct.pack("<H", 2)
    for tag, value in ((0x0201, 44), (0x0202, len(thumbnail))):
        second += struct.pack("<HHII", tag, 4, 1, value)
    return segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + first + second + bytes(4) + thumbnail)


EDITS = {
    "a rating": ["-XMP:Rating=4", "-EXIF:Rating=4"],
    "keywords": ["-XMP-dc:Subject=dog", "-IPTC:Keywords=dog", "-IPTC:Caption-Abstract=a dog"],
    "an orientation": ["-n", "-EXIF:Orientation=6"],
    "a comment": ["-Comment=" + "text " * 20000],
    "a long description": ["-XMP-dc:Description=" + "x" * 90000],
    "a place and a time": ["-GPSLatitude=48", "-GPSLatitudeRef=N", "-AllDates=2020:01:01 10:00:00"],
    "no thumbnail": ["-IFD1:all="],
    "no profile": ["-ICC_Profile:all="],
    "nothing but the picture": ["-all="],
    "no trailer": ["-Trailer:all="],
    "the time of change kept": ["-P", "-XMP:Rating=3"],
    "all of it written anew": ["-all=", "-tagsfromfile", "@", "-all:all", "-unsafe"],
}


@pytest.fixture(scope="module")
def exiftool() -> str:
    found = shutil.which("exiftool")
    if found is None:
        pytest.skip("exiftool is not installed")
    return found


def edited(exiftool: str, edit: list[str], files: list[Path], folder: Path) -> dict[Path, Path]:
    """Return what one exiftool made of each file that it could write."""
    folder.mkdir()
    copies = {}
    for number, path in enumerate(files):
        copies[path] = folder / f"{number}{path.suffix}"
        shutil.copyfile(path, copies[path])
    command = [exiftool, "-config", "", "-m", "-q", "-q", "-overwrite_original", *edit]
    subprocess.run([*command, *map(str, copies.values())], capture_output=True, check=False)
    return {path: copy for path, copy in copies.items() if copy.read_bytes() != path.read_bytes()}


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Photos of every kind that a camera or a program writes."""
    folder = tmp_path_factory.mktemp("photos")
    exif = Image.Exif()
    exif[0x0112] = 3
    picture, kinds = scene(300, 200), {}
    kinds["plain.jpg"] = jpeg(picture)
    kinds["progressive.jpg"] = jpeg(
        picture, progressive=True, icc_profile=profile(ADOBE_RGB, 2.2, "A")
    )
    kinds["restarts.jpg"] = jpeg(picture, restart_marker_rows=1, exif=exif, comment=b"made")
    kinds["cmyk.jpg"] = jpeg(picture.convert("CMYK"))  # with an APP14
    kinds["grey.jpg"] = jpeg(picture.convert("L"))
    plain = kinds["plain.jpg"]
    kinds["thumbnail.jpg"] = plain[:2] + with_thumbnail(jpeg(corners())) + plain[2:]
    kinds["two.jpg"] = jpeg(picture) + jpeg(corners())
    for name, mode in (("rgb", "RGB"), ("palette", "P"), ("alpha", "RGBA"), ("grey", "L")):
        file = io.BytesIO()
        picture.convert(mode).save(file, "PNG", icc_profile=profile(ADOBE_RGB, 2.2, "A"), exif=exif)
        kinds[f"{name}.png"] = file.getvalue()
    for name, data in kinds.items():
        (folder / name).write_bytes(data)
    shutil.copyfile(next(SAMPLES.rglob("*.jpg")), folder / "sample.jpg")
    return sorted(folder.iterdir())


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_metadata_keeps_the_picture(
    edit: str, exiftool: str, photos: list[Path], tmp_path: Path
) -> None:
    made = edited(exiftool, EDITS[edit], photos, tmp_path / "edited")
    assert made
    for path, copy in made.items():
        assert of_file(copy) == of_file(path), path.name
        assert of_file(copy).digest is not None


def test_real_photos_keep_their_picture_through_every_edit(exiftool: str, tmp_path: Path) -> None:
    data = shared_data()
    folders = [data / "exif", data / "interop", data / "photos"]
    files = [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in {".jpg", ".jpeg", ".png"} and path.stat().st_size < 300_000
    ]
    files = files[:: max(1, len(files) // 60)]
    for number, edit in enumerate(
        ("a rating", "keywords", "nothing but the picture", "no thumbnail")
    ):
        made = edited(exiftool, EDITS[edit], files, tmp_path / str(number))
        assert len(made) > (0 if edit == "no thumbnail" else len(files) // 2)
        differ = [path.name for path, copy in made.items() if of_file(copy) != of_file(path)]
        assert differ == []


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_any_change_of_a_pixel_is_another_picture(data: st.DataObject) -> None:
    picture = scene(24, 16, seed=1)
    place = data.draw(st.tuples(st.integers(0, 23), st.integers(0, 15)))
    channel = data.draw(st.integers(0, 2))
    other = picture.copy()
    colour = list(picture.getpixel(place))
    colour[channel] = (colour[channel] + data.draw(st.integers(30, 226))) % 256
    other.putpixel(place, tuple(colour))
    for options in ({"format": "PNG"}, {"format": "JPEG", "quality": 100, "subsampling": 0}):
        one, two = io.BytesIO(), io.BytesIO()
        picture.save(one, **options)
        other.save(two, **options)
        assert picture_data(one).digest != picture_data(two).digest


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_byte_of_picture_data_counts_and_any_other_does_not(data: st.DataObject) -> None:
    picture = jpeg(scene(32, 32), restart_marker_rows=1, progressive=data.draw(st.booleans()))
    scan = picture.index(b"\xff\xda")
    at = data.draw(st.integers(scan + 14, len(picture) - 3))
    changed = bytearray(picture)
    changed[at] = (changed[at] + data.draw(st.integers(1, 255))) % 256
    assert of(bytes(changed)).digest != of(picture).digest
    note = segment(
        data.draw(st.sampled_from([0xFE, *range(0xE0, 0xEE), 0xEF])), data.draw(st.binary())
    )
    assert of(picture[:2] + note + picture[2:]) == of(picture)
    assert of(picture + data.draw(st.binary())) == of(picture)


def test_what_lies_within_metadata_is_passed_over_by_its_length() -> None:
    picture = jpeg(scene(60, 40))
    thumbnail = segment(0xE1, b"Exif\0\0" + jpeg(corners(), progressive=True))
    assert of(picture[:2] + thumbnail + picture[2:]) == of(picture)


def test_a_metadata_segment_between_scans_is_none_of_the_picture() -> None:
    picture = jpeg(scene(60, 40), progressive=True)
    second = picture.index(b"\xff\xda", picture.index(b"\xff\xda") + 2)
    table = picture.rindex(b"\xff\xc4", 0, second)
    note = segment(0xE1, XMP + b"<x/>")
    assert of(picture[:table] + note + picture[table:]) == of(picture)


def test_scans_are_counted_and_the_frame_is_named() -> None:
    assert of(jpeg(scene(60, 40)))[1:] == (60, 40, 1)
    progressive = jpeg(scene(60, 40), progressive=True)
    assert of(progressive)[1:] == (60, 40, 10)
    scan = progressive[progressive.rindex(b"\xff\xda") : -2]
    assert of(progressive[:-2] + scan * 3000 + b"\xff\xd9").scans == 3010


def test_a_jpeg_without_its_end_is_the_same_picture() -> None:
    picture = jpeg(scene(60, 40))
    assert of(picture[:-2]) == of(picture)


def test_filling_before_a_marker_is_none_of_the_picture() -> None:
    picture = jpeg(scene(60, 40))
    table, end = picture.index(b"\xff\xdb"), len(picture) - 2
    filled = picture[:table] + b"\xff" * 9 + picture[table:end] + b"\xff" * 700 + picture[end:]
    assert of(filled) == of(picture)


def test_adobes_word_on_colours_is_of_the_picture() -> None:
    picture = jpeg(scene(60, 40).convert("CMYK"))
    at = picture.index(b"\xff\xee")
    without = picture[:at] + picture[at + 2 + struct.unpack_from(">H", picture, at + 2)[0] :]
    assert of(without).digest != of(picture).digest


def test_how_a_png_is_cut_into_chunks_means_nothing() -> None:
    stream = zlib.compress(b"".join(b"\0" + bytes(range(3 * n, 3 * n + 12)) for n in range(4)))
    header = png_header(4, 4)
    whole = png(header, (b"IDAT", stream))
    cut = png(header, (b"IDAT", stream[:5]), (b"IDAT", b""), (b"IDAT", stream[5:]))
    assert of(cut) == of(whole)
    assert of(whole)[1:] == (4, 4, 1)
    noted = png(header, (b"tEXt", b"Title\0IDAT"), (b"IDAT", stream), (b"tIME", bytes(7)))
    assert of(noted) == of(whole)
    assert of(whole + b"IDAT and more").digest == of(whole).digest


def test_palette_and_transparency_are_of_the_picture() -> None:
    stream = (b"IDAT", zlib.compress(b"\0\0\1"))
    header, red = png_header(2, 1, colour=3), (b"PLTE", b"\xff\0\0\0\0\0")
    first = of(png(header, red, stream))
    assert of(png(header, (b"PLTE", b"\0\xff\0\0\0\0"), stream)).digest != first.digest
    assert of(png(header, red, (b"tRNS", b"\0"), stream)).digest != first.digest


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\xff\xd8",
        b"\xff\xd8\xff\xd9",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\0\0\0",
        b"GIF89a" + bytes(60),
        b"\xff\xd8\xff\xe1\xff\xff",
        jpeg(corners())[:200],
        png(png_header(2, 1)),
    ],
)
def test_a_file_without_a_picture_has_no_digest(data: bytes) -> None:
    assert of(data).digest is None


@given(st.binary(max_size=300), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_no_bytes_stop_the_walk(data: bytes, head: bytes) -> None:
    found = of(head + data)
    assert found.digest is None or len(found.digest) == 20


@given(st.integers(1, 200))
@settings(max_examples=30, deadline=None)
def test_where_a_block_ends_makes_no_difference(size: int) -> None:
    picture = jpeg(scene(40, 30), progressive=True, restart_marker_rows=1)
    end = len(picture) - 2
    picture = picture[:end] + b"\xff" * 5 + picture[end:] + b"trailer"
    file = io.BytesIO()
    scene(40, 30).save(file, "PNG")
    whole = of(picture), of(file.getvalue())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walker, "_BLOCK", size)
        assert (of(picture), of(file.getvalue())) == whole


def test_endless_filling_and_endless_segments_end() -> None:
    assert of(b"\xff\xd8" + b"\xff" * 3_000_000).digest is None
    assert of(b"\xff\xd8" + b"\xff\xfe\0\2" * 300_000).digest is None

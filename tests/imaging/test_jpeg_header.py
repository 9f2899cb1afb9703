"""A header without a place for keywords is told from every other, or exiftool is asked."""

from __future__ import annotations

import io
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from phototagger.imaging.jpeg_header import HEADER_BYTES, surely_nothing_to_carry
from phototagger.sidecars.seed import VALUES
from tests.shared import shared_data
from tests.sidecar_files import needs_exiftool, sidecar_text

if TYPE_CHECKING:
    from pathlib import Path


def _jpeg(**options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 6)).save(file, "JPEG", **options)
    return file.getvalue()


def _said(tag: int, value: object, *, inner: bool = False) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    (exif.get_ifd(0x8769) if inner else exif)[tag] = value
    return exif.tobytes()


def _exif(tag: int) -> bytes:
    exif = Image.Exif()
    exif[tag] = b"x" if tag > 0x8000 or tag == 0x02BC else "a camera"
    return exif.tobytes()


def test_a_photo_straight_from_a_camera_surely_has_none() -> None:
    assert surely_nothing_to_carry(_jpeg())
    assert surely_nothing_to_carry(
        _jpeg(exif=_exif(0x010F), icc_profile=b"x" * 200, comment=b"hello")
    )
    assert surely_nothing_to_carry(_jpeg(progressive=True, optimize=True))


def test_texts_that_a_camera_leaves_blank_say_nothing() -> None:
    assert surely_nothing_to_carry(_jpeg(exif=_said(0x010E, " " * 31)))
    assert surely_nothing_to_carry(_jpeg(exif=_said(0x013B, "")))
    assert surely_nothing_to_carry(
        _jpeg(exif=_said(0x9286, b"ASCII\0\0\0" + b" \0" * 60, inner=True))
    )
    assert surely_nothing_to_carry(_jpeg(exif=_said(0x9003, "2020:01:02 03:04:05", inner=True)))


def _segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + (len(body) + 2).to_bytes(2, "big") + body


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff\xda\0\2",
        b"\x89PNG\r\n\x1a\n",
        _jpeg(xmp=sidecar_text(["a"]).encode()),
        _jpeg(exif=_exif(0x02BC)),
        _jpeg(exif=_exif(0x83BB)),
        _jpeg(exif=_exif(0x8649)),
        _jpeg(exif=_said(0x010E, "a description")),
        _jpeg(exif=_said(0x013B, "Ann")),
        _jpeg(exif=_said(0x8298, "©")),
        _jpeg(exif=_said(0x4746, 0)),
        _jpeg(exif=_said(0x4749, 75)),
        _jpeg(exif=_said(0x9C9E, b"a\0b\0")),
        _jpeg(exif=_said(0x9286, b"ASCII\0\0\0hello", inner=True)),
        b"\xff\xd8" + _segment(0xED, b"Photoshop 3.0\0") + _jpeg()[2:],
        b"\xff\xd8" + _segment(0xEA, b"unknown") + _jpeg()[2:],
        b"\xff\xd8" + _segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\0") + _jpeg()[2:],
        b"\xff\xd8" + _segment(0xE1, b"Exif\0\0junk") + _jpeg()[2:],
        _jpeg()[:100],
    ],
)
def test_anything_else_is_for_exiftool(data: bytes) -> None:
    assert not surely_nothing_to_carry(data)


@given(st.binary(max_size=300), st.integers(0, 300), st.integers(0, 255))
def test_no_bytes_break_it(data: bytes, at: int, value: int) -> None:
    surely_nothing_to_carry(data)
    broken = bytearray(_jpeg(exif=_exif(0x010F)))
    broken[at] = value
    surely_nothing_to_carry(bytes(broken))


@needs_exiftool
def test_exiftool_finds_nothing_where_there_is_surely_nothing() -> None:
    photos = [p for p in shared_data().rglob("*") if p.suffix.lower() in {".jpg", ".jpeg"}]
    sure = [path for path in photos if surely_nothing_to_carry(_head(path))]
    assert len(sure) > len(photos) / 3
    tags = ["-IPTC:all", "-XMP:all", "-XMP", *(f"-{tag}" for tag in VALUES)]
    said = subprocess.run(
        ["exiftool", "-q", "-a", "-s", "-S", *tags, "-@", "-"],
        input="\n".join(map(str, sure)),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in said.stdout.splitlines() if not line.startswith("====")]
    assert [line for line in lines if line.partition(":")[2].strip()] == []


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEADER_BYTES)

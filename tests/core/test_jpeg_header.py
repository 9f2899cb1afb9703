"""A header without a place for keywords is told from every other, or exiftool is asked."""

from __future__ import annotations

import io
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from phototagger.core.jpeg_header import HEADER_BYTES, surely_no_keywords
from tests.shared import shared_data
from tests.sidecar_files import needs_exiftool, sidecar_text

if TYPE_CHECKING:
    from pathlib import Path


def _jpeg(**options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 6)).save(file, "JPEG", **options)
    return file.getvalue()


def _exif(tag: int) -> bytes:
    exif = Image.Exif()
    exif[tag] = b"x" if tag > 0x8000 or tag == 0x02BC else "a camera"
    return exif.tobytes()


def test_a_photo_straight_from_a_camera_surely_has_none() -> None:
    assert surely_no_keywords(_jpeg())
    assert surely_no_keywords(_jpeg(exif=_exif(0x010F), icc_profile=b"x" * 200, comment=b"hello"))
    assert surely_no_keywords(_jpeg(progressive=True, optimize=True))


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
        b"\xff\xd8" + _segment(0xED, b"Photoshop 3.0\0") + _jpeg()[2:],
        b"\xff\xd8" + _segment(0xEA, b"unknown") + _jpeg()[2:],
        b"\xff\xd8" + _segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\0") + _jpeg()[2:],
        b"\xff\xd8" + _segment(0xE1, b"Exif\0\0junk") + _jpeg()[2:],
        _jpeg()[:100],
    ],
)
def test_anything_else_is_for_exiftool(data: bytes) -> None:
    assert not surely_no_keywords(data)


@given(st.binary(max_size=300), st.integers(0, 300), st.integers(0, 255))
def test_no_bytes_break_it(data: bytes, at: int, value: int) -> None:
    surely_no_keywords(data)
    broken = bytearray(_jpeg(exif=_exif(0x010F)))
    broken[at] = value
    surely_no_keywords(bytes(broken))


@needs_exiftool
def test_exiftool_finds_nothing_where_there_is_surely_nothing() -> None:
    photos = [p for p in shared_data().rglob("*") if p.suffix.lower() in {".jpg", ".jpeg"}]
    sure = [path for path in photos if surely_no_keywords(_head(path))]
    assert len(sure) > len(photos) / 3
    tags = ["-Keywords", "-XMP-dc:Subject", "-XMP-lr:HierarchicalSubject", "-XMP-digiKam:TagsList"]
    said = subprocess.run(
        ["exiftool", "-q", "-a", *tags, "-@", "-"],
        input="\n".join(map(str, sure)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in said.stdout.splitlines() if not line.startswith("====")] == []


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEADER_BYTES)

"""12-megapixel photos made from real ones: enlarged, with a sensor's noise, JPEG quality 90."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (4000, 3000)
_NOISE = 4.0  # of 255: gives files of about 3 MB, as cameras do
_PREVIEW = (160, 120)
_TIFF_HEAD, _NEXT = 8, 4  # bytes before the first directory, and after each: where the next is
_CHECKOUT = Path(__file__).parents[1]


def sources() -> list[Path]:
    """Return real photos: those of ``../shared/data`` where it is, else the samples."""
    shared = sorted((_CHECKOUT / ".." / "shared" / "data" / "photos").rglob("*.jpg"))
    return shared or sorted((_CHECKOUT / "samples").rglob("*.jpg"))


def big_photos(count: int) -> list[bytes]:
    """Return the bytes of so many different photos of 12 megapixels."""
    photos = sources()
    random = np.random.default_rng(12)
    return [_big(photos[number % len(photos)], random) for number in range(count)]


def _big(source: Path, random: np.random.Generator) -> bytes:
    with Image.open(source) as opened:
        image = opened.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
    pixels = np.asarray(image, np.float32)
    grain = random.standard_normal(SIZE[::-1], np.float32)[..., None] * _NOISE
    noisy = Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))
    out = io.BytesIO()
    noisy.save(out, "JPEG", quality=90)
    return out.getvalue()


def small_photos(count: int) -> list[bytes]:
    """Return the bytes of so many different photos of half a megapixel."""
    photos, encoded = sources(), []
    for number in range(count):
        with Image.open(photos[number % len(photos)]) as opened:
            image = opened.convert("RGB").resize((800, 600))
        # Turned where the sources do not suffice.
        out = io.BytesIO()
        image.rotate(number // len(photos)).save(out, "JPEG", quality=85)
        encoded.append(out.getvalue())
    return encoded


def with_preview(photo: bytes, orientation: int = 1, preview: Image.Image | None = None) -> bytes:
    """Return a JPEG with a small picture in its EXIF, as cameras write it (JEITA CP-3451).

    It is that of the photo, where no other is given.
    """
    if preview is None:
        with Image.open(io.BytesIO(photo)) as opened:
            opened.draft("RGB", _PREVIEW)
            preview = opened.resize(_PREVIEW)
    out = io.BytesIO()
    preview.save(out, "JPEG", quality=75)
    first = _directory(((0x0112, 3, orientation),))
    size = _TIFF_HEAD + len(first) + _NEXT
    second = _directory(((0x0103, 3, 6), (0x0201, 4, size + 42), (0x0202, 4, out.tell())))
    head = b"II*\0" + struct.pack("<I", _TIFF_HEAD)
    tiff = head + first + struct.pack("<I", size) + second + bytes(_NEXT)
    block = b"Exif\0\0" + tiff + out.getvalue()
    head = b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
    return photo[:2] + head + photo[2:]


def _directory(entries: tuple[tuple[int, int, int], ...]) -> bytes:
    """Return the entries of a TIFF directory, each of one number."""
    packed = (struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return struct.pack("<H", len(entries)) + b"".join(packed)


def copies(photos: list[bytes], folder: Path, count: int) -> Path:
    """Write so many photos into a folder, each with content of its own; return the folder."""
    folder.mkdir(parents=True)
    for number in range(count):
        data = photos[number % len(photos)]
        # Bytes after the end of a JPEG change its SHA-1 and nothing else.
        (folder / f"{number:05}.jpg").write_bytes(data + number.to_bytes(4, "big"))
    return folder

"""12-megapixel photos made from real ones: enlarged, with a sensor's noise, JPEG quality 90."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (4000, 3000)
_NOISE = 4.0  # of 255: gives files of about 3 MB, as cameras do
_CHECKOUT = Path(__file__).parents[1]


def sources() -> list[Path]:
    """Return real photos: those of ``../shared/data`` where it is, else the samples."""
    shared = sorted((_CHECKOUT / ".." / "shared" / "data" / "photos").rglob("*.jpg"))
    return shared or sorted((_CHECKOUT / "samples").rglob("*.jpg"))


def big_photos(count: int) -> list[bytes]:
    """Return the bytes of so many different photos of 12 megapixels."""
    found = sources()
    random = np.random.default_rng(12)
    return [_big(found[number % len(found)], random) for number in range(count)]


def _big(source: Path, random: np.random.Generator) -> bytes:
    with Image.open(source) as opened:
        image = opened.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
    pixels = np.asarray(image, np.float32)
    grain = random.standard_normal(SIZE[::-1], np.float32)[..., None] * _NOISE
    noisy = Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))
    out = io.BytesIO()
    noisy.save(out, "JPEG", quality=90)
    return out.getvalue()


def copies(photos: list[bytes], folder: Path, count: int) -> Path:
    """Write so many photos into a folder, each with content of its own; return the folder."""
    folder.mkdir(parents=True)
    for number in range(count):
        data = photos[number % len(photos)]
        # Bytes after the end of a JPEG change its SHA-1 and nothing else.
        (folder / f"{number:05}.jpg").write_bytes(data + number.to_bytes(4, "big"))
    return folder

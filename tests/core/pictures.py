"""Pictures for tests."""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

ORIENTATION = 0x0112


def scene(wide: int, high: int, seed: int = 0) -> Image.Image:
    """Return an RGB picture as smooth as a photo, with an edge here and there."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    made = Image.fromarray(coarse).resize((wide, high), Image.Resampling.BICUBIC)
    patch = Image.new("RGB", (max(1, wide // 4), max(1, high // 5)), (240, 60, 20))
    made.paste(patch, (wide // 3, high // 2))
    return made


def corners(wide: int = 48, high: int = 32) -> Image.Image:
    """Return a picture whose four quarters are red, green, blue and white, clockwise."""
    made = Image.new("RGB", (wide, high), (255, 0, 0))
    half = (wide // 2, high // 2)
    made.paste((0, 255, 0), (half[0], 0, wide, half[1]))
    made.paste((0, 0, 255), (half[0], half[1], wide, high))
    made.paste((255, 255, 255), (0, half[1], half[0], high))
    return made


def save_turned(upright: Image.Image, orientation: int, path: Path) -> None:
    """Save a picture as a camera does that was held otherwise, and says so."""
    undone = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    turned = upright.transpose(undone[orientation]) if orientation in undone else upright
    options = {"quality": 95, "subsampling": 0} if path.suffix == ".jpg" else {}
    turned.save(path, exif=exif, **options)


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG file of these chunks and an end."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (*chunks, (b"IEND", b""))
    )


def png_header(wide: int, high: int, depth: int = 8, colour: int = 2) -> tuple[bytes, bytes]:
    """Return the chunk that says a PNG's size."""
    return b"IHDR", struct.pack(">IIBBBBB", wide, high, depth, colour, 0, 0, 0)


def difference(one: Image.Image, other: Image.Image) -> int:
    """Return the greatest difference of two pictures of one size, in 0..255."""
    assert one.size == other.size
    assert one.mode == other.mode
    return int(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).max())

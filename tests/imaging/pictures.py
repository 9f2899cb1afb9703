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


ADOBE_RGB = (  # the primaries in XYZ under D50, one a row
    (0.60974, 0.31111, 0.01947),
    (0.20528, 0.62567, 0.06087),
    (0.14919, 0.06322, 0.74457),
)
SRGB = (
    (0.43607, 0.22249, 0.01392),
    (0.38515, 0.71687, 0.09708),
    (0.14307, 0.06061, 0.71410),
)


def profile(primaries: tuple[tuple[float, ...], ...], gamma: float, name: str) -> bytes:
    """Return a small ICC profile of an RGB space with one gamma (ICC.1:2001, 6.3 and 6.5)."""

    def xyz(values: tuple[float, ...]) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    said = name.encode() + b"\0"
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(said)) + said + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": xyz((0.9642, 1.0, 0.8249)),
        **dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(xyz, primaries), strict=True)),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body = struct.pack(">I", len(tags)), b""
    for tag, data in tags.items():
        start = 128 + 4 + 12 * len(tags) + len(body)
        table += tag + struct.pack(">II", start, len(data))
        body += data + bytes(-len(data) % 4)
    head = bytes(8) + b"\2\x40\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += struct.pack(">3i", 63190, 65536, 54061) + bytes(48)
    made = head + table + body
    return struct.pack(">I", len(made)) + made[4:]


def in_srgb(colour: tuple[int, ...], gamma: float) -> tuple[int, ...]:
    """Return what an Adobe RGB colour is in sRGB, by the book (IEC 61966-2-1)."""
    linear = (np.array(colour) / 255) ** gamma @ np.array(ADOBE_RGB) @ np.linalg.inv(SRGB)
    linear = linear.clip(0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return tuple(np.round(curved * 255).astype(int).tolist())

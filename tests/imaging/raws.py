"""Raw photos for tests: DNGs made by hand (DNG 1.4), of a camera that sees linear sRGB."""

import io
import struct
from pathlib import Path

import numpy as np
from PIL import Image

_FORMS = {1: "B", 2: "c", 3: "H", 4: "I", 5: "II", 10: "ii"}
_XYZ_TO_SRGB = (
    (3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570),
)  # fmt: skip
Tags = dict[int, tuple[int, list]]


def _directory(tags: Tags, at: int) -> bytes:
    """Return a directory that stands at an offset, with what its values need after it."""
    entries, beyond = b"", b""
    after = at + 2 + 12 * len(tags) + 4
    for tag, (kind, values) in sorted(tags.items()):
        form = "<" + _FORMS[kind] * (len(values) // len(_FORMS[kind]))
        count = len(values) // len(_FORMS[kind])
        data = bytes(values) if kind == 2 else struct.pack(form, *values)
        if len(data) > 4:
            data, beyond = struct.pack("<I", after + len(beyond)), beyond + data + b"\0" * 4
        entries += struct.pack("<HHI", tag, kind, count) + data.ljust(4, b"\0")
    return struct.pack("<H", len(tags)) + entries + bytes(4) + beyond


def mosaic(seen: Image.Image) -> np.ndarray:
    """Return what a sensor (RGGB, 16 bit, linear) sees of an sRGB picture: uint16 [H, W]."""
    values = np.asarray(seen.convert("RGB"), np.float64) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    cells = np.empty(linear.shape[:2], np.uint16)
    for y, x, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        cells[y::2, x::2] = np.round(linear[y::2, x::2, channel] * 65535)
    return cells


def dng(
    seen: Image.Image,
    *,
    orientation: int = 1,
    preview: bytes = b"",
    xmp: bytes = b"",
    crop: tuple[int, int, int, int] | None = None,
) -> bytes:
    """Return the DNG of what a sensor saw; ``preview``: a JPEG; ``crop``: left, top, size."""
    cells = mosaic(seen)
    high, wide = cells.shape
    matrix = [value for row in _XYZ_TO_SRGB for one in row for value in (round(one * 1e4), 10_000)]
    camera: Tags = {
        271: (2, list(b"Handmade\0")), 272: (2, list(b"Handmade One\0")), 274: (3, [orientation]),
        306: (2, list(b"2024:05:06 07:08:09\0")), 34665: (4, [0]),
        50706: (1, [1, 4, 0, 0]), 50707: (1, [1, 1, 0, 0]), 50708: (2, list(b"Handmade One\0")),
        50721: (10, matrix), 50728: (5, [1, 1] * 3), 50778: (3, [21]),
    }  # fmt: skip
    if xmp:
        camera[700] = (1, list(xmp))
    sensor: Tags = {
        254: (4, [0]), 256: (4, [wide]), 257: (4, [high]), 258: (3, [16]), 259: (3, [1]),
        262: (3, [32803]), 273: (4, [0]), 277: (3, [1]), 278: (4, [high]),
        279: (4, [cells.nbytes]), 33421: (3, [2, 2]), 33422: (1, [0, 1, 1, 2]),
        50714: (4, [0]), 50717: (4, [65535]),
    }  # fmt: skip
    if crop:
        sensor |= {50719: (4, list(crop[:2])), 50720: (4, list(crop[2:]))}
    exif: Tags = {
        33434: (5, [1, 125]), 33437: (5, [56, 10]), 34855: (3, [200]),
        36867: (2, list(b"2024:05:06 07:08:09\0")), 37386: (5, [35, 1]),
    }  # fmt: skip
    first = camera | sensor
    if preview:
        with Image.open(io.BytesIO(preview)) as image:
            size = image.size
        first = camera | {
            254: (4, [1]), 256: (4, [size[0]]), 257: (4, [size[1]]), 258: (3, [8, 8, 8]),
            259: (3, [7]), 262: (3, [6]), 273: (4, [0]), 277: (3, [3]), 278: (4, [size[1]]),
            279: (4, [len(preview)]), 330: (4, [0]),
        }  # fmt: skip

    def parts() -> list[bytes]:
        made = [_directory(first, 8)]
        for tags in (exif, *([sensor] if preview else [])):
            made.append(_directory(tags, 8 + sum(map(len, made))))
        return made

    starts = np.cumsum([8, *map(len, parts())]).tolist()
    first[34665] = (4, [starts[1]])
    if preview:
        first[330], first[273] = (4, [starts[2]]), (4, [starts[-1]])
        sensor[273] = (4, [starts[-1] + len(preview)])
    else:
        first[273] = (4, [starts[-1]])
    return b"II*\0\x08\0\0\0" + b"".join(parts()) + preview + cells.tobytes()


def jpeg(image: Image.Image, **options: object) -> bytes:
    """Return the bytes of a JPEG."""
    out = io.BytesIO()
    image.save(out, "JPEG", **{"quality": 95, "subsampling": 0, **options})
    return out.getvalue()


def save_dng(path: Path, seen: Image.Image, **options: object) -> Path:
    """Write a DNG of what a sensor saw; see ``dng``."""
    path.write_bytes(dng(seen, **options))
    return path

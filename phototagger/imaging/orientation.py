"""Which way up an image is: what its EXIF says, and turning it (CIPA DC-008, Orientation)."""

import struct
from collections.abc import Container

from PIL import Image

_ORIENTATION = 0x0112
_HEIC = "original_orientation"  # where pillow-heif puts that of EXIF, which says 1 from then on
_SIZE = (0x0100, 0x0101)

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes an image upright, by its orientation; one that is not here is upright."""

SIDEWAYS: Container[int] = frozenset({5, 6, 7, 8})
"""The orientations whose width is the upright image's height."""

# Where the last column and row of the decoded image stand once it is upright: first, in x and y.
_LAST_FIRST = {2: (1, 0), 3: (1, 1), 4: (0, 1), 6: (1, 0), 7: (1, 1), 8: (0, 1)}


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """Return an image upright, by the orientation that its EXIF has."""
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def last_first(orientation: int) -> tuple[int, int]:
    """Return for x and y whether turning an image upright makes its last pixels the first."""
    return _LAST_FIRST.get(orientation, (0, 0))


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Return the width and height of an image that is not decoded yet, once it is upright."""
    tags = getattr(image, "tag_v2", {})  # of a TIFF, whose size newer Pillows have turned already
    wide, high = (tags.get(tag, side) for tag, side in zip(_SIZE, image.size, strict=True))
    return (high, wide) if orientation_of(image) in SIDEWAYS else (wide, high)


def orientation_of(image: Image.Image) -> int:
    """Return the orientation that an image's EXIF has, 1 where it says nothing."""
    try:
        own = image.info.get(_HEIC) if image.format == "HEIF" else None
        return int(own or image.getexif().get(_ORIENTATION, 1))
    # What a damaged EXIF block raises; the photo itself is fine.
    except (
        SyntaxError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        EOFError,
        OSError,
        struct.error,
        OverflowError,
        RecursionError,
        AttributeError,
    ):
        return 1


def forget_exif_of_turned_heic(image: Image.Image) -> None:
    """Have a HEIC's EXIF say nothing where the file itself turns its picture (ISO/IEC 23008-12).

    pillow-heif has turned it then. Files of some telephones' apps do not turn it, and mean what
    EXIF says; which they are pillow-heif tells nobody but itself, before it decodes.
    """
    if image.format != "HEIF":
        return
    try:
        steps = image._heif_file[0]._c_image.transformations  # type: ignore[attr-defined]
    except AttributeError:  # another version of it
        steps = [("irot",)]
    if any(step[0] in {"irot", "imir"} for step in steps):
        image.info[_HEIC] = None

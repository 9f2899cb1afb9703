"""The small picture that cameras put into a photo's EXIF: seen long before the photo is read.

It follows the Exif standard (JEITA CP-3451, 4.5.8): a JPEG named by the second directory. It is as
the sensor saw it, and many cameras fill it with black above and below.
"""

import io
import os
import stat

from PIL import ExifTags, Image
from PIL.Image import Exif

from phototagger.imaging.decode import decode
from phototagger.imaging.limits import Limits
from phototagger.imaging.orientation import orientation_of, turned

HEAD_BYTES = 256 * 1024
"""How much of a photo is read: an EXIF block has at most 64 kB and stands at the beginning."""

_LIMITS = Limits(4_000_000)
_OFFSET, _LENGTH = 0x0201, 0x0202
_TIFF = 6  # bytes before what offsets are counted from


def preview_of(path: str | bytes | os.PathLike[str]) -> Image.Image | None:
    """Return the preview in a photo's EXIF, upright and in RGB; None where there is none.

    Only the beginning of the file is read.
    """
    try:
        with Image.open(io.BytesIO(_head(path)), formats=("JPEG",)) as photo:
            data = _preview_bytes(photo.info["exif"], photo.getexif())
            preview = decode(io.BytesIO(data), path, limits=_LIMITS)
            orientation = orientation_of(photo) if preview.orientation == 1 else 1
            return turned(_without_bars(preview.image, photo.size), orientation)
    # As in decode(): Pillow raises whatever a broken header leads it into.
    except Exception:  # noqa: BLE001
        return None


def _head(path: str | bytes | os.PathLike[str]) -> bytes:
    # A FIFO would make a plain open() wait for ever.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb", buffering=0) as file:
        return file.read(HEAD_BYTES) if stat.S_ISREG(os.fstat(handle).st_mode) else b""


def _preview_bytes(block: bytes, exif: Exif) -> bytes:
    named = exif.get_ifd(ExifTags.IFD.IFD1)
    start = _TIFF + int(named[_OFFSET])
    return block[start : start + int(named[_LENGTH])]


def _without_bars(preview: Image.Image, photo: tuple[int, int]) -> Image.Image:
    """Cut off what fills a preview of another shape than its photo's."""
    wide, high = preview.size
    width = min(wide, round(high * photo[0] / photo[1]))
    height = min(high, round(wide * photo[1] / photo[0]))
    left, top = (wide - width) // 2, (high - height) // 2
    return preview.crop((left, top, left + max(1, width), top + max(1, height)))

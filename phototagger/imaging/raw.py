"""Raw photos, as a plug-in of Pillow: LibRaw reads them, by the package rawpy.

The preview that the camera put into the file is decoded where it is large enough for what is asked
(``draft``), else the sensor's data at half the size, or at full size where that is asked for.
Either way the image is upright, with the camera's white balance, in sRGB.
"""

from __future__ import annotations

import contextlib
import io
import math
import struct
from collections.abc import Iterator
from typing import IO, Any, BinaryIO, cast

import rawpy
from PIL import ExifTags, Image, ImageFile
from rawpy import ImageSizes, RawPy

from phototagger.imaging.orientation import SIDEWAYS, orientation_of, turned
from phototagger.imaging.picture_data import picture_data

_ODD = (
    OSError, ValueError, TypeError, LookupError, SyntaxError, EOFError, AttributeError,
    RuntimeError, struct.error,
)  # fmt: skip
"""What Pillow raises on broken tags."""

_BEGINS = (b"II*\0", b"MM\0*", b"IIRO", b"IIRS", b"IIU\0", b"MMOR")
_RAF, _CR3 = b"FUJIFILMCCD-RAW", b"ftypcrx "
_RAF_JPEG = 84  # where a RAF says where its JPEG begins, and of how many bytes it is
_CR3_EXIF = {b"CMT2": ExifTags.IFD.Exif, b"CMT4": ExifTags.IFD.GPSInfo}
_ORIENTATIONS = {0: 1, 1: 2, 2: 4, 3: 3, 4: 5, 5: 8, 6: 6, 7: 7}  # by LibRaw's flip
_SHAPES_APART = 0.02  # a preview may lack some pixels at the edges; others are made for a screen
_MOST_LARGER = 1.1
_WHOLE = 0.98  # of each side of the photo: such a preview stands for all of it
_SRGB = (2.4, 12.92)  # power and slope of the curve
_EOI = b"\xff\xd9"
_MOST_SCANS = 100
_HEAD_BYTES = 256 * 1024


class RawImageFile(ImageFile.ImageFile):
    """A raw photo; its ``size`` is that of the upright photo, as the camera would crop it.

    ``sensor_size``: width and height of what is decoded; nothing once a preview is decoded instead.
    """

    format = "RAW"
    format_description = "raw photo of a camera"

    def _open(self) -> None:
        assert self.fp is not None
        self._head = self.fp.read(_HEAD_BYTES)
        self.fp.seek(0)
        with _libraw_errors():
            self._raw = _opened(self.fp)
            self._sizes = self._raw.sizes
        self.sensor_size = self._sizes.raw_width, self._sizes.raw_height
        self._orientation = _ORIENTATIONS.get(self._sizes.flip, 1)
        self._area = _area_of(self._sizes)
        self._shrink = 1
        self._preview: _CameraPreview | None = None
        self._is_loaded = False
        self._size = self._upright_size()
        self._mode = "RGB"
        self.tile = []

    def draft(
        self, mode: str | None, size: tuple[int, int] | None
    ) -> tuple[str, tuple[int, int, float, float]] | None:
        """Decode an image smaller than the photo later on, but no smaller than this."""
        if size is None or self._is_loaded:
            return None
        self._preview = self._preview_for(size)
        if self._preview is not None:
            self.sensor_size = 0, 0
            self._size = self._preview.size
        else:
            self._shrink = 2
            self._size = self._upright_size()
        return "RGB", (0, 0, *self.size)

    def _preview_for(self, wanted: tuple[int, int]) -> _CameraPreview | None:
        with _libraw_errors():
            return _preview_of(self._raw, self._orientation, self.size, wanted)

    def load(self) -> Any:
        """Decode what is asked for."""
        if not self._is_loaded:
            if self._preview is None and self._shrink == 1:
                whole = (round(_WHOLE * self.size[0]), round(_WHOLE * self.size[1]))
                self._preview = self._preview_for(whole)
            image = self._preview.upright() if self._preview else self._developed()
            self.info |= {k: v for k, v in image.info.items() if k == "icc_profile"}
            self._size = image.size
            self.im = image.im
            self._is_loaded = True
            self._raw.close()
        return Image.Image.load(self)

    def getexif(self) -> Image.Exif:
        """Return what the camera says of the photo; its orientation is applied, and left out."""
        try:
            return _exif_of(self._head)
        except _ODD:
            return Image.Exif()

    def _upright_size(self) -> tuple[int, int]:
        left, top, right, bottom = self._area
        size = (right - left) // self._shrink, (bottom - top) // self._shrink
        return size[::-1] if self._orientation in SIDEWAYS else size

    def _developed(self) -> Image.Image:
        """Return the sensor's data as a picture."""
        with _libraw_errors():
            pixels = self._raw.postprocess(
                half_size=self._shrink > 1,
                use_camera_wb=True,
                output_bps=8,
                gamma=_SRGB,
                user_flip=0,
            )
        image = Image.fromarray(pixels)
        across, down = image.width / self._sizes.width, image.height / self._sizes.height
        left, top, right, bottom = self._area
        wide, high = round((right - left) * across), round((bottom - top) * down)
        left, top = round(left * across), round(top * down)
        return turned(image.crop((left, top, left + wide, top + high)), self._orientation)


class _CameraPreview:
    """The camera's own picture of a photo, not decoded yet; ``size`` is its upright size."""

    def __init__(self, image: Image.Image, orientation: int) -> None:
        self._image = image
        self._orientation = orientation

    @property
    def size(self) -> tuple[int, int]:
        wide, high = self._image.size
        return (high, wide) if self._orientation in SIDEWAYS else (wide, high)

    def draft(self, wanted: tuple[int, int]) -> None:
        """Decode it smaller, but no smaller than this."""
        if isinstance(self._image, ImageFile.ImageFile):
            self._image.draft("RGB", wanted[::-1] if self._orientation in SIDEWAYS else wanted)

    def upright(self) -> Image.Image:
        """Return it decoded."""
        image = turned(self._image.convert("RGB"), self._orientation)
        image.info = self._image.info
        return image

    def shows(self, photo: tuple[int, int], wanted: tuple[int, int]) -> bool:
        """Say whether it shows a photo of this size as it is, and in the size that is wanted."""
        wide, high = self.size
        same_shape = abs(math.log(wide / high * photo[1] / photo[0])) < _SHAPES_APART
        is_sound = wide * high <= _MOST_LARGER * math.prod(photo)
        return same_shape and is_sound and wide >= wanted[0] and high >= wanted[1]


def _preview_of(
    raw: RawPy, orientation: int, photo: tuple[int, int], wanted: tuple[int, int]
) -> _CameraPreview | None:
    """Return the camera's own picture; None where it is too small, of another shape, or broken.

    Most cameras leave it as the sensor saw it, and some of these say so in it.
    """
    try:
        thumb = raw.extract_thumb()
    except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
        return None
    data = thumb.data
    image = _jpeg_of(data) if isinstance(data, bytes) else Image.fromarray(data)
    if image is None:
        return None
    own = orientation_of(image)
    for turn in (own,) if own != 1 else (orientation, 1):
        preview = _CameraPreview(image, turn)
        if preview.shows(photo, wanted):
            preview.draft(wanted)
            return preview
    return None


def _jpeg_of(data: bytes) -> Image.Image | None:
    """Return a JPEG that can be decoded to its end, and that in a bounded time."""
    source = io.BytesIO(data)
    if not 0 < picture_data(source).scans <= _MOST_SCANS or not data.rstrip(b"\0").endswith(_EOI):
        return None
    source.seek(0)
    try:
        return Image.open(source, formats=("JPEG",))
    except _ODD:
        return None


def _opened(fp: IO[bytes]) -> RawPy:
    """Return a file opened by LibRaw: from the disk, or what is in memory."""
    raw = rawpy.RawPy()
    try:
        handle = fp.fileno()
    except (AttributeError, OSError):
        raw.open_buffer(cast("BinaryIO", fp))
    else:
        raw.open_file(f"/dev/fd/{handle}")
    return raw


@contextlib.contextmanager
def _libraw_errors() -> Iterator[None]:
    """Turn what LibRaw says of a file into what Pillow's plug-ins raise."""
    try:
        yield
    except rawpy.LibRawUnsufficientMemoryError as error:
        raise MemoryError from error
    except (rawpy.LibRawError, rawpy.NotSupportedError) as error:
        message = error.args[0] if error.args else type(error).__name__
        text = message.decode(errors="replace") if isinstance(message, bytes) else str(message)
        raise OSError(f"LibRaw says: {text}") from error


def _area_of(sizes: ImageSizes) -> tuple[int, int, int, int]:
    """Return the part (left, top, right, bottom) of the visible sensor that is the photo."""
    left = sizes.crop_left_margin - sizes.left_margin
    top = sizes.crop_top_margin - sizes.top_margin
    right, bottom = left + sizes.crop_width, top + sizes.crop_height
    if 0 <= left < right <= sizes.width and 0 <= top < bottom <= sizes.height:
        return left, top, right, bottom
    return 0, 0, sizes.width, sizes.height


def _exif_of(head: bytes) -> Image.Exif:
    """Return what the tags at the beginning of a raw say of the photo.

    Most are TIFFs, some under another signature; a RAF holds a JPEG, a CR3 a TIFF for each
    directory of tags.
    """
    exif = Image.Exif()
    if head.startswith(_RAF):
        start, size = struct.unpack_from(">II", head, _RAF_JPEG)
        with Image.open(io.BytesIO(head[start : start + size]), formats=("JPEG",)) as image:
            exif = image.getexif()
    elif _CR3 in head[:12]:
        exif.load(_box(head, b"CMT1"))
        for name, ifd in _CR3_EXIF.items():
            inner = Image.Exif()
            inner.load(_box(head, name))
            exif.get_ifd(ifd).update(inner)
    else:
        exif.load((b"II*\0" if head.startswith(b"II") else b"MM\0*") + head[4:])
    exif.pop(ExifTags.Base.Orientation, None)
    return exif


def _box(head: bytes, name: bytes) -> bytes:
    """Return what the first box of a name holds (ISO 14496-12)."""
    at = head.index(name)
    return head[at + 4 : at - 4 + int.from_bytes(head[at - 4 : at])]


Image.register_open(
    RawImageFile.format,
    RawImageFile,
    lambda begins: begins.startswith((*_BEGINS, _RAF)) or begins[4:12] == _CR3,
)

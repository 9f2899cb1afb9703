"""Bytes → upright RGB pixels, within limits: the one place where photos are decoded.

One decode serves the thumbnail and the model. A JPEG is decoded at a reduced scale (libjpeg's
own, Pillow calls it draft) as long as twice the pixels that are needed remain.
"""

import contextlib
import hashlib
import io
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, UnidentifiedImageError

from phototagger.errors import PhototaggerError, UnreadablePhoto
from phototagger.formats import FORMATS, said_of
from phototagger.imaging.jpeg_ending import ends_in_zeros, fillings
from phototagger.imaging.limits import USUAL, Limits
from phototagger.imaging.opened import opened
from phototagger.imaging.orientation import SIDEWAYS, TURNS, last_first, orientation_of, turned
from phototagger.imaging.other_kinds import HEAD_BYTES, kind_of
from phototagger.imaging.photo_file import not_the_photos, pillow_lacks, read_photo, unreadable
from phototagger.imaging.png_chunks import has_all_rows, without_damage
from phototagger.printable import printable
from phototagger.reasons import Reason

_STRIP_PIXELS = 4_000_000  # what is converted at once where a large PNG is shrunk
_MOST_MENDED = 64 * 2**20  # bytes of a JPEG whose ending is looked into
_TAIL_BYTES = 4096
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_LAB_TO_SRGB = (ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"))
_HELD_TWICE = ("WEBP",)  # libwebp has two canvases of four bytes a pixel, and Pillow copies one
_JPEGS = ("JPEG", "MPO")
_TILE_SIZE = (322, 323)  # tags of a TIFF (TIFF 6.0, section 15)
_PROFILED = ("RGB", "RGBA", "P")  # modes whose profile describes the RGB that is made of them


class Budget(Protocol):
    """Hands out the right to hold so many pixels at once."""

    def of(self, pixels: int) -> AbstractContextManager[None]:
        """Wait until the pixels may be decoded."""


@dataclass(frozen=True)
class Picture:
    """An upright RGB image, perhaps decoded smaller; ``width`` and ``height`` are the photo's.

    ``box`` (left, top, right, bottom) is the part of the image that the photo fills: the last
    pixel of a side that was decoded smaller may stand for less than a whole one.
    """

    image: Image.Image
    width: int
    height: int
    icc_profile: bytes | None = None
    orientation: int = 1
    box: tuple[float, float, float, float] | None = None


def decode(
    source: BinaryIO,
    path: str | bytes | os.PathLike[str],
    *,
    short: int = 0,
    long: int = 0,
    limits: Limits = USUAL,
    scans: int = 1,
    budget: Budget | None = None,
) -> Picture:
    """Decode a photo: EXIF orientation applied, alpha on white, 16 bit scaled to 8, first frame.

    Where ``short`` or ``long`` is given, the image may come out smaller, but its sides no shorter
    than these many pixels (``short`` 0 and ``long`` 0: full size). ``scans``: how often a decoder
    goes over the photo. A photo whose pixels are whole is decoded without what is damaged beside
    them. Raises UnreadablePhoto for whatever cannot be decoded whole, and for what is over the
    limits.
    """
    decoder = _Decoder(path, limits, scans, budget)
    try:
        return decoder.decode(source, short, long)
    except UnreadablePhoto as error:
        if not error.reason.is_damage:
            raise
        damage = error
    with _as_unreadable(path, source, limits.formats):
        mended = _mended(source, decoder)
    if mended is None:
        raise damage
    return decoder.decode(mended, short, long, is_whole=True)


@dataclass(frozen=True)
class _Decoder:
    """Decodes files within the limits for one photo."""

    path: str | bytes | os.PathLike[str]
    limits: Limits
    scans: int
    budget: Budget | None

    def decode(
        self, source: BinaryIO, short: int = 0, long: int = 0, *, is_whole: bool = False
    ) -> Picture:
        """Decode a file; one that is not known to be whole is doubted where it looks cut short."""
        formats = self.limits.formats
        with (
            _as_unreadable(self.path, source, formats),
            opened(source, self.path, formats) as image,
        ):
            wide, high = image.size
            most = max(image.size, _held_size(image), key=math.prod)
            if reason := self.limits.refusal(*most, self.scans):
                raise UnreadablePhoto(self.path, reason)
            scale = _scale(wide, high, short, long)
            smaller = (max(1, wide // scale), max(1, high // scale))
            if scale > 1:
                image.draft(image.mode, smaller)
            # Of several scans a decoder holds every coefficient, however small the image comes out.
            is_held_whole = self.scans > 1 or "progressive" in image.info
            pixels = wide * high if is_held_whole else math.prod(image.size)
            pixels = max(pixels, math.prod(_held_size(image)))
            pixels *= 2 if image.format in _HELD_TWICE else 1
            with self.budget.of(pixels) if self.budget else contextlib.nullcontext():
                image.load()
                if not is_whole and _looks_cut_short(image, source):
                    raise ValueError("its last rows are missing")
                # Pillow turns a TIFF as it loads it.
                size = image.size if image.format == "TIFF" else (wide, high)
                return _upright(image, size, scale)


def _mended(source: BinaryIO, decoder: _Decoder) -> BinaryIO | None:
    """Return a damaged file's pixels without what is damaged; None where pixels are missing."""
    source.seek(0)
    if source.read(len(_PNG)) == _PNG:
        mended = cast("BinaryIO", without_damage(source))
        return mended if has_all_rows(mended) else None
    source.seek(0)
    data = source.read(_MOST_MENDED + 1)
    if not data.startswith(_JPEG) or len(data) > _MOST_MENDED:
        return None
    try:
        pixels = {
            _digest(decoder.decode(io.BytesIO(filled), is_whole=True)) for filled in fillings(data)
        }
    except UnreadablePhoto as error:
        if not error.reason.is_damage:
            raise
        return None
    return io.BytesIO(next(fillings(data))) if len(pixels) == 1 else None


def _held_size(image: Image.Image) -> tuple[int, int]:
    """Return the size of a TIFF's tiles or a raw's sensor, which may be larger than its image."""
    if sensor := getattr(image, "sensor_size", None):
        wide, high = sensor
        return wide, high
    tags = getattr(image, "tag_v2", {})
    wide, high = (int(tags.get(tag, 0)) for tag in _TILE_SIZE)
    return wide, high


def _looks_cut_short(image: Image.Image, source: BinaryIO) -> bool:
    """Say whether an image may have rows that its file does not hold."""
    wide, high = image.size
    # The odd rows come last in an interlaced file; one of a single row has none.
    end = high // 2 * 2 if "interlace" in image.info else high
    last_row = image.crop((0, end - 1, wide, end)).tobytes() if end else b""
    if image.format == "PNG":  # Pillow leaves rows black that are missing
        return not last_row.strip(b"\0") and not has_all_rows(source)
    if image.format not in _JPEGS:  # whose decoders say what is missing
        return False
    # What libjpeg does not find is gray, exactly; CMYK is turned.
    if last_row[:1] in (b"\x80", b"\x7f") and not last_row.strip(last_row[:1]):
        return True
    source.seek(0, io.SEEK_END)
    source.seek(-min(source.tell(), _TAIL_BYTES), io.SEEK_END)
    return ends_in_zeros(source.read())


def _digest(picture: Picture) -> bytes:
    """Return a digest of an image's pixels, taken strip by strip."""
    digest = hashlib.sha1(usedforsecurity=False)
    wide, high = picture.image.size
    rows = max(1, _STRIP_PIXELS // wide)
    for top in range(0, high, rows):
        digest.update(picture.image.crop((0, top, wide, min(high, top + rows))).tobytes())
    return digest.digest()


@contextlib.contextmanager
def _as_unreadable(
    path: str | bytes | os.PathLike[str], source: BinaryIO, formats: Sequence[str]
) -> Iterator[None]:
    """Turn whatever decoding a file raises into an UnreadablePhoto with its reason."""
    try:
        yield
    except PhototaggerError:
        raise
    except UnidentifiedImageError as error:
        raise UnreadablePhoto(path, _what_it_is(source, formats)) from error
    # Pillow's decoders raise whatever a broken file leads them into.
    except Exception as error:
        lacking = not_the_photos(error)
        pillows = [(FORMATS[name].pillow,) for name in formats]
        if isinstance(error, KeyError) and error.args[:1] in pillows:
            lacking = pillow_lacks(f"it cannot read {error.args[0]}")
        if lacking:
            raise UnreadablePhoto(path, lacking) from error
        # They complain with OSErrors, too: those of the system have a number.
        if isinstance(error, OSError) and error.errno is not None:
            raise UnreadablePhoto(path, unreadable(error)) from error
        raise UnreadablePhoto(
            path, Reason("broken", {"detail": printable(str(error).strip())})
        ) from error


def open_photo(
    path: str | bytes | os.PathLike[str],
    *,
    short: int = 0,
    long: int = 0,
    limits: Limits = USUAL,
) -> Picture:
    """Read and decode one photo; the plain form of ``read_photo`` and ``decode``."""
    read = read_photo(path)
    with read.held(path) as source:
        scans = read.picture.scans
        return decode(source, path, short=short, long=long, limits=limits, scans=scans)


def _what_it_is(source: BinaryIO, formats: Sequence[str]) -> Reason:
    """Return why no photo of these formats is found in a file."""
    source.seek(0)
    head = source.read(HEAD_BYTES)
    if head.startswith((_JPEG, _PNG[:4])):
        return Reason("header")
    kind = kind_of(head)
    if kind is None:
        return Reason("unknown_kind", {"formats": said_of(formats)})
    for row in map(FORMATS.__getitem__, formats):
        if row.kind == kind:
            return Reason("rare_kind", {"kind": row.said})
    return Reason("other_kind", {"kind": kind, "formats": said_of(formats)})


def _upright(image: Image.Image, size: tuple[int, int], scale: int) -> Picture:
    wide, high = size
    orientation = orientation_of(image)
    profile = _profile(image)
    rgb = _shrunk(image, scale) if image.size == (wide, high) and scale > 1 else _rgb(image)
    rgb = turned(rgb, orientation)
    if orientation in SIDEWAYS:
        wide, high = high, wide
    box = filled_box((wide, high), rgb.size, last_first(orientation))
    return Picture(rgb, wide, high, profile, orientation, box)


def look_of(picture: bytes, orientation: int, icc_profile: bytes | None) -> bytes:
    """Return what decides every pixel of an upright photo: 20 bytes, equal where all is equal.

    ``picture``: the digest of the picture data.
    """
    turn = orientation if orientation in TURNS else 1
    facts = picture + bytes([turn]) + (icc_profile or b"")
    return hashlib.sha1(facts, usedforsecurity=False).digest()


def look_by_header(source: BinaryIO, picture: bytes) -> bytes | None:
    """Return the same of a photo that is not decoded; None where its header does not tell.

    A PNG's orientation may stand after its pixels.
    """
    source.seek(0)
    try:
        with Image.open(source, formats=("JPEG",)) as image:
            return look_of(picture, orientation_of(image), _profile(image))
    # As in decode(): Pillow raises whatever a broken header leads it into.
    except Exception:  # noqa: BLE001
        return None
    finally:
        source.seek(0)


def _profile(image: Image.Image) -> bytes | None:
    """Return the colour profile of an image, where it describes the RGB that is made of it."""
    return image.info.get("icc_profile") if image.mode in _PROFILED else None


def filled_box(
    original: tuple[int, int], decoded: tuple[int, int], last_first: tuple[int, int] = (0, 0)
) -> tuple[float, float, float, float]:
    """Return the part of an image decoded at a reduced scale that the original fills.

    ``last_first`` says for x and y whether the image was turned so that its last pixels are first.
    """
    filled = tuple(
        next((whole / scale for scale in (1, 2, 4, 8) if -(-whole // scale) == reduced), reduced)
        for whole, reduced in zip(original, decoded, strict=True)
    )
    left, top = (
        (reduced - part) * turned
        for reduced, part, turned in zip(decoded, filled, last_first, strict=True)
    )
    return left, top, left + filled[0], top + filled[1]


def _scale(wide: int, high: int, short: int, long: int) -> int:
    """Return by how much the decoding may shrink: 1, 2, 4 or 8."""
    if not short and not long:
        return 1
    for scale in (8, 4, 2):
        if min(wide, high) // scale >= short and max(wide, high) // scale >= long:
            return scale
    return 1


def _shrunk(image: Image.Image, scale: int) -> Image.Image:
    """Convert and shrink strip by strip, so that a large PNG is held only once."""
    wide, high = image.size
    rows = max(scale, _STRIP_PIXELS // wide // scale * scale)
    if wide * high <= _STRIP_PIXELS:
        return _rgb(image)
    small = Image.new("RGB", (-(-wide // scale), -(-high // scale)))
    for top in range(0, high, rows):
        strip = image.crop((0, top, wide, min(top + rows, high)))
        strip.info = image.info
        small.paste(_rgb(strip).reduce(scale), (0, top // scale))
    return small


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode == "F":  # of TIFFs, from black 0 to white 1
        image = Image.fromarray(_eight_bit(np.asarray(image) * 65535, None))
    if image.mode == "LAB":
        return cast(
            "Image.Image", ImageCms.profileToProfile(image, *_LAB_TO_SRGB, outputMode="RGB")
        )
    if image.mode.startswith("I"):
        gray = _eight_bit(np.asarray(image), image.info.get("transparency"))
        return Image.fromarray(gray).convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGB", image.size, (255, 255, 255))
        white.paste(rgba, mask=rgba.getchannel("A"))
        return white
    return image.convert("RGB")


def _eight_bit(values: NDArray[Any], transparent: int | None) -> NDArray[np.uint8]:
    scaled: NDArray[np.uint8] = (np.clip(values, 0, 65535).astype(np.uint16) >> 8).astype(np.uint8)
    if transparent is not None:
        scaled[values == transparent] = 255
    return scaled

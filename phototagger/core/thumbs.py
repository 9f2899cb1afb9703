"""Photo → cached thumbnail: 512 px long edge, upright, sRGB, ``ab/<sha1>.jpg``."""

import functools
import io
import os
from pathlib import Path

from PIL import Image, ImageCms

from phototagger.core.thumb_cache import (
    LONG_EDGE,
    begin_cache,
    is_whole,
    place_taken,
    save_thumbnail,
    thumbnail_path,
)
from phototagger.errors import UnreadablePhoto
from phototagger.imaging.decode import Picture, decode
from phototagger.imaging.limits import USUAL, Limits
from phototagger.imaging.photo_file import read_photo

_QUALITY = 85
_MOST_SHRUNK = 64.0  # times at once: the filter of a line of 90 million pixels needs 3 GB


def make_thumbnail(
    path: str | bytes | os.PathLike[str],
    cache_dir: str | os.PathLike[str],
    max_pixels: int = USUAL.max_pixels,
    formats: tuple[str, ...] = USUAL.formats,
) -> Path:
    """Return the path of a photo's thumbnail, made now unless it is there.

    Raises UnreadablePhoto where the photo cannot be read or something else has the thumbnail's
    place, UsageError where the folder cannot be a cache of ours.
    """
    read = read_photo(path)
    with read.held(path) as source:
        target = thumbnail_path(cache_dir, read.sha1)
        if not is_whole(target):
            scans = read.picture.scans
            limits = Limits(max_pixels, formats)
            picture = decode(source, path, long=LONG_EDGE, limits=limits, scans=scans)
            begin_cache(cache_dir)
            if not save_thumbnail(encode_thumbnail(picture), cache_dir, read.sha1):
                raise UnreadablePhoto(path, place_taken(target))
    return target


def encode_thumbnail(picture: Picture) -> bytes:
    """Return the JPEG bytes of a picture's thumbnail; never enlarged, no side under 1 px."""
    shrink = min(1.0, LONG_EDGE / max(picture.width, picture.height))
    size = (max(1, round(picture.width * shrink)), max(1, round(picture.height * shrink)))
    image = picture.image
    if image.size != size:
        image = image.resize(
            size, Image.Resampling.BICUBIC, box=picture.box, reducing_gap=_MOST_SHRUNK
        )
    image = _in_srgb(image, picture.icc_profile)
    # Into a file of the system's Pillow writes without the interpreter's lock.
    with open(os.memfd_create("thumbnail"), "w+b", buffering=0) as out:  # noqa: PTH123
        # Pillow would copy the photo's own comment, and refuse one that is too long.
        image.save(out, "JPEG", quality=_QUALITY, comment=b"")
        out.seek(0)
        return out.read()


def _in_srgb(image: Image.Image, icc_profile: bytes | None) -> Image.Image:
    """Convert from the photo's own colour space, where it has one that can be read."""
    if icc_profile is None or _is_srgb(icc_profile):
        return image
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(icc_profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted if converted is not None else image


@functools.lru_cache(maxsize=64)
def _is_srgb(icc_profile: bytes) -> bool:
    try:
        profile = ImageCms.getOpenProfile(io.BytesIO(icc_profile))
        return "srgb" in ImageCms.getProfileDescription(profile).lower()
    except (ImageCms.PyCMSError, OSError, ValueError):
        return True  # what cannot be read cannot be converted

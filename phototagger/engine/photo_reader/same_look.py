"""Whether two contents show the same, for photos that were seen before pictures were told apart."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from phototagger.core.thumb_cache import LONG_EDGE, read_thumbnail
from phototagger.core.thumbs import encode_thumbnail
from phototagger.errors import UnreadablePhoto
from phototagger.imaging.decode import open_photo
from phototagger.imaging.limits import Limits

if TYPE_CHECKING:
    from phototagger.store.photos.arrivals import Alike, Arrival


def thumbnails_alike(cache_dir: str, limits: Limits) -> Alike:
    """Return what compares the thumbnail of an old content with that of a new one, pixel by pixel.

    That of the new one is made where the cache lacks it; nothing is written.
    """

    def alike(before: bytes, arrival: Arrival) -> bool:
        old = read_thumbnail(cache_dir, before)
        if old is None:
            return False
        new = read_thumbnail(cache_dir, arrival.sha1)
        try:
            if new is None:
                picture = open_photo(arrival.path, long=LONG_EDGE, limits=limits)
                new = encode_thumbnail(picture)
        except UnreadablePhoto:
            return False
        return _same_pixels(old, new)

    return alike


def _same_pixels(picture: bytes, other: bytes) -> bool:
    if picture == other:
        return True
    first, second = pixels_of(picture), pixels_of(other)
    return first is not None and second is not None and np.array_equal(first, second)


def pixels_of(thumbnail: bytes) -> NDArray[Any] | None:
    """Return the pixels uint8 [H, W, 3] of a thumbnail; None where it cannot be decoded."""
    try:
        with Image.open(io.BytesIO(thumbnail), formats=("JPEG",)) as image:
            return np.asarray(image)
    except (OSError, SyntaxError, ValueError):  # it was damaged, or cut off
        return None

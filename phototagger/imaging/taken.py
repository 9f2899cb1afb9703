"""When photos were taken, as their EXIF says, without reading their pictures."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING

from PIL import ExifTags, Image

from phototagger.errors import PhototaggerError
from phototagger.files.own import open_to_read
from phototagger.imaging.opened import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOKED_AT = 24
"""Of how many photos of a folder the date is looked at, spread over it by name."""

_ODD = (
    PhototaggerError, OSError, ValueError, TypeError, LookupError, ArithmeticError, SyntaxError,
    EOFError, AttributeError, RuntimeError, MemoryError,
)  # fmt: skip
"""What Pillow raises on broken files."""


def taken_at(path: str | os.PathLike[str], formats: Sequence[str]) -> datetime | None:
    """Return when a photo was taken by its camera's clock; None where its file does not say."""
    try:
        with (
            os.fdopen(open_to_read(path), "rb") as file,
            opened(file, path, formats) as image,
        ):
            exif = _exif(image)
            base = ExifTags.Base
            said = exif.get_ifd(ExifTags.IFD.Exif).get(base.DateTimeOriginal) or exif.get(
                base.DateTime
            )
            return datetime.strptime(str(said).strip("\0 "), "%Y:%m:%d %H:%M:%S")
    except _ODD:
        return None


def _exif(image: Image.Image) -> Image.Exif:
    if image.format != "PNG":
        return image.getexif()
    exif = Image.Exif()  # what stands after the pixels would be looked for behind all of them
    exif.load(image.info.get("exif", b""))
    return exif


def taken_between(paths: Sequence[str], formats: Sequence[str]) -> tuple[datetime, datetime] | None:
    """Return the first and the last moment of some photos of a folder, of as many as are looked at.

    None where none of them says when it was taken.
    """
    last = len(paths) - 1
    places = {round(at * last / max(1, LOOKED_AT - 1)) for at in range(LOOKED_AT)}
    if len(paths) <= LOOKED_AT:
        places = set(range(len(paths)))
    found = sorted(when for at in places if (when := taken_at(paths[at], formats)) is not None)
    return (found[0], found[-1]) if found else None

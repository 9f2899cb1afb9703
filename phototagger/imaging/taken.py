"""When photos were taken, and with what, as their EXIF says, without reading their pictures."""

import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, NamedTuple

from PIL import ExifTags, Image

from phototagger.errors import PhototaggerError
from phototagger.files.own import open_to_read
from phototagger.imaging.opened import ODD, opened
from phototagger.imaging.png_chunks import exif_in
from phototagger.printable import without_unfit

LOOKED_AT = 24
"""Of how many photos of a folder the date is looked at, spread over it by name."""

LONGEST_CAMERA = 100
"""Characters of a camera's name that are kept; EXIF can hold many more."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ZONE = re.compile(r"([+-])(\d\d):(\d\d)")
# What the moment, parts of its second, and the zone are called: when taken, digitized, changed.
_TAGS = ((0x9003, 0x9291, 0x9011), (0x9004, 0x9292, 0x9012), (0x0132, 0x9290, 0x9010))
_MAKE, _MODEL = 0x010F, 0x0110


class Taken(NamedTuple):
    """When a photo was taken: microseconds of its camera's clock since 1970, as if that were UTC.

    ``zone``: how many minutes the clock was ahead of UTC. None where its file does not say.
    ``camera``: its make and model, fit for a screen; empty where its file does not say.
    """

    clock: int | None = None
    zone: int | None = None
    camera: str = ""

    @property
    def written(self) -> str | None:
        """The moment as ISO 8601 writes it, with the zone where it is known."""
        if self.clock is None:
            return None
        moment = (_EPOCH + self.clock * _MICROSECOND).replace(tzinfo=None).isoformat()
        if self.zone is None:
            return moment
        hours, minutes = divmod(abs(self.zone), 60)
        return f"{moment}{'-' if self.zone < 0 else '+'}{hours:02}:{minutes:02}"


def taken_of(source: BinaryIO, path: str | os.PathLike[str], formats: Sequence[str]) -> Taken:
    """Return when and with what a photo of these formats was taken; its bytes are wound back."""
    source.seek(0)
    try:
        with opened(source, path, formats) as image:
            exif = exif_of(image, source)
            return _taken_by_tags({**exif, **exif.get_ifd(ExifTags.IFD.Exif)})
    except (PhototaggerError, *ODD):
        return Taken()
    finally:
        source.seek(0)


def taken_at(path: str | os.PathLike[str], formats: Sequence[str]) -> datetime | None:
    """Return when a photo was taken by its camera's clock; None where its file does not say."""
    clock = taken_in(path, formats).clock
    return None if clock is None else (_EPOCH + clock * _MICROSECOND).replace(tzinfo=None)


def taken_in(path: str | os.PathLike[str], formats: Sequence[str]) -> Taken:
    """Return when and with what the photo of a file was taken; only its beginning is read."""
    try:
        with os.fdopen(open_to_read(path), "rb") as file:
            return taken_of(file, path, formats)
    except (PhototaggerError, *ODD):
        return Taken()


def camera_of(make: str, model: str) -> str:
    """Return what a camera is called: its make is not repeated where its model begins with it.

    Of "NIKON CORPORATION" and "NIKON D70" a word is enough.
    """
    words = make.casefold().split()
    begins = model.casefold()
    repeated = begins.startswith(make.casefold()) or begins.partition(" ")[0] in words
    return model if repeated else f"{make} {model}".rstrip()


def exif_of(image: Image.Image, source: BinaryIO) -> Image.Exif:
    """Return the EXIF of a photo that is open, its pixels unread; raises whatever Pillow does."""
    if image.format != "PNG":
        return image.getexif()
    exif = Image.Exif()  # Pillow looks for what stands after the pixels behind all of them
    exif.load(exif_in(source))
    return exif


def _taken_by_tags(tags: dict[int, Any]) -> Taken:
    camera = camera_of(_clean(tags.get(_MAKE)), _clean(tags.get(_MODEL)))
    camera = camera[:LONGEST_CAMERA].rstrip()
    for moment, part, zone in _TAGS:
        text = _text(tags.get(moment))
        try:
            at = datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:  # such as zeros or blanks, of a camera whose clock was never set
            continue
        digits = _text(tags.get(part))
        more = int(digits[:6].ljust(6, "0")) if digits.isascii() and digits.isdigit() else 0
        clock = (at - _EPOCH) // _MICROSECOND + more
        return Taken(clock, _zone(_text(tags.get(zone))), camera)
    return Taken(camera=camera)


def _zone(text: str) -> int | None:
    match = _ZONE.fullmatch("+00:00" if text == "Z" else text)
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    if minutes > 24 * 60:
        return None
    return -minutes if match[1] == "-" else minutes


def _text(value: object) -> str:
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")
    return text.strip("\0 ")


def _clean(value: object) -> str:
    """Return a name that can be shown and searched for, its words one blank apart."""
    text = " ".join((value if isinstance(value, str) else _text(value)).split())
    return " ".join(without_unfit(text).split())


def taken_between(paths: Sequence[str], formats: Sequence[str]) -> tuple[datetime, datetime] | None:
    """Return the first and the last moment of some photos of a folder, of as many as are looked at.

    None where none of them says when it was taken.
    """
    last = len(paths) - 1
    places = {round(at * last / max(1, LOOKED_AT - 1)) for at in range(LOOKED_AT)}
    if len(paths) <= LOOKED_AT:
        places = set(range(len(paths)))
    moments = sorted(when for at in places if (when := taken_at(paths[at], formats)) is not None)
    return (moments[0], moments[-1]) if moments else None

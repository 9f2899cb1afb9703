"""The keywords that one photo and its sidecars have, read in this process for those who look at it.

Not by exiftool, as where sidecars are written: to ask it of each photo that somebody comes by
would cost more than the photo itself.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from PIL import ExifTags, Image, IptcImagePlugin

from phototagger.errors import PhototaggerError, RefusedSidecar
from phototagger.imaging.opened import ODD, opened
from phototagger.imaging.photo_file import open_photo
from phototagger.imaging.png_chunks import xmp_in
from phototagger.imaging.taken import exif_of
from phototagger.sidecars.area import Area
from phototagger.sidecars.file import read_sidecar
from phototagger.sidecars.names import Style, Target, target_of
from phototagger.sidecars.seed import IPTC_KEYWORDS, XP_KEYWORDS, joined_keywords
from phototagger.sidecars.xmp.keywords import Keywords
from phototagger.sidecars.xmp.read import parse

_PADDING = b"\0 \r\n\t"
_IIM_KEYWORDS = (2, 25)  # record and data set
_XMP, _XP = ExifTags.Base.XMLPacket, ExifTags.Base.XPKeywords


class FoundKeywords(NamedTuple):
    """The keyword lists of a photo or of a sidecar, at ``path``; ``refused``: what is not read."""

    path: Path
    keywords: Keywords
    refused: str = ""


def keywords_in(photo: Path, formats: Sequence[str]) -> FoundKeywords:
    """Return the keywords embedded in a photo, without reading its pixels."""
    try:
        with open_photo(photo) as source, opened(source, photo, formats) as image:
            return FoundKeywords(photo, *keywords_of(image, source))
    except (PhototaggerError, *ODD):
        return FoundKeywords(photo, {}, "the photo cannot be read")


def keywords_of(image: Image.Image, source: BinaryIO) -> tuple[Keywords, str]:
    """Return the keywords of a photo that is open, and why its XMP is not read."""
    try:
        exif = exif_of(image, source)
    except ODD:
        exif = Image.Exif()
    packet = xmp_in(source) if image.format == "PNG" else image.info.get("xmp") or exif.get(_XMP)
    packets, refused = [], ""
    if isinstance(packet, bytes) and (packet := packet.strip(_PADDING)):
        try:
            packets.append(parse(packet).keywords)
        except RefusedSidecar as why:
            refused = f"XMP is not understood: {why}"
    values = {IPTC_KEYWORDS: _iptc(image), XP_KEYWORDS: _of_windows(exif)}
    return joined_keywords(packets, values), refused


def sidecar_keywords(
    photo: Path, style: Style, area: Area | None = None
) -> Iterator[FoundKeywords]:
    """Yield the keywords of the sidecars that a photo has, under either name."""
    yield from keywords_beside(target_of(photo, style), area)


def keywords_beside(target: Target, area: Area | None = None) -> Iterator[FoundKeywords]:
    """Yield the keywords of the sidecars that are there, each by the path that a link leads to.

    A link that leads out of ``area``, where it is given, is not followed.
    """
    for sidecar in () if target.refused else filter(None, (target.sidecar, target.other)):
        try:
            disk = read_sidecar(sidecar, area)
            if disk.data is not None:
                yield FoundKeywords(disk.path, parse(disk.data).keywords)
        except RefusedSidecar as why:
            yield FoundKeywords(sidecar, {}, str(why))


def _iptc(image: Image.Image) -> list[bytes]:
    try:
        info = IptcImagePlugin.getiptcinfo(image) or {}  # type: ignore[arg-type]
    except ODD:
        return []
    entries = info.get(_IIM_KEYWORDS, [])
    return entries if isinstance(entries, list) else [entries]


def _of_windows(exif: Image.Exif) -> list[bytes]:
    """Return the keywords that Windows put into Exif: UTF-16, with a zero at its end."""
    try:
        value = exif.get(_XP)
        raw = bytes(value) if isinstance(value, bytes | tuple) else b""
    except ODD:
        return []
    return [raw.decode("utf-16-le", "ignore").rstrip("\0").encode()] if raw else []

"""What a photo's file says about it: camera, exposure, keywords that are already there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from PIL import ExifTags, Image, UnidentifiedImageError
from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from phototagger.errors import PhototaggerError, UnreadablePhoto
from phototagger.formats import USUAL, said_of
from phototagger.imaging.opened import ODD, opened
from phototagger.imaging.orientation import upright_size
from phototagger.imaging.photo_file import read_photo
from phototagger.imaging.taken import camera_of
from phototagger.printable import one_line, printable
from phototagger.sidecars.names import Style
from phototagger.sidecars.xmp.keywords import Keywords

if TYPE_CHECKING:
    from textual.app import ComposeResult


Rows = list[tuple[str, str]]

_KIB = 1024
_LONGEST = 300  # characters of one value; a hostile tag may hold megabytes


class InfoPanel(VerticalScroll):
    """Shows the rows of ``photo_info``."""

    DEFAULT_CSS = """
    InfoPanel { height: auto; max-height: 50%; border-top: solid $foreground 40%; }
    InfoPanel:focus { border-top: heavy $border; }
    InfoPanel > .info--text { width: 100%; height: auto; }
    """

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        yield Static("reading …", classes="info--text")

    def put(self, rows: Rows) -> None:
        """Show this information."""
        text = Text()
        for place, (name, value) in enumerate(rows):
            text.append("\n" if place else "")
            text.append(f"{printable(name)}: ", "bold")
            text.append(printable(value))
        self.query_one(".info--text", Static).update(text)


def photo_info(
    path: str | os.PathLike[str], style: Style = "append", formats: Sequence[str] = USUAL
) -> Rows:
    """Return (name, value) of everything worth knowing about a photo's file.

    Never raises: what cannot be read is said in its row, or left out. Reads the photo and its
    sidecars, so it belongs in a thread.
    """
    try:
        read = read_photo(path)
        with read.source:
            of_picture = _of_picture(read.source, path, formats)
    except UnreadablePhoto as error:
        return [("file", one_line(str(error.reason)))]
    rows = [("size", _size(read.size))]
    rows += of_picture
    rows += _of_sidecars(Path(path), style)
    return [(name, _plain(value)) for name, value in rows if value.strip()]


def _of_picture(source: BinaryIO, path: str | os.PathLike[str], formats: Sequence[str]) -> Rows:
    try:
        with opened(source, path, formats) as image:
            exif, detail = _exif(image)
            wide, high = upright_size(image)
            rows = [("dimensions", f"{wide:,} x {high:,}, {image.format} {image.mode}")]
            return [*rows, *_of_camera(exif, detail), *_of_keywords(image, source)]
    except UnidentifiedImageError:  # its message is about an object of ours
        return [("picture", f"cannot be read: it is no {said_of(formats)}")]
    except (PhototaggerError, *ODD) as error:
        return [("picture", f"cannot be read: {error}")]


def _exif(image: Image.Image) -> tuple[dict[int, Any], dict[int, Any]]:
    """Return the tags of the picture with a marker for GPS, and those of its Exif directory."""
    try:
        exif = image.getexif()
        detail = dict(exif.get_ifd(ExifTags.IFD.Exif))
        tags = dict(exif)
        tags[ExifTags.IFD.GPSInfo] = dict(exif.get_ifd(ExifTags.IFD.GPSInfo))
    except ODD:
        return {}, {}
    return tags, detail


def _of_camera(exif: dict[int, Any], detail: dict[int, Any]) -> Rows:
    base = ExifTags.Base
    gps = exif.get(ExifTags.IFD.GPSInfo) or {}
    taken = detail.get(base.DateTimeOriginal) or exif.get(base.DateTime) or ""
    make, model = _text(exif.get(base.Make)), _text(exif.get(base.Model))
    return [
        ("taken", _date(_text(taken))),
        ("camera", camera_of(make, model)),
        ("lens", _text(detail.get(base.LensModel))),
        ("exposure", _exposure(detail)),
        ("GPS", "has a position" if {1, 2, 3, 4} <= gps.keys() else ""),
    ]


def _exposure(detail: dict[int, Any]) -> str:
    base = ExifTags.Base
    seconds = _number(detail.get(base.ExposureTime))
    stop = _number(detail.get(base.FNumber))
    speed = detail.get(base.ISOSpeedRatings)
    length = _number(detail.get(base.FocalLength))
    time = f"1/{1 / seconds:.0f} s" if seconds and seconds < 1 / 3 else f"{seconds:g} s"
    parts = [
        time if seconds else "",
        f"f/{stop:.3g}" if stop else "",
        f"ISO {_text(speed[0] if isinstance(speed, tuple) and speed else speed)}" if speed else "",
        f"{length:.4g} mm" if length else "",
    ]
    return ", ".join(part for part in parts if part)


def _of_keywords(image: Image.Image, source: BinaryIO) -> Rows:
    # The screen opens without what reads XMP.
    from phototagger.engine.decisions.file_keywords import keywords_of

    keywords, refused = keywords_of(image, source)
    return [("keywords", _listed(keywords)), ("note", refused)]


def _of_sidecars(photo: Path, style: Style) -> Rows:
    from phototagger.engine.decisions.file_keywords import sidecar_keywords

    return [
        (
            printable(sidecar.path.name),
            sidecar.refused or _listed(sidecar.keywords) or "no keywords",
        )
        for sidecar in sidecar_keywords(photo, style)
    ]


def _listed(keywords: Keywords) -> str:
    from phototagger.sidecars.xmp.keywords import Field

    return ", ".join(keywords.get(Field.SUBJECT, ()))


def _size(size: int) -> str:
    value, unit = float(size), "bytes"
    for bigger in ("KiB", "MiB", "GiB"):
        if value < _KIB:
            break
        value, unit = value / _KIB, bigger
    return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"


def _date(text: str) -> str:
    """Return an EXIF date (``2021:05:03 10:00:00``) with the dashes that people read."""
    day, _, time = text.partition(" ")
    return f"{day.replace(':', '-')} {time}".strip()


def _number(value: Any) -> float:
    try:
        number = float(value)
    except ODD:
        return 0.0
    return number if 0 < number < float("inf") else 0.0


def _text(value: Any) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return "" if text is None else str(text).replace("\0", " ").strip()


def _plain(value: str) -> str:
    """Return one line that a terminal can show."""
    shown = one_line(value)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"

"""The formats that photos can be in: one row each, from which everything else follows."""

import os
from collections.abc import Iterable
from typing import NamedTuple

PathLike = str | bytes | os.PathLike[str]


class Format(NamedTuple):
    """One format of photos.

    ``name``: the word of the setting `formats`. ``said``: its name in a sentence. ``endings``: what
    names of its files end with, in any case. ``pillow``: what Pillow calls it; ``plugin``: the
    module that teaches it to. ``kind``: how other_kinds.py says what its files are. ``package``:
    what it needs beyond Pillow, which the extra of the format's name installs.
    ``known_by_name``: its files are told from others by their names alone.
    """

    name: str
    said: str
    endings: tuple[str, ...]
    pillow: str
    plugin: str
    kind: str = ""
    package: str = ""
    known_by_name: bool = False


FORMATS = {
    row.name: row
    for row in (
        Format("jpeg", "JPEG", (".jpg", ".jpeg"), "JPEG", "PIL.JpegImagePlugin"),
        Format("png", "PNG", (".png",), "PNG", "PIL.PngImagePlugin"),
        Format("webp", "WebP", (".webp",), "WEBP", "PIL.WebPImagePlugin", "a WEBP image"),
        Format(
            "tiff", "TIFF", (".tif", ".tiff"), "TIFF", "PIL.TiffImagePlugin", "a TIFF or raw image"
        ),
        Format(
            "heic",
            "HEIC",
            (".heic", ".heif", ".hif"),
            "HEIF",
            "pillow_heif.HeifImagePlugin",
            "a HEIC image",
            "pillow-heif",
        ),
        Format(
            "raw",
            "raw",
            (".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".dng"),
            "RAW",
            "phototagger.imaging.raw",
            package="rawpy",
            known_by_name=True,
        ),
    )
}
"""Each format by its name."""

USUAL = ("jpeg", "png")
"""The formats that are read unless the setting says otherwise."""


def endings_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return what the names of photos of these formats end with, in lower case."""
    return tuple(ending for name in names for ending in FORMATS[name].endings)


def said_of(names: Iterable[str]) -> str:
    """Return what a photo of these formats is, in a sentence: ``JPEG, PNG or WebP``."""
    *others, last = (FORMATS[name].said for name in names)
    return f"{', '.join(others)} or {last}" if others else last


def has_ending(path: PathLike, endings: tuple[str, ...]) -> bool:
    """Say whether a file's name ends with one of these, in any case."""
    return os.fsdecode(path).lower().endswith(endings)

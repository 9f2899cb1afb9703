"""A photo's file, opened by the plug-in of its format; nothing of its pixels is decoded yet."""

import contextlib
import ctypes
import functools
import importlib
import logging
import struct
import warnings
from collections.abc import Iterable, Iterator
from importlib import metadata
from typing import BinaryIO, cast

from PIL import Image, ImageFile

from phototagger.errors import MissingError, UnreadablePhoto
from phototagger.formats import FORMATS, Format, PathLike, has_ending
from phototagger.imaging.orientation import forget_exif_of_turned_heic
from phototagger.reasons import Reason

_MOST_READS = 2**20  # of one file; a photo of 100 MB takes some thousands
_MOST_HELD = 256 * 2**20
"""Bytes of a file whose plug-in holds all of it in memory."""

ODD = (
    OSError, ValueError, TypeError, LookupError, ArithmeticError, SyntaxError, EOFError,
    AttributeError, RuntimeError, MemoryError, struct.error,
)  # fmt: skip
"""What Pillow and its plug-ins raise on broken files."""

# The header's size is checked where photos are decoded, against the person's own limit.
Image.MAX_IMAGE_PIXELS = None
# Damage beside the pixels does no harm, and damage to them is an error.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
# Nor is anything printed that does not name the file: what is wrong with it is raised.
logging.getLogger("PIL").addHandler(logging.NullHandler())


def check_formats(names: Iterable[str]) -> None:
    """Raise MissingError, with the cure, where what reads one of these formats is not installed.

    Nothing is imported.
    """
    missing = [row for name in names if not is_installed(row := FORMATS[name])]
    if missing:
        causes = ", ".join(f"{row.said} needs {row.package}" for row in missing)
        raise MissingError(f"{causes}, which is not installed", f"type `{cure_of(missing)}`")


def is_installed(row: Format) -> bool:
    """Say whether the package that reads a format is there; nothing is imported."""
    try:
        return not row.package or bool(metadata.version(row.package))
    except metadata.PackageNotFoundError:
        return False


def cure_of(rows: Iterable[Format]) -> str:
    """Return the command that installs what reads these formats."""
    return f"pip install 'phototagger[{','.join(row.name for row in rows)}]'"


@contextlib.contextmanager
def opened(source: BinaryIO, path: PathLike, names: Iterable[str]) -> Iterator[ImageFile.ImageFile]:
    """Open a photo of one of these formats by its content, whatever its name ends with.

    But a format that is known by name is read in files of its name alone. Raises MissingError
    where what reads a format does not work, UnreadablePhoto where the file is too long for it, and
    whatever Pillow does.
    """
    rows = [FORMATS[name] for name in names]
    for row in rows:
        plug_in(row)
    own = [row for row in rows if row.known_by_name and has_ending(path, row.endings)]
    tried = [row.pillow for row in (*own, *(row for row in rows if not row.known_by_name))]
    patient = cast("BinaryIO", _PatientFile(source, path))
    with Image.open(patient, formats=tried) as image:
        forget_exif_of_turned_heic(image)
        yield image


@functools.cache
def plug_in(row: Format) -> None:
    """Import what reads a format. Raises MissingError where that fails."""
    try:
        importlib.import_module(row.plugin)
    except ImportError as error:
        if not row.package:
            raise
        cause = f"{row.package}, which reads {row.said}, does not work here: {error}"
        raise MissingError(cause, f"type `{cure_of([row])}`") from error
    if row.pillow == "TIFF":
        _quiet_libtiff()


def _quiet_libtiff() -> None:
    """Keep libtiff from writing to the terminal what is wrong with a file: we say it ourselves."""
    # Where Pillow was built in another way there is no such function to be found.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(Image.core.__file__).TIFFSetErrorHandler(None)  # type: ignore[attr-defined]


class _PatientFile:
    """A file for Pillow, which reads headers bit by bit: a hostile one would take minutes.

    Plug-ins that read from a file's number, or from the bytes in memory, are given these.
    """

    def __init__(self, source: BinaryIO, path: PathLike) -> None:
        self.seek, self.tell = source.seek, source.tell
        for name in ("fileno", "getvalue"):
            if hasattr(source, name):
                setattr(self, name, getattr(source, name))
        self._source = source
        self._path = path
        self._left = _MOST_READS

    def read(self, size: int = -1) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise ValueError("it has too many parts")
        if size >= 0:
            return self._source.read(size)
        data = self._source.read(_MOST_HELD + 1)
        if len(data) > _MOST_HELD:
            fields = {"size": self._source.seek(0, 2), "most": _MOST_HELD}
            raise UnreadablePhoto(self._path, Reason("too_long", fields))
        return data

"""Photo → cached thumbnail: 512 px long edge, upright, sRGB, ``ab/<sha1>.jpg``."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image, ImageCms

from phototagger.core.files import remove_leftovers, write_atomically
from phototagger.core.images import MAX_PIXELS, Picture, decode
from phototagger.core.photo_file import read_photo

if TYPE_CHECKING:
    from collections.abc import Container

LONG_EDGE = 512
"""The long edge of a thumbnail, in pixels."""

_QUALITY = 85
_LEFT_SECONDS = 3600.0
_SHA1 = 20  # bytes
_THUMBNAIL = re.compile(r"[0-9a-f]{40}\.jpg")
_LEAST_BYTES = 100  # a JPEG of one pixel takes six times as many
_ENDS = (b"\xff\xd8", b"\xff\xd9")  # with what a JPEG begins and ends

Look = Literal["name", "size", "ends"]
"""How closely the cache is looked at."""


CACHE_TAG = "CACHEDIR.TAG"
"""The file by which a cache is known: a scan passes it over, and only there thumbnails go."""

_USERS = "used-by"
_TAG_TEXT = b"""Signature: 8a477f597d28d172789f06886806bc55
# phototagger keeps thumbnails here (Cache Directory Tagging Specification, bford.info/cachedir).
"""


def begin_cache(cache_dir: str | os.PathLike[str]) -> None:
    """Make the folder of thumbnails, marked as a cache."""
    tag = Path(cache_dir, CACHE_TAG)
    if not tag.exists():
        tag.parent.mkdir(parents=True, exist_ok=True)
        with write_atomically(tag, durable=False) as file:
            file.write(_TAG_TEXT)


def note_user(cache_dir: str | os.PathLike[str], run_dir: str | os.PathLike[str]) -> None:
    """Note in the cache that the catalogue of a run_dir uses it."""
    begin_cache(cache_dir)
    line = os.fsencode(os.path.abspath(run_dir)).replace(b"\n", b"\0") + b"\n"
    file = Path(cache_dir, _USERS)
    if line not in (file.read_bytes() if file.exists() else b"").splitlines(keepends=True):
        with file.open("ab") as out:
            out.write(line)


def users(cache_dir: str | os.PathLike[str]) -> list[str]:
    """Return the run_dirs whose catalogues use a cache."""
    file = Path(cache_dir, _USERS)
    lines = file.read_bytes().splitlines() if file.exists() else []
    return [os.fsdecode(line.replace(b"\0", b"\n")) for line in lines]


def thumbnail_path(cache_dir: str | os.PathLike[str], sha1: bytes) -> Path:
    """Return where the thumbnail of a photo's content is kept."""
    return Path(thumbnail_file(cache_dir, sha1))


def thumbnail_file(cache_dir: str | os.PathLike[str], sha1: bytes) -> str:
    """Return the same as text, of which nothing is kept: a million Paths leave their names."""
    name = sha1.hex()
    return os.path.join(cache_dir, name[:2], f"{name}.jpg")  # noqa: PTH118


def make_thumbnail(
    path: str | bytes | os.PathLike[str],
    cache_dir: str | os.PathLike[str],
    max_pixels: int = MAX_PIXELS,
) -> Path:
    """Return the path of a photo's thumbnail, made now unless it is there.

    Raises UnreadablePhoto where the photo cannot be read.
    """
    read = read_photo(path)
    with read.source:
        target = thumbnail_path(cache_dir, read.sha1)
        if not _is_there(target):
            picture = decode(read.source, path, long=LONG_EDGE, max_pixels=max_pixels)
            begin_cache(cache_dir)
            save_thumbnail(encode_thumbnail(picture), target)
    return target


def encode_thumbnail(picture: Picture) -> bytes:
    """Return the JPEG bytes of a picture's thumbnail; never enlarged, no side under 1 px."""
    shrink = min(1.0, LONG_EDGE / max(picture.width, picture.height))
    size = (max(1, round(picture.width * shrink)), max(1, round(picture.height * shrink)))
    image = picture.image
    if image.size != size:
        image = image.resize(size, Image.Resampling.BICUBIC, box=picture.box)
    out = io.BytesIO()
    # Pillow would copy the photo's own comment, and refuse one that is too long.
    _in_srgb(image, picture.icc_profile).save(out, "JPEG", quality=_QUALITY, comment=b"")
    return out.getvalue()


def save_thumbnail(data: bytes, target: str | os.PathLike[str]) -> None:
    """Put a thumbnail in its place, whole or not at all."""
    os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
    # A cache need not survive a power cut: durability would cost more than making it again.
    with write_atomically(target, durable=False) as file:
        file.write(data)


def cached_thumbnails(cache_dir: str | os.PathLike[str]) -> set[bytes]:
    """Return the SHA-1s of all photos that have a thumbnail, whole or not, by their names."""
    flat = thumbnail_keys(cache_dir, "name")
    return {flat[start : start + _SHA1] for start in range(0, len(flat), _SHA1)}


def thumbnail_keys(cache_dir: str | os.PathLike[str], look: Look = "size") -> bytes:
    """Return the SHA-1s of all photos whose thumbnail is there, 20 bytes each, one after another.

    ``look``: at names alone; at sizes, too, which finds what a power cut emptied (half a second
    for 100,000); or also at both ends of each file, which finds what was cut off (two seconds).
    A million keys are 20 MB so, where a set of them takes ten times as much.
    """
    found = bytearray()
    try:
        folders = [name for name in os.listdir(cache_dir) if len(name) == 2]  # noqa: PLR2004, PTH208
    except FileNotFoundError:
        return b""
    for folder in folders:
        with (
            contextlib.suppress(NotADirectoryError, FileNotFoundError),
            os.scandir(os.path.join(cache_dir, folder)) as entries,  # noqa: PTH118
        ):
            mine = (entry for entry in entries if _THUMBNAIL.fullmatch(entry.name))
            found += _sha1s([entry.name for entry in mine if _passes(entry, look)], folder)
    return bytes(found)


def _passes(entry: os.DirEntry[str], look: Look) -> bool:
    if look == "name":
        return True
    try:
        if entry.stat().st_size < _LEAST_BYTES:
            return False
        return look == "size" or _has_both_ends(entry.path)
    except OSError:
        return False  # it vanished, or cannot be read: to be made again


def _has_both_ends(file: str) -> bool:
    with open(file, "rb", buffering=0) as opened:  # noqa: PTH123
        begin = opened.read(2)
        opened.seek(-2, os.SEEK_END)
        return (begin, opened.read(2)) == _ENDS


def _sha1s(names: list[str], folder: str) -> bytes:
    return bytes.fromhex("".join([name[:-4] for name in names if name.startswith(folder)]))


def prune_thumbnails(
    cache_dir: str | os.PathLike[str], used: Container[bytes], *, pretend: bool = False
) -> tuple[int, int]:
    """Remove the thumbnails of contents that are not ``used``; return how many, of how many bytes.

    Temporary files that a killed process left go too, once they are an hour old: another process
    may be writing younger ones. ``pretend`` removes nothing; nothing goes
    from a folder that is not marked as a cache.
    """
    if not Path(cache_dir, CACHE_TAG).is_file():
        return 0, 0
    if not pretend:
        for folder in Path(cache_dir).glob("??"):
            remove_leftovers(folder, older_than=_LEFT_SECONDS)
    count = size = 0
    for sha1 in cached_thumbnails(cache_dir):
        if sha1 not in used:
            target = thumbnail_path(cache_dir, sha1)
            with contextlib.suppress(FileNotFoundError):
                size += target.stat().st_size
                count += 1
                if not pretend:
                    target.unlink()
    return count, size


def _is_there(target: Path) -> bool:
    try:
        return target.stat().st_size >= _LEAST_BYTES and _has_both_ends(str(target))
    except FileNotFoundError:
        return False


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

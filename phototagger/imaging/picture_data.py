"""The picture in a JPEG or PNG apart from what is said about it, by walking over the file.

Nothing is decoded: a JPEG is a row of segments (ITU-T T.81 annex B), a PNG one of chunks (ISO/IEC
15948). Those that make up the pixels go into one digest, so that it stays the same when a rating,
a keyword, a thumbnail or a colour profile is written into the file, and differs with any pixel.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from hashlib import _Hash  # it is in typeshed only

_BLOCK = 2**20
_MOST_PARTS = 2**18  # no real file has so many; what comes after them is taken as it is
_MOST_FILLING = 2**16  # FFs before a marker

_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"

# Within entropy-coded data FF is followed by 00, or numbers a restart; more FFs are filling.
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FILLING, _END, _SCAN = 0xFF, 0xD9, 0xDA
_ALONE = frozenset({0x01, 0xD8})  # TEM, SOI: they have no length
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# APP14, Adobe's, says how colours are stored; the other APPn and comments say nothing of pixels.
_ABOUT = (frozenset(range(0xE0, 0xF0)) - {0xEE}) | {0xFE}

_PIXEL_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS"})


class PictureData(NamedTuple):
    """What a walk over a file finds.

    ``digest``: SHA-1 of the picture data alone, None where the file holds no picture. ``width``
    and ``height`` are the frame's, before any orientation is applied. ``scans``: how often a
    decoder goes over the frame, 1 for a PNG and a baseline JPEG.
    """

    digest: bytes | None = None
    width: int = 0
    height: int = 0
    scans: int = 0


def picture_data(source: BinaryIO) -> PictureData:
    """Walk over a JPEG or PNG from its beginning; a file of another kind has no picture here."""
    source.seek(0)
    blocks = _ByteReader(source)
    head = blocks.take(len(_JPEG))
    if head == _JPEG:
        return _jpeg(blocks)
    if head + blocks.take(len(_PNG) - len(head)) == _PNG:
        return _png(blocks)
    return PictureData()


def _jpeg(blocks: _ByteReader) -> PictureData:
    digest = hashlib.sha1(usedforsecurity=False)
    width = height = scans = 0
    for _ in range(_MOST_PARTS):
        marker = blocks.feed_to_marker(digest)
        if marker is None or marker == _END:  # what follows the end is another file
            break
        if marker in _ALONE:
            continue
        length = blocks.take(2)
        size = max(0, int.from_bytes(length, "big") - 2)
        if marker in _ABOUT:
            blocks.skip(size)
            continue
        body = blocks.take(size)
        digest.update(bytes((0xFF, marker)) + length + body)
        scans += marker == _SCAN
        if marker in _FRAMES and not width:
            height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    else:
        blocks.feed(digest)
    return PictureData(digest.digest() if width and scans else None, width, height, scans)


def _png(blocks: _ByteReader) -> PictureData:
    digest = hashlib.sha1(usedforsecurity=False)
    width = height = scans = 0
    for _ in range(_MOST_PARTS):
        head = blocks.take(8)
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind in (b"", b"IEND"):
            break
        if kind == b"IDAT":
            # How the stream is cut into chunks means nothing, so only its first name counts.
            digest.update(b"" if scans else kind)
            blocks.feed(digest, size)
            scans = 1
        elif kind in _PIXEL_CHUNKS:
            body = blocks.take(size)
            digest.update(kind + head[:4] + body)
            if kind == b"IHDR":
                width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
        else:
            blocks.skip(size)
        blocks.skip(4)  # the chunk's checksum
    else:
        blocks.feed(digest)
    return PictureData(digest.digest() if width and scans else None, width, height, scans)


class _ByteReader:
    """A file's bytes, read a block at a time; what is found does not depend on their borders."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._block = b""
        self._at = 0

    def take(self, size: int) -> bytes:
        """Return the next bytes, fewer at the end of the file."""
        if self._at == len(self._block):
            self._block, self._at = self._source.read(_BLOCK), 0
        part = self._block[self._at : self._at + size]
        self._at += len(part)
        if len(part) < size:
            part += self._source.read(size - len(part))
        return part

    def skip(self, size: int) -> None:
        """Pass over the next bytes."""
        beyond = size - (len(self._block) - self._at)
        if beyond > 0:
            self._source.seek(beyond, os.SEEK_CUR)
            self._at = len(self._block)
        else:
            self._at += size

    def feed(self, digest: _Hash, size: int | None = None) -> None:
        """Add the next bytes to a digest, all that are left where no size is given."""
        while size is None or size:
            part = self.take(_BLOCK if size is None else min(size, _BLOCK))
            if not part:
                return
            digest.update(part)
            size = None if size is None else size - len(part)

    def feed_to_marker(self, digest: _Hash) -> int | None:
        """Add what comes before the next marker to a digest; return the marker, None at the end."""
        while True:
            marker = _MARKER.search(self._block, self._at)
            end = marker.start() if marker else len(self._block)
            more = b"" if marker else self._source.read(_BLOCK)
            data_end = self._without_filling(end) if marker or more else end
            digest.update(memoryview(self._block)[self._at : data_end])
            if marker:
                self._at = marker.end()
                return self._block[end + 1]
            if not more:
                self._at = end
                return None
            # FFs at the end of a block may be filling, or the beginning of a marker.
            self._block, self._at = self._block[data_end:] + more, 0

    def _without_filling(self, end: int) -> int:
        """Return where the FFs begin that fill the block up to an end; so many are no filling."""
        for start in range(end, max(self._at, end - _MOST_FILLING), -1):
            if self._block[start - 1] != _FILLING:
                return start
        return self._at if end - self._at < _MOST_FILLING else end

"""The chunks of a PNG: a picture without those that are damaged, and whether it has all its rows.

Chunks beside the pixels may be wrong, and no viewer minds (ISO/IEC 15948, clauses 5 and 13).
"""

import io
import itertools
import os
import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

_SIGNATURE_BYTES = 8
_MOST_CHUNKS = 2**18
_MOST_BESIDE = 2**22  # bytes of a chunk beside the pixels
_MOST_XMP = 2**25
_MOST_PROFILE = 2**20  # bytes of a colour profile, unpacked
_PIECE = 2**20

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_TRANSPARENT = {0: 2, 2: 6}  # bytes of the transparent value, by colour type
# Adam7: the first column and row of each pass, and the steps between its columns and rows.
_PASSES = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4),
    (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
)  # fmt: skip


class _Chunk(NamedTuple):
    """``at``: where its body begins in the file."""

    kind: bytes
    at: int
    size: int


def without_damage(source: BinaryIO) -> io.BufferedReader:
    """Return a PNG with its pixels, and with its transparency, profile and EXIF as far as sound."""
    colour_type = None
    parts = [(0, _SIGNATURE_BYTES)]
    for chunk in _chunks(source):
        if chunk.kind == b"IHDR":
            colour_type = _body(source, chunk)[9:10]
        if chunk.kind in (b"IHDR", b"PLTE", b"IDAT") or _is_sound(source, chunk, colour_type):
            parts.append((chunk.at - 8, chunk.size + 12))
    return io.BufferedReader(_Spliced(source, parts))


def exif_in(source: BinaryIO) -> bytes:
    """Return the EXIF of a PNG, also where it stands after the pixels; empty where it has none."""
    chunks = (
        chunk for chunk in _chunks(source) if chunk.kind == b"eXIf" and chunk.size <= _MOST_BESIDE
    )
    chunk = next(chunks, None)
    return b"" if chunk is None else _body(source, chunk)


def xmp_in(source: BinaryIO) -> bytes:
    """Return the XMP of a PNG, also where it stands after the pixels; empty where it has none."""
    for chunk in _chunks(source):
        if chunk.kind == b"iTXt" and chunk.size <= _MOST_XMP:
            name, _, content = _body(source, chunk).partition(b"\0")
            if name == b"XML:com.adobe.xmp":
                packed, text = content[:1] == b"\1", content[2:].split(b"\0", 2)[-1]
                return _unpacked(text) if packed else text
    return b""


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, _MOST_XMP)
    except zlib.error:
        return b""


def has_all_rows(source: BinaryIO) -> bool:
    """Say whether the compressed pixels are as many as the header says, by unpacking them."""
    missing, stream = 0, zlib.decompressobj()
    try:
        for chunk in _chunks(source):
            if chunk.kind == b"IHDR":
                missing = _bytes_of_rows(_body(source, chunk))
            elif chunk.kind == b"IDAT":
                for packed in _pieces(source, chunk):
                    pending = packed
                    while missing > 0 and (rows := stream.decompress(pending, _PIECE)):
                        missing -= len(rows)
                        pending = stream.unconsumed_tail
                if missing <= 0:
                    return True
    except (zlib.error, struct.error, KeyError):  # also a header that no PNG has
        return False
    return False


def _chunks(source: BinaryIO) -> Iterator[_Chunk]:
    at = _SIGNATURE_BYTES
    for _ in range(_MOST_CHUNKS):
        source.seek(at)
        head = source.read(8)
        if len(head) < 8 or head[4:] == b"IEND" or not head[4:].isalpha():  # noqa: PLR2004
            return
        size, kind = struct.unpack(">I4s", head)
        yield _Chunk(kind, at + 8, size)
        at += size + 12


def _body(source: BinaryIO, chunk: _Chunk) -> bytes:
    source.seek(chunk.at)
    return source.read(chunk.size)


def _pieces(source: BinaryIO, chunk: _Chunk) -> Iterator[bytes]:
    for start in range(0, chunk.size, _PIECE):
        source.seek(chunk.at + start)
        yield source.read(min(_PIECE, chunk.size - start))


def _is_sound(source: BinaryIO, chunk: _Chunk, colour_type: bytes | None) -> bool:
    """Say whether a chunk tells how the pixels look, and is as it was written."""
    if chunk.kind not in (b"tRNS", b"iCCP", b"eXIf") or chunk.size > _MOST_BESIDE:
        return False
    body = _body(source, chunk)
    if source.read(4) != zlib.crc32(body, zlib.crc32(chunk.kind)).to_bytes(4, "big"):
        return False
    if chunk.kind == b"tRNS":
        kind = colour_type[0] if colour_type else 0
        return len(body) == _TRANSPARENT.get(kind, len(body))
    return chunk.kind == b"eXIf" or _is_profile(body)


def _is_profile(body: bytes) -> bool:
    _, _, packed = body.partition(b"\0")
    stream = zlib.decompressobj()
    try:
        stream.decompress(packed[1:], _MOST_PROFILE)
    except zlib.error:
        return False
    return packed[:1] == b"\0" and stream.eof


def _bytes_of_rows(header: bytes) -> int:
    """Return how many bytes all rows take, each with the byte of its filter."""
    wide, high, depth, colour_type, _, _, interlaced = struct.unpack(">IIBBBBB", header[:13])
    bits = depth * _CHANNELS[colour_type]
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    sizes = ((-(-(wide - x) // dx), -(-(high - y) // dy)) for x, y, dx, dy in passes)
    return sum(
        rows * (1 + -(-columns * bits // 8)) for columns, rows in sizes if columns > 0 < rows
    )


class _Spliced(io.RawIOBase):
    """Parts of a file (start, size), read one after the other."""

    def __init__(self, source: BinaryIO, parts: Sequence[tuple[int, int]]) -> None:
        self._source = source
        self._parts = parts
        self._ends = list(itertools.accumulate(size for _, size in parts))
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._ends[-1]}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        number = bisect_right(self._ends, self._at)
        if number == len(self._parts):
            return 0
        start, size = self._parts[number]
        left = self._ends[number] - self._at
        self._source.seek(start + size - left)
        data = self._source.read(min(len(buffer), left))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

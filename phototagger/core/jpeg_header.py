"""What a JPEG's header says: the picture's size, and whether it has a place for keywords at all.

Most photos come straight from a camera and have no keywords; to find that out through exiftool
costs a quarter of the work on a new sidecar. Only what is certain counts: a header of nothing but
picture data, JFIF, colour profile and an Exif block without XMP, IPTC or Photoshop tags (CIPA
DC-008, ITU-T T.81 annex B). Whatever else there is, or where anything is out of order, exiftool is
asked.
"""

from __future__ import annotations

import struct

HEADER_BYTES = 256 * 1024
"""How much of the file is looked at; a longer header is exiftool's."""

_START, _SCAN = b"\xff\xd8", 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PICTURE = frozenset({0xC4, 0xDB, 0xDD, 0xFE}) | _FRAMES  # tables, comment, frame
_HARMLESS = {
    0xE0: (b"JFIF\0", b"JFXX\0"),
    0xE2: (b"ICC_PROFILE\0", b"MPF\0"),
    0xEE: (b"Adobe",),
}
_EXIF = b"Exif\0\0"
_XMP_TAG, _IPTC_TAG, _PHOTOSHOP_TAG = 0x02BC, 0x83BB, 0x8649
_DIRECTORIES = 2  # of the picture and of its thumbnail


def surely_no_keywords(head: bytes) -> bool:
    """Say whether the first ``HEADER_BYTES`` of a file are a JPEG header without keywords."""
    at, framed = 2, False
    while head.startswith(_START) and at + 4 <= len(head) and head[at] == 0xFF:  # noqa: PLR2004
        marker, size = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if marker == _SCAN:
            return framed
        if not _harmless(marker, head[at + 4 : at + 2 + size]):
            return False
        framed |= marker in _FRAMES
        at += 2 + size
    return False


def picture_size(head: bytes) -> tuple[int, int] | None:
    """Return width and height as a JPEG's frame says them; None where there is no frame."""
    at = 2
    while head.startswith(_START) and at + 9 <= len(head) and head[at] == 0xFF:  # noqa: PLR2004
        if head[at + 1] in _FRAMES:
            high, wide = struct.unpack_from(">HH", head, at + 5)
            return wide, high
        at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


def _harmless(marker: int, body: bytes) -> bool:
    """Say whether a segment is of a kind that holds no keywords."""
    if marker == 0xE1:  # noqa: PLR2004  (Exif, or XMP)
        return body.startswith(_EXIF) and _exif_is_plain(body[len(_EXIF) :])
    return marker in _PICTURE or body.startswith(_HARMLESS.get(marker, ()))


def _exif_is_plain(tiff: bytes) -> bool:
    """Say whether an Exif block is in order and has no tag that wraps XMP, IPTC or Photoshop."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return False
    try:
        (at,) = struct.unpack_from(order + "I", tiff, 4)
        for _ in range(_DIRECTORIES):
            (count,) = struct.unpack_from(order + "H", tiff, at)
            tags = {struct.unpack_from(order + "H", tiff, at + 2 + 12 * n)[0] for n in range(count)}
            if tags & {_XMP_TAG, _IPTC_TAG, _PHOTOSHOP_TAG}:
                return False
            (at,) = struct.unpack_from(order + "I", tiff, at + 2 + 12 * count)
            if at == 0:
                return True
    except struct.error:
        return False
    return False

"""What a JPEG's header says: the picture's size, and whether there is a text a sidecar would hide.

Most photos come straight from a camera and have none; to find that out through exiftool costs a
quarter of the work on a new sidecar. Only what is certain counts: a header of nothing but picture
data, JFIF, colour profile and an Exif block without XMP, IPTC or Photoshop tags, and with blank
texts at most (CIPA DC-008, ITU-T T.81 annex B). Whatever else there is, or where anything is out of
order, exiftool is asked.
"""

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
_EXIF_TAG, _USER_COMMENT = 0x8769, 0x9286
_WRAPPING = {0x02BC, 0x83BB, 0x8649}  # XMP, IPTC, Photoshop
_RATINGS = {0x4746, 0x4749}  # in stars and in percent, of which 0 says something, too
_TEXTS = {0x010E, 0x013B, 0x8298, 0x9C9E, _USER_COMMENT}
"""Description, artist, copyright, keywords of Windows, and a comment of the user."""
_INLINE = 4  # bytes of a value that stand in the place of its offset
_CHARACTER_CODE = 8  # bytes that say how a user comment is written
_SIZES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}  # of other types: a byte
_DIRECTORIES = 2  # of the picture and of its thumbnail


def surely_nothing_to_carry(head: bytes) -> bool:
    """Say whether the first ``HEADER_BYTES`` of a file are a JPEG header that says nothing."""
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
    """Say whether a segment is of a kind that holds no texts, or holds none."""
    if marker == 0xE1:  # noqa: PLR2004  (Exif, or XMP)
        return body.startswith(_EXIF) and _exif_is_plain(body[len(_EXIF) :])
    return marker in _PICTURE or body.startswith(_HARMLESS.get(marker, ()))


def _exif_is_plain(tiff: bytes) -> bool:
    """Say whether an Exif block is in order and says nothing that a sidecar would hide."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return False
    try:
        (at,) = struct.unpack_from(order + "I", tiff, 4)
        for _ in range(_DIRECTORIES):
            tags = _tags(tiff, order, at)
            if not tags.keys().isdisjoint(_WRAPPING) or not all(map(_is_blank, tags.items())):
                return False
            if _EXIF_TAG in tags:
                (inner,) = struct.unpack(order + "I", tags[_EXIF_TAG][:4])
                if not all(map(_is_blank, _tags(tiff, order, inner).items())):
                    return False
            (at,) = struct.unpack_from(order + "I", tiff, at + 2 + 12 * len(tags))
            if at == 0:
                return True
    except struct.error:
        return False
    return False


def _tags(tiff: bytes, order: str, at: int) -> dict[int, bytes]:
    """Return the tags of the directory at an offset, with the bytes of each one's value.

    Raises ``struct.error`` where it is not all there, or a tag occurs twice.
    """
    (count,) = struct.unpack_from(order + "H", tiff, at)
    tags = {}
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, number = struct.unpack_from(order + "HHI", tiff, entry)
        size = number * _SIZES.get(kind, 1)
        (offset,) = struct.unpack_from(order + "I", tiff, entry + 8)
        start = entry + 8 if size <= _INLINE else offset
        tags[tag] = tiff[start : start + size]
        if len(tags[tag]) != size:
            raise struct.error("a value is not there")
    if len(tags) != count:
        raise struct.error("a tag occurs twice")
    return tags


def _is_blank(entry: tuple[int, bytes]) -> bool:
    """Say whether a tag is none that is carried over, or one that cameras leave blank."""
    tag, value = entry
    text = value[_CHARACTER_CODE:] if tag == _USER_COMMENT else value
    return tag not in _RATINGS and (tag not in _TEXTS or not text.strip(b"\0 "))

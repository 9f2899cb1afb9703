"""A JPEG whose pixels are all there, told from one that is cut short.

A decoder fills what is missing with grey and says nothing. But once it has read the last bit of a
whole picture it needs no more, so whatever is put between that bit and the end marker changes no
pixel; where bits are missing it takes them from there. So a picture is whole where it comes out
the same with several fillings (ITU-T T.81, annexes B, F and G).
"""

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_START, _END, _SCAN, _RESTARTS = 0xD8, 0xD9, 0xDA, 0xDD
_RESTART_NUMBERS = range(0xD0, 0xD8)
_ALONE = frozenset({0x01, _START, _END})  # they have no length; 01 is TEM
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_COEFFICIENTS = frozenset(range(64))

# Zeros, ones (FF is followed by 00), and a mixture; more than the blocks at an edge take that
# are decoded and not seen.
_FILLINGS = (b"\0" * 4096, b"\xff\0" * 4096, b"\x55" * 4096)
_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_MOST_SEGMENTS = 2**16
_LEAST_BYTES = 6  # in the header of a frame or scan
_PADDING_BYTES = 64  # so many zeros at the end are no pixels
_SCAN_ZEROS = 2  # but the first of them may be


def fillings(data: bytes) -> Iterator[bytes]:
    """Yield a JPEG's first picture, ended in several ways; in none where a scan is missing.

    The picture is whole where all of them give the same pixels. What follows it is left out: a
    vendor's trailer, another picture, zeros that a disk was filled up with.
    """
    picture = _first_picture(data)
    scans = picture.scans
    if not scans or not (picture.is_ended or picture.has_all_scans):
        return
    if not picture.is_ended:
        zeros = _zeros_at_the_end(scans)
        if zeros >= _PADDING_BYTES:
            scans = scans[: _SCAN_ZEROS - zeros]
        scans = scans.rstrip(b"\xff")  # the half of an end marker
    for filling in _FILLINGS:
        yield scans + filling + _EOI
    if picture.has_restarts:  # a decoder that waits for the next one passes over anything else
        for filling in _FILLINGS:
            yield scans + _next_restart(scans) + filling + _EOI


def ends_in_zeros(data: bytes) -> bool:
    """Say whether a file's last bytes are zeros with no end of a picture before them."""
    zeros = _zeros_at_the_end(data)
    return zeros >= _PADDING_BYTES and not data.endswith(_EOI, 0, len(data) - zeros)


def _zeros_at_the_end(data: bytes) -> int:
    return len(data) - len(data.rstrip(b"\0"))


class _FirstPicture(NamedTuple):
    """``scans``: all bytes up to the end of the last scan.

    It has all scans where every bit of every coefficient of every component was sent.
    """

    scans: bytes
    is_ended: bool
    has_all_scans: bool
    has_restarts: bool


def _first_picture(data: bytes) -> _FirstPicture:
    frame, scan_end, in_scan = 0, 0, False
    is_ended = has_restarts = False
    missing: dict[int, frozenset[int]] = {}
    for marker, start, body in itertools.islice(_segments(data), _MOST_SEGMENTS):
        if in_scan:
            scan_end, in_scan = start, False
        has_restarts |= marker == _RESTARTS
        is_ended = marker == _END
        if len(body) < _LEAST_BYTES:
            continue
        if marker in _FRAMES and not frame:
            frame, missing = marker, dict.fromkeys(body[6 : 6 + 3 * body[5] : 3], _COEFFICIENTS)
        elif marker == _SCAN:
            scan_end, in_scan = len(data), True
            sent = _sent(*body[-3:]) if frame in _PROGRESSIVE else _COEFFICIENTS
            missing |= {
                component: missing.get(component, sent) - sent
                for component in body[1 : 1 + 2 * body[0] : 2]
            }
    return _FirstPicture(data[:scan_end], is_ended, not any(missing.values()), has_restarts)


def _segments(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield marker, start and body of each segment, up to the end of the picture."""
    at = len(_SOI)
    while match := _MARKER.search(data, at):
        marker, at = match[0][1], match.end()
        size = int.from_bytes(data[at : at + 2], "big") if marker not in _ALONE else 0
        body = data[at + 2 : at + size]
        if at + size > len(data):
            return
        yield marker, match.start(), body
        if marker in (_START, _END):
            return
        at += size


def _next_restart(scans: bytes) -> bytes:
    at, last = max((scans.rfind(bytes((0xFF, number))), number) for number in _RESTART_NUMBERS)
    return bytes((0xFF, _RESTART_NUMBERS[(last + 1) % 8 if at >= 0 else 0]))


def _sent(first: int, last: int, approximation: int) -> frozenset[int]:
    """Return the coefficients whose last bit a progressive scan brings."""
    return frozenset(range(first, last + 1)) if approximation & 0x0F == 0 else frozenset()

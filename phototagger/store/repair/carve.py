"""Rows out of the pages of a damaged SQLite file, wherever they lie.

Each page is read by itself ("Database File Format", sqlite.org/fileformat2.html): which page leads
to it does not count. What comes out is anything that looks like a record; its digest tells whether
it is one of a table, and of which.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

PAGE = 4096
"""Bytes of a page: SQLite's default, which the catalogue never changed."""
_FILE_HEADER = 100
_INDEX_INNER, _INDEX_LEAF, _TABLE_LEAF = 2, 10, 13
_LOG_HEADER, _FRAME_HEADER = 32, 24
_LONGEST = 2**27
_NUMBERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}  # serial types of integers, and their bytes
_REAL, _ZERO, _ONE, _BLOB = 7, 8, 9, 12


class Record(NamedTuple):
    """A record, and the number of its row; None where it lies in an index or by its own key."""

    rowid: int | None
    values: tuple[Any, ...]


def pages_of(path: Path) -> list[bytes]:
    """Return the pages of a file; the last may be cut short."""
    data = path.read_bytes()
    return [data[start : start + PAGE] for start in range(0, len(data), PAGE)]


def pages_of_log(path: Path) -> dict[int, bytes]:
    """Return the last version of each page in a write-ahead log, by number, whole or not."""
    data = path.read_bytes()
    pages = {}
    for start in range(_LOG_HEADER, len(data) - _FRAME_HEADER - PAGE + 1, _FRAME_HEADER + PAGE):
        (number,) = struct.unpack_from(">I", data, start)
        pages[number] = data[start + _FRAME_HEADER : start + _FRAME_HEADER + PAGE]
    return pages


def records(page: bytes, number: int, pages: list[bytes]) -> Iterator[Record]:
    """Yield what looks like a record on a page; ``pages`` hold the rest of long ones."""
    start = _FILE_HEADER if number == 1 else 0
    if len(page) < PAGE or page[start] not in (_INDEX_INNER, _INDEX_LEAF, _TABLE_LEAF):
        return
    kind = page[start]
    (count,) = struct.unpack_from(">H", page, start + 3)
    first = start + (12 if kind == _INDEX_INNER else 8)
    for at in range(first, min(first + 2 * count, PAGE - 1), 2):
        try:
            yield _record(page, kind, struct.unpack_from(">H", page, at)[0], pages)
        except (IndexError, ValueError, struct.error):
            continue  # this cell is damaged; the others need not be


def _record(page: bytes, kind: int, at: int, pages: list[bytes]) -> Record:
    at += 4 if kind == _INDEX_INNER else 0
    length, at = _varint(page, at)
    rowid = None
    if kind == _TABLE_LEAF:
        rowid, at = _varint(page, at)
        rowid -= 2**64 if rowid >= 2**63 else 0
    return Record(rowid, _values(_payload(page, kind, at, length, pages)))


def _payload(page: bytes, kind: int, at: int, length: int, pages: list[bytes]) -> bytes:
    """Return a payload, which goes on in other pages where it is long."""
    if length > _LONGEST:
        raise ValueError("too long")
    most = PAGE - 35 if kind == _TABLE_LEAF else (PAGE - 12) * 64 // 255 - 23
    if length <= most:
        return page[at : at + length]
    least = (PAGE - 12) * 32 // 255 - 23
    local = least + (length - least) % (PAGE - 4)
    local = local if local <= most else least
    data = [page[at : at + local]]
    (following,) = struct.unpack_from(">I", page, at + local)
    left = length - local
    while left > 0:
        more = pages[following - 1]
        (following,) = struct.unpack_from(">I", more, 0)
        data.append(more[4 : 4 + left])
        left -= PAGE - 4
    return b"".join(data)


def _values(payload: bytes) -> tuple[Any, ...]:
    end, at = _varint(payload, 0)
    body, values = end, []
    while at < end:
        kind, at = _varint(payload, at)
        value, body = _value(payload, kind, body)
        values.append(value)
    if body != len(payload):
        raise ValueError("not the length that its header says")
    return tuple(values)


def _value(payload: bytes, kind: int, at: int) -> tuple[Any, int]:
    if kind == 0:
        return None, at
    if kind in _NUMBERS:
        end = at + _NUMBERS[kind]
        return int.from_bytes(payload[at:end], "big", signed=True), end
    if kind == _REAL:
        return struct.unpack_from(">d", payload, at)[0], at + 8
    if kind in (_ZERO, _ONE):
        return kind - _ZERO, at
    if kind < _BLOB:
        raise ValueError("no kind of value")
    end = at + (kind - _BLOB) // 2
    data = payload[at:end]
    return (data.decode() if kind % 2 else data), end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of 1 to 9 bytes, and where it ends."""
    value = 0
    for place in range(at, at + 8):
        value = value << 7 | data[place] & 127
        if not data[place] & 128:
            return value, place + 1
    return value << 8 | data[at + 8], at + 9

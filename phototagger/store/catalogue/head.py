"""How far the catalogue was written last, kept beside it: ``catalogue.db.head``.

A catalogue whose write-ahead log is lost, cut short or another's is whole in itself, only older or
another one. So each change is counted in the catalogue, and the count is noted here afterwards. The
note may be behind, after a crash; a catalogue that is behind its note has lost something.

Whoever closes a sound catalogue notes what its file holds, too: as long as the file holds just
that, its values need not be looked at one by one. A change takes that note away.
"""

import contextlib
import os
import zlib
from pathlib import Path
from typing import NamedTuple

from phototagger.errors import UsageError
from phototagger.files.own import open_own, open_to_read, read_own
from phototagger.store.catalogue.rows import CatalogueState

_LENGTH = 96
_BLOCK = 2**20


class Contents(NamedTuple):
    """What a file holds: its size, and the CRC-32 of its bytes."""

    size: int
    crc: int


class Note(NamedTuple):
    """What was noted last; ``contents`` where the catalogue was closed and sound."""

    state: CatalogueState
    contents: Contents | None


def contents_of(path: Path) -> Contents | None:
    """Return what a catalogue's file holds; None where a log goes with it, or it cannot be read.

    Call it only where this process has not opened it: to close the file gives SQLite's locks back.
    """
    size = crc = 0
    try:
        for log in ("-wal", "-journal"):
            with contextlib.suppress(FileNotFoundError):
                if path.with_name(path.name + log).stat().st_size:
                    return None
        with open(open_to_read(path), "rb") as file:  # noqa: PTH123  (a descriptor)
            while block := file.read(_BLOCK):
                size, crc = size + len(block), zlib.crc32(block, crc)
    except OSError:
        return None
    return Contents(size, crc)


class Head:
    """The note beside a catalogue, written in place: a new file each time would cost a key."""

    def __init__(self, catalogue: Path) -> None:
        self.path = catalogue.with_name(f"{catalogue.name}.head")

    def read(self) -> Note | None:
        """Return what was noted last; None where nothing is, or nothing that can be read."""
        try:
            numbers, _, check = read_own(self.path, _LENGTH).strip().rpartition(b" ")
            if zlib.crc32(numbers) != int(check, 16):
                return None
            catalogue, changes, *contents = map(int, numbers.split())
            return Note(
                CatalogueState(catalogue, changes), Contents(*contents) if contents else None
            )
        except (OSError, ValueError, TypeError):
            return None

    def write(self, state: CatalogueState, contents: Contents | None = None) -> None:
        """Note a state. Where that fails the note stays behind, which is allowed."""
        numbers = " ".join(map(str, (*state, *(contents or ())))).encode()
        line = b"%s %08x" % (numbers, zlib.crc32(numbers))
        try:
            file = open_own(self.path, self.path.parent)
        except (OSError, UsageError):
            return
        try:
            if os.fstat(file).st_size <= _LENGTH:  # else it is no note of ours
                os.pwrite(file, line.ljust(_LENGTH - 1) + b"\n", 0)
        except OSError:
            return
        finally:
            os.close(file)

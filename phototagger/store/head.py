"""How far the catalogue was written last, kept beside it: ``catalogue.db.head``.

A catalogue whose write-ahead log is lost, cut short or another's is whole in itself, only older or
another one. So each change is counted in the catalogue, and the count is noted here afterwards. The
note may be behind, after a crash; a catalogue that is behind its note has lost something.
"""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

from phototagger.core.errors import UsageError
from phototagger.core.own_files import open_own, read_own
from phototagger.store.rows import State

if TYPE_CHECKING:
    from pathlib import Path

_LENGTH = 64


class Head:
    """The note beside a catalogue, written in place: a new file each time would cost a key."""

    def __init__(self, catalogue: Path) -> None:
        self.path = catalogue.with_name(f"{catalogue.name}.head")

    def read(self) -> State | None:
        """Return the state that was noted last; None where none is, or none that can be read."""
        try:
            said, _, check = read_own(self.path, _LENGTH).strip().rpartition(b" ")
            if zlib.crc32(said) != int(check, 16):
                return None
            catalogue, changes = said.split()
            return State(int(catalogue), int(changes))
        except (OSError, ValueError):
            return None

    def write(self, state: State) -> None:
        """Note a state. Where that fails the note stays behind, which is allowed."""
        said = f"{state.catalogue} {state.changes}".encode()
        line = b"%s %08x" % (said, zlib.crc32(said))
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

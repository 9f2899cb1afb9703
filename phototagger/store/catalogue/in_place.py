"""Whether files that are held open are still those that their paths name.

SQLite goes on writing to a catalogue that was deleted or moved away, and all of it is lost; so what
writes looks first. A look is one ``stat`` a file, some microseconds.
"""

import os
from pathlib import Path

from phototagger.errors import MissingError
from phototagger.printable import printable

_GONE = "bring it back, then try again: until then nothing is recorded"
_OTHER = "bring the first one back, or begin anew with this one: until then nothing is recorded"


class InPlace:
    """Open files of a folder that somebody else may delete, move or replace meanwhile.

    A file is known by device and inode, which no other file gets as long as it is open.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[Path, tuple[int, int]] = {}

    def add(self, path: Path, status: os.stat_result) -> None:
        """Remember an open file, by its status."""
        self._known[path] = status.st_dev, status.st_ino

    def check(self) -> None:
        """Raise MissingError, with the cure, where a path does not name its open file any more."""
        for path, known in self._known.items():
            try:
                status = os.stat(path)  # noqa: PTH116  (a third of the time that a Path takes)
            except (FileNotFoundError, NotADirectoryError) as error:
                gone = path if self._folder.is_dir() else self._folder
                raise MissingError(
                    f"{printable(gone)}: was deleted, moved or unmounted while it was in use", _GONE
                ) from error
            if (status.st_dev, status.st_ino) != known:
                raise MissingError(
                    f"{printable(path)}: was replaced by another one while it was in use", _OTHER
                )

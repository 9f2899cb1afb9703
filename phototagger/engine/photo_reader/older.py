"""Reads once what this version wants to know of photos that an earlier one has seen.

It runs beside everything else, one photo at a time, and rests as long as it worked. What was read
is kept, so the next start goes on where this one ended.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence

from phototagger.engine.advice import told
from phototagger.errors import PhototaggerError, UnreadablePhoto
from phototagger.files.atomic import time_ns
from phototagger.formats import USUAL
from phototagger.imaging.decode import look_by_header
from phototagger.imaging.photo_file import read_photo
from phototagger.imaging.taken import taken_in
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.photos.arrivals import Arrival, note_pictures
from phototagger.store.photos.contents import SeenFile
from phototagger.store.photos.taken import note_taken
from phototagger.store.photos.unread import (
    any_unread,
    any_untimed,
    forget_unread,
    unread_count,
    unread_files,
    untimed_files,
)

_TOGETHER = 64  # photos in a transaction


class PictureReader:
    """Reads what EXIF says of known photos, and tells their pictures apart, on its own thread.

    ``say`` is given a line where there is something to read, from that thread.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        root: str,
        say: Callable[[str], None],
        formats: Sequence[str] = USUAL,
    ) -> None:
        self._catalogue = catalogue
        self._root = root
        self._formats = formats
        self._say = say
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; to find out whether there is anything takes a second among a million photos."""
        self._thread = threading.Thread(target=self._run, name="pictures", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End after the photo that is being read."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            if not (any_unread(self._catalogue) or any_untimed(self._catalogue, self._root)):
                return
            if not self._catalogue.check(self._ended.is_set):
                return  # nothing is written before everything was looked at
            self._read_times()
            while forget_unread(self._catalogue, _TOGETHER):
                pass
            count = unread_count(self._catalogue, self._root)
            if not count:
                return
            photos = "1 photo is" if count == 1 else f"{count:,} photos are"
            self._say(
                f"{photos} read once more, beside everything else, so that decisions outlive "
                "edits of their metadata; where this ends, the next start goes on"
            )
            after = ""
            while files := unread_files(self._catalogue, self._root, after, _TOGETHER):
                after = files[-1].path
                arrivals = [arrival for file in files if (arrival := self._read(file)) is not None]
                with self._catalogue.transaction():
                    note_pictures(self._catalogue, arrivals)
                if self._ended.is_set():
                    return
        # What keeps it from going on keeps decisions from the disk, too, and is told with its cure.
        except (PhototaggerError, OSError, sqlite3.Error) as error:
            if not self._ended.is_set():
                self._say(str(told(error)))

    def _read_times(self) -> None:
        """Read when photos were taken, and with what: it stands at the beginning of files."""
        after = ""
        while files := untimed_files(self._catalogue, self._root, after, _TOGETHER):
            after = files[-1].path
            taken = {}
            for file in files:
                began = time.monotonic()
                if self._ended.is_set():
                    return
                if _is_as_seen(file):
                    taken[file.sha1] = taken_in(file.path, self._formats)
                self._ended.wait(time.monotonic() - began)
            with self._catalogue.transaction() as db:
                note_taken(db, taken)

    def _read(self, file: SeenFile) -> Arrival | None:
        """Read a photo that is still what it was when it was seen; None for another."""
        if self._ended.is_set():
            return None
        began = time.monotonic()
        try:
            if not _is_as_seen(file):
                return None
            read = read_photo(file.path)
        except (OSError, UnreadablePhoto):
            return None  # a disk that is not there may come back
        with read.source:
            digest = read.picture.digest
            look = None if digest is None else look_by_header(read.source, digest)
        self._ended.wait(time.monotonic() - began)
        if read.sha1 != file.sha1:
            return None
        return Arrival(file.path, file.sha1, digest, look)


def _is_as_seen(file: SeenFile) -> bool:
    """Tell whether a file is what it was when it was seen; a disk that is away may come back."""
    try:
        status = os.stat(file.path)  # noqa: PTH116
    except OSError:
        return False
    return (status.st_size, time_ns(status)) == (file.size, file.mtime_ns)

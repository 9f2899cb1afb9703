"""What a photo's file holds, also where nobody has looked at it yet."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from phototagger.core.errors import UnreadablePhoto
from phototagger.core.files import time_ns
from phototagger.core.photo_file import read_photo
from phototagger.store.photos import ROWS_AT_ONCE, SeenFile, remember_seen, seen_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from phototagger.engine.photos import Photos
    from phototagger.store.catalogue import Catalogue


def contents(
    catalogue: Catalogue, photos: Photos, positions: Iterable[int]
) -> Iterator[tuple[int, bytes]]:
    """Yield (position, SHA-1) of photos; files that are not known are read, once.

    What was read is remembered where the catalogue may be written. One that cannot be read is
    noted in ``photos.reasons`` and left out.
    """
    new: list[SeenFile] = []
    for position in positions:
        if photos.known[position]:
            yield position, photos.keys[position].tobytes()
            continue
        path = photos.paths[position]
        kept = seen_file(catalogue, path)
        if kept is not None and kept[1:] == _stamp(path):
            yield position, kept.sha1
            continue
        try:
            read = read_photo(path)
        except UnreadablePhoto as error:
            photos.reasons[position] = error.reason
            continue
        read.source.close()
        new.append(SeenFile(read.sha1, path, read.size, read.mtime_ns))
        if len(new) == ROWS_AT_ONCE:
            remember_seen(catalogue, new)
            new.clear()
        yield position, read.sha1
    remember_seen(catalogue, new)


def _stamp(path: str) -> tuple[str, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return path, found.st_size, time_ns(found)

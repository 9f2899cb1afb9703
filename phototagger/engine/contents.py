"""What a photo's file holds, also where nobody has looked at it yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.core.errors import UnreadablePhoto
from phototagger.core.photo_file import read_photo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from phototagger.engine.photos import Photos


def contents(photos: Photos, positions: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    """Yield (position, SHA-1) of photos; files that are not known are read.

    One that cannot be read is noted in ``photos.reasons`` and left out.
    """
    for position in positions:
        if photos.known[position]:
            yield position, photos.keys[position].tobytes()
            continue
        try:
            read = read_photo(photos.paths[position])
        except UnreadablePhoto as error:
            photos.reasons[position] = error.reason
            continue
        read.source.close()
        yield position, read.sha1

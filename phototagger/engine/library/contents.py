"""What a photo's file holds, also where nobody has looked at it yet."""

import os
from collections.abc import Iterable, Iterator

from phototagger.engine.library.photos import Photos
from phototagger.engine.photo_reader.same_look import thumbnails_alike
from phototagger.errors import UnreadablePhoto
from phototagger.files.atomic import time_ns
from phototagger.imaging.limits import Limits
from phototagger.imaging.photo_file import read_photo
from phototagger.settings.model import Settings
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.photos.arrivals import Arrival, former_after, former_at, recognise
from phototagger.store.photos.contents import ROWS_AT_ONCE, SeenFile, remember_seen, seen_file


def contents(
    catalogue: Catalogue, photos: Photos, positions: Iterable[int], settings: Settings
) -> Iterator[tuple[int, bytes]]:
    """Yield (position, SHA-1) of photos; files that are not known are read, once.

    What was read is remembered, after the last one at the latest. Where the catalogue may not be
    written, a photo whose metadata were edited is given with the content it had before, and
    ``photos.formers`` tells whose decisions would be offered. A file that cannot be read is noted
    in ``photos.reasons`` and left out; what the others hold is in ``photos.read``, too.
    """
    alike = thumbnails_alike(settings.cache_dir, Limits.of(settings))
    new: list[SeenFile] = []
    for position in positions:
        if photos.known[position]:
            yield position, photos.keys[position].tobytes()
            continue
        path = photos.paths[position]
        seen = seen_file(catalogue, path)
        if seen is not None and (seen.size, seen.mtime_ns) == _stamp(path):
            photos.read[position] = seen.sha1
            yield position, seen.sha1
            continue
        try:
            read = read_photo(path)
        except UnreadablePhoto as error:
            photos.reasons[position] = error.reason
            continue
        read.source.close()
        sha1 = read.sha1
        if catalogue.writable:
            new.append(SeenFile(sha1, path, read.size, read.mtime_ns, read.picture.digest))
        else:
            arrival = Arrival(path, sha1, read.picture.digest)
            recognised = recognise(catalogue, arrival, alike)
            photos.arrived[position] = sha1
            former = former_after(catalogue, arrival, recognised)
            if former is not None:
                photos.formers[position] = former
            sha1 = recognised.edition_of or sha1
        if len(new) == ROWS_AT_ONCE:
            photos.carried += remember_seen(catalogue, new, alike)
            new.clear()
        photos.read[position] = sha1
        yield position, sha1
    photos.carried += remember_seen(catalogue, new, alike)


def offered(catalogue: Catalogue, photos: Photos, position: int) -> bytes | None:
    """Return the content whose decisions are offered for a photo that ``contents`` has given.

    It is that of the picture before, at the same path; None for a photo of its own.
    """
    if position in photos.arrived:
        return photos.formers.get(position)
    return former_at(catalogue, photos.paths[position])


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return status.st_size, time_ns(status)

"""Cached thumbnails in place of photos: a tenth of the work, for nearly the same vectors."""

import contextlib

from phototagger.core.thumb_cache import read_thumbnail
from phototagger.engine.photo_reader.reader import Looked, input_of_thumbnail
from phototagger.errors import UnreadablePhoto
from phototagger.model.preprocess import Preprocess
from phototagger.store.photos.contents import KnownFile


class ThumbnailLooker:
    """Looks at the thumbnails of contents that are known; no photo is read."""

    def __init__(self, cache_dir: str, preprocess: Preprocess) -> None:
        self._cache_dir = cache_dir
        self._preprocess = preprocess

    def look(self, content: tuple[int, str]) -> Looked:
        """Look at the thumbnail of (position, SHA-1 in hex); no input where it cannot be used."""
        position, name = content
        file = KnownFile("", bytes.fromhex(name), 0, 0, None, None, None)
        thumbnail = read_thumbnail(self._cache_dir, file.sha1)
        pixels = None
        # Where it cannot be used the photo itself is looked at afterwards.
        with contextlib.suppress(UnreadablePhoto):
            if thumbnail:
                pixels = input_of_thumbnail(thumbnail, self._preprocess)
        return Looked(position, file, pixels=pixels, seen=True)

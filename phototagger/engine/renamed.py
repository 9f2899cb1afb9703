"""Decided photos of an older catalogue that were renamed and given other metadata at once.

What an older phototagger saw has no digest of its picture until it is read once more, and a file
that is gone cannot be read. Its thumbnail still tells whether a new photo shows the same.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from phototagger.core.thumb_cache import read_thumbnail
from phototagger.engine.same_look import pixels_of
from phototagger.store.arrivals import offer
from phototagger.store.decisions import decisions
from phototagger.store.keys import as_bytes
from phototagger.store.unread import any_unread, those_unread

if TYPE_CHECKING:
    from phototagger.engine.photos import Photos
    from phototagger.store.catalogue import Catalogue


def offer_renamed(catalogue: Catalogue, photos: Photos, cache_dir: str) -> None:
    """Offer what was decided of photos that are gone, where new ones show the same."""
    new, photos.new = photos.new[photos.known[photos.new]], photos.new[:0]
    if not (len(new) and len(photos.gone) and any_unread(catalogue)):
        return
    here = set(as_bytes(photos.keys[photos.known]))
    gone = those_unread(catalogue, [sha1 for sha1 in as_bytes(photos.gone) if sha1 not in here])
    lost = {one.sha1 for one in decisions(catalogue, gone)}
    shown = {look: sha1 for sha1 in lost if (look := _look(cache_dir, sha1)) is not None}
    if not shown:
        return
    contents = as_bytes(photos.keys[new])
    decided = {one.sha1 for one in decisions(catalogue, contents)}
    found = {}
    for position, sha1 in zip(new.tolist(), contents, strict=True):
        look = _look(cache_dir, sha1) if sha1 not in decided else None
        if look is not None and look in shown:
            found[photos.paths[position]] = shown[look]
    offer(catalogue, found)


def _look(cache_dir: str, sha1: bytes) -> bytes | None:
    """Return a digest of the pixels of a photo's thumbnail; None where there is none."""
    thumbnail = read_thumbnail(cache_dir, sha1)
    pixels = None if thumbnail is None else pixels_of(thumbnail)
    if pixels is None:
        return None
    digest = hashlib.sha1(repr(pixels.shape).encode(), usedforsecurity=False)
    digest.update(pixels.tobytes())
    return digest.digest()

"""Decided photos of an older catalogue that were renamed and given other metadata at once.

What an older phototagger saw has no digest of its picture until it is read once more, and a file
that is gone cannot be read. Its thumbnail still tells whether a new photo shows the same.
"""

import hashlib

from phototagger.core.thumb_cache import read_thumbnail
from phototagger.engine.library.photos import Photos
from phototagger.engine.photo_reader.same_look import pixels_of
from phototagger.printable import printable
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.holding import decisions
from phototagger.store.photos.arrivals import offer
from phototagger.store.photos.contents import paths_of, photo_of
from phototagger.store.photos.unread import any_unread, those_unread
from phototagger.store.vectors.keys import as_bytes


def offer_renamed(catalogue: Catalogue, photos: Photos, cache_dir: str) -> str:
    """Offer what was decided of photos that are gone, where new ones show the same.

    Returns what is said of those that may be the same, and whose thumbnails do not tell; or "".
    """
    new, photos.new = photos.new[photos.known[photos.new]], photos.new[:0]
    if not (len(new) and len(photos.gone) and any_unread(catalogue)):
        return ""
    present = set(as_bytes(photos.keys[photos.known]))
    gone = those_unread(catalogue, [sha1 for sha1 in as_bytes(photos.gone) if sha1 not in present])
    lost = {decision.sha1 for decision in decisions(catalogue, gone)}
    if not lost:
        return ""
    contents = as_bytes(photos.keys[new])
    decided = {decision.sha1 for decision in decisions(catalogue, contents)}
    pairs = zip(new.tolist(), contents, strict=True)
    open_still = {position: sha1 for position, sha1 in pairs if sha1 not in decided}
    shown = {look: sha1 for sha1 in lost if (look := _look(cache_dir, sha1)) is not None}
    formers = {}
    for position, sha1 in open_still.items() if shown else ():
        look = _look(cache_dir, sha1)
        if look is not None and look in shown:
            formers[position] = shown[look]
    offer(catalogue, {photos.paths[position]: former for position, former in formers.items()})
    return _doubt(catalogue, photos, lost - {*formers.values()}, {*open_still} - {*formers})


def _doubt(catalogue: Catalogue, photos: Photos, lost: set[bytes], new: set[int]) -> str:
    """Say how many decided photos are gone, and how many new ones of their sizes came."""
    sizes = {sha1: photo_of(catalogue, sha1)[:2] for sha1 in lost}
    came = sorted(
        position for position in new if tuple(photos.sizes[position].tolist()) in sizes.values()
    )
    sizes_come = {tuple(photos.sizes[position].tolist()) for position in came}
    gone = sorted(
        path for sha1 in lost if sizes[sha1] in sizes_come for path in paths_of(catalogue, sha1)
    )
    if not gone:
        return ""
    return (
        f"{len(gone):,} decided {_photos(len(gone))} not there any more, as {printable(gone[0])}; "
        f"{len(came):,} new {_photos(len(came))} of the same size, as "
        f"{printable(photos.paths[came[0]])}. No thumbnail tells whether they are the same, so "
        "nothing is offered; what was decided is kept: `phototagger approvals export -` lists it, "
        "and `phototagger approve --label` decides the new ones again"
    )


def _photos(count: int) -> str:
    return "photo is" if count == 1 else "photos are"


def _look(cache_dir: str, sha1: bytes) -> bytes | None:
    """Return a digest of the pixels of a photo's thumbnail; None where there is none."""
    thumbnail = read_thumbnail(cache_dir, sha1)
    pixels = None if thumbnail is None else pixels_of(thumbnail)
    if pixels is None:
        return None
    digest = hashlib.sha1(repr(pixels.shape).encode(), usedforsecurity=False)
    digest.update(pixels.tobytes())
    return digest.digest()

"""Looking at the root again, beside the keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from phototagger.core.scan import FoundPhotos, Scan
from phototagger.engine.library.photos import Photos, photos_known, photos_now
from phototagger.review.photo_list import Listing, found_listing

if TYPE_CHECKING:
    from phototagger.engine.library.library import Opened


_FIRST_PART = 0.2  # seconds of a scan until its photos so far are shown
_NEXT_PART = 4  # times as long until they are shown again: each showing costs more


class Rescan(NamedTuple):
    """What is under the root: ``found`` by the scan, the photos to review, how many are ``new``.

    ``waiting`` counts those that can be read, as far as is known, and have no vector yet.
    """

    found: Scan
    listing: Listing
    new: int
    waiting: int


def rescan(
    job: Opened,
    show: Callable[[Listing], None] = lambda _: None,
    check: Callable[[], None] = lambda: None,
) -> Rescan:
    """Look at the root again; of a scan that takes long ``show`` is given the photos so far.

    ``check`` is called again and again, and may raise.
    """
    began, due = time.monotonic(), _FIRST_PART

    def tell(photos: FoundPhotos) -> None:
        nonlocal due
        check()
        if time.monotonic() - began >= due:
            so_far = photos_known(Scan(job.root, photos), job.catalogue, job.settings, check)
            show(found_listing(job, so_far))
            due = _NEXT_PART * (time.monotonic() - began)

    scan, photos = photos_now(job.root, job.catalogue, job.settings, tell, check)
    new = len(photos) - int(photos.known.sum())
    return Rescan(scan, found_listing(job, photos), new, _waiting(job, photos))


def listing_by_now(job: Opened, found: Scan) -> Listing:
    """Return the photos that a scan found, with what has become known of them since."""
    return found_listing(job, photos_known(found, job.catalogue, job.settings))


def _waiting(job: Opened, photos: Photos) -> int:
    sound = photos.sound()
    if job.model.known_or_none is not None:
        sound &= ~(photos.known & job.model.images.has(photos.keys))
    return int(sound.sum())

"""Which photos of a listing stand in one stack now."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.imaging.taken import Taken
from phototagger.model.vectors import Float32, normalised
from phototagger.review.photo_list import Listing
from phototagger.review.stacks.finding import (
    NEVER,
    Ints,
    Photographed,
    Stacks,
    alike_from,
    find_stacks,
    moments_of,
    no_stacks,
)
from phototagger.store.labels.stacks import groupings
from phototagger.store.photos.taken import all_taken
from phototagger.store.vectors.keys import as_bytes

if TYPE_CHECKING:
    from phototagger.engine.library.library import Opened


def stacks_of(
    job: Opened, listing: Listing, seconds: float, check: Callable[[], None] = lambda: None
) -> Stacks:
    """Return the stacks of a listing; none where ``seconds`` is 0. It may be called on any thread.

    ``check`` is called again and again, and may raise.

    Reads when photos were taken, and the vectors of those that follow one another.
    """
    if not seconds or job.model.known_or_none is None or not len(job.model.images):
        return no_stacks(len(listing))
    contents = as_bytes(listing.keys)
    photos = Photographed(
        listing.folder_of,
        _moments(all_taken(job.catalogue), contents, listing.folder_of),
        [path.rpartition(os.sep)[2] for path in listing.paths],
    )
    has = job.model.images.has(listing.keys)

    def unit(positions: Ints) -> Float32:
        check()
        vectors = np.full((len(positions), job.model.images.dimension), np.nan, np.float32)
        known = has[positions]
        vectors[known] = normalised(job.model.images.get(listing.keys[positions[known]]))
        return vectors

    numbers = groupings(job.catalogue)
    by_position = (
        {at: numbers[sha1] for at, sha1 in enumerate(contents) if sha1 in numbers}
        if numbers
        else {}
    )
    bound = alike_from(photos, listing.keys, unit, seconds)
    return find_stacks(photos, unit, bound, seconds, by_position)


def _moments(
    taken: dict[bytes, Taken], contents: list[bytes], folders: NDArray[np.int32]
) -> NDArray[np.int64]:
    nothing = Taken()
    exif = [taken.get(sha1, nothing) for sha1 in contents]
    clocks = np.array([NEVER if entry.clock is None else entry.clock for entry in exif], np.int64)
    zones = np.array([np.nan if entry.zone is None else entry.zone for entry in exif], np.float64)
    return moments_of(folders, clocks, zones)

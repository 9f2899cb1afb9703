"""When and with what the photos of a listing were taken, as their EXIF says."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from phototagger.imaging.taken import Taken
from phototagger.review.photo_list import Listing
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.photos.taken import all_taken
from phototagger.store.vectors.keys import as_bytes

Bools = NDArray[np.bool_]

_UNSAID = np.iinfo(np.int64).min


class ExifOfPhotos:
    """The clocks and cameras of the photos of a listing, by position."""

    def __init__(self, catalogue: Catalogue, listing: Listing) -> None:
        known, nothing = all_taken(catalogue), Taken()
        taken = [known.get(sha1, nothing) for sha1 in as_bytes(listing.keys)]
        clocks = [_UNSAID if entry.clock is None else entry.clock for entry in taken]
        self._clocks = np.array(clocks, np.int64)
        places: dict[str, int] = {}
        cameras = [places.setdefault(entry.camera.lower(), len(places)) for entry in taken]
        self._camera = np.array(cameras, np.int32)
        self._cameras = list(places)

    def is_dated(self) -> Bools:
        """Tell which photos say when they were taken, bool [N]."""
        dated: Bools = self._clocks != _UNSAID
        return dated

    def between(self, first: datetime, after: datetime) -> Bools:
        """Tell which were taken between two moments of their cameras' clocks, bool [N]."""
        begin, end = (
            int(np.datetime64(moment, "us").astype(np.int64)) for moment in (first, after)
        )
        taken: Bools = (self._clocks >= begin) & (self._clocks < end)
        return taken

    def by_camera(self, part: str) -> Bools:
        """Tell which were taken by a camera whose name, in lower case, holds a part, bool [N]."""
        taken: Bools = np.array([part in name for name in self._cameras], np.bool_)[self._camera]
        return taken

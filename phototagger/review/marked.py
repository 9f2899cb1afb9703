"""Which photos are marked, in any view: keys act on those of the view that is shown."""

from __future__ import annotations

from collections.abc import Iterable
from operator import is_
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.review.photo_list import Listing
from phototagger.store.vectors.keys import as_bytes

if TYPE_CHECKING:
    from phototagger.review.photos_shown import PhotosShown

Seen = tuple[set[bytes], Listing, NDArray[np.int32]]


class Marked:
    """A set of photos, by their contents, that outlives views and listings.

    ``contents`` is another set after each change, so that where they are is found once for each.
    """

    def __init__(self, photos: PhotosShown) -> None:
        self._photos = photos
        self.contents: set[bytes] = set()
        self._seen: Seen | None = None
        self._in_view: list[int] = []
        self._elsewhere = 0

    def __contains__(self, position: int) -> bool:
        return bool(self.contents) and self._photos.listing.sha1(position) in self.contents

    def toggle(self, positions: Iterable[int]) -> bool:
        """Mark photos, or unmark them where all of them are marked; tell whether they are now."""
        contents = {self._photos.listing.sha1(position) for position in positions}
        marks = not contents <= self.contents
        self.contents = self.contents | contents if marks else self.contents - contents
        return marks

    def mark(self, positions: Iterable[int]) -> None:
        """Mark photos."""
        self.contents = self.contents | {
            self._photos.listing.sha1(position) for position in positions
        }

    def unmark(self, contents: Iterable[bytes]) -> None:
        """Unmark photos, given by their contents."""
        self.contents = self.contents.difference(contents)

    def follow(self, before: Listing) -> None:
        """Keep the marks of photos that nobody had read, whose contents are known by now."""
        stood_in = self._stand_ins(before)
        if not stood_in:
            return
        paths = {before.paths[position] for position in before.positions_of(stood_in)}
        listing = self._photos.listing
        contents = (listing.sha1(at) for at, path in enumerate(listing.paths) if path in paths)
        self.contents = self.contents.difference(stood_in).union(contents)

    def known(self) -> set[bytes]:
        """Return the contents of the marked photos that were read; none that only stands in."""
        return self.contents - self._stand_ins(self._photos.listing)

    def _stand_ins(self, listing: Listing) -> set[bytes]:
        unread = listing.keys[listing.unread]
        return self.contents.intersection(as_bytes(unread)) if self.contents else set()

    def here(self) -> list[int]:
        """Return the positions of the marked photos of this view, in its order."""
        self._find()
        return self._in_view

    def elsewhere(self) -> int:
        """Return how many marked photos this view does not show."""
        self._find()
        return self._elsewhere

    def _find(self) -> None:
        """Find the marked photos in this view, unless nothing changed since."""
        listing, view = self._photos.listing, self._photos.stacked.everything
        seen = (self.contents, listing, view)
        if self._seen is not None and all(map(is_, seen, self._seen)):
            return
        marked = (
            view[np.isin(view, listing.positions_of(self.contents))] if self.contents else view[:0]
        )
        self._seen, self._in_view = seen, marked.tolist()
        self._elsewhere = len(self.contents) - listing.count_contents(marked)

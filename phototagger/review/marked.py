"""Which photos are marked, in any view: keys act on those of the view that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phototagger.review.photos_shown import PhotosShown


class Marked:
    """A set of photos, by their contents, that outlives views and listings."""

    def __init__(self, photos: PhotosShown) -> None:
        self._photos = photos
        self.contents: set[bytes] = set()

    def __contains__(self, position: int) -> bool:
        return bool(self.contents) and self._photos.listing.sha1(position) in self.contents

    def toggle(self, positions: Iterable[int]) -> bool:
        """Mark photos, or unmark them where all of them are marked; tell whether they are now."""
        these = {self._photos.listing.sha1(one) for one in positions}
        marks = not these <= self.contents
        self.contents = self.contents | these if marks else self.contents - these
        return marks

    def mark(self, positions: Iterable[int]) -> None:
        """Mark photos."""
        self.contents |= {self._photos.listing.sha1(one) for one in positions}

    def unmark(self, contents: Iterable[bytes]) -> None:
        """Unmark photos, given by their contents."""
        self.contents -= set(contents)

    def here(self) -> list[int]:
        """Return the positions of the marked photos of this view, in its order."""
        if not self.contents:
            return []
        view = self._photos.view
        marked = np.isin(view, self._photos.listing.positions_of(self.contents))
        positions: list[int] = view[marked].tolist()
        return positions

    def elsewhere(self) -> int:
        """Return how many marked photos this view does not show."""
        listing = self._photos.listing
        return len(self.contents) - len({listing.sha1(one) for one in self.here()})

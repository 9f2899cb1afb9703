"""What there is to say of a folder: its typical photo, its counts, when its photos were taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phototagger.core.checklist import Mark

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from phototagger.review.photo_list import Listing
    from phototagger.review.photos_shown import PhotosShown


@dataclass(frozen=True)
class FolderFacts:
    """A folder by its path (relative to the root; ``.`` is the root itself).

    ``own`` and ``within`` count its own photos and those of everything in it, by ``Mark``;
    ``folders`` those in it that hold photos. ``typical`` is the position of its medoid, or that of
    the first folder in it that has one. ``paths`` are its photos, or those in it where it has none.
    """

    path: str
    own: tuple[int, ...]
    within: tuple[int, ...]
    folders: int
    typical: int | None
    paths: list[str]


def folder_facts(photos: PhotosShown, path: str) -> FolderFacts:
    """Return what is known of a folder without looking at its files."""
    listing = photos.listing
    names, counts = listing.folders, listing.counts()
    prefix = f"{path}/"
    inside = [at for at, name in enumerate(names) if path in {".", name} or name.startswith(prefix)]
    own = [at for at in inside if names[at] == path]
    faces = (photos.face(at) for at in own or inside)
    return FolderFacts(
        path,
        _summed(counts[own]),
        _summed(counts[inside]),
        len(inside) - len(own),
        next((face for face in faces if face is not None), None),
        [path for at in own or inside for path in _within(listing, at)],
    )


def _within(listing: Listing, folder: int) -> list[str]:
    here = listing.in_folder(folder)
    return listing.paths[here.start : here.stop]


def _summed(counts: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(counts.reshape(-1, len(Mark)).sum(axis=0).tolist())

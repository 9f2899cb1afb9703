"""What there is to say of a folder: its typical photo, its counts, when its photos were taken."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phototagger.core.checklist import Mark
from phototagger.core.scan import Failure, relative
from phototagger.printable import printable
from phototagger.review.photo_list import Listing
from phototagger.review.photos_shown import PhotosShown

_NAMED = 3  # failures


@dataclass(frozen=True)
class FolderFacts:
    """A folder by its path (relative to the root; ``.`` is the root itself).

    ``own`` and ``within`` count its own photos and those of everything in it, by ``Mark``;
    ``folders`` those in it that hold photos. ``typical`` is the position of its medoid, or that of
    the first folder in it that has one. ``paths`` are its photos, or those in it where it has none.
    ``more_failed`` says what in it bears the name of a photo and is none.
    """

    path: str
    own: tuple[int, ...]
    within: tuple[int, ...]
    folders: int
    typical: int | None
    paths: list[str]
    more_failed: str


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
        more_failed(photos, path),
    )


def _within(listing: Listing, folder: int) -> list[str]:
    positions = listing.in_folder(folder)
    return listing.paths[positions.start : positions.stop]


def more_failed(photos: PhotosShown, path: str = ".") -> str:
    """Say what the last look at the root found in a folder that is no photo, and so has no mark.

    Such as empty files; nothing where there are none.
    """
    failures = photos.found.failures if photos.found is not None else []
    named = [(relative(failure.path, photos.listing.root), failure) for failure in failures]
    inside = [sentence for name, failure in named if (sentence := _failed_in(path, name, failure))]
    more = f"; and {len(inside) - _NAMED:,} more" if len(inside) > _NAMED else ""
    return f"{len(inside):,} more failed: {'; '.join(inside[:_NAMED])}{more}" if inside else ""


def _failed_in(path: str, name: str, failure: Failure) -> str:
    prefix = "" if path == "." else f"{path}/"
    if not name.startswith(prefix):
        return ""
    return f"{printable(name.removeprefix(prefix))}: {printable(failure.reason)}"


def _summed(counts: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(counts.reshape(-1, len(Mark)).sum(axis=0).tolist())

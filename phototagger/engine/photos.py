"""The photos of a job, in scan order, by columns: memory for a million of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.images import too_large
from phototagger.core.scan import Scan, folder_of, relative
from phototagger.store.keys import KEY_BYTES, Keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from phototagger.store.photos import KnownFile


@dataclass
class Photos:
    """N photos: paths, uint8 [N, 20] keys, bool [N] known, int32 [N, 2] width and height.

    A photo is known where its content was read before and the file has not changed since.
    ``reasons`` says why a photo cannot be used, by position.
    """

    root: str
    paths: list[str]
    keys: Keys
    known: NDArray[np.bool_]
    sizes: NDArray[np.int32]
    reasons: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.paths)

    def usable(self) -> NDArray[np.bool_]:
        """Tell which photos are known and can be decoded."""
        mask = self.known.copy()
        mask[list(self.reasons)] = False
        return mask

    def rel_path(self, position: int) -> str:
        """Return a photo's path relative to the root."""
        return relative(self.paths[position], self.root)

    def learn(self, position: int, sha1: bytes, width: int, height: int) -> None:
        """Note what a photo's file turned out to be."""
        self.keys[position] = np.frombuffer(sha1, np.uint8)
        self.sizes[position] = width, height
        self.known[position] = True
        self.reasons.pop(position, None)

    def by_folder(self, chosen: NDArray[np.bool_]) -> dict[str, list[int]]:
        """Return the positions of the chosen photos by their folder, the root's own first."""
        folders: dict[str, list[int]] = {}
        for position in np.flatnonzero(chosen).tolist():
            folders.setdefault(folder_of(self.rel_path(position)), []).append(position)
        order = sorted(folders, key=lambda name: "" if name == "." else name.replace("/", "\0"))
        return {name: folders[name] for name in order}


def photos_of(found: Scan, known: Iterable[KnownFile], max_pixels: int) -> Photos:
    """Return the photos of a scan, with what is known of files that have not changed since."""
    count = len(found.photos)
    photos = Photos(
        found.root,
        [photo.path for photo in found.photos],
        np.zeros((count, KEY_BYTES), np.uint8),
        np.zeros(count, np.bool_),
        np.zeros((count, 2), np.int32),
    )
    places = {path: position for position, path in enumerate(photos.paths)}
    for file in known:
        position = places.get(file.path)
        if position is None:
            continue
        _, size, mtime_ns = found.photos[position]
        if (size, mtime_ns) != (file.size, file.mtime_ns):
            continue
        reason = file.reason
        if not reason and file.width and file.height and file.width * file.height > max_pixels:
            reason = too_large(file.width, file.height, max_pixels)
        photos.learn(position, file.sha1, file.width or 0, file.height or 0)
        if reason:
            photos.reasons[position] = reason
    return photos

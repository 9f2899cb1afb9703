"""What is known of a library: photos, vectors, decisions; read, never written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from phototagger.core.scan import check_root
from phototagger.engine.library.photos import Photos, photos_now
from phototagger.engine.library.threshold import with_kept
from phototagger.engine.model import Model
from phototagger.model.vectors import Float32
from phototagger.settings.model import Settings
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.names import names
from phototagger.store.photos.contents import known_photos
from phototagger.store.vectors.by_content import Vectors
from phototagger.store.vectors.keys import KEY_BYTES, Keys

if TYPE_CHECKING:
    from phototagger.engine.job import Job


class Opened(Protocol):
    """What a review shows: a library that is read, or a job that may write there, too."""

    settings: Settings
    root: str
    labels: list[str]
    offered: list[str]
    command: list[str]
    catalogue: Catalogue
    model: Model

    @property
    def writer(self) -> Job | None:
        """The job that may write; None where another phototagger holds the run_dir."""


class Library:
    """The catalogue and the vectors of a run_dir, opened to be read. Use it as a context manager.

    No model is loaded. ``labels`` are words, of which each means what its label is called. Raises
    PhototaggerError where the run_dir holds no catalogue.
    """

    writer = None
    """A reader has no job."""

    def __init__(
        self,
        settings: Settings,
        labels: Sequence[str],
        command: Sequence[str] = (),
        *,
        check: bool = True,
    ) -> None:
        self.settings = settings
        self.command = list(command)
        self.root = check_root(settings.root) if settings.root else ""
        run_dir = Path(settings.run_dir)
        self.catalogue = Catalogue(run_dir, writable=False, check=check)
        with self.catalogue.blaming_damage():
            self.labels = names(self.catalogue).labels_of(labels)
            self.offered = self.labels
            self.model = Model(settings, self.catalogue, run_dir, lambda _: None, writable=False)
            self.settings = with_kept(settings, self.catalogue, self.root, self.model)

    def photos(self) -> Photos:
        """Return the photos under the root as they are now, with what is known of them."""
        return photos_now(self.root, self.catalogue, self.settings)[1]

    def contents(self) -> Keys:
        """Return the contents that can be scored, of the root; without a root, all there are."""
        if self.images is None:
            return np.zeros((0, KEY_BYTES), np.uint8)
        if self.root:
            photos = self.photos()
            keys = photos.keys[photos.usable()]
        else:
            keys = known_photos(self.catalogue)
        return keys[self.images.has(keys)]

    @property
    def images(self) -> Vectors | None:
        """The photos' vectors of the model, where it is known without loading it."""
        return self.model.images if self.model.known_or_none else None

    def label_vectors(self) -> Float32 | None:
        """Return the labels' vectors float32 [M, D], None where one of them is missing."""
        if self.images is None or not self.model.labels_here(self.labels).all():
            return None
        return self.model.labels(self.labels)

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.catalogue.close()

"""A large library that was run before, generated: its files, catalogue rows, vectors, thumbnails.

The photos are not pictures: a run over photos that have not changed never opens them. Vectors are
random, of a model whose weights file is an empty stand-in; nothing loads it, unless ``weights.pt``
is in the folder before.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.thumb_cache import begin_cache, thumbnail_path
from phototagger.engine.model import Model
from phototagger.imaging.taken import Taken
from phototagger.settings.model import Settings
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.photos.contents import KnownFile, remember_files
from phototagger.store.vectors.models import KnownModel, model_id, remember_model

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = 4096
_PER_FOLDER = 500
_THUMBNAIL_BYTES = 1000
_PHOTO_BYTES = 1  # an empty file is no photo


@dataclass(frozen=True)
class Library:
    """Where a generated library is; ``words`` are those of the command line that runs it."""

    folder: Path
    photos: int
    model: str = Settings().model_name

    @property
    def root(self) -> Path:
        """The folder of the photos."""
        return self.folder / "photos"

    @property
    def words(self) -> list[str]:
        """The flags that name everything of the library."""
        return [
            *("--root", str(self.root), "--run-dir", str(self.folder / "runs")),
            *("--cache-dir", str(self.folder / "cache")),
            *("--labels", str(self.folder / "labels.txt")),
            *("--model-name", self.model, "--pretrained", str(self.folder / "weights.pt")),
            *("--max-images", "0"),
        ]  # fmt: skip


def make_library(
    folder: Path,
    photos: int,
    labels: int = 130,
    dimension: int = 768,
    *,
    model_name: str = Library.model,
    files: bool = True,
) -> Library:
    """Make a library of so many photos, each of which has its vector and its thumbnail.

    Without ``files`` it only exists in the catalogue and the vector store.
    """
    library = Library(folder, photos, model_name)
    names = [f"label {number}" for number in range(labels)]
    (folder / "labels.txt").write_text("\n".join(names))
    weights = folder / "weights.pt"
    weights.touch()
    begin_cache(folder / "cache")
    run_dir = folder / "runs"
    run_dir.mkdir()
    settings = Settings(
        root=str(library.root), run_dir=str(run_dir), model_name=model_name, pretrained=str(weights)
    )
    catalogue = Catalogue(run_dir)
    try:
        catalogue.connection.execute("PRAGMA synchronous=OFF")
        digest = hashlib.sha256(b"").hexdigest()
        known_by = model_id(model_name, digest, "1")
        known = KnownModel(known_by, digest, known_by)
        remember_model(catalogue, model_name, str(weights), [weights], known)
        model = Model(settings, catalogue, run_dir, lambda _: None)
        random = np.random.default_rng(8)
        vectors = random.standard_normal((_BLOCK, dimension)).astype(np.float32)
        model.take_labels(names, random.standard_normal((labels, dimension)).astype(np.float32))
        for start in range(0, photos, _BLOCK):
            known_files = [
                _file(library, number, touch=files)
                for number in range(start, min(start + _BLOCK, photos))
            ]
            remember_files(catalogue, known_files)
            shifted = np.roll(vectors, start // _BLOCK, axis=1)[: len(known_files)]
            model.images.append([file.sha1 for file in known_files], shifted)
        model.close()
    finally:
        catalogue.close()
    return library


def photo_path(library: Library, number: int) -> Path:
    """Return where a photo is."""
    folder = number // _PER_FOLDER
    return library.root / f"{folder // 20:03}" / f"{folder:04}" / f"IMG_{number:07}.jpg"


def photo_sha1(number: int) -> bytes:
    """Return what a photo's content is known by."""
    return hashlib.sha1(str(number).encode(), usedforsecurity=False).digest()


def _file(library: Library, number: int, *, touch: bool) -> KnownFile:
    """Return what a run would have learnt of a photo; write it and its thumbnail."""
    path, sha1 = photo_path(library, number), photo_sha1(number)
    size = mtime_ns = 0
    if touch:
        size = _PHOTO_BYTES
        _touch(path)
        os.truncate(path, size)
        thumbnail = thumbnail_path(library.folder / "cache", sha1)
        _touch(thumbnail)
        os.truncate(thumbnail, _THUMBNAIL_BYTES)
        mtime_ns = path.stat().st_mtime_ns
    return KnownFile(str(path), sha1, size, mtime_ns, 4000, 3000, None, taken=Taken())


def _touch(path: Path) -> None:
    try:
        path.touch()
    except FileNotFoundError:
        path.parent.mkdir(parents=True)
        path.touch()

"""What a command would do: counted without writing anything."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.labels import read_labels
from phototagger.core.scan import check_root
from phototagger.core.thumb_cache import check_cache, thumbnail_keys
from phototagger.engine.library.photos import Photos, left_out, photos_now
from phototagger.engine.model import Model
from phototagger.engine.steps.prune import prune
from phototagger.engine.steps.sidecars import NOTHING_APPROVED, wanted
from phototagger.printable import printable
from phototagger.store.catalogue.database import CATALOGUE_NAME, Catalogue
from phototagger.store.vectors.by_content import Vectors
from phototagger.store.vectors.keys import KeyIndex, Keys, as_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from phototagger.core.thumb_cache import Look
    from phototagger.settings.model import Settings


def plan(settings: Settings, labels: Sequence[str] | None, steps: Sequence[str]) -> Iterator[str]:
    """Yield a line for each of the steps: how much is there, how much would be made."""
    root = check_root(settings.root)
    check_cache(settings.cache_dir, root)
    if labels is None:
        labels = read_labels(settings.labels_file) if "embed" in steps else ()
    with _catalogue(Path(settings.run_dir)) as catalogue:
        found, photos = photos_now(root, catalogue, settings)
        cut = f" of {found.total:,} (max_images)" if len(photos) < found.total else ""
        yield f"scan: {len(photos):,} photos{cut}, {int(photos.known.sum()):,} as before"
        usable, due = photos.usable(), len(photos) - len(photos.reasons)
        if "thumbs" in steps or "embed" in steps:
            look: Look = "ends" if "thumbs" in steps else "size"
            cached = KeyIndex(as_keys([thumbnail_keys(settings.cache_dir, look)]))
            here = int(cached.has(photos.keys[usable]).sum())
            yield f"thumbs: {due - here:,} to make, {here:,} as before"
        if "embed" in steps:
            here = _vectors_here(settings, catalogue, photos.keys[usable])
            yield f"embed: {due - here:,} to compute, {here:,} as before, {len(labels):,} labels"
        yield from _tables(photos, steps)
        if "sidecars" in steps:
            approved = wanted(catalogue, photos, settings).labels if catalogue else {}
            yield (
                f"sidecars: {len(approved):,} to look at; `phototagger sidecars --dry-run` shows "
                "what would change in each"
                if approved
                else f"sidecars: {NOTHING_APPROVED}"
            )
        if "prune" in steps:
            yield prune(settings.cache_dir, settings.run_dir, pretend=True)
    yield from left_out(found)
    for path, reason in found.failures:
        yield f"failed: {printable(path)}: {reason}"
    yield f"nothing was written; the run_dir is {printable(settings.run_dir)}"


def _tables(photos: Photos, steps: Sequence[str]) -> Iterator[str]:
    good = np.ones(len(photos), np.bool_)
    good[list(photos.reasons)] = False
    if "score" in steps:
        yield f"score: results.parquet of {int(good.sum()):,} photos"
    if "medoids" in steps:
        yield f"medoids: folder_medoids.csv of {len(photos.by_folder(good)):,} folders"
    if "export" in steps:
        yield "export: results.csv, approved.csv, approvals.parquet"


@contextmanager
def _catalogue(run_dir: Path) -> Iterator[Catalogue | None]:
    if not (run_dir / CATALOGUE_NAME).is_file():
        yield None
        return
    catalogue = Catalogue(run_dir, writable=False)
    try:
        yield catalogue
    finally:
        catalogue.close()


def _vectors_here(settings: Settings, catalogue: Catalogue | None, keys: Keys) -> int:
    if catalogue is None:
        return 0
    model = Model(settings, catalogue, Path(settings.run_dir), lambda _: None)
    if model.known_or_none is None:
        return 0
    return int(Vectors(model.folder / "images", writable=False).has(keys).sum())

"""What a command would do: counted without writing anything."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from phototagger.core.labels import read_labels
from phototagger.core.scan import Scan, check_root
from phototagger.core.thumb_cache import Look, check_cache, thumbnail_keys
from phototagger.engine.library.photos import Photos, left_out, photos_now
from phototagger.engine.library.prune import prune
from phototagger.engine.model import Model
from phototagger.engine.run_dir import has_catalogue, opened_catalogue
from phototagger.engine.shards.shard import Shard
from phototagger.engine.step import Step
from phototagger.printable import printable
from phototagger.settings.model import Settings
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.custom_labels import with_words
from phototagger.store.vectors.by_content import Vectors
from phototagger.store.vectors.keys import KeyIndex, as_keys


@dataclass(frozen=True)
class Outlook:
    """What is there now, for steps to say what they would do with it."""

    settings: Settings
    labels: Sequence[str]
    catalogue: Catalogue | None
    found: Scan
    photos: Photos

    def thumbs(self, look: Look) -> str:
        """Say how many thumbnails are missing; ``look`` is how closely they are looked at."""
        cached = KeyIndex(as_keys([thumbnail_keys(self.settings.cache_dir, look)]))
        present = int(cached.has(self.photos.keys[self.photos.usable()]).sum())
        return f"thumbs: {self.due() - present:,} to make, {present:,} as before"

    def vectors(self) -> str:
        """Say how many vectors are missing."""
        present, labels = self._vectors_here(), len(self.labels)
        return (
            f"embed: {self.due() - present:,} to compute, {present:,} as before, {labels:,} labels"
        )

    def due(self) -> int:
        """Return how many photos can be used, as far as is known."""
        return len(self.photos) - len(self.photos.reasons)

    def _vectors_here(self) -> int:
        if self.catalogue is None:
            return 0
        run_dir = Path(self.settings.run_dir)
        model = Model(self.settings, self.catalogue, run_dir, lambda _: None)
        if model.known_or_none is None:
            return 0
        vectors = Vectors(model.folder / "images", writable=False)
        return int(vectors.has(self.photos.keys[self.photos.usable()]).sum())


def plan(
    settings: Settings,
    labels: Sequence[str] | None,
    steps: Sequence[Step],
    *,
    pruning: bool = False,
    shard: Shard | None = None,
) -> Iterator[str]:
    """Yield a line or two for each of the steps: how much is there, how much would be made.

    ``labels`` stand in for the labels file. ``pruning``: what would be pruned, too.
    ``shard``: the part of the photos that counts.
    """
    root = check_root(settings.root)
    check_cache(settings.cache_dir, root)
    written = labels
    if written is None:
        written = read_labels(settings.labels_file) if any(s.loads_model for s in steps) else ()
    run_dir = settings.run_dir
    with opened_catalogue(run_dir) if has_catalogue(run_dir) else nullcontext() as catalogue:
        if labels is None:
            labels = with_words(catalogue, list(written)) if catalogue and written else written
        scanned, photos = photos_now(root, catalogue, settings)
        photos = shard.of(photos) if shard else photos
        outlook = Outlook(settings, labels, catalogue, scanned, photos)
        for step in steps:
            yield from step.planned(outlook)
        if pruning:
            yield prune(settings.cache_dir, settings.run_dir, pretend=True)
    yield from left_out(scanned)
    for path, reason in scanned.failures:
        yield f"failed: {printable(path)}: {reason}"
    yield f"nothing was written; the run_dir is {printable(settings.run_dir)}"

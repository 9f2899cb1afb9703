"""The steps that look at photos: thumbs and embed, streamed batch by batch.

Photos are read, decoded and computed by ``looking``, here or in the model's process; the calling
thread is the only one that writes the store. A photo's suggestions are ready as soon as its batch
is.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, closing
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.score import rank, suggestions
from phototagger.core.thumb_cache import (
    begin_cache,
    place_taken,
    thumbnail_file,
    thumbnail_keys,
    tidy_cache,
)
from phototagger.engine.decisions.changes import changes_said
from phototagger.engine.disk_space import short_of_room
from phototagger.engine.events import (
    Event,
    Notice,
    PhotoFailed,
    PhotoReady,
    StepFinished,
    StepProgress,
    StepStarted,
)
from phototagger.engine.photo_reader.batches import Asked, Batch
from phototagger.engine.photo_reader.reader import Have, Looked
from phototagger.engine.photo_reader.same_look import thumbnails_alike
from phototagger.engine.tables.embeddings import keep_embeddings, take_embeddings
from phototagger.printable import printable
from phototagger.reasons import Reason
from phototagger.store.labels.suggestions import save_suggestions
from phototagger.store.photos.arrivals import looks_of, looks_of_editions
from phototagger.store.photos.contents import KnownFile, known_photos, photo_of, remember_files
from phototagger.store.vectors.keys import KeyIndex, Keys, as_bytes, as_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from phototagger.core.thumb_cache import Look
    from phototagger.engine.job import Job
    from phototagger.model.preprocess import Preprocess
    from phototagger.model.vectors import Float32

_COPY_FAILED = Reason("copy")


def thumbs(job: Job) -> Iterator[Event]:
    """Photo → thumbnail, for photos that have none in the cache, or one that was cut off."""
    cached = _cached(job, "ends")
    todo = _due(job, cached.has(job.photos.keys))
    total = len(job.photos)
    yield StepStarted("thumbs", total, total - len(todo))
    counts = _Counts(total - len(todo))
    with _looks(job, todo, None, cached) as batches:
        for batch in batches:
            yield from _learn(job, batch.looks, counts)
            yield StepProgress("thumbs", counts.done, total)
    yield from changes_said(job)
    yield _thumbs_finished(job, counts)


def embed(job: Job) -> Iterator[Event]:
    """Photo → thumbnail and vector → suggestions, for photos that lack one of the first two."""
    total = len(job.photos)
    yield StepStarted("embed", total)
    cached = _cached(job)
    if total:
        if job.model.known_or_none is None:
            yield _loading(job)
            job.model.encoder  # noqa: B018  (its weights say which model it is)
        take_embeddings(job)
        if job.model.must_load(job.labels):
            yield _loading(job)
        job.model.labels(job.labels, job.check_cancelled)
    complete = cached.has(job.photos.keys)
    if total:
        complete &= job.model.images.has(job.photos.keys)
    todo = _due(job, complete)
    counts = _Counts(total - len(todo))
    if len(todo):
        yield from _embed(job, todo, cached, counts)
    if total:
        keep_embeddings(job)
    yield from changes_said(job)
    usable = job.photos.usable()
    yield _thumbs_finished(job, counts)
    fresh = int(usable.sum()) - counts.vectors
    yield StepFinished("embed", counts.vectors, fresh, total - int(usable.sum()))


def _loading(job: Job) -> Notice:
    return Notice(f"loading the model {job.settings.model_name}")


def _embed(job: Job, todo: NDArray[np.int64], cached: KeyIndex, counts: _Counts) -> Iterator[Event]:
    yield StepProgress("embed", counts.done, len(job.photos))
    if not job.model.loaded:
        yield _loading(job)
    yield from short_of_room(job, len(todo))
    label_vectors = job.model.labels(job.labels, job.check_cancelled)
    preprocess = job.model.encoder.preprocess
    with _looks(job, todo, preprocess, cached) as batches:
        for looks, due, vectors in batches:
            if due:
                job.model.images.append([_sha1(looked) for looked in due], vectors)
                counts.vectors += len(due)
            _copy_vectors(job, looks)
            yield from _learn(job, looks, counts)
            if due:
                yield from _score(job, due, vectors, label_vectors)
            yield StepProgress("embed", counts.done, len(job.photos))
    job.model.images.flush()


def _score(
    job: Job, due: list[Looked], vectors: Float32, label_vectors: Float32
) -> Iterator[Event]:
    settings = job.settings
    ranked = list(rank(vectors, label_vectors, settings.threshold, settings.topk))
    keys = [_sha1(looked) for looked in due]
    save_suggestions(job.catalogue, job.scoring, zip(keys, ranked, strict=True))
    job.scored += len(due)
    for looked, one in zip(due, ranked, strict=True):
        said = suggestions(one, job.labels, settings.threshold, settings.topk)
        yield PhotoReady(job.photos.paths[looked.position], said)


class _Counts:
    def __init__(self, fresh: int) -> None:
        self.done = fresh
        self.thumbnails = 0
        self.vectors = 0


def _due(job: Job, complete: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the positions of photos to look at; known failures are reported, not tried again."""
    photos = job.photos
    failed = np.zeros(len(photos), np.bool_)
    failed[list(photos.reasons)] = True
    return np.flatnonzero(~(photos.known & (complete | failed)))


def _cached(job: Job, look: Look = "size") -> KeyIndex:
    tidy_cache(job.settings.cache_dir)
    return KeyIndex(as_keys([thumbnail_keys(job.settings.cache_dir, look)]))


def _looks(
    job: Job, todo: NDArray[np.int64], preprocess: Preprocess | None, cached: KeyIndex
) -> AbstractContextManager[Iterator[Batch]]:
    settings = job.settings
    begin_cache(settings.cache_dir)
    nothing = as_keys(())
    looks, twins = nothing, nothing
    if len(todo):
        looks, twins = _twins(job, cached, vectors=preprocess is not None)
    have = Have(
        photo=KeyIndex(known_photos(job.catalogue)),
        vector=job.model.images.index if preprocess else KeyIndex(nothing),
        thumbnail=cached,
        look=KeyIndex(looks),
        twins=twins,
    )
    asked = Asked(settings.cache_dir, preprocess, have, settings.max_pixels, settings.batch_images)
    items = ((int(position), job.photos.paths[position]) for position in todo)
    return closing(job.model.looked_at(asked, items, job.check_cancelled))


def _twins(job: Job, cached: KeyIndex, *, vectors: bool) -> tuple[Keys, Keys]:
    """Return the looks of contents that others may be equal to, and these contents.

    They are those whose files are gone or changed, and earlier editions of photos. Of each a
    thumbnail is there, and a vector where ``vectors`` are asked for.
    """
    found = looks_of_editions(job.catalogue)
    found |= looks_of(job.catalogue, as_bytes(job.photos.gone))
    looks, twins = as_keys(found.values()), as_keys(found)
    complete = cached.has(twins)
    if vectors:
        complete &= job.model.images.has(twins)
    return looks[complete], twins[complete]


def _copy_vectors(job: Job, looks: list[Looked]) -> None:
    """Give each content that lacks a vector that of its twin."""
    images = job.model.images
    pairs = {_sha1(looked): looked.twin for looked in looks if looked.twin}
    new = {sha1: twin for sha1, twin in pairs.items() if not images.has(as_keys([sha1])).all()}
    if new:
        images.append(list(new), images.get(as_keys(new.values())))


def _sized(job: Job, looked: Looked) -> Looked:
    """Return a look with the photo's size, where it was not decoded because of its twin."""
    if looked.twin is None or looked.file is None or looked.file.width is not None:
        return looked
    width, height, _ = photo_of(job.catalogue, looked.twin)
    return replace(looked, file=looked.file._replace(width=width, height=height))


def _learn(job: Job, looks: list[Looked], counts: _Counts) -> Iterator[Event]:
    """Keep what a batch taught about files; tell of those that failed."""
    looks = [_sized(job, looked) for looked in looks]
    alike = thumbnails_alike(job.settings.cache_dir, job.settings.max_pixels)
    fresh = [looked.file for looked in looks if looked.file and not looked.seen]
    job.photos.carried += remember_files(job.catalogue, fresh, alike)
    known = [_known(job, looked.file) for looked in looks if looked.file and looked.seen]
    again = [file for file in known if file]
    job.photos.carried += remember_files(job.catalogue, again, alike)
    files = {file.path: file for file in [*fresh, *again]}
    for looked in looks:
        path = job.photos.paths[looked.position]
        file = files.get(path)
        reason = file.reason if file else looked.reason or _COPY_FAILED
        if file:
            job.photos.learn(looked.position, file.sha1, file.width or 0, file.height or 0)
        if reason:
            job.photos.reasons[looked.position] = reason
            yield PhotoFailed(path, str(reason))
        if looked.place_taken:
            taken = place_taken(thumbnail_file(job.settings.cache_dir, _sha1(looked)))
            yield Notice(f"{printable(path)}: {taken}")
        counts.thumbnails += looked.thumbnail
        counts.done += 1


def _known(job: Job, file: KnownFile) -> KnownFile | None:
    """Return a copy with what its content turned out to be; None where that could not be seen."""
    try:
        width, height, reason = photo_of(job.catalogue, file.sha1)
    except KeyError:
        return None
    return file._replace(width=width, height=height, reason=reason)


def _sha1(looked: Looked) -> bytes:
    assert looked.file is not None
    return looked.file.sha1


def _thumbs_finished(job: Job, counts: _Counts) -> StepFinished:
    usable = int(job.photos.usable().sum())
    return StepFinished(
        "thumbs", counts.thumbnails, usable - counts.thumbnails, len(job.photos) - usable
    )

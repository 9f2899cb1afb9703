"""Photo → thumbnail and vector → suggestions, which are ready as soon as its batch is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.core.score import rank, suggestions
from phototagger.engine.decisions.changes import changes_said
from phototagger.engine.disk_space import short_of_room
from phototagger.engine.events import (
    Event,
    Notice,
    PhotoReady,
    StepFinished,
    StepProgress,
    StepStarted,
)
from phototagger.engine.library.threshold import is_open
from phototagger.engine.photo_reader.looks import (
    Counts,
    cached_thumbnails,
    copy_vectors,
    due_of,
    learn,
    looks_at,
    looks_at_known,
    sha1_of,
    thumbs_finished,
)
from phototagger.engine.photo_reader.reader import Looked
from phototagger.engine.shards.merging import merge
from phototagger.engine.tables.embeddings import keep_embeddings, take_embeddings
from phototagger.model.vectors import Float32
from phototagger.printable import printable
from phototagger.store.labels.suggestions import save_suggestions
from phototagger.store.vectors.keys import KeyIndex, as_bytes, as_keys

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.plan import Outlook


def outputs(job: Job) -> list[str | os.PathLike[str]]:
    """Return what the step writes."""
    return [job.model.folder]


def planned(outlook: Outlook) -> Iterator[str]:
    """Say what the step would do."""
    yield outlook.thumbs("size")
    yield outlook.vectors()


def embed(job: Job) -> Iterator[Event]:
    """Photo → thumbnail and vector → suggestions, for photos that lack one of the first two."""
    total = len(job.photos)
    yield StepStarted("embed", total)
    if total or job.parts:
        if job.model.known_or_none is None:
            yield _loading(job)
            job.model.encoder  # noqa: B018  (its weights say which model it is)
        yield from take_embeddings(job)
    if job.parts:
        yield from merge(job)
    cached = cached_thumbnails(job)
    if total:
        if job.model.must_load(job.labels):
            yield _loading(job)
        if job.model.is_renewed:
            name = printable(job.settings.model_name)
            yield Notice(f"the model {name} is not as it was before: vectors are made anew, once")
        job.model.labels(job.labels, job.check_cancelled)
    complete = cached.has(job.photos.keys)
    if total:
        complete &= job.model.images.has(job.photos.keys)
    todo = due_of(job, complete)
    counts = Counts(total - len(todo))
    if len(todo):
        yield from _embed(job, todo, cached, counts)
    if total:
        keep_embeddings(job)
    yield from changes_said(job)
    usable = job.photos.usable()
    yield thumbs_finished(job, counts)
    fresh = int(usable.sum()) - counts.vectors
    yield StepFinished("embed", counts.vectors, fresh, total - int(usable.sum()))


def _loading(job: Job) -> Notice:
    return Notice(f"loading the model {job.settings.model_name}")


def _embed(job: Job, todo: NDArray[np.int64], cached: KeyIndex, counts: Counts) -> Iterator[Event]:
    yield StepProgress("embed", counts.done, len(job.photos))
    if not job.model.loaded:
        seen: list[int] = []
        for looks in looks_at_known(job, todo, cached):
            yield from _learn(job, looks, counts)
            yield StepProgress("embed", counts.done, len(job.photos))
            seen += (looked.position for looked in looks)
        todo = np.setdiff1d(todo, seen)
        if not len(todo):
            job.model.images.flush()
            return
        yield _loading(job)
    yield from short_of_room(job, len(todo))
    label_vectors = job.model.labels(job.labels, job.check_cancelled)
    preprocess = job.model.encoder.preprocess
    if job.settings.from_thumbs:
        known = _known_by_thumbnail(job, todo, cached)
        with looks_at(job, known, preprocess, cached, is_known=True) as batches:
            for _, due, vectors in batches:
                _keep(job, due, vectors, counts)
                yield from _score(job, due, vectors, label_vectors)
                counts.done += len(due)
                yield StepProgress("embed", counts.done, len(job.photos))
        complete = cached.has(job.photos.keys) & job.model.images.has(job.photos.keys)
        todo = np.intersect1d(todo, due_of(job, complete))
        counts.done = len(job.photos) - len(todo)
    with looks_at(job, todo, preprocess, cached) as batches:
        for looks, due, vectors in batches:
            _keep(job, due, vectors, counts)
            yield from _learn(job, looks, counts)
            # Before the progress, which a screen would show and then nothing for a while.
            yield from _score(job, due, vectors, label_vectors)
            yield StepProgress("embed", counts.done, len(job.photos))
    job.model.images.flush()


def _learn(job: Job, looks: list[Looked], counts: Counts) -> Iterator[Event]:
    copy_vectors(job, looks)
    yield from learn(job, looks, counts)


def _known_by_thumbnail(job: Job, todo: NDArray[np.int64], cached: KeyIndex) -> NDArray[np.int64]:
    """Return those of some photos whose thumbnail can be looked at in their place, each once."""
    keys = job.photos.keys[todo]
    chosen = todo[job.photos.known[todo] & cached.has(keys) & ~job.model.images.has(keys)]
    _, first = np.unique(job.photos.keys[chosen], axis=0, return_index=True)
    return chosen[np.sort(first)]


def _keep(job: Job, due: list[Looked], vectors: Float32, counts: Counts) -> None:
    keys = as_keys(sha1_of(looked) for looked in due)
    # Of several processes two may have met copies of one photo.
    new = np.flatnonzero(~job.model.images.has(keys))
    if len(new):
        job.model.images.append(as_bytes(keys[new]), vectors[new])
        counts.vectors += len(new)


def _score(
    job: Job, due: list[Looked], vectors: Float32, label_vectors: Float32
) -> Iterator[Event]:
    if not due or is_open(job.settings):
        return
    settings = job.settings
    ranked = list(rank(vectors, label_vectors, settings.threshold, settings.topk))
    keys = [sha1_of(looked) for looked in due]
    save_suggestions(job.catalogue, job.scoring, zip(keys, ranked, strict=True))
    job.scored += len(due)
    for looked, best in zip(due, ranked, strict=True):
        suggested = suggestions(best, job.labels, settings.threshold, settings.topk)
        yield PhotoReady(job.photos.paths[looked.position], suggested)

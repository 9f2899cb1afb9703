"""Photos that a step looks at, batch by batch, and what each batch taught.

Photos are read, decoded and computed by ``batches``, here or in the model's process; the calling
thread is the only one that writes the store.
"""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.batches import batches
from phototagger.core.thumb_cache import (
    Look,
    begin_cache,
    place_taken,
    thumbnail_file,
    thumbnail_keys,
    tidy_cache,
)
from phototagger.engine.events import (
    Event,
    Notice,
    PhotoFailed,
    StepFinished,
)
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.batches import Batch
from phototagger.engine.photo_reader.reader import (
    Have,
    Looked,
    Looker,
    UnknownContentError,
    copies_last,
)
from phototagger.engine.photo_reader.same_look import thumbnails_alike
from phototagger.engine.photo_reader.stream import ordered_map
from phototagger.imaging.limits import Limits
from phototagger.model.preprocess import Preprocess
from phototagger.printable import printable
from phototagger.reasons import Reason
from phototagger.store.photos.arrivals import looks_of, looks_of_editions
from phototagger.store.photos.contents import KnownFile, known_photos, photo_of, remember_files
from phototagger.store.vectors.keys import KeyIndex, Keys, as_bytes, as_keys

if TYPE_CHECKING:
    from phototagger.engine.job import Job

_READERS = 2  # threads that read and hash; there may be a screen in this process
_COPY_FAILED = Reason("copy")


class Counts:
    """What a step has done of its photos."""

    def __init__(self, fresh: int) -> None:
        self.done = fresh
        self.thumbnails = 0
        self.vectors = 0


def due_of(job: Job, complete: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the positions of photos to look at; known failures are reported, not tried again."""
    photos = job.photos
    return np.flatnonzero(~(photos.known & (complete | ~photos.sound())))


def cached_thumbnails(job: Job, look: Look = "size") -> KeyIndex:
    """Return the contents that have a thumbnail, by as close a look at each."""
    tidy_cache(job.settings.cache_dir)
    return KeyIndex(as_keys([thumbnail_keys(job.settings.cache_dir, look)]))


def looks_at(
    job: Job,
    todo: NDArray[np.int64],
    preprocess: Preprocess | None,
    cached: KeyIndex,
    *,
    is_known: bool = False,
) -> AbstractContextManager[Iterator[Batch]]:
    """Look at photos of a job, by positions; without ``preprocess`` no vectors are made.

    ``is_known``: at their cached thumbnails alone.
    """
    settings = job.settings
    begin_cache(settings.cache_dir)
    have = _have(job, todo, cached, vectors=preprocess is not None)
    size = settings.batch_images
    first = size if job.first_batch is None else min(size, job.first_batch)
    asked = Asked(
        settings.cache_dir, preprocess, have, Limits.of(settings), size, first,
        settings.from_thumbs, is_known,
    )  # fmt: skip
    turns = array("q")  # the position of each photo that was handed out

    def items() -> Iterator[tuple[int, str]]:
        for turn, position in enumerate(job.wanted.first(todo, job.photos.paths)):
            turns.append(position)
            yield turn, _name(job, position, is_known)

    return closing(_at_positions(job.model.looked_at(asked, items(), job.check_cancelled), turns))


def _at_positions(
    batches: Generator[Batch, None, None], turns: Sequence[int]
) -> Generator[Batch, None, None]:
    """Yield batches of looks by their turn as those of photos by their position."""

    def placed(looks: list[Looked]) -> list[Looked]:
        return [replace(looked, position=turns[looked.position]) for looked in looks]

    with closing(batches):
        for looks, due, vectors in batches:
            yield Batch(placed(looks), placed(due), vectors)


def looks_at_known(job: Job, todo: NDArray[np.int64], cached: KeyIndex) -> Iterator[list[Looked]]:
    """Look at photos of a job, in lists, up to the first that needs more than what is there.

    So photos that were moved, or renamed, need neither a model nor a decoder. Those whose files are
    known are left out: they are due because they need more.
    """
    todo = todo[~job.photos.known[todo]]
    if not len(todo):
        return
    have = _have(job, todo, cached, vectors=True)
    settings = job.settings
    looker = Looker(settings.cache_dir, None, have, Limits.of(settings), known_only=True)
    items = ((int(position), job.photos.paths[position]) for position in todo)

    def each() -> Iterator[Looked]:
        yield looker.look(next(items))  # alone: where it is new, no other is read in vain
        others = ordered_map(looker.look, items, threads=_READERS, window=_READERS + 1)
        with closing(others):
            yield from others

    def up_to_the_first() -> Iterator[Looked]:
        with contextlib.suppress(UnknownContentError):
            yield from copies_last(each())

    for looks in batches(up_to_the_first(), settings.batch_images):
        job.check_cancelled()
        yield looks


def _have(job: Job, todo: NDArray[np.int64], cached: KeyIndex, *, vectors: bool) -> Have:
    nothing = as_keys(())
    looks, twins = nothing, nothing
    if len(todo):
        looks, twins = _twins(job, cached, vectors=vectors)
    return Have(
        photo=KeyIndex(known_photos(job.catalogue)),
        vector=job.model.images.index if vectors else KeyIndex(nothing),
        thumbnail=cached,
        look=KeyIndex(looks),
        twins=twins,
    )


def _name(job: Job, position: int, is_known: bool) -> str:  # noqa: FBT001
    return job.photos.keys[position].tobytes().hex() if is_known else job.photos.paths[position]


def _twins(job: Job, cached: KeyIndex, *, vectors: bool) -> tuple[Keys, Keys]:
    """Return the looks of contents that others may be equal to, and these contents.

    They are those whose files are gone or changed, and earlier editions of photos. Of each a
    thumbnail is there, and a vector where ``vectors`` are asked for.
    """
    look_of = looks_of_editions(job.catalogue)
    look_of |= looks_of(job.catalogue, as_bytes(job.photos.gone))
    looks, twins = as_keys(look_of.values()), as_keys(look_of)
    complete = cached.has(twins)
    if vectors:
        complete &= job.model.images.has(twins)
    return looks[complete], twins[complete]


def copy_vectors(job: Job, looks: list[Looked]) -> None:
    """Give each content that lacks a vector that of its twin."""
    images = job.model.images
    pairs = {sha1_of(looked): looked.twin for looked in looks if looked.twin}
    new = {sha1: twin for sha1, twin in pairs.items() if not images.has(as_keys([sha1])).all()}
    if new:
        images.append(list(new), images.get(as_keys(new.values())))


def _sized(job: Job, looked: Looked) -> Looked:
    """Return a look with the photo's size, where it was not decoded because of its twin."""
    if looked.twin is None or looked.file is None or looked.file.width is not None:
        return looked
    width, height, _ = photo_of(job.catalogue, looked.twin)
    return replace(looked, file=looked.file._replace(width=width, height=height))


def learn(job: Job, looks: list[Looked], counts: Counts) -> Iterator[Event]:
    """Keep what a batch taught about files; tell of those that failed."""
    files, carried = kept(job, looks)
    job.photos.carried += carried
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
            taken = place_taken(thumbnail_file(job.settings.cache_dir, sha1_of(looked)))
            yield Notice(f"{printable(path)}: {taken}")
        counts.thumbnails += looked.thumbnail
        counts.done += 1


def kept(job: Job, looks: list[Looked]) -> tuple[dict[str, KnownFile], int]:
    """Keep what looks taught about files; return these by path, and how many decided ones changed.

    See ``remember_files``.
    """
    looks = [_sized(job, looked) for looked in looks]
    alike = thumbnails_alike(job.settings.cache_dir, Limits.of(job.settings))
    fresh = [looked.file for looked in looks if looked.file and not looked.seen]
    carried = remember_files(job.catalogue, fresh, alike)
    known = [_known(job, looked.file) for looked in looks if looked.file and looked.seen]
    again = [file for file in known if file]
    carried += remember_files(job.catalogue, again, alike)
    return {file.path: file for file in [*fresh, *again]}, carried


def _known(job: Job, file: KnownFile) -> KnownFile | None:
    """Return a copy with what its content turned out to be; None where that could not be seen."""
    try:
        width, height, reason = photo_of(job.catalogue, file.sha1)
    except KeyError:
        return None
    return file._replace(width=width, height=height, reason=reason)


def sha1_of(looked: Looked) -> bytes:
    """Return the content that was looked at; the photo could be read."""
    assert looked.file is not None
    return looked.file.sha1


def thumbs_finished(job: Job, counts: Counts) -> StepFinished:
    """Return what became of the thumbnails."""
    usable = int(job.photos.usable().sum())
    return StepFinished(
        "thumbs", counts.thumbnails, usable - counts.thumbnails, len(job.photos) - usable
    )

"""Asks one provider about the photos of a job: what it says is kept, what breaks is told.

Nothing that a provider does ends the run: a batch that fails is left out and asked again next time,
a provider that fails altogether gives way to the next one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.core.labels import normalise_label
from phototagger.core.score import BLOCK
from phototagger.core.thumb_cache import read_thumbnail
from phototagger.core.thumbs import make_thumbnail
from phototagger.discover.provider import AskedPhoto, Consent, LibraryView, Need, Proposal, Provider
from phototagger.discover.registry import guarded, made
from phototagger.engine.events import Event, Notice, StepFinished, StepProgress, StepStarted
from phototagger.errors import InterruptedByUser, PhototaggerError, UnreadablePhoto
from phototagger.model.vectors import Float32, normalised
from phototagger.store.discovered import Found, asked, discovery, forget, keep
from phototagger.store.vectors.keys import as_bytes

if TYPE_CHECKING:
    from phototagger.engine.job import Job

BATCH = 64
"""How many photos a provider gets at once, where it does not say another number."""
_GIVEN_UP = 3  # batches that fail one after the other


def ask(job: Job, name: str) -> Iterator[Event]:
    """Ask a provider about every photo that it was not asked about; yield what is to be told."""
    try:
        library = library_of(job)
        provider = made(name, library)
        size = guarded(name, lambda: max(1, int(getattr(provider, "batch", BATCH))))
        if Need.NETWORK in provider.needs:
            library.consent.check(getattr(provider, "host", ""))
    except InterruptedByUser:
        raise
    except PhototaggerError as error:
        job.undiscovered.append(error)
        yield Notice(f"discover: {name}: {error}")
        return
    number = _number(job, name, provider)
    if job.ask_again:
        forget(job.catalogue, number)
    todo, total = _todo(job, number)
    fresh = total - len(todo)
    yield StepStarted("discover", total, fresh)
    done = failed = labels = broken = 0
    for start in range(0, len(todo), size):
        job.check_cancelled()
        rows = todo[start : start + size].tolist()
        photos = _photos(job, rows, provider)
        try:
            proposed = _checked(photos, provider.propose(photos))
        except InterruptedByUser:
            raise
        except PhototaggerError as error:
            job.undiscovered.append(error)
            yield Notice(f"discover: {name}: stopped: {error}")
            break
        # The edge to other people's code: it loses these photos, and no others.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            broken += 1
            failed += len(rows)
            cause = f"{name}: {type(error).__name__}: {error}"
            job.undiscovered.append(PhototaggerError(cause, "tell its makers, or leave it out"))
            yield Notice(f"discover: {cause}; {len(rows):,} photos are left out until next time")
            if broken == _GIVEN_UP:
                yield Notice(f"discover: {name}: given up after {broken} batches that failed")
                break
            continue
        broken = 0
        keep(job.catalogue, number, proposed)
        labels += sum(map(len, proposed.values()))
        done += len(rows)
        yield StepProgress("discover", fresh + done, total)
    note = f"{name}: {labels:,} labels"
    yield StepFinished("discover", done, fresh, failed, note=note)


def library_of(job: Job) -> LibraryView:
    """Return what the providers of a job may know and use."""

    def words(asked: Sequence[str]) -> Float32:
        return job.model.labels(list(asked), job.check_cancelled)

    return LibraryView(
        labels=tuple(job.labels),
        model=job.model.known.model,
        words=words,
        centre=lambda: _centre(job),
        say=job.notices.append,
        check_cancelled=job.check_cancelled,
        consent=job.consent or Consent(),
        environ=os.environ,
        words_of=job.model.tree.words,
    )


def _centre(job: Job) -> Float32:
    keys = job.photos.keys[_usable(job)]
    total = np.zeros(job.model.images.dimension, np.float64)
    for start in range(0, len(keys), BLOCK):
        total += normalised(job.model.images.get(keys[start : start + BLOCK])).sum(axis=0)
    return (total / max(1, len(keys))).astype(np.float32)


def _usable(job: Job) -> NDArray[np.int64]:
    """Return the positions of photos with a vector, each content once."""
    photos = job.photos
    usable = np.flatnonzero(photos.usable())
    usable = usable[job.model.images.has(photos.keys[usable])]
    _, first = np.unique(photos.keys[usable], axis=0, return_index=True)
    once: NDArray[np.int64] = usable[np.sort(first)]
    return once


def _number(job: Job, name: str, provider: Provider) -> int:
    model = job.model.known.model if Need.VECTORS in provider.needs else ""
    return discovery(job.catalogue, name, str(provider.version), model)


def _todo(job: Job, number: int) -> tuple[NDArray[np.int64], int]:
    """Return the positions of photos to ask about, and how many photos there are."""
    once = _usable(job)
    return once[~asked(job.catalogue, number).has(job.photos.keys[once])], len(once)


def _photos(job: Job, rows: Sequence[int], provider: Provider) -> list[AskedPhoto]:
    keys = job.photos.keys[list(rows)]
    vectors = None
    if Need.VECTORS in provider.needs:
        vectors = normalised(job.model.images.get(keys))
    pixels = Need.PIXELS in provider.needs or Need.NETWORK in provider.needs
    return [
        AskedPhoto(
            sha1,
            _suggested(job, row),
            None if vectors is None else vectors[place],
            _thumbnail(job, row, sha1) if pixels else None,
        )
        for place, (row, sha1) in enumerate(zip(rows, as_bytes(keys), strict=True))
    ]


def _suggested(job: Job, row: int) -> tuple[str, ...]:
    assert job.suggestions is not None, "scoring comes first"
    pairs = zip(job.suggestions.best[row].tolist(), job.suggestions.scores[row], strict=True)
    over = job.settings.threshold
    return tuple(job.labels[label] for label, score in pairs if label >= 0 and score >= over)


def _thumbnail(job: Job, row: int, sha1: bytes) -> bytes | None:
    """Return the bytes of a photo's thumbnail, made now where there is none; None: unreadable."""
    settings = job.settings
    thumbnail = read_thumbnail(settings.cache_dir, sha1)
    if thumbnail is None:
        try:
            make_thumbnail(
                job.photos.paths[row], settings.cache_dir, settings.max_pixels, settings.formats
            )
        except UnreadablePhoto:
            return None
        thumbnail = read_thumbnail(settings.cache_dir, sha1)
    return thumbnail


def _checked(
    photos: Sequence[AskedPhoto], proposals: Iterable[Proposal]
) -> dict[bytes, list[Found]]:
    """Return what was proposed for each photo, the best first. Raises ValueError for nonsense."""
    best: dict[bytes, dict[str, Found]] = {photo.sha1: {} for photo in photos}
    boxes: dict[bytes, list[Found]] = {photo.sha1: [] for photo in photos}
    for photo, label, score, box in proposals:
        if photo.sha1 not in best:
            raise ValueError("proposes a label for a photo that it was not asked about")
        where = None
        if box is not None:
            x, y, width, height = map(float, box)
            where = (x, y, width, height)
        proposal = Found(normalise_label(label), float(score), where)
        if not all(0 <= number <= 1 for number in (proposal.score, *(where or ()))):
            raise ValueError(f"{label!r}: score or box are not in 0..1: {score}, {box}")
        if proposal.box:
            boxes[photo.sha1].append(proposal)
        elif (
            proposal.label not in best[photo.sha1]
            or best[photo.sha1][proposal.label].score < proposal.score
        ):
            best[photo.sha1][proposal.label] = proposal
    return {
        sha1: sorted(
            [*ones.values(), *boxes[sha1]], key=lambda proposal: (-proposal.score, proposal.label)
        )
        for sha1, ones in best.items()
    }

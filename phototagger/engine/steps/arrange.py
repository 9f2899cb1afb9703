"""The steps that only arrange what is known: scan, score, medoids, export."""

from __future__ import annotations

import hashlib
import os
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.export import (
    write_approvals_parquet,
    write_approved_csv,
    write_medoids_csv,
    write_photos_parquet,
    write_results_csv,
    write_results_parquet,
)
from phototagger.core.medoid import medoid_of_blocks
from phototagger.core.score import BLOCK, rank
from phototagger.engine.decisions.learned import heads_of_job, one_sided, said_of
from phototagger.engine.events import Event, Notice, PhotoFailed, StepFinished, StepProgress
from phototagger.engine.events import StepStarted as Started
from phototagger.engine.library.photos import left_out, photos_now
from phototagger.engine.tables.rows import (
    approvals_of,
    approved_rows,
    decisions_by_photo,
    names_replaced,
    results_of,
)
from phototagger.errors import PhototaggerError
from phototagger.printable import printable
from phototagger.store.labels.exported import moment, note_exported
from phototagger.store.labels.suggestions import save_suggestions, top_suggestions
from phototagger.store.photos.contents import known_files
from phototagger.store.photos.medoids import KnownMedoid, known_medoids, remember_medoids
from phototagger.store.vectors.keys import as_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from phototagger.engine.job import Job


def scan(job: Job) -> Iterator[Event]:
    """Folder → photos: what is there, and what of it is known from before."""
    yield Started("scan", 0)
    found, photos = photos_now(job.root, job.catalogue, job.settings)
    job.found(found, photos)
    if not len(photos):
        _refuse_emptied(job)
    for line in left_out(found):
        yield Notice(line)
    for path, reason in found.failures:
        yield PhotoFailed(path, reason)
    for position, why in sorted(photos.reasons.items()):
        yield PhotoFailed(photos.paths[position], str(why))
    write_photos_parquet(found.photos, job.root, job.run.file("photos.parquet"))
    count, known = len(photos), int(photos.known.sum())
    if not count:
        yield Notice(f"there is no JPEG or PNG photo under {printable(job.root)}")
    yield StepFinished("scan", count - known, known, len(found.failures))


def _refuse_emptied(job: Job) -> None:
    """Keep the tables of a run that had photos, where a disk that is not mounted has none."""
    continued = job.run.file("photos.parquet").exists()
    if continued and any(files.paths for files in known_files(job.catalogue, job.root)):
        raise PhototaggerError(
            f"{printable(job.root)}: holds no photo now, and did before",
            "is its disk mounted? "
            f"Mount it, then run again: the tables in {printable(job.run.path)} are as they were. "
            "If the photos are really gone, `phototagger run` begins a run without them",
        )


def score(job: Job) -> Iterator[Event]:
    """Vectors → suggestions, for photos that have none of these settings yet."""
    photos = job.photos
    usable = np.flatnonzero(photos.usable())
    usable = usable[job.model.images.has(photos.keys[usable])]  # the review does not embed first
    table = top_suggestions(job.catalogue, job.scoring, photos.keys)
    todo = usable[~table.there[usable]]
    yield Started("score", len(usable), len(usable) - len(todo))
    if len(todo):
        settings = job.settings
        labels = job.model.labels(job.labels, job.check_cancelled)
        for start in range(0, len(todo), BLOCK):
            job.check_cancelled()
            rows = todo[start : start + BLOCK]
            vectors = job.model.images.get(photos.keys[rows])
            ranked = list(rank(vectors, labels, settings.threshold, settings.topk))
            keys = as_bytes(photos.keys[rows])
            save_suggestions(job.catalogue, job.scoring, zip(keys, ranked, strict=True))
            table.put(rows, ranked)
            done = len(usable) - len(todo) + start + len(rows)
            yield StepProgress("score", done, len(usable))
    job.suggestions = table
    results = results_of(job, decisions_by_photo(job), learned=job.learned)
    write_results_parquet(results, job.run.file("results.parquet"))
    made = len(todo) + job.scored
    note = ""
    if job.learned:
        heads = heads_of_job(job)
        note = said_of(heads)
        if doubt := one_sided(heads, job.labels):
            yield Notice(doubt)
    yield StepFinished("score", made, len(usable) - made, len(photos) - len(usable), note=note)


def medoids(job: Job) -> Iterator[Event]:
    """Folder → its typical photo, where its photos changed since it was found last."""
    photos = job.photos
    folders = photos.by_folder(photos.usable())
    kept = known_medoids(job.catalogue, job.model.known.model)
    yield Started("medoids", len(folders))
    rows, new = [], []
    for number, (folder, members) in enumerate(folders.items()):
        job.check_cancelled()
        full = os.path.normpath(os.path.join(job.root, folder))  # noqa: PTH118
        digest = _members_digest(job, members)
        known = kept.get(full)
        if known is None or known.members != digest:
            found = medoid_of_blocks(partial(job.model.images.blocks, photos.keys[members]))
            path = photos.paths[members[found.photo]]
            known = KnownMedoid(full, digest, path, found.cosine_to_centroid)
            new.append(known)
        rows.append((folder, os.path.relpath(known.path, job.root), known.cosine))
        yield StepProgress("medoids", number + 1, len(folders))
    remember_medoids(job.catalogue, job.model.known.model, new)
    replaced = write_medoids_csv(rows, job.run.file("folder_medoids.csv"))
    yield from names_replaced(job, "folder_medoids.csv", replaced)
    yield StepFinished("medoids", len(new), len(folders) - len(new))


def _members_digest(job: Job, members: NDArray[np.int64]) -> bytes:
    digest = hashlib.sha1(job.photos.keys[members].tobytes(), usedforsecurity=False)
    digest.update(os.fsencode("\0".join(job.photos.paths.at(members))))
    return digest.digest()


def export(job: Job) -> Iterator[Event]:
    """Suggestions and decisions → the tables."""
    yield Started("export", 1)
    up_to = moment(job.catalogue)
    by_photo = decisions_by_photo(job)
    results = results_of(job, by_photo)
    approvals = approvals_of(job, by_photo)
    replaced = write_results_csv(results, job.run.file("results.csv"))
    yield from names_replaced(job, "results.csv", replaced)
    replaced = write_approved_csv(approved_rows(job, by_photo), job.run.file("approved.csv"))
    yield from names_replaced(job, "approved.csv", replaced)
    write_approvals_parquet(approvals, job.run.file("approvals.parquet"))
    note_exported(job.catalogue, job.run.run_id, up_to)
    yield StepFinished("export", len(results.paths), note=f"{len(approvals):,} decisions")

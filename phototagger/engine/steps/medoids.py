"""Folder → its typical photo."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.core.export import (
    write_medoids_csv,
)
from phototagger.core.medoid import medoid_of_blocks
from phototagger.engine.events import Event, StepFinished, StepProgress
from phototagger.engine.events import StepStarted as Started
from phototagger.engine.tables.rows import (
    names_replaced,
)
from phototagger.store.photos.medoids import KnownMedoid, known_medoids, remember_medoids

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.plan import Outlook


def outputs(job: Job) -> list[Path]:
    """Return what the step writes."""
    return [job.run.file("folder_medoids.csv")]


def planned(outlook: Outlook) -> Iterator[str]:
    """Say what the step would do."""
    folders = outlook.photos.by_folder(outlook.photos.sound())
    yield f"medoids: folder_medoids.csv of {len(folders):,} folders"


def medoids(job: Job) -> Iterator[Event]:
    """Folder → its typical photo, where its photos changed since it was found last."""
    photos = job.photos
    folders = photos.by_folder(photos.usable())
    earlier = known_medoids(job.catalogue, job.model.known.model)
    yield Started("medoids", len(folders))
    rows, new = [], []
    for number, (folder, members) in enumerate(folders.items()):
        job.check_cancelled()
        full = os.path.normpath(os.path.join(job.root, folder))  # noqa: PTH118
        digest = _members_digest(job, members)
        known = earlier.get(full)
        if known is None or known.members != digest:
            medoid = medoid_of_blocks(partial(job.model.images.blocks, photos.keys[members]))
            path = photos.paths[members[medoid.photo]]
            known = KnownMedoid(full, digest, path, medoid.cosine_to_centroid)
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

"""A run's own embeddings: taken into the vector store, and written from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from phototagger.engine.events import Event, Notice
from phototagger.errors import UsageError
from phototagger.files.own import is_real_folder
from phototagger.printable import printable
from phototagger.store.vectors.embeddings import (
    FOLDER,
    INDEX,
    Embeddings,
    read_embeddings,
    save_embeddings,
)
from phototagger.store.vectors.keys import as_bytes

if TYPE_CHECKING:
    from phototagger.engine.job import Job


def take_embeddings(job: Job) -> Iterator[Event]:
    """Add vectors that somebody brought, or that the run folder holds, to the store.

    Where those of the run folder do not serve, such as of the model as it was before, a notice
    says so, and ``keep_embeddings`` writes them anew. Raises UsageError where those that were
    brought do not.
    """
    own = job.run.file(FOLDER)
    if job.embeddings_from:
        _take(job, Path(job.embeddings_from))
    elif (own / INDEX).is_file():
        try:
            _take(job, own)
        except UsageError as error:
            yield Notice(f"{error.cause}: they are made anew")


def _take(job: Job, brought: Path) -> None:
    model = job.model
    embeddings = read_embeddings(brought, model.known.model, model.prompts)
    dimension = model.images.dimension
    if dimension and dimension != embeddings.images.shape[1]:
        raise UsageError(
            f"{printable(brought)}: its rows have {embeddings.images.shape[1]} numbers, those of "
            f"the model {dimension}",
            "leave --embeddings out, or make them anew with --save-embeddings",
        )
    new = np.flatnonzero(~model.images.has(embeddings.keys))
    _, first = np.unique(embeddings.keys[new], axis=0, return_index=True)
    new = new[np.sort(first)]
    model.images.append(as_bytes(embeddings.keys[new]), np.asarray(embeddings.images)[new])
    model.images.flush()
    model.take_labels(list(embeddings.labels), embeddings.label_vectors)


def keep_embeddings(job: Job) -> None:
    """Write the run's embeddings, where they were asked for or begun before."""
    folder = job.run.file(FOLDER)
    if not (job.save_embeddings or is_real_folder(folder)):
        return
    chosen = np.flatnonzero(job.photos.usable())
    keys = job.photos.keys[chosen]
    save_embeddings(
        Embeddings(
            job.model.known.model,
            np.zeros((0, job.model.images.dimension), np.float32),
            keys,
            job.photos.paths.only(chosen),
            job.labels,
            job.model.labels(job.labels),
            job.model.prompts,
        ),
        job.model.images.blocks(keys),
        folder,
    )

"""Vectors → suggestions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.export import (
    write_results_parquet,
)
from phototagger.core.score import BLOCK, rank
from phototagger.engine.decisions.learned import heads_of_job, one_sided, said_of
from phototagger.engine.events import Event, Notice, StepFinished, StepProgress
from phototagger.engine.events import StepStarted as Started
from phototagger.engine.library.threshold import offer_better, settle
from phototagger.engine.tables.rows import (
    decisions_by_photo,
    results_of,
)
from phototagger.store.labels.suggestions import save_suggestions, top_suggestions
from phototagger.store.vectors.keys import as_bytes

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.plan import Outlook


def outputs(job: Job) -> list[Path]:
    """Return what the step writes."""
    return [job.run.file("results.parquet")]


def planned(outlook: Outlook) -> Iterator[str]:
    """Say what the step would do."""
    yield f"score: results.parquet of {outlook.due():,} photos"


def score(job: Job) -> Iterator[Event]:
    """Vectors → suggestions, for photos that have none with these settings yet."""
    photos = job.photos
    usable = np.flatnonzero(photos.usable())
    usable = usable[job.model.images.has(photos.keys[usable])]  # the review does not embed first
    yield from settle(job)
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
    scored = len(todo) + job.scored
    if scored:  # whoever has nothing new was told before, and no vector is read
        yield from offer_better(job)
    note = ""
    if job.learned:
        heads = heads_of_job(job)
        note = said_of(heads)
        if doubt := one_sided(heads, job.labels):
            yield Notice(doubt)
    yield StepFinished("score", scored, len(usable) - scored, len(photos) - len(usable), note=note)

"""What a job knows → the rows of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.core.export import Approval, Results
from phototagger.engine.decisions.decided import by_content
from phototagger.engine.decisions.learned import learned_column
from phototagger.engine.events import Event, Notice
from phototagger.store.labels.edits import WHOLE_PHOTO
from phototagger.store.labels.holding import Decision, decisions
from phototagger.store.labels.suggestions import top_suggestions
from phototagger.store.vectors.keys import as_bytes

if TYPE_CHECKING:
    from phototagger.engine.job import Job


ByPhoto = dict[bytes, list[Decision]]
"""The decisions on labels that hold, by content."""


def decisions_by_photo(job: Job) -> ByPhoto:
    """Return the decisions that hold: read once for all tables, they are of one moment."""
    return by_content(
        decision for decision in decisions(job.catalogue) if decision.label != WHOLE_PHOTO
    )


def results_of(job: Job, by_photo: ByPhoto, *, learned: bool = False) -> Results:
    """Return the suggestions and approvals of the photos that have suggestions.

    ``learned``: also what a person's decisions suggest.
    """
    photos = job.photos
    if job.suggestions is None:
        job.suggestions = top_suggestions(job.catalogue, job.scoring, photos.keys)
    table = job.suggestions
    usable = photos.usable() & table.there
    chosen: NDArray[np.int64] | slice = slice(None) if usable.all() else np.flatnonzero(usable)
    paths = photos.paths if isinstance(chosen, slice) else photos.paths.only(chosen)
    order, spelled = _label_order(job), job.model.tree.spelled
    approved = {}
    if by_photo:
        for row, sha1 in enumerate(as_bytes(photos.keys[chosen])):
            labels = _approved(by_photo.get(sha1, ()), order)
            if labels:
                approved[row] = [*map(spelled, labels)]
    return Results(
        paths,
        job.root,
        photos.sizes[chosen],
        [*map(spelled, job.labels)],
        table.best[chosen],
        table.scores[chosen],
        approved,
        job.run.run_id,
        job.settings.model_name,
        learned_column(job, photos.keys[chosen]) if learned else None,
        photos.pairs if "raw" in job.settings.formats and job.settings.pair_raw else None,
    )


def approved_rows(job: Job, by_photo: ByPhoto) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (path, rel_path, labels) of each photo with an approval, in scan order.

    A photo without suggestions, such as one that cannot be decoded, may have one, too.
    """
    photos, order = job.photos, _label_order(job)
    for position in np.flatnonzero(photos.known).tolist() if by_photo else ():
        labels = _approved(by_photo.get(photos.keys[position].tobytes(), ()), order)
        if labels:
            written = [*map(job.model.tree.spelled, labels)]
            yield photos.paths[position], photos.rel_path(position), written


def approvals_of(job: Job, by_photo: ByPhoto) -> list[Approval]:
    """Return every decision on a label of the job's photos, one row for each path."""
    photos, spelled = job.photos, job.model.tree.spelled
    rows: list[Approval] = []
    if not by_photo:
        return rows
    for position in np.flatnonzero(photos.known).tolist():
        sha1 = photos.keys[position].tobytes()
        rows.extend(
            _approval(
                photos.paths[position], photos.rel_path(position), decision, spelled(decision.label)
            )
            for decision in by_photo.get(sha1, ())
        )
    return rows


def names_replaced(job: Job, table: str, rows: int) -> Iterator[Event]:
    """Tell where the names are that a CSV file cannot hold byte by byte, if ``rows`` have any."""
    if rows:
        yield Notice(
            f"{table}: {rows:,} rows have names that are not UTF-8, with \ufffd for what is not; "
            f"path_bytes in {job.run.file('photos.parquet')} has their bytes"
        )


def _approval(path: str, rel_path: str, decision: Decision, label: str) -> Approval:
    return Approval(
        path=path,
        rel_path=rel_path,
        sha1=decision.sha1.hex(),
        label=label,
        decision="approved" if decision.approved else "rejected",
        score=decision.score,
        who=decision.who.value,
        when=decision.when,
        model=decision.model,
    )


def _label_order(job: Job) -> dict[str, int]:
    return {label: number for number, label in enumerate(job.labels)}


def _approved(decided: Iterable[Decision], order: dict[str, int]) -> list[str]:
    """Return the approved labels: those of the labels file in its order, then the others."""
    labels = [decision.label for decision in decided if decision.approved]
    return sorted(labels, key=lambda label: (order.get(label, len(order)), label))

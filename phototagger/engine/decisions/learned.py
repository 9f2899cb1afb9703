"""What a person decided → better suggestions: the heads of a model, labels and prompt.

Nothing of the heads is kept: they are made anew from the stored decisions, which belong to the
content of photos and so serve every model. Only decisions by a person teach, and only labels that
were decided are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phototagger.core.learned_column import LearnedColumn
from phototagger.core.score import BLOCK, Cosines, over
from phototagger.engine.decisions.decided import Decided, decided, that_teach
from phototagger.model.vectors import Float32, normalised
from phototagger.settings.model import Settings
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.by_label import teachers
from phototagger.store.labels.holding import decisions
from phototagger.store.vectors.by_content import Vectors
from phototagger.store.vectors.keys import Keys, as_bytes
from phototagger.suggest import LabelHeads, go_on

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.library.library import Opened

SUGGESTED = 0.5
"""From this learned score on, a label is suggested."""

MOST = 10_000
"""Photos that teach, beside those that a label needs."""

EACH = 100
"""Photos with a label approved that teach it, where there are so many."""

_CELLS = 8_000_000  # scores in memory at once, photos by labels
_NAMED = 5  # labels named in one line
_BELOW = np.nextafter(np.float32(SUGGESTED), np.float32(0))


class Scored(NamedTuple):
    """Photos ``start`` to ``start + n``: vectors [n, D] as stored, learned scores [n, M]."""

    start: int
    vectors: Float32
    scores: Float32


def teaching(catalogue: Catalogue, images: Vectors, labels: Sequence[str]) -> Decided:
    """Return the decisions that teach, on these labels, of photos with a vector.

    Where persons decided many photos, ``MOST`` of them teach, whichever were decided first, and of
    each label ``EACH`` that it was approved on: more would say little else, and take minutes.
    """
    chosen = teachers(catalogue, MOST, EACH, labels)
    taught = decided(that_teach(catalogue, decisions(catalogue, chosen)), labels)
    return taught.of(images.has(taught.keys))


def heads_of(
    told: Decided,
    images: Vectors,
    label_vectors: Float32,
    threshold: float,
    check: Callable[[], None] = go_on,
) -> LabelHeads:
    """Return the heads that these decisions teach; ``label_vectors`` need not be normalised.

    They are taught as for ``threshold``, but at most for the default: what a person sets above it
    holds learned scores down, too. ``check`` is called again and again; what it raises ends it.
    """
    labels = normalised(label_vectors)
    threshold = min(threshold, Settings().threshold)
    if not len(told.keys):
        return LabelHeads(labels, threshold)
    return LabelHeads.from_decisions(
        labels,
        normalised(images.get(told.keys)),
        told.approved,
        told.known,
        threshold=threshold,
        keys=as_bytes(told.keys),
        whole=told.whole,
        check=check,
    )


def heads_of_job(job: Job) -> LabelHeads:
    """Return the heads of a job, made once."""
    if job.heads is None:
        job.heads = _heads_now(job)
    return job.heads


def _heads_now(opened: Opened) -> LabelHeads:
    images = opened.model.images
    taught = teaching(opened.catalogue, images, opened.labels)
    vectors = opened.model.labels(opened.labels)
    check = opened.writer.check_cancelled if opened.writer is not None else go_on
    return heads_of(taught, images, vectors, opened.settings.threshold, check)


def learned_scores(opened: Opened, keys: Keys) -> Iterator[Scored]:
    """Score photos that have vectors, in blocks of bounded memory.

    Before a person has decided anything, exactly the labels over the threshold are suggested.
    """
    job, threshold = opened.writer, opened.settings.threshold
    heads = heads_of_job(job) if job is not None else _heads_now(opened)
    cosines_of = Cosines(opened.model.labels(opened.labels))
    rows = max(1, min(BLOCK, _CELLS // len(opened.labels)))
    for start in range(0, len(keys), rows):
        if job is not None:
            job.check_cancelled()
        vectors = opened.model.images.get(keys[start : start + rows])
        scores = heads.predict(normalised(vectors), threshold)
        if not len(heads):
            # As ``score`` compares them: the heads' own product may round another way.
            reached = over(cosines_of(vectors), threshold)
            scores = np.where(
                reached, np.maximum(scores, np.float32(SUGGESTED)), np.minimum(scores, _BELOW)
            )
        yield Scored(start, vectors, scores)


def learned_column(job: Job, keys: Keys) -> LearnedColumn:
    """Return what the decisions suggest for photos that have vectors, best first."""
    counts = np.zeros(len(keys), np.int64)
    labels, values = [np.zeros(0, np.int32)], [np.zeros(0, np.float32)]
    for block in learned_scores(job, keys):
        rows, columns = np.nonzero(block.scores >= SUGGESTED)
        scores = block.scores[rows, columns]
        best_first = np.lexsort((columns, -scores, rows))
        labels.append(columns[best_first].astype(np.int32))
        values.append(scores[best_first])
        per_photo = np.bincount(rows, minlength=len(block.scores))
        counts[block.start : block.start + len(per_photo)] = per_photo
    return LearnedColumn(counts, np.concatenate(labels), np.concatenate(values))


def one_sided(heads: LabelHeads, labels: Sequence[str]) -> str:
    """Say which labels were approved and never rejected; empty where there is none.

    Nothing tells the heads where such a label does not fit, so they may suggest it everywhere.
    """
    states = zip(labels, heads.states, strict=True)
    never_rejected = [label for label, state in states if state.positives and not state.negatives]
    if not never_rejected:
        return ""
    more = f" and {len(never_rejected) - _NAMED:,} more" if len(never_rejected) > _NAMED else ""
    return (
        f"approved, and never rejected on any photo: {', '.join(never_rejected[:_NAMED])}{more}; "
        "what was learned of them may suggest them too often"
    )


def said_of(heads: LabelHeads) -> str:
    """Say how much the heads have learned."""
    if not len(heads):
        return "nothing decided by a person yet: plain suggestions"
    learned = sum(state.learned for state in heads.states)
    return f"learned {learned:,} labels from {len(heads):,} decided photos"

"""Suggestions that were computed once: by model, labels, prompt, threshold and topk."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.core.score import Ranked
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import insert, next_id, put
from phototagger.store.photos.contents import ROWS_AT_ONCE
from phototagger.store.vectors.keys import KEY_BYTES, KeyIndex, Keys

_SCORING = ("id", "model", "labels_digest", "prompt", "threshold", "topk", "labels")
_SUGGESTION = ("scoring", "sha1", "positions", "scores")
_ROWS_READ = 4096  # rows held as Python objects at once


@dataclass(frozen=True)
class Scoring:
    """What decides the suggestions of a photo, and the catalogue's number for it."""

    number: int
    labels: tuple[str, ...]
    threshold: float
    topk: int


class Table(NamedTuple):
    """Suggestions of N photos: int32 and float32 [N, K]; rows of -1 where there are none."""

    best: NDArray[np.int32]
    scores: NDArray[np.float32]

    @property
    def there(self) -> NDArray[np.bool_]:
        """Tell for each photo whether its suggestions are there."""
        return self.best[:, 0] >= 0

    def put(self, rows: NDArray[np.int64], ranked: Iterable[Ranked]) -> None:
        """Put what was computed now in its rows."""
        kept = self.best.shape[1]
        for row, suggested in zip(rows.tolist(), ranked, strict=True):
            self.best[row], self.scores[row] = suggested.labels[:kept], suggested.scores[:kept]


def labels_digest(labels: Sequence[str]) -> bytes:
    """Return what identifies a list of labels."""
    return hashlib.sha256("\n".join(labels).encode()).digest()


def scoring(
    catalogue: Catalogue,
    model: str,
    labels: Sequence[str],
    prompts: Sequence[str],
    *,
    threshold: float,
    topk: int,
) -> Scoring:
    """Return the scoring of these settings, made now if it is new."""
    key = (model, labels_digest(labels), json.dumps(list(prompts)), threshold, topk)
    with catalogue.transaction() as db:
        row = db.execute(
            "SELECT id FROM scoring WHERE model = ? AND labels_digest = ? AND prompt = ? "
            "AND threshold = ? AND topk = ?",
            key,
        ).fetchone()
        number = row[0] if row else next_id(db, "scoring")
        if not row:
            insert(db, "scoring", _SCORING, [(number, *key, json.dumps(list(labels)))])
    return Scoring(number, tuple(labels), threshold, topk)


def save_suggestions(
    catalogue: Catalogue, scored: Scoring, rows: Iterable[tuple[bytes, Ranked]]
) -> None:
    """Keep photos' suggestions, by content."""
    packed = [
        (scored.number, sha1, ranked.labels.tobytes(), ranked.scores.tobytes())
        for sha1, ranked in rows
    ]
    for start in range(0, len(packed), ROWS_AT_ONCE):
        with catalogue.transaction() as db:
            put(db, "suggestion", _SUGGESTION, packed[start : start + ROWS_AT_ONCE])


def top_suggestions(catalogue: Catalogue, scored: Scoring, keys: Keys) -> Table:
    """Return the top K of many photos at once; K is topk, or the labels where they are fewer."""
    kept = min(scored.topk, len(scored.labels))
    rows = catalogue.connection.execute(
        "SELECT sha1, substr(positions, 1, ?1), substr(scores, 1, ?1) "
        "FROM suggestion WHERE scoring = ?2",
        (4 * kept, scored.number),
    )
    best = np.full((len(keys), kept), -1, np.int32)
    scores = np.full((len(keys), kept), np.nan, np.float32)
    index = KeyIndex(keys)
    while batch := rows.fetchmany(_ROWS_READ):
        digests, positions, values = (b"".join(column) for column in zip(*batch, strict=True))
        places = index.find(np.frombuffer(digests, np.uint8).reshape(-1, KEY_BYTES))
        known = places >= 0
        best[places[known]] = np.frombuffer(positions, np.int32).reshape(-1, kept)[known]
        scores[places[known]] = np.frombuffer(values, np.float32).reshape(-1, kept)[known]
    # Equal contents are found at the first of them.
    first = index.find(keys)
    copies = np.flatnonzero(first != np.arange(len(keys)))
    best[copies], scores[copies] = best[first[copies]], scores[first[copies]]
    return Table(best, scores)

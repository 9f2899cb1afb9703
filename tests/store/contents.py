"""Contents to decide about, and what holds of them, in plain Python."""

import hashlib

import numpy as np

from phototagger.core.checklist import Mark
from phototagger.core.score import Ranked
from phototagger.store import Catalogue, decisions
from phototagger.store.labels.marks import marks
from phototagger.store.labels.suggestions import Scoring
from phototagger.store.vectors.keys import Keys, as_bytes, as_keys


def sha1(name: object) -> bytes:
    """The SHA-1 of a photo that nobody has."""
    return hashlib.sha1(str(name).encode(), usedforsecurity=False).digest()


def keys_of(*names: object) -> Keys:
    return as_keys(sha1(name) for name in names)


def rows_of(*names: object, dimension: int = 4) -> np.ndarray:
    """Vectors that tell which photo they belong to."""
    seeds = [int.from_bytes(sha1(name)[:4], "big") for name in names]
    rows = [np.random.default_rng(seed).standard_normal(dimension) for seed in seeds]
    return np.array(rows, np.float32).reshape(len(names), dimension)


def held(catalogue: Catalogue) -> dict[tuple[bytes, str], bool]:
    """What holds: (sha1, label) → approved."""
    return {(one.sha1, one.label): one.approved for one in decisions(catalogue)}


def suggestions_of(catalogue: Catalogue, scored: Scoring, sha1: bytes) -> Ranked | None:
    """One photo's suggestions: the top K, and all that are over the threshold."""
    row = catalogue.connection.execute(
        "SELECT positions, scores FROM suggestion WHERE scoring = ? AND sha1 = ?",
        (scored.number, sha1),
    ).fetchone()
    if row is None:
        return None
    return Ranked(np.frombuffer(row[0], np.int32), np.frombuffer(row[1], np.float32))


def marks_by_photo(catalogue: Catalogue, sha1s: list[bytes] | None = None) -> dict[bytes, Mark]:
    """What holds for photos as a whole: sha1 → mark."""
    return {
        key: Mark(mark)
        for keys, of_keys in marks(catalogue, sha1s)
        for key, mark in zip(as_bytes(keys), of_keys.tolist(), strict=True)
    }

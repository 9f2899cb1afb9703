"""Certificates: what was promised, on which sample it stands, and which act it allowed.

One begins as a **sample**: with what is drawn, everything that could be approved is written down,
so that nothing learned or changed later can move it. Photos go by the first of their contents.
"""

import json
import os
from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.moments import microseconds, moment
from phototagger.store.catalogue.rows import insert, next_id, update
from phototagger.store.catalogue.trouble import damaged
from phototagger.store.photos.editions import in_use
from phototagger.store.vectors.keys import KEY_BYTES, Keys


class SampleState(IntEnum):
    """What became of a sample."""

    OPEN = 0
    CERTIFIED = 1
    GIVEN_UP = 2


class Pairs(NamedTuple):
    """Labels that could be approved, n pairs: numbers of photo and label int32, scores float32."""

    photos: NDArray[np.int32]
    labels: NDArray[np.int32]
    scores: NDArray[np.float32]


class Certificate(NamedTuple):
    """A sample, and once it is certified what that allowed.

    ``taught`` is how many decided photos were behind the scores; ``tests`` how often it was tested,
    the last time with ``tested`` photos, of which ``answers`` is a digest of what was said (None
    before, and of tests of long ago). From ``act`` on all is None until it is certified:
    ``bound`` is the precision that is exceeded with the confidence of the test, ``looks`` and
    ``wrong`` what it stands on, ``photos`` and ``approved`` (labels) what the act approved.
    """

    id: int
    root: str
    when: datetime
    model: str
    labels: list[str]
    taught: int
    precision: float
    confidence: float
    over_labels: bool
    seed: int
    state: SampleState
    tests: int = 0
    tested: int = 0
    answers: bytes | None = None
    act: int | None = None
    threshold: float | None = None
    bound: float | None = None
    looks: int | None = None
    wrong: int | None = None
    photos: int | None = None
    approved: int | None = None

    @property
    def name(self) -> str:
        """What it is called: C3."""
        return f"C{self.id}"


class Certified(NamedTuple):
    """What a test allowed, as it is kept."""

    act: int | None
    threshold: float
    bound: float
    looks: int
    wrong: int
    photos: int
    approved: int


_COLUMNS = (
    "id", "root", "at", "model", "labels", "taught", "precision", "confidence", "over_labels",
    "seed", "state", "tests", "tested", "answers", *Certified._fields,
)  # fmt: skip


def certificates(catalogue: Catalogue, root: str | None = None) -> list[Certificate]:
    """Return all samples and certificates, of a root or of every one, in their order."""
    query = f"SELECT {', '.join(_COLUMNS)} FROM certificate ORDER BY id"  # noqa: S608
    recorded = map(_certificate, catalogue.connection.execute(query).fetchall())
    return [certificate for certificate in recorded if root is None or certificate.root == root]


def open_sample(catalogue: Catalogue, root: str) -> Certificate | None:
    """Return the sample of a root that waits to be looked at, None where none does."""
    return next(
        (sample for sample in certificates(catalogue, root) if sample.state is SampleState.OPEN),
        None,
    )


def begin_sample(
    catalogue: Catalogue, begun: Certificate, library: Keys, pairs: Pairs
) -> Certificate:
    """Keep a new sample, on disk when this returns; return it with its number.

    ``library`` uint8 [N, 20] are the photos under the root, by which ``pairs`` number theirs.
    """
    with catalogue.transaction() as db:
        sample = begun._replace(id=next_id(db, "certificate"))
        row = (
            sample.id, os.fsencode(sample.root), microseconds(sample.when), sample.model,
            json.dumps(sample.labels, ensure_ascii=False), sample.taught, sample.precision,
            sample.confidence, int(sample.over_labels), sample.seed, int(sample.state),
            sample.tests, sample.tested, sample.answers,
            library.tobytes(), b"".join(column.tobytes() for column in pairs),
        )  # fmt: skip
        names = (*_COLUMNS[: -len(Certified._fields)], "library", "pairs")
        insert(db, "certificate", names, [row])
    return sample


def draw(catalogue: Catalogue, number: int, photos: Sequence[bytes]) -> None:
    """Note photos that were drawn, after those that were."""
    with catalogue.transaction() as db:
        begin = len(drawn(catalogue, number))
        rows = [(number, place, sha1) for place, sha1 in enumerate(photos, start=begin)]
        insert(db, "drawn", ("certificate", "place", "sha1"), rows)


def drawn(catalogue: Catalogue, number: int) -> list[bytes]:
    """Return the photos of a sample, in the order in which they were drawn."""
    rows = catalogue.connection.execute(
        "SELECT sha1 FROM drawn WHERE certificate = ? ORDER BY place", (number,)
    )
    return [sha1 for (sha1,) in rows.fetchall()]


def resting(catalogue: Catalogue) -> set[bytes]:
    """Return the photos of open samples: what is said of them does not teach yet."""
    rows = catalogue.connection.execute(
        "SELECT sha1 FROM drawn WHERE certificate IN (SELECT id FROM certificate WHERE state = ?)",
        (int(SampleState.OPEN),),
    )
    contents = [sha1 for (sha1,) in rows.fetchall()]
    return {*contents, *in_use(catalogue, contents)} if contents else set()


def library_of(catalogue: Catalogue, number: int) -> Keys:
    """Return the photos that were under the root when a sample was drawn, uint8 [N, 20]."""
    return np.frombuffer(_blob(catalogue, "library", number), np.uint8).reshape(-1, KEY_BYTES)


def pairs_of(catalogue: Catalogue, one: Certificate) -> Pairs:
    """Return what could be approved when an open sample was drawn.

    Raises DamagedCatalogueError where it names photos or labels that the sample has not.
    """
    data = _blob(catalogue, "pairs", one.id)
    third = len(data) // 3
    photos, labels, scores = (data[at * third : (at + 1) * third] for at in range(3))
    pairs = Pairs(
        np.frombuffer(photos, np.int32),
        np.frombuffer(labels, np.int32),
        np.frombuffer(scores, np.float32),
    )
    count = len(_blob(catalogue, "library", one.id)) // KEY_BYTES
    for numbers, most in ((pairs.photos, count), (pairs.labels, len(one.labels))):
        if not ((numbers >= 0) & (numbers < most)).all():
            raise damaged(catalogue.path, f"{one.name} names what it has not")
    return pairs


def note_test(catalogue: Catalogue, number: int, tests: int, tested: int, answers: bytes) -> None:
    """Keep that a sample was tested once more, on which answers: before its result is told."""
    _change(catalogue, number, {"tests": tests, "tested": tested, "answers": answers})


def note_certified(catalogue: Catalogue, number: int, found: Certified) -> None:
    """Keep what a test allowed; what could have been approved is forgotten."""
    _change(
        catalogue, number, {"state": int(SampleState.CERTIFIED), "pairs": b"", **found._asdict()}
    )


def give_up(catalogue: Catalogue, number: int) -> None:
    """Close a sample that was not certified; it stays on record."""
    _change(catalogue, number, {"state": int(SampleState.GIVEN_UP), "pairs": b"", "library": b""})


def _change(catalogue: Catalogue, number: int, changes: dict[str, Any]) -> None:
    with catalogue.transaction() as db:
        update(db, "certificate", changes, "id = ?", (number,))


def _blob(catalogue: Catalogue, column: str, number: int) -> bytes:
    (data,) = catalogue.connection.execute(
        f"SELECT {column} FROM certificate WHERE id = ?",  # noqa: S608
        (number,),
    ).fetchone()
    return bytes(data)


def _certificate(row: tuple[Any, ...]) -> Certificate:
    named = dict(zip(_COLUMNS, row, strict=True))
    when = moment(named.pop("at"))
    return Certificate(
        **named
        | {
            "root": os.fsdecode(named["root"]),
            "labels": json.loads(named["labels"]),
            "over_labels": bool(named["over_labels"]),
            "state": SampleState(named["state"]),
        },
        when=when,
    )

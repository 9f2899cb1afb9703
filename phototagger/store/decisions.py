"""What was decided about labels: decide, undo, redo, decisions.

Every call of ``decide`` is one act and one undo. Nothing is overwritten: an act adds verdicts, and
``decision`` points at the verdict that holds, so undo and redo reach back to the first act, also
after a restart. Undo and redo go by root, and leave alone what has been decided since elsewhere.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator

    from phototagger.store.catalogue import Catalogue

WHOLE_PHOTO = ""
"""The label of a verdict on the photo as a whole: seen and done with, whatever its labels."""

_DONE, _UNDONE, _GONE = 0, 1, 2
_AT_ONCE = 500  # SQLite's host parameters in one statement


class Who(StrEnum):
    """Who decided."""

    PERSON = "person"
    AUTO = "auto"


class Edit(NamedTuple):
    """A label of a photo to approve (True), reject (False) or forget (None).

    ``score`` is the cosine the label had for that photo when it was decided, where it is known.
    """

    sha1: bytes
    label: str
    approved: bool | None
    score: float | None = None


class Decision(NamedTuple):
    """A decision that holds."""

    sha1: bytes
    label: str
    approved: bool
    score: float | None
    who: Who
    when: datetime
    model: str


def decide(
    catalogue: Catalogue,
    edits: Iterable[Edit],
    *,
    root: str,
    who: Who = Who.PERSON,
    model: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int | None:
    """Record edits as one act, on disk when this returns; return the act, None without edits.

    ``root`` is the folder under review (absolute), ``model`` the id of the model whose
    suggestions were shown.
    """
    edits = list(edits)
    if not edits:
        return None
    with catalogue.transaction() as db:
        where = os.fsencode(root)
        db.execute("UPDATE act SET state = ? WHERE root = ? AND state = ?", (_GONE, where, _UNDONE))
        act = db.execute(
            "INSERT INTO act (root, who, at, model) VALUES (?, ?, ?, ?)",
            (where, who.value, _microseconds(now()), model),
        ).lastrowid
        for edit in edits:
            verdict = db.execute(
                "INSERT INTO verdict (act, sha1, label, approved, score, previous) VALUES "
                "(?, ?, ?, ?, ?, (SELECT verdict FROM decision WHERE sha1 = ? AND label = ?))",
                (act, edit.sha1, edit.label, edit.approved, edit.score, edit.sha1, edit.label),
            ).lastrowid
            _point(db, edit.sha1, edit.label, verdict)
    return act


def undo(catalogue: Catalogue, *, root: str) -> list[bytes] | None:
    """Take back the last act under a root; return its photos, None where nothing is left."""
    return _step(catalogue, root, _DONE, _UNDONE, "DESC")


def redo(catalogue: Catalogue, *, root: str) -> list[bytes] | None:
    """Do the last undone act again; return its photos, None where nothing was undone."""
    return _step(catalogue, root, _UNDONE, _DONE, "ASC")


def _step(
    catalogue: Catalogue, root: str, before: int, after: int, direction: str
) -> list[bytes] | None:
    with catalogue.transaction() as db:
        found = db.execute(
            f"SELECT id FROM act WHERE root = ? AND state = ? ORDER BY id {direction} LIMIT 1",  # noqa: S608
            (os.fsencode(root), before),
        ).fetchone()
        if found is None:
            return None
        db.execute("UPDATE act SET state = ? WHERE id = ?", (after, found[0]))
        verdicts = db.execute(
            "SELECT id, sha1, label, previous FROM verdict WHERE act = ? ORDER BY id", found
        ).fetchall()
        if after == _UNDONE:
            verdicts.reverse()
        for verdict, sha1, label, previous in verdicts:
            now, then = (verdict, previous) if after == _UNDONE else (previous, verdict)
            if _pointed(db, sha1, label) == now:
                _point(db, sha1, label, then)
    return list(dict.fromkeys(sha1 for _, sha1, _, _ in verdicts))


def _pointed(db: sqlite3.Connection, sha1: bytes, label: str) -> int | None:
    row = db.execute(
        "SELECT verdict FROM decision WHERE sha1 = ? AND label = ?", (sha1, label)
    ).fetchone()
    return row[0] if row else None


def _point(db: sqlite3.Connection, sha1: bytes, label: str, verdict: int | None) -> None:
    db.execute(
        "INSERT INTO decision VALUES (?, ?, ?) "
        "ON CONFLICT (sha1, label) DO UPDATE SET verdict = excluded.verdict",
        (sha1, label, verdict),
    )


_HOLDING = (
    "SELECT v.sha1, v.label, v.approved, v.score, a.who, a.at, a.model "
    "FROM decision d JOIN verdict v ON v.id = d.verdict JOIN act a ON a.id = v.act "
    "WHERE v.approved IS NOT NULL"
)


def decisions(catalogue: Catalogue, photos: Iterable[bytes] | None = None) -> Iterator[Decision]:
    """Yield the decisions that hold, in the order they were made; of some photos, or of all.

    A decision on ``WHOLE_PHOTO`` says that the photo was decided, whatever its labels.
    """
    if photos is None:
        yield from map(_decision, catalogue.connection.execute(f"{_HOLDING} ORDER BY v.id"))
        return
    asked = list(photos)
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        marks = ",".join("?" * len(some))
        query = f"{_HOLDING} AND d.sha1 IN ({marks}) ORDER BY v.id"
        yield from map(_decision, catalogue.connection.execute(query, some))


def _decision(row: tuple[bytes, str, int, float | None, str, int, str]) -> Decision:
    sha1, label, approved, score, who, at, model = row
    when = datetime.fromtimestamp(at // 1_000_000, UTC).replace(microsecond=at % 1_000_000)
    return Decision(sha1, label, bool(approved), score, Who(who), when, model)


def _microseconds(when: datetime) -> int:
    return int(when.replace(microsecond=0).timestamp()) * 1_000_000 + when.microsecond

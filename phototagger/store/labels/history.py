"""What was decided about labels: decide, undo, redo, decisions.

Every call of ``decide`` is one act and one undo. Nothing is overwritten: an act adds verdicts, and
of each label of a photo the last verdict whose act is done holds. So undo and redo reach back to
the first act, also after a restart, and leave alone what has been decided since elsewhere: they go
by root. ``decision`` points at the verdict that holds. Verdicts are kept under the first of the
contents that are one photo, and hold for all of them: see ``editions``.

An act may give a label another name: its verdicts forget what held under the old one, and repeat
it under the new one, each with the verdict that it repeats.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from phototagger.batches import batches
from phototagger.store.catalogue.moments import microseconds, moment
from phototagger.store.catalogue.rows import delete, digests, insert, next_id, update
from phototagger.store.labels.drafts import take_name_back
from phototagger.store.labels.names import Naming, name, naming_of
from phototagger.store.labels.stacks import Grouping, group, grouping_of
from phototagger.store.photos.editions import by_first, editions, firsts, in_use

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator

    from phototagger.store.catalogue.database import Catalogue

WHOLE_PHOTO = ""
"""The label of a verdict on the photo as a whole: seen and done with, whatever its labels."""

_DONE, _UNDONE, _GONE = 0, 1, 2
_AT_ONCE = 4096  # edits held as rows at once
_ACT = ("id", "root", "who", "at", "model", "state", "verdicts", "source")
_VERDICT = ("id", "act", "sha1", "label", "approved", "score", "said")


class Who(StrEnum):
    """Who decided."""

    PERSON = "person"
    AUTO = "auto"


class Edit(NamedTuple):
    """A label of a photo to approve (True), reject (False) or forget (None).

    ``score`` is the cosine the label had for that photo when it was decided, where it is known.
    ``said`` is the verdict that is repeated under another label, by whom it was said and when.
    """

    sha1: bytes
    label: str
    approved: bool | None
    score: float | None = None
    said: int | None = None


class Decision(NamedTuple):
    """A decision that holds; ``certificate`` is the number of the one that allowed it.

    ``source`` is "stack" where its photo was decided with others of its stack.
    """

    sha1: bytes
    label: str
    approved: bool
    score: float | None
    who: Who
    when: datetime
    model: str
    certificate: int | None = None
    source: str = ""


def decide(
    catalogue: Catalogue,
    edits: Iterable[Edit],
    *,
    root: str,
    who: Who = Who.PERSON,
    model: str = "",
    when: datetime | None = None,
    finished: bool = False,
    naming: Naming | None = None,
    grouping: Grouping | None = None,
    source: str | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> int | None:
    """Record edits as one act, on disk when this returns; return the act, None without edits.

    ``root`` is the folder under review (absolute), ``model`` the id of the model whose
    suggestions were shown, ``when`` the moment of the decision (now). ``finished`` forgets the
    photos' checks that were not yet approved: this decision is made of them. ``naming`` is what
    the act calls a label from now on, ``grouping`` how photos stand: either is an act without
    edits, too. ``source``: what was decided at once, see ``Decision``. ``tell`` is given how many
    edits of many are written, and may raise: then there is no act.
    """
    parts = batches(edits, _AT_ONCE)
    part = next(parts, [])
    if not part and naming is None and grouping is None:
        return None
    with catalogue.transaction() as db:
        where = os.fsencode(root)
        update(db, "act", {"state": _GONE}, "root = ? AND state = ?", (where, _UNDONE))
        act, first = next_id(db, "act"), next_id(db, "verdict")
        at = microseconds(when or datetime.now(UTC))
        rows = _verdicts(catalogue, act, first, part)
        row_digests = digests(_VERDICT, rows)
        total = int(row_digests.sum())
        insert(db, "act", _ACT, [(act, where, who.value, at, model, _DONE, total, source)])
        begin = first
        while rows:
            insert(db, "verdict", _VERDICT, rows, row_digests)
            db.execute(_POINT_AT, (begin,))
            begin += len(rows)
            tell(begin - first)
            rows = _verdicts(catalogue, act, begin, next(parts, []))
            row_digests = digests(_VERDICT, rows)
            total += int(row_digests.sum())
        if begin - first > _AT_ONCE:
            update(db, "act", {"verdicts": total}, "id = ?", (act,))
        if naming is not None:
            name(db, act, naming)
        if grouping is not None:
            group(catalogue, db, act, grouping)
        if finished:
            condition = "EXISTS (SELECT 1 FROM verdict v WHERE v.sha1 = draft.sha1 AND +v.act = ?)"
            delete(db, "draft", condition, (act,))
    return act


def _verdicts(
    catalogue: Catalogue, act: int, first: int, edits: list[Edit]
) -> list[tuple[Any, ...]]:
    """Return the rows of some edits, the first of which has this number."""
    kept_as = firsts(catalogue, {edit.sha1 for edit in edits})
    return [
        (number, act, kept_as.get(sha1, sha1), *verdict)
        for number, (sha1, *verdict) in enumerate(edits, start=first)
    ]


def undo(
    catalogue: Catalogue, *, root: str, tell: Callable[[float], None] = lambda _: None
) -> list[bytes] | None:
    """Take back the last act under a root; return its photos, None where nothing is left.

    ``tell`` is given how much of many edits is taken back, 0..1, and may raise: then none is.
    """
    return _step(catalogue, root, tell, _DONE, _UNDONE)


def redo(
    catalogue: Catalogue, *, root: str, tell: Callable[[float], None] = lambda _: None
) -> list[bytes] | None:
    """Do the last undone act again; return its photos, None where nothing was undone.

    ``tell``: see ``undo``.
    """
    return _step(catalogue, root, tell, _UNDONE, _DONE)


def _step(
    catalogue: Catalogue,
    root: str,
    tell: Callable[[float], None],
    before: int,
    after: int,
) -> list[bytes] | None:
    direction = "DESC" if before == _DONE else "ASC"
    with catalogue.transaction() as db:
        row = db.execute(
            f"SELECT id FROM act WHERE root = ? AND state = ? ORDER BY id {direction} LIMIT 1",  # noqa: S608
            (os.fsencode(root), before),
        ).fetchone()
        if row is None:
            return None
        update(db, "act", {"state": after}, "id = ?", row)
        query = "SELECT min(id), max(id) FROM verdict WHERE act = ?"
        first, last = db.execute(query, row).fetchone()
        for start in range(first, last + 1, _AT_ONCE) if first is not None else ():
            db.execute(_POINT_AGAIN, (_DONE, row[0], start, start + _AT_ONCE))
            tell(min(1.0, (start + _AT_ONCE - first) / (last + 1 - first)))
        if after == _UNDONE and (naming := naming_of(db, row[0])) is not None:
            take_name_back(db, row[0], naming)
        photos = _photos_of(db, row[0])
    return in_use(catalogue, photos)


def _photos_of(db: sqlite3.Connection, act: int) -> list[bytes]:
    """Return the photos of an act, in the order in which it speaks of them."""
    rows = db.execute(
        "SELECT sha1 FROM verdict WHERE act = ? GROUP BY sha1 ORDER BY min(id)", (act,)
    )
    photos = [sha1 for (sha1,) in rows]
    grouping = grouping_of(db, act)
    return photos if grouping is None else list(dict.fromkeys([*photos, *grouping.sha1s]))


class Past(NamedTuple):
    """What an act said, by whom and when: its ``photos`` by the first of their contents.

    ``approved`` and ``rejected`` count the photos of each label, the commonest first. ``decided``
    tells whether it decided photos as a whole (True), made them undecided (False), or neither;
    ``naming`` what it called a label, if it did, ``grouping`` how it said that photos stand.
    ``source`` as a ``Decision`` has it.
    """

    act: int
    who: Who
    when: datetime
    photos: list[bytes]
    approved: dict[str, int]
    rejected: dict[str, int]
    decided: bool | None
    naming: Naming | None = None
    grouping: Grouping | None = None
    source: str = ""


def last_act(catalogue: Catalogue) -> int:
    """Return the number of the newest act under any root, 0 where there is none."""
    newest: int = catalogue.connection.execute("SELECT coalesce(max(id), 0) FROM act").fetchone()[0]
    return newest


def next_undo(catalogue: Catalogue, *, root: str) -> Past | None:
    """Return the act that ``undo`` would take back; None where nothing is left."""
    return _past(catalogue, root, _DONE, "DESC")


def next_redo(catalogue: Catalogue, *, root: str) -> Past | None:
    """Return the act that ``redo`` would do again; None where nothing was undone."""
    return _past(catalogue, root, _UNDONE, "ASC")


def _past(catalogue: Catalogue, root: str, state: int, direction: str) -> Past | None:
    db = catalogue.connection
    act = db.execute(
        f"SELECT id, who, at, source FROM act WHERE root = ? AND state = ? "  # noqa: S608
        f"ORDER BY id {direction} LIMIT 1",
        (os.fsencode(root), state),
    ).fetchone()
    if act is None:
        return None
    verdicts = db.execute(
        "SELECT label, approved, count(*) FROM verdict WHERE act = ? AND label != ? "
        "GROUP BY label, approved ORDER BY count(*) DESC, label",
        (act[0], WHOLE_PHOTO),
    ).fetchall()
    approved, rejected = (
        {label: count for label, yes, count in verdicts if yes == wanted} for wanted in (1, 0)
    )
    whole, decided = db.execute(
        "SELECT count(*), max(approved) FROM verdict WHERE act = ? AND label = ?",
        (act[0], WHOLE_PHOTO),
    ).fetchone()
    return Past(
        act[0],
        Who(act[1]),
        moment(act[2]),
        _photos_of(db, act[0]),
        approved,
        rejected,
        bool(decided) if whole else None,
        naming_of(db, act[0]),
        grouping_of(db, act[0]),
        act[3] or "",
    )


def undone(catalogue: Catalogue, *, root: str) -> list[Edit]:
    """Return what the act said that was undone last; empty where nothing is undone.

    Photos go by the first of their contents.
    """
    rows = catalogue.connection.execute(
        "SELECT sha1, label, approved, score, said FROM verdict WHERE act = "
        "(SELECT min(id) FROM act WHERE root = ? AND state = ?) ORDER BY id",
        (os.fsencode(root), _UNDONE),
    ).fetchall()
    return [
        Edit(sha1, label, None if yes is None else bool(yes), score, repeated)
        for sha1, label, yes, score, repeated in rows
    ]


def last_root(catalogue: Catalogue, *, redo: bool = False) -> str | None:
    """Return the root of the act that was done last, or undone first; None where there is none."""
    state, direction = (_UNDONE, 1) if redo else (_DONE, -1)
    row = catalogue.connection.execute(
        "SELECT root FROM act WHERE state = ? ORDER BY id * ? LIMIT 1", (state, direction)
    ).fetchone()
    return os.fsdecode(row[0]) if row else None


_POINT_AGAIN = """
UPDATE decision SET verdict = (
    SELECT max(v.id) FROM verdict v JOIN act a ON a.id = v.act
    WHERE v.sha1 = decision.sha1 AND v.label = decision.label AND a.state = ?
) WHERE (sha1, label) IN (
    SELECT sha1, label FROM verdict WHERE act = ? AND id >= ? AND id < ?
)
"""

_POINT_AT = (
    "INSERT OR REPLACE INTO decision "
    "SELECT sha1, label, id FROM verdict NOT INDEXED WHERE id >= ? ORDER BY id"
)


def derive_again(db: sqlite3.Connection) -> None:
    """Derive from the acts which decisions hold."""
    db.execute("DELETE FROM decision")
    db.execute(
        "INSERT INTO decision SELECT v.sha1, v.label, max(CASE a.state WHEN ? THEN v.id END) "
        "FROM verdict v JOIN act a ON a.id = v.act GROUP BY v.sha1, v.label",
        (_DONE,),
    )


HOLDING = (
    "FROM decision d JOIN verdict v ON v.id = d.verdict JOIN act a ON a.id = "
    "coalesce((SELECT act FROM verdict WHERE id = v.said), v.act) "
    "LEFT JOIN certificate c ON c.act = a.id WHERE v.approved IS NOT NULL"
)
"""The SQL of the decisions ``d`` that hold, with what was said (``v``), by whom (``a``)
and by which certificate (``c``), if by one."""

_HOLDING = (
    "SELECT v.id, v.sha1, v.label, v.approved, v.score, a.who, a.at, a.model, c.id, a.source "
    + HOLDING
)


def decisions(catalogue: Catalogue, photos: Iterable[bytes] | None = None) -> Iterator[Decision]:
    """Yield the decisions that hold, in the order they were made; of some contents, or of all.

    One on a photo of which files hold several editions is yielded for each of them.

    A decision on ``WHOLE_PHOTO`` says that the photo was decided, whatever its labels.
    """
    # Fetched at once: a reader that stopped half-way would hold up writers and checkpoints.
    rows: list[_Row] = []
    if photos is None:
        rows = catalogue.connection.execute(_HOLDING).fetchall()
        contents = editions(catalogue)
    else:
        contents = by_first(catalogue, photos)
        rows += catalogue.rows_of(f"{_HOLDING} AND d.sha1 IN ({{}})", list(contents))
    rows.sort()
    for row in rows:
        for sha1 in contents.get(row[1], (row[1],)):
            yield _decision(row, sha1)


def labels_decided(catalogue: Catalogue, photos: Iterable[bytes]) -> dict[bytes, set[str]]:
    """Return the labels of which anything was ever said, of each photo, also what was taken back.

    A photo of which nothing was said is not there.
    """
    labels: dict[bytes, set[str]] = {}
    contents = by_first(catalogue, photos)
    query = "SELECT sha1, label FROM decision WHERE sha1 IN ({})"
    for first, label in catalogue.rows_of(query, list(contents)):
        for sha1 in contents[first]:
            labels.setdefault(sha1, set()).add(label)
    return labels


_Row = tuple[int, bytes, str, int, float | None, str, int, str, int | None, str | None]


def _decision(row: _Row, sha1: bytes) -> Decision:
    label, approved, score, who, at, model, certificate, source = row[2:]
    decided = (label, bool(approved), score, Who(who), moment(at), model, certificate)
    return Decision(sha1, *decided, source or "")

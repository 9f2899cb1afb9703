"""Acts on labels: decide, undo, redo, and what these would do. What holds then: see ``holding``.

Every call of ``decide`` is one act and one undo. Nothing is overwritten: an act adds what it says
of each photo, and of each label of a photo the last that an act says which is done holds. So undo
and redo mark an act, and touch nothing else. They reach back to the first act, also after a
restart, and leave alone what has been decided since elsewhere: they go by root. Verdicts are kept
under the first of the contents that are one photo, and hold for all of them: see ``editions``.

An act may give a label another name: it forgets what held under the old one, and repeats it under
the new one, each with the act that it repeats.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import NamedTuple

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.moments import microseconds, moment
from phototagger.store.catalogue.rows import delete, digests, insert, next_id, update
from phototagger.store.catalogue.trouble import damaged
from phototagger.store.labels.drafts import take_name_back
from phototagger.store.labels.edits import (
    AT_ONCE,
    NOTHING,
    WHOLE_PHOTO,
    Edit,
    Said,
    Who,
    said_by_photo,
)
from phototagger.store.labels.names import Naming, name, naming_of
from phototagger.store.labels.stacks import Grouping, group, grouping_of
from phototagger.store.photos.editions import firsts, in_use
from phototagger.store.vectors.keys import KEY_BYTES, in_a_row

_DONE, _UNDONE, _GONE = 0, 1, 2
_ACT = ("id", "root", "who", "at", "model", "state", "verdicts", "source")
_VERDICT = ("act", "place", "sha1", "labels")
_MANY = (
    "SELECT count(*), CAST(group_concat(sha1, '') AS BLOB), group_concat(labels) FROM "
    "(SELECT sha1, labels FROM verdict WHERE act = ? AND place >= ? AND place < ? ORDER BY place)"
)


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
    parts = said_by_photo(edits)
    said = next(parts, NOTHING)
    if said is NOTHING and naming is None and grouping is None:
        return None
    with catalogue.transaction() as db:
        where = os.fsencode(root)
        update(db, "act", {"state": _GONE}, "root = ? AND state = ?", (where, _UNDONE))
        act, at = next_id(db, "act"), microseconds(when or datetime.now(UTC))
        rows = _verdicts(catalogue, act, 0, said)
        row_digests = digests(_VERDICT, rows)
        of_first = total = int(row_digests.sum())
        insert(db, "act", _ACT, [(act, where, who.value, at, model, _DONE, total, source)])
        photos = written = 0
        while rows:
            insert(db, "verdict", _VERDICT, rows, row_digests)
            photos, written = photos + len(rows), written + said.edits
            tell(written)
            said = next(parts, NOTHING)
            rows = _verdicts(catalogue, act, photos, said)
            row_digests = digests(_VERDICT, rows)
            total += int(row_digests.sum())
        if total != of_first:
            update(db, "act", {"verdicts": total}, "id = ?", (act,))
        if naming is not None:
            name(db, act, naming)
        if grouping is not None:
            group(catalogue, db, act, grouping)
        if finished:
            condition = "EXISTS (SELECT 1 FROM verdict v WHERE v.sha1 = draft.sha1 AND v.act = ?)"
            delete(db, "draft", condition, (act,))
    return act


def _verdicts(
    catalogue: Catalogue, act: int, first: int, said: Said
) -> list[tuple[int, int, bytes, str]]:
    """Return the rows of what is said of photos; the first has this place in its act."""
    kept_as = firsts(catalogue, [sha1 for sha1, _ in said.photos])
    return [
        (act, place, kept_as.get(sha1, sha1), labels)
        for place, (sha1, labels) in enumerate(said.photos, start=first)
    ]


def undo(catalogue: Catalogue, *, root: str) -> list[bytes] | None:
    """Take back the last act under a root; return its photos, None where nothing is left."""
    return _step(catalogue, root, _DONE, _UNDONE)


def redo(catalogue: Catalogue, *, root: str) -> list[bytes] | None:
    """Do the last undone act again; return its photos, None where nothing was undone."""
    return _step(catalogue, root, _UNDONE, _DONE)


def _step(catalogue: Catalogue, root: str, before: int, after: int) -> list[bytes] | None:
    direction = "DESC" if before == _DONE else "ASC"
    with catalogue.transaction() as db:
        row = db.execute(
            f"SELECT id FROM act WHERE root = ? AND state = ? ORDER BY id {direction} LIMIT 1",  # noqa: S608
            (os.fsencode(root), before),
        ).fetchone()
        if row is None:
            return None
        update(db, "act", {"state": after}, "id = ?", row)
        if after == _UNDONE and (naming := naming_of(db, row[0])) is not None:
            take_name_back(db, row[0], naming)
        photos = _photos_of(catalogue, row[0])
    return in_use(catalogue, photos)


def _photos_of(catalogue: Catalogue, act: int) -> list[bytes]:
    """Return the photos of an act, in the order in which it speaks of them."""
    grouping = grouping_of(catalogue.connection, act)
    photos = chain.from_iterable(photos for photos, _ in _said_by(catalogue, act))
    return list(dict.fromkeys([*photos, *(grouping.sha1s if grouping is not None else ())]))


def _said_by(catalogue: Catalogue, act: int) -> Iterator[tuple[list[bytes], str]]:
    """Yield the photos of an act, in its order, and what it says of them as JSON: [{...}, ...].

    Many come in one row: between two rows another thread may hold this one up.
    """
    for start in range(0, _places(catalogue, act), AT_ONCE):
        bounds = (act, start, start + AT_ONCE)
        count, sha1s, labels = catalogue.connection.execute(_MANY, bounds).fetchone()
        if count and len(sha1s) != KEY_BYTES * count:
            raise damaged(catalogue.path, "a SHA-1 in it is none")
        if count:
            yield in_a_row(sha1s), f"[{labels}]"


def _places(catalogue: Catalogue, act: int) -> int:
    """Return of how many photos an act speaks, and those that a repair could not bring back."""
    query = "SELECT coalesce(max(place) + 1, 0) FROM verdict WHERE act = ?"
    places: int = catalogue.connection.execute(query, (act,)).fetchone()[0]
    return places


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


def next_undo(catalogue: Catalogue, *, root: str, known: Past | None = None) -> Past | None:
    """Return the act that ``undo`` would take back; None where nothing is left.

    ``known`` is what was returned before: where it is that act, it is not read again.
    """
    return _past(catalogue, root, _DONE, "DESC", known)


def next_redo(catalogue: Catalogue, *, root: str, known: Past | None = None) -> Past | None:
    """Return the act that ``redo`` would do again; None where nothing was undone.

    ``known``: see ``next_undo``.
    """
    return _past(catalogue, root, _UNDONE, "ASC", known)


def photos_ahead(catalogue: Catalogue, *, root: str, redo: bool = False) -> int:
    """Return of how many photos the act speaks that ``undo``, or ``redo``, would reach next."""
    act = f"SELECT {'min' if redo else 'max'}(id) FROM act WHERE root = ? AND state = ?"  # noqa: S608
    state = _UNDONE if redo else _DONE
    row = catalogue.connection.execute(act, (os.fsencode(root), state)).fetchone()
    return 0 if row[0] is None else _places(catalogue, row[0])


def _past(
    catalogue: Catalogue, root: str, state: int, direction: str, known: Past | None
) -> Past | None:
    db = catalogue.connection
    act = db.execute(
        f"SELECT id, who, at, source FROM act WHERE root = ? AND state = ? "  # noqa: S608
        f"ORDER BY id {direction} LIMIT 1",
        (os.fsencode(root), state),
    ).fetchone()
    if act is None or (known is not None and known.act == act[0]):
        return known if act else None
    counts = _counts(text for _, text in _said_by(catalogue, act[0]))
    as_a_whole = [yes for yes, labels in counts.items() if labels.pop(WHOLE_PHOTO, 0)]
    return Past(
        act[0],
        Who(act[1]),
        moment(act[2]),
        _photos_of(catalogue, act[0]),
        _commonest_first(counts[True]),
        _commonest_first(counts[False]),
        True in as_a_whole if as_a_whole else None,
        naming_of(db, act[0]),
        grouping_of(db, act[0]),
        act[3] or "",
    )


def _counts(texts: Iterable[str]) -> dict[bool | None, Counter[str]]:
    """Count the photos on which each label is approved, rejected and forgotten, in JSON of many."""
    counts: dict[bool | None, Counter[str]] = {yes: Counter() for yes in (True, False, None)}
    for text in texts:
        # Most acts on many only approve: their strings are labels, as long as none is escaped.
        if not any(other in text for other in ("\\", '":[false', '":[null')):
            counts[True].update(text.split('"')[1::2])
            continue
        for labels in json.loads(text):
            for label, (yes, *_) in labels.items():
                counts[yes][label] += 1
    return counts


def _commonest_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def undone(catalogue: Catalogue, *, root: str) -> list[Edit]:
    """Return what the act said that was undone last; empty where nothing is undone.

    Photos go by the first of their contents.
    """
    rows = catalogue.connection.execute(
        "SELECT sha1, labels FROM verdict WHERE act = "
        "(SELECT min(id) FROM act WHERE root = ? AND state = ?) ORDER BY place",
        (os.fsencode(root), _UNDONE),
    ).fetchall()
    return [
        Edit(sha1, label, *verdict)
        for sha1, labels in rows
        for label, verdict in json.loads(labels).items()
    ]


def last_root(catalogue: Catalogue, *, redo: bool = False) -> str | None:
    """Return the root of the act that was done last, or undone first; None where there is none."""
    state, direction = (_UNDONE, 1) if redo else (_DONE, -1)
    row = catalogue.connection.execute(
        "SELECT root FROM act WHERE state = ? ORDER BY id * ? LIMIT 1", (state, direction)
    ).fetchone()
    return os.fsdecode(row[0]) if row else None

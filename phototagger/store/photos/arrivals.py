"""Whether a content that arrives at a path is a photo known from before.

Where its picture is known, and the old content was at this very path or is nowhere any more, it is
that photo with other metadata: an edition of it. Where the picture changed, or the old content
still lies where it was, the old decisions are only offered: ``former`` says of which content.
"""

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from phototagger.files.atomic import time_ns
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import delete, put
from phototagger.store.labels.approvals import import_approvals
from phototagger.store.labels.holding import Decision, decisions, holding
from phototagger.store.photos.editions import first_of, firsts
from phototagger.store.photos.paths import paths_under

_AT_ONCE = 250  # rows in a transaction, so that no key waits behind them
_MOST_OF_ONE_PICTURE = 32  # contents looked at: there can be thousands of an empty picture


class Arrival(NamedTuple):
    """A content at a path: the SHA-1 of its bytes, of its picture data alone, and of its look.

    ``picture`` is None where there is none to be told apart, ``look`` where nobody asked for it.
    """

    path: str
    sha1: bytes
    picture: bytes | None = None
    look: bytes | None = None


class Recognised(NamedTuple):
    """What an arrival is: an edition of a content, and whose decisions are offered for its file.

    Both are None for a photo of its own.
    """

    edition_of: bytes | None = None
    former: bytes | None = None


Alike = Callable[[bytes, Arrival], bool]
"""Tells whether a content whose picture was never told apart shows the same as an arrival."""


def unlike(_: bytes, __: Arrival) -> bool:
    """Tell that nothing is known of how a content looked."""
    return False


def recognise(catalogue: Catalogue, arrival: Arrival, alike: Alike = unlike) -> Recognised:
    """Tell what an arrival is, before its file is remembered; nothing is written."""
    db, sha1, path = catalogue.connection, arrival.sha1, os.fsencode(arrival.path)
    row = db.execute("SELECT sha1 FROM file WHERE path = ?", (path,)).fetchone()
    before: bytes | None = row[0] if row else None
    if before == sha1:
        return Recognised()
    if _is_known(db, sha1):
        return Recognised(former=_offered(catalogue, path, before, sha1))
    if before is not None and _shows(db, before, arrival, alike):
        return Recognised(edition_of=before)
    same = _of_picture(db, arrival.picture)
    same.sort(key=lambda content: not is_decided(catalogue, content))
    lying = {first_of(catalogue, content) for content in same if _lies_elsewhere(db, content, path)}
    gone = [content for content in same if first_of(catalogue, content) not in lying]
    if not gone:
        former = _offered(catalogue, path, before or next(iter(same), None), sha1)
        return Recognised(former=former)
    decided = same[0] if is_decided(catalogue, same[0]) else None
    return Recognised(edition_of=gone[0], former=decided if decided != gone[0] else None)


def former_after(catalogue: Catalogue, arrival: Arrival, what: Recognised) -> bytes | None:
    """Return whose decisions are offered for an arrival's file once it is remembered.

    What was offered of another photo, which it was renamed over, is no longer.
    """
    offered = former_at(catalogue, arrival.path)
    if what.former is not None or offered is None:
        return what.former
    before = catalogue.connection.execute(
        "SELECT sha1 FROM file WHERE path = ?", (os.fsencode(arrival.path),)
    ).fetchone()
    now = what.edition_of or arrival.sha1
    is_same = before is not None and first_of(catalogue, before[0]) == first_of(catalogue, now)
    return offered if is_same else None


def note_arrivals(
    catalogue: Catalogue, arrivals: Sequence[Arrival], alike: Alike = unlike
) -> list[Recognised]:
    """Keep what contents are; call it in the transaction that then remembers their files."""
    db = catalogue.connection
    recognised = []
    for arrival in arrivals:
        what = recognise(catalogue, arrival, alike)
        recognised.append(what)
        if what.edition_of is not None:
            first = first_of(catalogue, what.edition_of)
            decided = list(decisions(catalogue, [arrival.sha1]))
            put(db, "edition", ("sha1", "first"), [(first, first), (arrival.sha1, first)])
            _take_in(catalogue, decided, arrival.sha1)
        path, former = os.fsencode(arrival.path), former_after(catalogue, arrival, what)
        if former is not None:
            put(db, "former", ("path", "sha1"), [(path, former)])
        elif former_at(catalogue, arrival.path) is not None:
            delete(db, "former", "path = ?", (path,))
    note_pictures(catalogue, arrivals)
    return recognised


def note_pictures(catalogue: Catalogue, arrivals: Sequence[Arrival]) -> None:
    """Keep what is known of pictures, in a transaction."""
    db = catalogue.connection
    sha1s = [arrival.sha1 for arrival in arrivals]
    query = "SELECT sha1, digest, look FROM picture WHERE sha1 IN ({})"
    known = {sha1: (digest, look) for sha1, digest, look in catalogue.rows_of(query, sha1s)}
    for _, sha1, digest, look in arrivals:
        before = known.get(sha1, (None, None))
        known[sha1] = (digest or before[0], look or before[1])
    put(db, "picture", ("sha1", "digest", "look"), [(sha1, *known[sha1]) for sha1 in known])
    if db.execute("SELECT EXISTS (SELECT 1 FROM unread)").fetchone() == (0,):
        return
    for sha1 in sha1s:
        delete(db, "unread", "sha1 = ?", (sha1,))


def looks_of(catalogue: Catalogue, sha1s: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the looks of contents, where they are known."""
    query = "SELECT sha1, look FROM picture WHERE look IS NOT NULL AND sha1 IN ({})"
    return dict(catalogue.rows_of(query, sha1s))


def looks_of_editions(catalogue: Catalogue) -> dict[bytes, bytes]:
    """Return the known looks of every content that is one of several editions."""
    return dict(
        catalogue.connection.execute(
            "SELECT sha1, look FROM edition JOIN picture USING (sha1) WHERE look IS NOT NULL"
        ).fetchall()
    )


def former_at(catalogue: Catalogue, path: str) -> bytes | None:
    """Return the content whose decisions are offered for a file."""
    row = catalogue.connection.execute(
        "SELECT sha1 FROM former WHERE path = ?", (os.fsencode(path),)
    ).fetchone()
    return row[0] if row else None


def formers(catalogue: Catalogue, root: str) -> dict[str, bytes]:
    """Return the contents whose decisions are offered for files under a root (absolute)."""
    rows = catalogue.connection.execute(
        "SELECT path, sha1 FROM former WHERE path >= ? AND path < ?",
        paths_under(root),
    ).fetchall()
    return {os.fsdecode(path): sha1 for path, sha1 in rows}


def offer(catalogue: Catalogue, found: Mapping[str, bytes]) -> None:
    """Offer the decisions of contents for files, by path."""
    rows = [(os.fsencode(path), sha1) for path, sha1 in found.items()]
    for start in range(0, len(rows), _AT_ONCE):
        with catalogue.transaction() as db:
            put(db, "former", ("path", "sha1"), rows[start : start + _AT_ONCE])


def is_decided(catalogue: Catalogue, sha1: bytes) -> bool:
    """Tell whether anything is decided of a content, or drafted."""
    first = first_of(catalogue, sha1)
    draft = "SELECT 1 FROM draft WHERE sha1 = ?"
    return any(holding(catalogue, [first])) or bool(
        catalogue.connection.execute(draft, (first,)).fetchone()
    )


def _is_known(db: sqlite3.Connection, sha1: bytes) -> bool:
    """Tell whether a content was met in a file before."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM file WHERE sha1 = ?1) "
        "OR EXISTS (SELECT 1 FROM photo WHERE sha1 = ?1) "
        "OR EXISTS (SELECT 1 FROM picture WHERE sha1 = ?1) "
        "OR EXISTS (SELECT 1 FROM edition WHERE sha1 = ?1)",
        (sha1,),
    ).fetchone()
    return bool(row[0])


def _shows(db: sqlite3.Connection, before: bytes, arrival: Arrival, alike: Alike) -> bool:
    """Tell whether a content that was at an arrival's path has its picture."""
    row = db.execute("SELECT digest FROM picture WHERE sha1 = ?", (before,)).fetchone()
    if row is None:
        return alike(before, arrival)
    return row[0] is not None and row[0] == arrival.picture


def _of_picture(db: sqlite3.Connection, digest: bytes | None) -> list[bytes]:
    rows = db.execute(
        "SELECT sha1 FROM picture WHERE digest = ? LIMIT ?", (digest, _MOST_OF_ONE_PICTURE)
    ).fetchall()
    return [sha1 for (sha1,) in rows]


def _lies_elsewhere(db: sqlite3.Connection, sha1: bytes, path: bytes) -> bool:
    """Tell whether another file than that at a path still is as it was with this content."""
    rows = db.execute("SELECT path, size, mtime_ns FROM file WHERE sha1 = ?", (sha1,)).fetchall()
    for other, size, mtime_ns in rows:
        try:
            status = os.stat(other)  # noqa: PTH116
        except OSError:
            continue
        if other != path and (status.st_size, time_ns(status)) == (size, mtime_ns):
            return True
    return False


def _changed_places(db: sqlite3.Connection, path: bytes, before: bytes, sha1: bytes) -> bool:
    """Tell whether known photos were renamed over one another: none of them is another's crop."""
    rows = db.execute("SELECT path FROM file WHERE sha1 = ?", (sha1,)).fetchall()
    # of two that change places the one that comes second finds only where the other went
    return any(other != path for (other,) in rows) or (
        _is_known(db, sha1) and _lies_elsewhere(db, before, path)
    )


def _offered(catalogue: Catalogue, path: bytes, before: bytes | None, sha1: bytes) -> bytes | None:
    """Return the content whose decisions are offered for a path that holds another one now."""
    db = catalogue.connection
    if before is None:  # it may have been offered where the file lay before
        rows = db.execute(
            "SELECT path, former.sha1 FROM file JOIN former USING (path) WHERE file.sha1 = ?",
            (sha1,),
        ).fetchall()
        return next((former for other, former in rows if not os.path.lexists(other)), None)
    if _changed_places(db, path, before, sha1):
        return None
    same = firsts(catalogue, [before, sha1])
    if same and same.get(before, before) == same.get(sha1, sha1):
        return None
    if is_decided(catalogue, before):
        return before
    row = db.execute("SELECT sha1 FROM former WHERE path = ?", (path,)).fetchone()
    return row[0] if row else before


def _take_in(catalogue: Catalogue, decided: Sequence[Decision], sha1: bytes) -> None:
    """Merge what another machine said of an edition before its file was met here."""
    row = catalogue.connection.execute(
        "SELECT root FROM verdict JOIN act ON act.id = act WHERE sha1 = ? LIMIT 1", (sha1,)
    ).fetchone()
    if row is not None:
        import_approvals(catalogue, decided, root=os.fsdecode(row[0]))

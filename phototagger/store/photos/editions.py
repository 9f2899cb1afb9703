"""Contents that are editions of one photo: the same picture, with other metadata beside it.

A rating written into a file makes another content of it. What was decided of the photo is kept
under its first content, and holds for every edition: undo and redo reach back across the edit,
and a file that is restored to how it was finds what was decided meanwhile.
"""

from collections.abc import Iterable, Sequence

from phototagger.store.catalogue.database import Catalogue

_HELD = "EXISTS (SELECT 1 FROM file WHERE file.sha1 = edition.sha1)"


def first_of(catalogue: Catalogue, sha1: bytes) -> bytes:
    """Return the content under which a photo's decisions are kept."""
    return firsts(catalogue, [sha1]).get(sha1, sha1)


def firsts(catalogue: Catalogue, sha1s: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return the first content of each of these that has other editions."""
    if not _any(catalogue):
        return {}
    query = "SELECT sha1, first FROM edition WHERE sha1 IN ({})"
    return dict(catalogue.rows_of(query, list(sha1s)))


def by_first(catalogue: Catalogue, sha1s: Iterable[bytes]) -> dict[bytes, list[bytes]]:
    """Return these contents by the first of the photo that each belongs to."""
    asked = list(dict.fromkeys(sha1s))
    first = firsts(catalogue, asked)
    grouped: dict[bytes, list[bytes]] = {}
    for sha1 in asked:
        grouped.setdefault(first.get(sha1, sha1), []).append(sha1)
    return grouped


def editions(catalogue: Catalogue) -> dict[bytes, list[bytes]]:
    """Return for the contents of every photo that has several where their decisions count.

    A first content has all that a file holds; it is left out where none is held. The others have
    none: what another machine said of one before it was met here was merged with the first's.
    """
    grouped: dict[bytes, list[bytes]] = {}
    rows = catalogue.connection.execute(f"SELECT sha1, first, ({_HELD}) FROM edition").fetchall()  # noqa: S608
    for sha1, first, is_held in rows:
        if is_held:
            grouped.setdefault(first, []).append(sha1)
    return grouped | {sha1: [] for sha1, first, _ in rows if sha1 != first}


def in_use(catalogue: Catalogue, firsts: Sequence[bytes]) -> list[bytes]:
    """Return the contents that files hold of photos, each photo's first where none does."""
    if not _any(catalogue):
        return list(firsts)
    query = f"SELECT first, sha1 FROM edition WHERE {_HELD} AND first IN ({{}})"  # noqa: S608
    held_of: dict[bytes, list[bytes]] = {}
    for first, sha1 in catalogue.rows_of(query, firsts):
        held_of.setdefault(first, []).append(sha1)
    return [sha1 for first in firsts for sha1 in held_of.get(first, (first,))]


def every_edition(catalogue: Catalogue, sha1s: Iterable[bytes]) -> list[bytes]:
    """Return contents with all that are the same photo and lie somewhere."""
    asked = list(dict.fromkeys(sha1s))
    first = firsts(catalogue, asked)
    if not first:
        return asked
    others = in_use(catalogue, list(dict.fromkeys(first.values())))
    return list(dict.fromkeys([*asked, *others]))


def _any(catalogue: Catalogue) -> bool:
    row = catalogue.connection.execute("SELECT EXISTS (SELECT 1 FROM edition)").fetchone()
    return bool(row[0])

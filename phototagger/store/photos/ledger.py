"""The ledger of the sidecar writer, in the catalogue: what each sidecar holds that is ours.

A sidecar is known by its folder's real path, whichever link leads there. What the first
phototaggers kept under the path of a link is found as well, and moves when it is written next.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from phototagger.sidecars.follow import Followed
from phototagger.sidecars.ledger import Entry, Intent
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import delete, put
from phototagger.store.photos.contents import seen_file
from phototagger.store.photos.editions import first_of


class CatalogueLedger:
    """Implements ``phototagger.sidecars.ledger.Ledger``; each change is one commit.

    Paths given to it lie in real folders, and so do those it gives.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        paths = [path for (path,) in catalogue.connection.execute("SELECT path FROM sidecar")]
        real = _Real()
        self._kept_as = {real(path): path for path in paths if real(path) != path}
        # Where both are kept, the one of the real folder is the newer one.
        for path in paths:
            self._kept_as.pop(path, None)

    def get(self, sidecar: bytes) -> Entry | None:
        """Return what is known of a sidecar; None for nothing."""
        row = self._catalogue.connection.execute(
            "SELECT entry FROM sidecar WHERE path = ?", (self._kept_as.get(sidecar, sidecar),)
        ).fetchone()
        entry = self._entry(row[0], _Real()) if row else None
        return None if entry is None or entry.away else entry

    def previous(self, sidecar: bytes) -> bytes | None:
        """Return the bytes from before the last write; None where it made the sidecar."""
        row = self._catalogue.connection.execute(
            "SELECT previous FROM sidecar WHERE path = ?", (self._kept_as.get(sidecar, sidecar),)
        ).fetchone()
        return row[0] if row else None

    def entries(self) -> Iterable[Entry]:
        """Return every entry."""
        return self._all(away=False)

    def away(self) -> Iterable[Entry]:
        """Return the entries that are away."""
        return self._all(away=True)

    def _all(self, *, away: bool) -> Iterable[Entry]:
        rows = self._catalogue.connection.execute("SELECT entry FROM sidecar").fetchall()
        real = _Real()
        entries = (self._entry(text, real) for (text,) in rows)
        return (entry for entry in entries if entry.away == away)

    def _entry(self, text: str, real: _Real) -> Entry:
        """Return an entry in real folders; one of an older version with its photo's content."""
        entry = Entry.loads(text)
        if entry.content is None and (seen := seen_file(self._catalogue, entry.photo_of_it)):
            entry = replace(entry, content=first_of(self._catalogue, seen.sha1).hex())
        return replace(entry, sidecar=real(entry.sidecar), photo=real(entry.photo))

    def begin(self, intents: Sequence[Intent]) -> None:
        """Keep these intents, each in place of an older one of its sidecar."""
        with self._catalogue.transaction() as db:
            rows = [(intent.sidecar, intent.dumps()) for intent in intents]
            put(db, "sidecar_intent", ("path", "intent"), rows)

    def finish(self, sidecars: Sequence[bytes]) -> None:
        """Make each intent true: its entry and previous bytes replace those kept; it goes."""
        with self._catalogue.transaction() as db:
            for sidecar in sidecars:
                row = db.execute(
                    "SELECT intent FROM sidecar_intent WHERE path = ?", (sidecar,)
                ).fetchone()
                intent = Intent.loads(row[0])
                previous = self.previous(sidecar) if intent.keep_previous else intent.previous
                kept_as = self._kept_as.pop(sidecar, sidecar)
                delete(db, "sidecar", "path IN (?, ?)", (sidecar, kept_as))
                if intent.entry is not None:
                    row = (sidecar, intent.entry.dumps(), previous)
                    put(db, "sidecar", ("path", "entry", "previous"), [row])
                delete(db, "sidecar_intent", "path = ?", (sidecar,))

    def drop(self, sidecars: Sequence[bytes]) -> None:
        """Forget each intent: it did not happen. The entry stays as it is."""
        with self._catalogue.transaction() as db:
            for sidecar in sidecars:
                delete(db, "sidecar_intent", "path = ?", (sidecar,))

    def move(self, followed: Sequence[Followed]) -> None:
        """Keep each entry, with the previous bytes of its source, under its new place."""
        before = [self.previous(match.source.sidecar) for match in followed]
        left = {match.source.sidecar: None for match in followed if match.fate != "stays"}
        rows: dict[bytes, tuple[Entry, bytes | None] | None] = {**left}
        for match, previous in zip(followed, before, strict=True):
            if match.fate == "away":
                rows[match.source.sidecar] = replace(match.source, away=True), previous
        for match, previous in zip(followed, before, strict=True):
            rows[match.entry.sidecar] = match.entry, previous
        with self._catalogue.transaction() as db:
            for sidecar, row in rows.items():
                delete(db, "sidecar", "path = ?", (self._kept_as.pop(sidecar, sidecar),))
                if row is not None:
                    values = (sidecar, row[0].dumps(), row[1])
                    put(db, "sidecar", ("path", "entry", "previous"), [values])

    def pending(self) -> Sequence[Intent]:
        """Return the intents that were neither finished nor dropped."""
        rows = self._catalogue.connection.execute("SELECT intent FROM sidecar_intent").fetchall()
        return [Intent.loads(intent) for (intent,) in rows]


def labels_in_sidecars(catalogue: Catalogue, photos: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return the labels of ours in the sidecars of photos that have one of ours, by their paths.

    The paths lie in real folders. What was moved since the last write is not followed.
    """
    beside: dict[bytes, str] = {}
    for photo in photos:
        names = (f"{photo}.xmp", f"{photo.rpartition('.')[0]}.xmp")
        beside |= {os.fsencode(name): photo for name in names}
    query = "SELECT path, entry FROM sidecar WHERE path IN ({})"
    labels_of: dict[str, set[str]] = {}
    for path, text in catalogue.rows_of(query, list(beside)):
        entry, photo = Entry.loads(text), beside[path]
        if entry.digest is not None and not entry.away and entry.photo_of_it == photo:
            labels_of.setdefault(photo, set()).update(entry.owned.subject)
    return {photo: frozenset(labels) for photo, labels in labels_of.items()}


class _Real:
    """A file's path with its folder's real one; the system is asked once for each folder."""

    def __init__(self) -> None:
        self._folder = functools.cache(os.path.realpath)

    def __call__(self, path: bytes) -> bytes:
        folder, name = os.path.split(path)
        return os.path.join(os.fsencode(self._folder(folder)), name)  # noqa: PTH118

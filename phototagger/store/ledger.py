"""The ledger of the sidecar writer, in the catalogue: what each sidecar holds that is ours.

A sidecar is known by its folder's real path, whichever link leads there. What the first
phototaggers kept under the path of a link is found as well, and moves when it is written next.
"""

from __future__ import annotations

import functools
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from phototagger.core.sidecar_ledger import Entry, Intent
from phototagger.store.rows import delete, put

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from phototagger.store.catalogue import Catalogue


class CatalogueLedger:
    """Implements ``phototagger.core.sidecar_ledger.Ledger``; each change is one commit.

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
        return _in_real_folders(Entry.loads(row[0]), _Real()) if row else None

    def previous(self, sidecar: bytes) -> bytes | None:
        """Return the bytes from before the last write; None where it made the sidecar."""
        row = self._catalogue.connection.execute(
            "SELECT previous FROM sidecar WHERE path = ?", (self._kept_as.get(sidecar, sidecar),)
        ).fetchone()
        return row[0] if row else None

    def entries(self) -> Iterable[Entry]:
        """Return every entry."""
        rows = self._catalogue.connection.execute("SELECT entry FROM sidecar").fetchall()
        real = _Real()
        return (_in_real_folders(Entry.loads(entry), real) for (entry,) in rows)

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

    def pending(self) -> Sequence[Intent]:
        """Return the intents that were neither finished nor dropped."""
        rows = self._catalogue.connection.execute("SELECT intent FROM sidecar_intent").fetchall()
        return [Intent.loads(intent) for (intent,) in rows]


class _Real:
    """A file's path with its folder's real one; the system is asked once for each folder."""

    def __init__(self) -> None:
        self._folder = functools.cache(os.path.realpath)

    def __call__(self, path: bytes) -> bytes:
        folder, name = os.path.split(path)
        return os.path.join(os.fsencode(self._folder(folder)), name)  # noqa: PTH118


def _in_real_folders(entry: Entry, real: _Real) -> Entry:
    return replace(entry, sidecar=real(entry.sidecar), photo=real(entry.photo))

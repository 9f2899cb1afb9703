"""When contents were taken, as their EXIF says: kept, for it stands in files that may be far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.imaging.taken import Taken
from phototagger.store.catalogue.rows import put

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from phototagger.store.catalogue.database import Catalogue


def note_taken(db: sqlite3.Connection, found: Mapping[bytes, Taken]) -> None:
    """Keep when contents were taken, in the transaction that the caller is in."""
    put(db, "taken", ("sha1", *Taken._fields), [(sha1, *when) for sha1, when in found.items()])


def all_taken(catalogue: Catalogue) -> dict[bytes, Taken]:
    """Return when contents were taken, of all of which that is known."""
    rows = catalogue.connection.execute(
        "SELECT sha1, clock, zone FROM taken WHERE clock IS NOT NULL"
    ).fetchall()
    return {sha1: Taken(clock, zone) for sha1, clock, zone in rows}

"""When and with what contents were taken, as EXIF says: kept, for files may be far."""

import sqlite3
import sys
from collections.abc import Mapping

from phototagger.imaging.taken import Taken
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import put


def note_taken(db: sqlite3.Connection, found: Mapping[bytes, Taken]) -> None:
    """Keep when and with what contents were taken, in the transaction that the caller is in."""
    put(db, "taken", ("sha1", *Taken._fields), [(sha1, *when) for sha1, when in found.items()])


def all_taken(catalogue: Catalogue) -> dict[bytes, Taken]:
    """Return when and with what contents were taken, of all of which either is known."""
    rows = catalogue.connection.execute(
        "SELECT sha1, clock, zone, camera FROM taken WHERE clock IS NOT NULL OR camera != ''"
    )
    # A library has many photos, and few cameras.
    return {sha1: Taken(clock, zone, sys.intern(name or "")) for sha1, clock, zone, name in rows}


def known_taken(catalogue: Catalogue, sha1: bytes) -> Taken:
    """Return when and with what one content was taken, as far as that is known."""
    query = "SELECT clock, zone, camera FROM taken WHERE sha1 = ?"
    clock, zone, camera = catalogue.connection.execute(query, (sha1,)).fetchone() or (None,) * 3
    return Taken(clock, zone, camera or "")


def taken_seal(catalogue: Catalogue) -> int:
    """Return a number that changes once more is known of when contents were taken."""
    query = "SELECT total FROM seal WHERE name = 'taken'"
    row = catalogue.connection.execute(query).fetchone()
    return int(row[0]) if row else 0

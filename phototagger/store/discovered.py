"""What providers proposed beyond the labels file, by content: apart from suggestions.

What a provider said is kept by provider, version and model; a photo that it was asked about has a
row, also where it proposed nothing, so that nothing is asked twice.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import delete, insert, next_id, put
from phototagger.store.photos.contents import ROWS_AT_ONCE
from phototagger.store.vectors.keys import KeyIndex, as_keys

# The version of each provider that was asked last.
_NOW = "SELECT provider, max(id) AS id FROM discovery WHERE model IN ('', ?) GROUP BY provider"


class Found(NamedTuple):
    """A label that was proposed for a photo, and where it is seen: parts of the upright photo."""

    label: str
    score: float
    box: tuple[float, float, float, float] | None = None


class FoundBy(NamedTuple):
    """What a provider proposed for a photo, the best first."""

    provider: str
    found: tuple[Found, ...]


def discovery(catalogue: Catalogue, provider: str, version: str, model: str) -> int:
    """Return the catalogue's number for what a provider says, made now if it is new.

    ``model`` is empty where the answers do not depend on the library's model.
    """
    key = (provider, version, model)
    with catalogue.transaction() as db:
        row = db.execute(
            "SELECT id FROM discovery WHERE provider = ? AND version = ? AND model = ?", key
        ).fetchone()
        number = int(row[0]) if row else next_id(db, "discovery")
        if not row:
            insert(db, "discovery", ("id", "provider", "version", "model"), [(number, *key)])
    return number


def asked(catalogue: Catalogue, number: int) -> KeyIndex:
    """Return the contents that were asked about."""
    rows = catalogue.connection.execute(
        "SELECT sha1 FROM discovered WHERE discovery = ?", (number,)
    )
    return KeyIndex(as_keys(sha1 for (sha1,) in rows))


def keep(catalogue: Catalogue, number: int, found: Mapping[bytes, Sequence[Found]]) -> None:
    """Keep what was said of photos, on disk when this returns."""
    rows = [(number, sha1, json.dumps(list(ones))) for sha1, ones in found.items()]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        with catalogue.transaction() as db:
            columns = ("discovery", "sha1", "found")
            put(db, "discovered", columns, rows[start : start + ROWS_AT_ONCE])


def forget(catalogue: Catalogue, number: int) -> None:
    """Forget what was said, so that it is asked again."""
    with catalogue.transaction() as db:
        delete(db, "discovered", "discovery = ?", (number,))


def found_for(catalogue: Catalogue, sha1: bytes, model: str) -> list[FoundBy]:
    """Return what was proposed for a photo by providers, as each said last."""
    rows = catalogue.connection.execute(
        f"SELECT now.provider, found FROM ({_NOW}) now "  # noqa: S608  (no value is in it)
        "JOIN discovered ON discovery = now.id WHERE sha1 = ? ORDER BY now.provider",
        (model, sha1),
    )
    return [FoundBy(provider, _read(text)) for provider, text in rows]


def all_found(catalogue: Catalogue, model: str) -> Iterator[tuple[bytes, FoundBy]]:
    """Yield every photo that was asked about, with what each provider said last."""
    rows = catalogue.connection.execute(
        f"SELECT sha1, now.provider, found FROM ({_NOW}) now "  # noqa: S608  (no value is in it)
        "JOIN discovered ON discovery = now.id",
        (model,),
    )
    for sha1, provider, text in rows:
        yield sha1, FoundBy(provider, _read(text))


def _read(text: str) -> tuple[Found, ...]:
    return tuple(
        Found(label, score, tuple(box) if box else None) for label, score, box in json.loads(text)
    )

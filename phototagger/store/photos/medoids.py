"""The typical photo of each folder, kept until the folder's photos change."""

import os
from collections.abc import Iterable
from typing import NamedTuple

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import put
from phototagger.store.photos.contents import ROWS_AT_ONCE

_COLUMNS = ("model", "folder", "members", "path", "cosine")


class KnownMedoid(NamedTuple):
    """The medoid of a folder (absolute); ``members`` is a digest of the folder's photos."""

    folder: str
    members: bytes
    path: str
    cosine: float


def known_medoids(catalogue: Catalogue, model: str) -> dict[str, KnownMedoid]:
    """Return the kept medoids of a model, by folder."""
    rows = catalogue.connection.execute(
        "SELECT folder, members, path, cosine FROM medoid WHERE model = ?", (model,)
    )
    medoids = (
        KnownMedoid(os.fsdecode(folder), members, os.fsdecode(path), cosine)
        for folder, members, path, cosine in rows
    )
    return {medoid.folder: medoid for medoid in medoids}


def remember_medoids(catalogue: Catalogue, model: str, medoids: Iterable[KnownMedoid]) -> None:
    """Keep medoids, in place of those of the same folders."""
    rows = [
        (model, os.fsencode(medoid.folder), medoid.members, os.fsencode(medoid.path), medoid.cosine)
        for medoid in medoids
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        with catalogue.transaction() as db:
            put(db, "medoid", _COLUMNS, rows[start : start + ROWS_AT_ONCE])

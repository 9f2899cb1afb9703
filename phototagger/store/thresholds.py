"""The threshold that was settled once for a root and a model."""

import os

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import put


def kept_threshold(catalogue: Catalogue, root: str, model: str) -> float | None:
    """Return the threshold of a root and a model; None where none was settled."""
    row = catalogue.connection.execute(
        "SELECT value FROM threshold WHERE root = ? AND model = ?", (os.fsencode(root), model)
    ).fetchone()
    value: float | None = row and row[0]
    return value


def keep_threshold(catalogue: Catalogue, root: str, model: str, value: float) -> None:
    """Keep the threshold of a root and a model, on disk when this returns."""
    with catalogue.transaction() as db:
        put(db, "threshold", ("root", "model", "value"), [(os.fsencode(root), model, value)])

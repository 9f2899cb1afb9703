"""Which weights a model name stood for when they were loaded, known again without loading."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import put


class KnownModel(NamedTuple):
    """A model's id, the digest of its weights, the id that vectors of photos are kept under.

    The last one is the model's, but where two models differ in how they read words alone.
    """

    model: str
    digest: str
    pictures: str


def model_id(model_name: str, digest: str, preprocessing: str) -> str:
    """Return the id under which a model's vectors are kept; it is also a folder's name."""
    name = re.sub(r"[^A-Za-z0-9.-]+", "_", model_name)[-80:]
    return f"{name}-{digest[:16]}-{preprocessing}"


def known_model(catalogue: Catalogue, model_name: str, pretrained: str) -> KnownModel | None:
    """Return the model that these names stood for, None where its files are not as they were."""
    row = catalogue.connection.execute(
        "SELECT files, digest, model FROM weights WHERE model_name = ? AND pretrained = ?",
        (model_name, pretrained),
    ).fetchone()
    if row is None:
        return None
    stamps = json.loads(row[0])
    try:
        unchanged = stamps == _stamps([Path(path) for path, _, _ in stamps])
    except OSError:
        return None
    return KnownModel(row[2], row[1], row[2]) if unchanged else None


def remember_model(
    catalogue: Catalogue,
    model_name: str,
    pretrained: str,
    files: Sequence[Path],
    known: KnownModel,
) -> None:
    """Keep what these names stand for."""
    with catalogue.transaction() as db:
        stamps = json.dumps(_stamps(files))
        put(
            db,
            "weights",
            ("model_name", "pretrained", "files", "digest", "model"),
            [(model_name, pretrained, stamps, known.digest, known.model)],
        )


def _stamps(files: Sequence[Path]) -> list[list[str | int]]:
    stamps: list[list[str | int]] = []
    for path in files:
        status = path.stat()
        stamps.append([str(path), status.st_size, status.st_mtime_ns])
    return stamps

"""A run's own embeddings: ``images.npy``, ``labels.npy`` and ``index.parquet`` in one folder.

For whoever wants the vectors as plain arrays, or brings them from another machine.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phototagger.core.export import path_bytes, shown
from phototagger.core.score import BLOCK
from phototagger.errors import UsageError
from phototagger.files.atomic import write_atomically
from phototagger.files.named import open_named
from phototagger.files.own import make_below
from phototagger.model.vectors import Float32
from phototagger.printable import printable
from phototagger.store.vectors.keys import KEY_BYTES, Keys, as_keys

IMAGES, LABELS, INDEX = "images.npy", "labels.npy", "index.parquet"
FOLDER = "embeddings"
_ANEW = "make them anew with --save-embeddings, or leave --embeddings out"


@dataclass(frozen=True)
class Embeddings:
    """Vectors of one model, not normalised.

    ``images`` float32 [N, D] with their ``keys`` (SHA-1, uint8 [N, 20]) and ``paths``;
    ``label_vectors`` float32 [M, D] of ``labels``, put into ``prompts``.
    """

    model: str
    images: Float32
    keys: Keys
    paths: Sequence[str]
    labels: Sequence[str]
    label_vectors: Float32
    prompts: str


def save_embeddings(found: Embeddings, images: Iterable[Float32], folder: Path) -> None:
    """Write the folder; the index, which makes it complete, comes last.

    The photos' vectors come as ``images``, in blocks of rows, so that they are never in memory all
    at once; of ``found.images`` only the length of a row counts.
    """
    import polars as pl

    make_below(folder.parent, folder.name)
    with write_atomically(folder / IMAGES) as file:
        shape = (len(found.paths), found.images.shape[1])
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for rows in images:
            file.write(np.ascontiguousarray(rows, "<f4").data)
    with write_atomically(folder / LABELS) as file:
        np.save(file, np.asarray(found.label_vectors, np.float32))
    count, labels = len(found.paths), list(found.labels)
    hexed = [row.tobytes().hex() for row in found.keys]
    frame = pl.DataFrame(
        {
            "file": [IMAGES] * count + [LABELS] * len(labels),
            "row": [*range(count), *range(len(labels))],
            "path": [*map(shown, found.paths), *[None] * len(labels)],
            "path_bytes": pl.Series(
                [*map(path_bytes, found.paths), *[None] * len(labels)], dtype=pl.Binary
            ),
            "sha1": hexed + [None] * len(labels),
            "label": [None] * count + labels,
        }
    ).with_columns(model=pl.lit(found.model), prompt=pl.lit(found.prompts))
    with write_atomically(folder / INDEX) as file:
        frame.write_parquet(file)


def read_embeddings(folder: Path, model: str, prompts: str) -> Embeddings:
    """Read a folder that ``save_embeddings`` wrote, of this model.

    Labels that were put into other prompts are left out. Raises UsageError where the folder is
    not whole, or of another model.
    """
    import polars as pl

    where = printable(folder)
    try:
        for name in (INDEX, IMAGES, LABELS):
            open_named(folder / name).close()  # no pipe, for which the others would wait
        index = pl.read_parquet(folder / INDEX)
        images = np.load(folder / IMAGES, mmap_mode="r")
        label_vectors = np.load(folder / LABELS, mmap_mode="r")
        other = set(index["model"].to_list()) - {model}
        photos = index.filter(pl.col("file") == IMAGES)
        labels = index.filter((pl.col("file") == LABELS) & (pl.col("prompt") == prompts))
        whole = len(photos) == len(images) and len(index) == len(images) + len(label_vectors)
        keys = as_keys(bytes.fromhex(sha1) for sha1 in photos["sha1"])
    except (OSError, ValueError, EOFError, pl.exceptions.PolarsError) as error:
        raise UsageError(
            f"{where}: holds no embeddings that can be read: {error}", _ANEW
        ) from error
    if other:
        raise UsageError(
            f"{where}: the embeddings are of the model {other.pop()}, not of {model}",
            "leave --embeddings out, or choose the model they were made with",
        )
    both = (images, label_vectors)
    if any(rows.ndim != 2 or rows.dtype != np.float32 for rows in both) or (  # noqa: PLR2004
        images.shape[1] != label_vectors.shape[1]
    ):
        raise UsageError(
            f"{where}: {IMAGES} and {LABELS} are not float32 rows of one length", _ANEW
        )
    if not all(_are_finite(rows) for rows in both):
        raise UsageError(f"{where}: the embeddings hold values that are no numbers", _ANEW)
    if not whole or keys.shape != (len(images), KEY_BYTES):
        raise UsageError(f"{where}: {INDEX} does not fit the arrays beside it", _ANEW)
    return Embeddings(
        model,
        images,
        keys,
        photos["path"].to_list(),
        labels["label"].to_list(),
        np.asarray(label_vectors)[labels["row"].to_numpy()],
        prompts,
    )


def _are_finite(rows: NDArray[Any]) -> bool:
    return all(
        np.isfinite(rows[start : start + BLOCK]).all() for start in range(0, len(rows), BLOCK)
    )

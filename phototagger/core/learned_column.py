"""The column ``learned`` of ``results.parquet``: what the decisions suggest for each photo."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl


class LearnedColumn(NamedTuple):
    """What is suggested for N photos, flat: photo i has ``counts[i]`` of the T labels, in turn.

    ``counts`` int64 [N], ``labels`` int32 [T] positions in the label list, ``scores`` float32 [T]
    in 0..1; best first within a photo.
    """

    counts: NDArray[np.int64]
    labels: NDArray[np.int32]
    scores: NDArray[np.float32]

    def of(self, part: slice) -> LearnedColumn:
        """Return what is suggested for some of the photos."""
        first = int(self.counts[: part.start].sum())
        suggestions = slice(first, first + int(self.counts[part].sum()))
        return LearnedColumn(self.counts[part], self.labels[suggestions], self.scores[suggestions])


def learned_series(column: LearnedColumn, names: pl.Series) -> pl.Series:
    """Return ``learned``: List(Struct{label: str, score: f32}), empty where nothing is suggested.

    No Python object is made for a label of a photo.
    """
    import polars as pl

    kind = pl.List(pl.Struct({"label": pl.String, "score": pl.Float32}))
    count = len(column.counts)
    flat = pl.DataFrame(
        {
            "photo": np.repeat(np.arange(count), column.counts),
            "label": names.gather(pl.Series(column.labels)),
            "score": column.scores,
        }
    )
    lists = flat.group_by("photo", maintain_order=True).agg(learned=pl.struct("label", "score"))
    photos = pl.DataFrame({"photo": np.arange(count)})
    whole = photos.join(lists, on="photo", how="left", maintain_order="left")
    return whole["learned"].cast(kind).fill_null(pl.lit([], dtype=kind))

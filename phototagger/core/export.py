r"""Results and decisions → CSV and Parquet, with the exact columns that others read.

CSV: UTF-8 without a byte order mark, ``\\n``, RFC 4180. Names that are not UTF-8 hold U+FFFD there
and in Parquet, where ``path_bytes`` has their bytes (null where the name is UTF-8).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.core.learned_column import LearnedColumn, learned_series
from phototagger.core.scan import FoundPhotos, relative
from phototagger.files.atomic import write_atomically
from phototagger.files.csv import write_rows
from phototagger.files.parquet import write_parquet
from phototagger.files.paths import path_bytes, path_fields, shown
from phototagger.printable import one_line

if TYPE_CHECKING:
    import polars as pl

    from phototagger.sidecars.apply import write_sidecars

__all__ = [
    "APPROVED_HEADER",
    "FAILURES_HEADER",
    "MEDOIDS_HEADER",
    "RESULTS_HEADER",
    "Approval",
    "LearnedColumn",
    "Results",
    "path_bytes",
    "path_fields",
    "shown",
    "write_approvals_parquet",
    "write_approved_csv",
    "write_failures_csv",
    "write_medoids_csv",
    "write_photos_parquet",
    "write_results_csv",
    "write_results_parquet",
    "write_sidecars",
]

RESULTS_HEADER = (
    "path", "rel_path", "width", "height", "top1", "top1_score", "top5_labels", "top5_scores",
    "approved_labels", "run_id", "model_name",
)  # fmt: skip
MEDOIDS_HEADER = ("folder", "medoid_rel_path", "cosine_to_centroid")
APPROVED_HEADER = ("path", "rel_path", "approved_labels")
FAILURES_HEADER = ("path", "reason")

_SEPARATOR = "|"
_ROWS = 1024  # rows turned into Python objects at once
PathLike = str | os.PathLike[str]


def __getattr__(name: str) -> object:
    if name != "write_sidecars":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Tables are written without what sidecars need.
    from phototagger.sidecars.apply import write_sidecars

    return write_sidecars


@dataclass(frozen=True)
class Results:
    """The suggestions of N photos by columns, in scan order.

    ``best`` int32 [N, K] holds positions in ``labels``, best first; ``scores`` float32 [N, K]
    their cosines; ``sizes`` [N, 2] width and height after orientation; ``approved`` a list of
    labels for each photo that has any, by its position; ``learned`` what the decisions suggest,
    where that was asked for; ``pairs`` the raws of JPEGs by path, where raws are photos.
    """

    paths: Sequence[str]
    root: str
    sizes: NDArray[np.int32]
    labels: Sequence[str]
    best: NDArray[np.int32]
    scores: NDArray[np.float32]
    approved: dict[int, list[str]]
    run_id: str
    model_name: str
    learned: LearnedColumn | None = None
    pairs: Mapping[str, str] | None = None

    def rel_path(self, row: int) -> str:
        """Return a photo's path relative to the root."""
        return relative(self.paths[row], self.root)


class Approval(NamedTuple):
    """One label of one photo, as decided: a row of ``approvals.parquet``."""

    path: str
    rel_path: str
    sha1: str
    label: str
    decision: str
    score: float | None
    who: str
    when: datetime
    model: str


def write_results_csv(results: Results, target: PathLike) -> int:
    """Write ``results.csv``: scores with four decimals, lists joined by ``|``.

    Returns how many rows hold U+FFFD, as all that write CSV do.
    """
    return _write_csv(_results_rows(results), RESULTS_HEADER, target)


def _results_rows(results: Results) -> Iterator[Sequence[object]]:
    for start in range(0, len(results.paths), _ROWS):
        part = slice(start, start + _ROWS)
        labels = np.array(results.labels, object)[results.best[part]].tolist()
        columns = zip(
            results.paths[part], results.sizes[part].tolist(), labels,
            results.scores[part].tolist(), strict=True,
        )  # fmt: skip
        for row, (path, size, best, cosines) in enumerate(columns, start):
            scores = [f"{cosine:.4f}" for cosine in cosines]
            yield (
                path, relative(path, results.root), *size, best[0], scores[0],
                _SEPARATOR.join(best), _SEPARATOR.join(scores),
                _SEPARATOR.join(results.approved.get(row, ())), results.run_id, results.model_name,
            )  # fmt: skip


def write_results_parquet(results: Results, target: PathLike) -> None:
    """Write ``results.parquet``: the columns of ``results.csv`` with real lists, full scores.

    ``path_bytes`` follows; ``pair`` (a raw's path, or null) and ``learned`` come last where there
    are such columns.
    """
    import polars as pl

    names = pl.Series(list(results.labels), dtype=pl.String)

    def rows(part: slice) -> pl.DataFrame:
        best, scores = results.best[part], results.scores[part]
        label_lists = names.gather(pl.Series(best.reshape(-1))).reshape(best.shape)
        score_lists = pl.Series(scores.reshape(-1)).reshape(scores.shape)
        columns = {
            **_paths(results.paths[part], results.root),
            "width": pl.Series(results.sizes[part, 0], dtype=pl.Int32),
            "height": pl.Series(results.sizes[part, 1], dtype=pl.Int32),
            "top1": names.gather(pl.Series(np.ascontiguousarray(best[:, 0]))),
            "top1_score": pl.Series(np.ascontiguousarray(scores[:, 0])),
            "top5_labels": label_lists.cast(pl.List(pl.String)),
            "top5_scores": score_lists.cast(pl.List(pl.Float32)),
            "approved_labels": _lists([results.approved.get(row, []) for row in _range(part)]),
        }
        frame = pl.DataFrame(columns).with_columns(
            run_id=pl.lit(results.run_id), model_name=pl.lit(shown(results.model_name))
        )
        frame = frame.select([*RESULTS_HEADER, "path_bytes"])
        if results.pairs is not None:
            raws = [results.pairs.get(path) for path in results.paths[part]]
            named = [None if raw is None else shown(raw) for raw in raws]
            frame = frame.with_columns(pair=pl.Series(named, dtype=pl.String))
        if results.learned is None:
            return frame
        return frame.with_columns(learned=learned_series(results.learned.of(part), names))

    write_parquet(len(results.paths), rows, target)


def _range(part: slice) -> range:
    return range(part.start, part.stop)


def _lists(label_lists: Sequence[Sequence[str]]) -> pl.Series:
    import polars as pl

    # Few differ, and polars takes long to look through lists of Python's.
    different: dict[tuple[str, ...], int] = {}
    numbers = [different.setdefault(tuple(labels), len(different)) for labels in label_lists]
    return pl.Series(list(different), dtype=pl.List(pl.String)).gather(numbers)


def write_photos_parquet(photos: FoundPhotos, root: str, target: PathLike) -> None:
    """Write ``photos.parquet``: what the scan found, in its order."""
    import polars as pl

    sizes, mtimes = (np.frombuffer(column, np.int64) for column in (photos.sizes, photos.mtimes_ns))

    def rows(part: slice) -> pl.DataFrame:
        columns = {
            **_paths(photos.paths[part], root),
            "size": pl.Series(sizes[part]),
            "mtime": pl.Series(mtimes[part]).cast(pl.Datetime("ns", "UTC")),
        }
        return pl.DataFrame(columns).select("path", "rel_path", "size", "mtime", "path_bytes")

    write_parquet(len(photos), rows, target)


def write_medoids_csv(rows: Iterable[tuple[str, str, float]], target: PathLike) -> int:
    """Write ``folder_medoids.csv`` from (folder, rel_path of the medoid, cosine to centroid)."""
    return _write_csv(
        ((folder, rel_path, f"{cosine:.4f}") for folder, rel_path, cosine in rows),
        MEDOIDS_HEADER,
        target,
    )


def write_failures_csv(failures: Iterable[tuple[str, str]], target: PathLike) -> int:
    """Write ``failures.csv`` from (path, reason)."""
    rows = ((path, one_line(reason)) for path, reason in failures)
    return _write_csv(rows, FAILURES_HEADER, target)


def write_approved_csv(rows: Iterable[tuple[str, str, Sequence[str]]], target: PathLike) -> int:
    """Write ``approved.csv`` from (path, rel_path, labels), one row a photo with an approval."""
    joined = ((path, rel, _SEPARATOR.join(labels)) for path, rel, labels in rows)
    return _write_csv(joined, APPROVED_HEADER, target)


def _write_csv(rows: Iterable[Sequence[object]], header: Sequence[str], target: PathLike) -> int:
    with write_atomically(target) as file:
        return write_rows(file, header, rows)


def write_approvals_parquet(approvals: Sequence[Approval], target: PathLike) -> None:
    """Write ``approvals.parquet``: one row a photo and label, approved or rejected."""
    import polars as pl

    frame = pl.DataFrame(
        {
            **_path_columns([row.path for row in approvals], [row.rel_path for row in approvals]),
            "sha1": pl.Series([row.sha1 for row in approvals], dtype=pl.String),
            "label": pl.Series([row.label for row in approvals], dtype=pl.String),
            "decision": pl.Series([row.decision for row in approvals], dtype=pl.String),
            "score": pl.Series([row.score for row in approvals], dtype=pl.Float32),
            "who": pl.Series([row.who for row in approvals], dtype=pl.String),
            "when": pl.Series([row.when for row in approvals], dtype=pl.Datetime("us", "UTC")),
            "model": pl.Series([row.model for row in approvals], dtype=pl.String),
        }
    )
    with write_atomically(target) as file:
        frame.select(Approval._fields).write_parquet(file)


def _paths(paths: Sequence[str], root: str) -> dict[str, pl.Series]:
    columns = _path_columns(paths, ())
    begins = len(shown(root).rstrip("/")) + 1
    return {**columns, "rel_path": columns["path"].str.slice(begins)}


def _path_columns(paths: Sequence[str], rel_paths: Sequence[str]) -> dict[str, pl.Series]:
    import polars as pl

    raw = [path_bytes(path) for path in paths]
    if any(raw):
        paths = [shown(path) for path in paths]
        rel_paths = [shown(path) for path in rel_paths]
    return {
        "path": pl.Series(paths, dtype=pl.String),
        "rel_path": pl.Series(rel_paths, dtype=pl.String),
        "path_bytes": pl.Series(raw, dtype=pl.Binary),
    }

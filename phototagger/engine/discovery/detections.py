"""Regions of photos in which providers saw labels → ``detections.parquet`` of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.core.export import path_bytes, shown
from phototagger.files.parquet import write_parquet
from phototagger.store.discovered import all_found
from phototagger.store.vectors.keys import as_bytes

if TYPE_CHECKING:
    import polars as pl

    from phototagger.engine.job import Job

DETECTIONS = "detections.parquet"


def write_detections(job: Job) -> int:
    """Write a row for each region of each photo, in scan order; return how many there are.

    The columns are path, path_bytes, rel_path, sha1, provider, label, score and x, y, width,
    height: parts of the upright photo. Where no provider gave regions, no file is written.
    """
    seen: dict[bytes, list[tuple[object, ...]]] = {}
    for sha1, (provider, proposals) in all_found(job.catalogue, job.model.known.model):
        if boxed := [
            (provider, proposal.label, proposal.score, *proposal.box)
            for proposal in proposals
            if proposal.box
        ]:
            seen.setdefault(sha1, []).extend(boxed)
    photos = job.photos
    regions = [
        (row, sha1, region)
        for row, sha1 in enumerate(as_bytes(photos.keys))
        for region in (seen.get(sha1, ()) if photos.known[row] else ())
    ]

    def rows(part: slice) -> pl.DataFrame:
        import polars as pl

        block = regions[part]
        texts = ("provider", "label")
        numbers = ("score", "x", "y", "width", "height")
        columns: dict[str, list[object]] = {
            "path": [shown(photos.paths[row]) for row, _, _ in block],
            "path_bytes": [path_bytes(photos.paths[row]) for row, _, _ in block],
            "rel_path": [shown(photos.rel_path(row)) for row, _, _ in block],
            "sha1": [sha1.hex() for _, sha1, _ in block],
        }
        for at, name in enumerate((*texts, *numbers)):
            columns[name] = [region[at] for _, _, region in block]
        kinds = dict.fromkeys(columns, pl.String) | dict.fromkeys(numbers, pl.Float32)
        return pl.DataFrame(columns, schema=kinds | {"path_bytes": pl.Binary})

    if regions:
        write_parquet(len(regions), rows, job.run.file(DETECTIONS))
    return len(regions)

"""Rows that are made in blocks → one Parquet file, in the memory of a few blocks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from phototagger.files.atomic import write_atomically

if TYPE_CHECKING:
    import polars as pl

ROWS = 512
"""Rows of a block: polars has an unforeseeable number of them in memory at once."""
_ROW_GROUP = 2048


def write_parquet(
    count: int, rows: Callable[[slice], pl.DataFrame], target: str | os.PathLike[str]
) -> None:
    """Write ``count`` rows. ``rows`` gives some of them; all frames have one schema, if empty too.

    The same rows give the same bytes.
    """
    from polars.io.plugins import register_io_source

    def blocks(*_: object) -> Iterator[pl.DataFrame]:
        for start in range(0, count, ROWS):
            yield rows(slice(start, min(start + ROWS, count)))

    source = register_io_source(blocks, schema=rows(slice(0, 0)).schema)
    with write_atomically(target) as file:
        source.sink_parquet(file, row_group_size=_ROW_GROUP, engine="streaming")

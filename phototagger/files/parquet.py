"""Parquet files, made by polars in memory and written by us.

Where a write of polars' own fails (a full disk), its threads may wait for one another for ever.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from phototagger.files.atomic import write_atomically

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    import polars as pl

ROWS = 512
"""Rows of a block: polars has an unforeseeable number of them in memory at once."""
_ROW_GROUP = 2048


def write_parquet(
    count: int, rows: Callable[[slice], pl.DataFrame], target: str | os.PathLike[str]
) -> None:
    """Write ``count`` rows. ``rows`` gives some of them; all frames have one schema, if empty too.

    The same rows give the same bytes. Memory: a few blocks, and the bytes of the file.
    """
    from polars.io.plugins import register_io_source

    def blocks(*_: object) -> Iterator[pl.DataFrame]:
        for start in range(0, count, ROWS):
            yield rows(slice(start, min(start + ROWS, count)))

    source = register_io_source(blocks, schema=rows(slice(0, 0)).schema)
    made = BytesIO()
    source.sink_parquet(made, row_group_size=_ROW_GROUP, engine="streaming")
    with write_atomically(target) as file:
        file.write(made.getbuffer())


def write_frame(frame: pl.DataFrame, file: BinaryIO) -> None:
    """Write all rows of a frame into an open file, as Parquet."""
    made = BytesIO()
    frame.write_parquet(made)
    file.write(made.getbuffer())

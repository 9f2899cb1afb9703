"""Parquet: the same rows give the same bytes, and a disk that is full is an error at once."""

from __future__ import annotations

import errno
import resource
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from phototagger.files.parquet import ROWS, write_parquet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COUNT = 9 * ROWS


def rows(part: slice) -> pl.DataFrame:
    numbers = np.arange(COUNT)[part]
    return pl.DataFrame({"number": numbers, "square": numbers**2 % 10007})


def write(target: Path) -> None:
    write_parquet(COUNT, rows, target)


@pytest.fixture
def no_room_beyond() -> Iterator[Callable[[int], None]]:
    """Let no file hold more than some bytes, as on a disk that gets full meanwhile."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_rows_come_back_and_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
    write(first)
    write(second)
    assert pl.read_parquet(first).equals(rows(slice(None)))
    assert first.read_bytes() == second.read_bytes()


def test_a_disk_that_is_full_at_any_byte_is_an_error_that_names_the_target(
    tmp_path: Path, no_room_beyond: Callable[[int], None]
) -> None:
    target = tmp_path / "table.parquet"
    write(target)
    whole = target.stat().st_size
    target.unlink()
    for room in [0, 1, 4, *range(100, whole, whole // 20), whole - 1]:
        no_room_beyond(room)
        with pytest.raises(OSError, match="File too large") as caught:
            write(target)
        assert (caught.value.errno, caught.value.filename) == (errno.EFBIG, str(target))
        assert list(tmp_path.iterdir()) == []

"""A run_dir and its catalogue."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from phototagger.store import Catalogue


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder


@pytest.fixture
def catalogue(run_dir: Path) -> Iterator[Catalogue]:
    made = Catalogue(run_dir)
    yield made
    made.close()


@pytest.fixture
def reopened(run_dir):
    """Opens the catalogue anew each time it is called, as after a restart."""
    opened = []

    def reopen() -> Catalogue:
        for one in opened:
            one.close()
        opened.append(Catalogue(run_dir))
        return opened[-1]

    yield reopen
    for one in opened:
        one.close()

"""A library that was tagged, opened for review."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from phototagger.review import Review
from phototagger.review.open_review import open_job
from tests.engine.conftest import LABELS, Library, calls, photos

__all__ = ["calls", "photos"]


@contextmanager
def reviewing(photos: Library, **more: object) -> Iterator[Review]:
    job, held_by = open_job(photos.settings(labels_file=str(labels_file(photos)), **more))
    with job:
        yield Review(job, held_by)


def labels_file(photos: Library):
    file = photos.folder / "labels.txt"
    if not file.exists():
        file.write_text("\n".join(LABELS))
    return file


@pytest.fixture
def ran(photos: Library) -> Library:
    photos.run()
    return photos


@pytest.fixture
def review(ran: Library) -> Iterator[Review]:
    with reviewing(ran) as opened:
        yield opened


def at(review: Review, name: str) -> int:
    return [review.photos.rel_path(one) for one in range(len(review.photos.listing))].index(name)

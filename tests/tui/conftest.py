"""Libraries that were tagged by the stand-in model, for the review on the screen."""

import pytest

from tests.engine.conftest import LABELS, Library
from tests.engine.pictures import picture
from tests.review.conftest import calls, photos, ran

__all__ = ["calls", "photos", "ran"]

WORDS = [*LABELS, "car", "moon", "rain", "river", "rose", "train"]


@pytest.fixture
def many(photos: Library) -> Library:
    """More photos than fit on a screen."""
    for number in range(60):
        picture(photos.root / f"trip/{number:02}.png", 100 + number)
    photos.run()
    return photos


@pytest.fixture
def wordy(photos: Library) -> Library:
    """More labels than there are digits."""
    (photos.folder / "labels.txt").write_text("\n".join(WORDS))
    photos.run(labels=WORDS)
    return photos

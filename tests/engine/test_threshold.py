"""`threshold: auto`, and the offer of a better one."""

import json

import numpy as np
import pytest

from phototagger.engine.events import Notice
from phototagger.engine.library.threshold import LEAST, one_a_photo
from phototagger.settings.model import AutoThreshold
from tests.engine.conftest import Library
from tests.engine.pictures import picture

AUTO = AutoThreshold(0.25)


@pytest.fixture
def many(photos: Library) -> Library:
    """As many photos as say enough."""
    for number in range(LEAST):
        picture(photos.root / f"more/{number:03}.png", 500 + number)
    return photos


def threshold_of(library: Library) -> float:
    return json.loads((library.last.path / "config.json").read_text())["settings"]["threshold"]


def notices(ran) -> list[str]:
    return [one.text for one in ran.events if isinstance(one, Notice) and "threshold" in one.text]


def test_it_is_the_cosine_that_one_label_a_photo_reaches():
    cosines = np.array([[0.1, 0.9], [0.2, 0.3], [0.8, 0.7]], np.float32)
    assert one_a_photo(cosines) == pytest.approx(0.7)


def test_it_is_settled_once_kept_and_frozen(many):
    ran = many.run(threshold=AUTO)
    settled = threshold_of(many)
    assert isinstance(settled, float)
    assert notices(ran) == [
        f"threshold: {settled:g} from now on: one label a photo is over it here"
    ]
    rows = ran.results().values()
    assert sum(float(row["top1_score"]) >= settled for row in rows) <= len(rows)
    for number in range(80):  # more photos do not move it
        picture(many.root / f"other/{number:03}.png", 3 + number)
    again = many.run(threshold=AUTO)
    assert threshold_of(many) == settled
    assert not [text for text in notices(again) if "from now on" in text]


def test_few_photos_settle_nothing(photos):
    ran = photos.run(threshold=AUTO)
    assert threshold_of(photos) == 0.25
    assert notices(ran) == []
    assert notices(photos.run(threshold=AUTO)) == []


def test_a_threshold_that_does_not_fit_is_answered_by_a_better_one(many):
    (said,) = notices(many.run(threshold=0.99))
    better = said.rpartition("--threshold auto")[0].rpartition("--threshold ")[2].strip(" ,or")
    assert "threshold 0.99 does not fit this model and library" in said
    assert notices(many.run(threshold=0.99)) == []  # said with what is new, as no vector is read
    assert notices(many.run(threshold=float(better))) == []

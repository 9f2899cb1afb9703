"""Photos themselves, fitted into a box or a part of them at 100 %."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from phototagger.errors import UnreadablePhoto
from phototagger.imaging.limits import Limits
from phototagger.tui.graphics.outlines import Outline
from phototagger.tui.graphics.whole import View, WholePhotos

WIDE, HIGH = 90, 60
PIXELS = np.random.default_rng(3).integers(0, 256, (HIGH, WIDE, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "a.png"
    Image.fromarray(PIXELS).save(path)
    return str(path)


def part(photo, steps, box, limits=None):
    return np.asarray(WholePhotos(limits or Limits()).image(View(photo, steps), box))


def test_all_of_a_photo_is_outlined_and_a_part_is_not(photo):
    outlines = (Outline("", 0.5, 0, 0.5, 1),)
    whole = WholePhotos(Limits())
    box = (WIDE, HIGH)
    plain = np.asarray(whole.image(View(photo), box))
    found = np.asarray(whole.image(View(photo, None, outlines), box))
    assert (found != plain).any(axis=2).nonzero()[1].min() == WIDE // 2
    part = np.asarray(whole.image(View(photo, (0, 0), outlines), box))
    assert np.array_equal(part, np.asarray(whole.image(View(photo, (0, 0)), box)))


def test_at_100_percent_the_middle_is_seen_first_and_steps_go_by_half_a_box(photo):
    assert (part(photo, (0, 0), (20, 10)) == PIXELS[25:35, 35:55]).all()
    assert (part(photo, (1, -2), (20, 10)) == PIXELS[15:25, 45:65]).all()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    steps=st.tuples(st.integers(-30, 30), st.integers(-30, 30)),
    box=st.tuples(st.integers(1, 120), st.integers(1, 120)),
)
def test_what_is_seen_has_the_size_of_the_box_and_holds_only_pixels_of_the_photo(photo, steps, box):
    found = part(photo, steps, box)
    assert found.shape == (box[1], box[0], 3)
    seen = min(WIDE, box[0]) * min(HIGH, box[1])
    assert (found.reshape(-1, 3).any(axis=1)).sum() <= seen
    if box[0] <= WIDE and box[1] <= HIGH:
        assert any(
            (PIXELS[top : top + box[1], left : left + box[0]] == found).all()
            for top in range(HIGH - box[1] + 1)
            for left in range(WIDE - box[0] + 1)
            if (PIXELS[top, left] == found[0, 0]).all()
        )


def test_the_steps_from_the_middle_reach_the_sides_and_no_further(photo):
    whole, box = WholePhotos(Limits()), (20, 70)
    assert whole.most_steps(photo, box) == (0, 0)  # nobody looked at it yet
    whole.image(View(photo, (0, 0)), box)
    right, down = whole.most_steps(photo, box)
    assert (right, down) == (4, 0)
    last = np.asarray(whole.image(View(photo, (right, 0)), box))
    assert (last[5:65] == PIXELS[:, -20:]).all()
    before = np.asarray(whole.image(View(photo, (right - 1, 0)), box))
    assert not (last == before).all()


def test_one_moves_about_without_reading_the_photo_again(tmp_path, photo):
    copy = tmp_path / "b.png"
    copy.write_bytes(Path(photo).read_bytes())
    whole = WholePhotos(Limits())
    whole.image(View(str(copy), (0, 0)), (20, 10))
    copy.unlink()
    assert whole.image(View(str(copy), (1, 0)), (20, 10)).size == (20, 10)
    whole.let_go()
    with pytest.raises(UnreadablePhoto):
        whole.image(View(str(copy), (0, 0)), (20, 10))


def test_fitted_a_photo_is_decoded_no_smaller_than_its_box(tmp_path):
    path = tmp_path / "large.jpg"
    Image.new("RGB", (1600, 1200), (10, 200, 30)).save(path)
    image = WholePhotos(Limits()).image(View(str(path)), (300, 200))
    assert 300 <= image.width < 1600


@pytest.mark.parametrize("steps", [None, (0, 0)])
def test_a_photo_over_the_limits_or_that_is_no_file_is_refused_with_its_reason(
    tmp_path, photo, steps
):
    with pytest.raises(UnreadablePhoto, match="max_pixels"):
        WholePhotos(Limits(1000)).image(View(photo, steps), (20, 10))
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(UnreadablePhoto):
        WholePhotos(Limits()).image(View(str(tmp_path / "pipe.jpg"), steps), (20, 10))

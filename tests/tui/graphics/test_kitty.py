"""Kitty's pictures: encoded, sent once, placed, freed."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from phototagger.tui.graphics.blocks import Box, Painted
from phototagger.tui.graphics.kitty import Kitty, KittyImages
from tests.tui.fake_terminal import Kept, commands


def opened(painted):
    return Image.open(io.BytesIO(base64.b64decode(painted.data)))


@pytest.mark.parametrize("size", [(512, 384), (384, 512), (512, 10), (3, 500)])
def test_a_picture_fills_whole_cells_unstretched(size):
    painted = Kitty((9, 17)).encode(Image.new("RGB", size, (200, 10, 10)), Box(24, 12))
    assert painted.left + painted.columns <= 24
    assert painted.top + painted.lines <= 12
    image = np.asarray(opened(painted).convert("RGBA"))
    assert image.shape[:2] == (painted.lines * 17, painted.columns * 9)
    red = image[..., 3] > 0
    assert (image[red][:, :3] == (200, 10, 10)).all()
    high, wide = red.any(1).sum(), red.any(0).sum()
    assert wide == pytest.approx(high * size[0] / size[1], abs=max(1, size[0] / size[1]))


def test_a_small_picture_is_made_larger_by_the_terminal():
    painted = Kitty((10, 20)).encode(Image.new("RGB", (100, 75)), Box(80, 40))
    assert (painted.columns, painted.lines) == (80, 30)
    assert opened(painted).size == (100, 75)


def test_many_colours_leave_one_for_nothing():
    random = np.random.default_rng(0)
    image = Image.fromarray(random.integers(0, 256, (100, 101, 3), np.uint8))
    found = np.asarray(opened(Kitty((10, 20)).encode(image, Box(9, 5))).convert("RGBA"))
    assert (found[..., 3] == 0).any()
    assert (found[..., 3] == 255).sum() > found[..., 3].size // 2


def test_a_picture_is_sent_once_in_pieces():
    images = KittyImages(100)
    painted = Painted((), 4, 0, 0, 9000, b"A" * 9000, 2)
    sent = list(images.send(painted))
    assert [len(one) < 4200 for one in sent] == [True] * 3
    assert [keys[b"m"] for keys in commands("".join(sent).encode())] == [b"1", b"1", b"0"]
    assert images.is_sent(painted)
    assert list(images.send(painted)) == []
    text = "".join(sent) + images.place(painted, 5) + images.place(painted, 6)
    assert Kept(text.encode()).placed == {(b"101", b"5"): (4, 2), (b"101", b"6"): (4, 2)}
    assert list(Kept((text + images.remove(painted, 5)).encode()).placed) == [(b"101", b"6")]


def test_the_oldest_pictures_that_are_not_shown_are_freed():
    size = 4 * 1 * 1 * 10 * 10
    images = KittyImages(0, (10, 10), kept=2 * size)
    made = [Painted((), 1, 0, 0, 1, b"%d" % number, 1) for number in range(4)]
    text = ""
    for one in made:
        text += "".join(images.send(one))
    images.place(made[1], 1)
    text += "".join(images.evict([made[0].data]))
    assert Kept(text.encode()).images == {b"1", b"2"}
    assert not images.is_sent(made[3])
    text += "".join(images.clear())
    assert not Kept(text.encode()).images

"""Sixels are read back as the terminal would draw them."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from phototagger.tui.graphics.blocks import Box
from phototagger.tui.graphics.sixel import Sixels, sixels, within

_TOKEN = re.compile(rb"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)(.)|([?-~])|([$-])")


def drawn(data):
    """Read sixels: the picture's colours in percent, -1 where nothing was drawn."""
    head = re.match(rb'\x1bP0;1;0q"1;1;(\d+);(\d+)', data)
    width, height = int(head[1]), int(head[2])
    bands = -(-height // 6)
    screen = np.full((6 * bands, width, 3), -1)
    palette, colour, x, y = {}, None, 0, 0
    assert data.endswith(b"\x1b\\")
    body, at = data[head.end() : -2], 0
    while at < len(body):
        token = _TOKEN.match(body, at)
        at = token.end()
        if token[1]:
            palette[int(token[1])] = [int(one) for one in token.group(2, 3, 4)]
        elif token[5]:
            colour = int(token[5])
        elif token[9]:
            x, y = 0, y + (6 if token[9] == b"-" else 0)
        else:
            count, sixel = (int(token[6]), token[7]) if token[6] else (1, token[8])
            bits = sixel[0] - 0x3F
            for row in range(6):
                if bits >> row & 1:
                    screen[y + row, x : x + count] = palette[colour]
            x += count
    assert (screen[height:] == -1).all()
    return screen[:height]


@given(st.integers(1, 40), st.integers(1, 20), st.integers(1, 16), st.integers(0, 2**32 - 1))
def test_a_picture_comes_out_as_it_went_in(width, height, colours, seed):
    random = np.random.default_rng(seed)
    image = Image.fromarray(random.integers(0, 256, (height, width, 3), np.uint8))
    image = image.quantize(colours, Image.Quantize.FASTOCTREE)
    expected = (np.asarray(image.convert("RGB")).astype(int) * 100 + 127) // 255
    assert (drawn(sixels(image)) == expected).all()


def test_long_runs_are_repeats():
    assert len(sixels(Image.new("RGB", (2000, 6)).quantize(2))) < 60


@pytest.mark.parametrize("size", [(512, 384), (384, 512), (512, 10), (3, 500), (1, 1)])
def test_a_picture_stays_in_its_box_and_keeps_its_shape(size):
    painter = Sixels((9, 17))
    box = Box(24, 12)
    painted = painter.encode(Image.new("RGB", size, (200, 10, 10)), box)
    picture = drawn(painted.data)
    height, width = picture.shape[:2]
    assert not painted.rows
    assert painted.left + painted.columns <= 24
    assert painted.top + painted.lines <= 12
    assert (painted.columns - 1) * 9 < width <= painted.columns * 9
    assert -(-height // 6) * 6 <= 12 * 17
    assert width == pytest.approx(height * size[0] / size[1], abs=max(1, size[0] / size[1]))


def test_a_large_picture_has_more_colours():
    random = np.random.default_rng(0)
    image = Image.fromarray(random.integers(0, 256, (400, 400, 3), np.uint8))
    small, large = (Sixels((10, 20)).encode(image, Box(2 * n, n)) for n in (10, 20))
    assert small.data.count(b";2;") == 64
    assert large.data.count(b";2;") == 128


@pytest.mark.parametrize("size", [(512, 384), (384, 512), (512, 10), (3, 500)])
def test_inside_tmux_a_picture_is_cut_to_whole_cells(size):
    painted = Sixels((9, 17), inside=True).encode(Image.new("RGB", size, "red"), Box(24, 12))
    width, height = map(int, re.match(rb'\x1bP0;1;0q"1;1;(\d+);(\d+)', painted.data).groups())
    assert width == 9 * painted.columns
    assert height % 6 == 0
    assert 17 * painted.lines - height in range(6) or height == 6
    assert re.search(rb"#(\d+);2;(\d+;\d+;\d+)", painted.data).groups() == (b"0", b"0;0;0")
    wide, high = within(size, (24 * 9, 12 * 17))
    assert abs(width - wide) < 9
    assert abs(height - high) < 17 + 6


def test_the_largest_size_of_the_same_shape():
    assert within((400, 300), (100, 100)) == (100, 75)
    assert within((1, 1000), (100, 100)) == (1, 100)

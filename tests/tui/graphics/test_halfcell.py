"""Half-block pictures."""

import numpy as np
import pytest
from PIL import Image

from phototagger.tui.graphics.halfcell import Box, HalfCells, fitted, nearest_of_256
from phototagger.tui.graphics.painters import make_painter
from phototagger.tui.graphics.terminal import Terminal, how_to_draw


def halves(painted):
    """The colours of a picture's pixels, as rows of (r, g, b) or colour numbers."""
    rows = []
    for segments in painted.rows:
        upper, lower = [], []
        for text, style, _ in segments:
            below = style.bgcolor.triplet or style.bgcolor.number
            above = below if text[0] == " " else style.color.triplet or style.color.number
            upper += [above] * len(text)
            lower += [below] * len(text)
        rows += [upper, lower]
    return rows


def widths(painted):
    return {sum(len(segment.text) for segment in row) for row in painted.rows}


def test_the_upper_pixel_is_the_foreground_and_the_lower_one_the_background():
    image = Image.new("RGB", (1, 2))
    image.putpixel((0, 0), (255, 0, 0))
    image.putpixel((0, 1), (0, 0, 255))
    painted = HalfCells().encode(image, Box(1, 1))
    assert [segment.text for segment in painted.rows[0]] == ["▀"]
    assert halves(painted) == [[(255, 0, 0)], [(0, 0, 255)]]


def test_a_picture_is_upright_and_not_mirrored():
    image = Image.new("RGB", (2, 4))
    image.putpixel((0, 0), (255, 255, 255))
    image.putpixel((1, 3), (0, 255, 0))
    rows = halves(HalfCells().encode(image, Box(2, 2)))
    assert rows[0] == [(255, 255, 255), (0, 0, 0)]
    assert rows[3] == [(0, 0, 0), (0, 255, 0)]


def test_equal_neighbours_are_one_segment_that_needs_one_colour():
    painted = HalfCells().encode(Image.new("RGB", (512, 512), (10, 200, 30)), Box(24, 12))
    assert [len(row) for row in painted.rows] == [1] * 12
    assert painted.rows[0][0].text == " " * 24
    assert painted.rows[0][0].style.color is None


@pytest.mark.parametrize(
    ("size", "box", "expected"),
    [
        ((512, 512), Box(24, 12), (24, 12, 0, 0)),
        ((512, 384), Box(24, 12), (24, 9, 0, 1)),
        ((384, 512), Box(24, 12), (18, 12, 3, 0)),
        ((512, 1), Box(24, 12), (24, 1, 0, 5)),
        ((1, 512), Box(24, 12), (1, 12, 11, 0)),
        ((1, 1), Box(1, 1), (1, 1, 0, 0)),
        ((10, 10), Box(40, 4), (8, 4, 16, 0)),
    ],
)
def test_a_picture_keeps_its_shape_and_stands_in_the_middle(size, box, expected):
    painted = HalfCells().encode(Image.new("RGB", size, (9, 9, 9)), box)
    assert (painted.columns, len(painted.rows), painted.left, painted.top) == expected
    assert widths(painted) == {painted.columns}


def test_fitting_never_leaves_the_box():
    for width in (1, 3, 500):
        for height in (1, 7, 512):
            fit = fitted((width, height), Box(13, 5))
            assert 1 <= fit.columns <= 13
            assert 1 <= fit.rows <= 5


def test_256_colours_are_those_of_the_cube_and_the_greys():
    image = Image.fromarray(np.random.default_rng(1).integers(0, 256, (24, 24, 3), np.uint8))
    numbers = [one for row in halves(HalfCells("256").encode(image, Box(24, 12))) for one in row]
    assert len(numbers) == 24 * 24
    assert min(numbers) >= 16


def test_the_nearest_of_256_colours_is_found():
    def nearest(red, green, blue):
        return int(nearest_of_256()[red << 10 | green << 5 | blue])

    assert nearest(31, 0, 0) == 196
    assert nearest(0, 0, 0) == 16
    assert nearest(31, 31, 31) == 231
    assert nearest(16, 16, 16) in range(244, 247)


def test_true_colours_are_at_most_four_off():
    pixels = np.random.default_rng(2).integers(0, 256, (8, 8, 3), np.uint8)
    made = np.array(halves(HalfCells().encode(Image.fromarray(pixels), Box(8, 4))))
    assert np.abs(made.astype(int) - pixels).max() <= 5


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK", "P"])
def test_any_mode_is_drawn(mode):
    assert HalfCells().encode(Image.new(mode, (8, 8)), Box(4, 2)).rows


def half_cells(colours, *, no_color):
    """What draws in a terminal without graphics."""
    how = how_to_draw("auto", Terminal(), colours, no_color=no_color)
    return make_painter(how, Terminal(), colours)


def test_without_colours_there_are_no_pictures():
    assert half_cells("truecolor", no_color=True) is None
    assert half_cells("standard", no_color=False) is None
    assert half_cells(None, no_color=False) is None
    assert half_cells("256", no_color=False).name == "halfcell 256"
    assert half_cells("truecolor", no_color=False).name == "halfcell truecolor"


def test_the_size_grows_with_what_is_kept():
    flat = HalfCells().encode(Image.new("RGB", (64, 64)), Box(24, 12))
    noise = Image.fromarray(np.random.default_rng(3).integers(0, 256, (64, 64, 3), np.uint8))
    assert HalfCells().encode(noise, Box(24, 12)).size > 10 * flat.size

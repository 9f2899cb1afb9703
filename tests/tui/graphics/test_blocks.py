"""Pictures of block characters."""

import unicodedata
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from phototagger.tui.graphics.blocks import GRIDS, Blocks, Box, fitted, nearest_of_256
from phototagger.tui.graphics.painters import make_painter
from phototagger.tui.graphics.terminal import Terminal, how_to_draw

SAMPLES = Path(__file__).parents[3] / "samples"


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
    painted = Blocks("halfcell").encode(image, Box(1, 1))
    assert [segment.text for segment in painted.rows[0]] == ["▀"]
    assert halves(painted) == [[(255, 0, 0)], [(0, 0, 255)]]


def test_a_picture_is_upright_and_not_mirrored():
    image = Image.new("RGB", (2, 4))
    image.putpixel((0, 0), (255, 255, 255))
    image.putpixel((1, 3), (0, 255, 0))
    rows = halves(Blocks("halfcell").encode(image, Box(2, 2)))
    assert rows[0] == [(255, 255, 255), (0, 0, 0)]
    assert rows[3] == [(0, 0, 0), (0, 255, 0)]


def test_equal_neighbours_are_one_segment_that_needs_one_colour():
    painted = Blocks("halfcell").encode(Image.new("RGB", (512, 512), (10, 200, 30)), Box(24, 12))
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
    painted = Blocks("halfcell").encode(Image.new("RGB", size, (9, 9, 9)), box)
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
    numbers = [
        one for row in halves(Blocks("halfcell", "256").encode(image, Box(24, 12))) for one in row
    ]
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
    made = np.array(halves(Blocks("halfcell").encode(Image.fromarray(pixels), Box(8, 4))))
    assert np.abs(made.astype(int) - pixels).max() <= 5


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK", "P"])
def test_any_mode_is_drawn(mode):
    assert Blocks("halfcell").encode(Image.new(mode, (8, 8)), Box(4, 2)).rows


PLACES = {
    "QUADRANT UPPER LEFT": 1, "QUADRANT UPPER RIGHT": 2,
    "QUADRANT LOWER LEFT": 4, "QUADRANT LOWER RIGHT": 8,
}  # fmt: skip
HALVES = {" ": 0, "▀": 3, "▌": 5, "▐": 10, "▄": 12, "█": 15}


def test_each_quadrant_stands_where_its_name_says():
    for place, character in enumerate(GRIDS["quadrant"].characters):
        name = unicodedata.name(character).replace("QUADRANT ", "").split(" AND ")
        parts = [PLACES.get(f"QUADRANT {part}") for part in name]
        assert place == (HALVES[character] if character in HALVES else sum(parts))


def test_each_sextant_stands_where_its_name_says():
    older = {" ": 0, "▌": 0b010101, "▐": 0b101010, "█": 0b111111}
    for place, character in enumerate(GRIDS["sextant"].characters):
        digits = unicodedata.name(character).removeprefix("BLOCK SEXTANT-")
        named = older.get(character) or sum(1 << int(one) - 1 for one in digits if one.isdigit())
        assert place == named


def drawn(painted, grid):
    """The pixels that a terminal shows of a picture, int [height, width, 3]."""
    wide, high, characters = GRIDS[grid]
    shown = np.zeros((high * len(painted.rows), wide * painted.columns, 3), int)
    for row, segments in enumerate(painted.rows):
        cells = [(char, style) for text, style, _ in segments for char in text]
        for column, (character, style) in enumerate(cells):
            place = characters.index(character)
            for pixel, (y, x) in enumerate(product(range(high), range(wide))):
                colour = style.color if place >> pixel & 1 else style.bgcolor
                shown[row * high + y, column * wide + x] = colour.triplet
    return shown


@pytest.mark.parametrize("grid", GRIDS)
def test_cells_of_two_colours_come_back_as_they_are(grid):
    painter, box = Blocks(grid), Box(6, 3)
    wide, high = painter.pixels(box)
    colours = np.array([(255, 0, 0), (0, 0, 255)], np.uint8)
    pixels = colours[np.random.default_rng(5).integers(0, 2, (high, wide))]
    # A cell is twice as high as wide: the box is a square, and a multiple of every grid.
    image = Image.fromarray(pixels).resize((36, 36), Image.Resampling.NEAREST)
    assert (drawn(painter.encode(image, box), grid) == pixels).all()


@pytest.mark.parametrize("grid", ["quadrant", "sextant"])
def test_no_other_two_colours_come_nearer_to_a_cell(grid):
    wide, high, _ = GRIDS[grid]
    count = wide * high
    for seed in range(20):
        pixels = np.random.default_rng(seed).integers(0, 256, (high, wide, 3), np.uint8)
        cell = pixels.reshape(count, 3).astype(float)

        def error(chosen, cell=cell):
            parts = [cell[chosen], cell[~chosen]]
            return sum(((part - part.mean(0)) ** 2).sum() for part in parts if len(part))

        least = min(error(np.array(way)) for way in product((False, True), repeat=count))
        painted = Blocks(grid).encode(Image.fromarray(pixels), Box(1, 1))
        off = ((drawn(painted, grid).reshape(count, 3) - cell) ** 2).sum()
        assert off <= least + count * 3 * 5**2 + 10 * least**0.5


def test_more_pixels_a_cell_come_nearer_to_a_photo():
    photo = Image.open(SAMPLES / "animals/tiger.jpg").convert("RGB")
    box = Box(24, 12)
    errors = []
    for grid in GRIDS:
        painted = Blocks(grid).encode(photo, box)
        size = (12 * painted.columns, 24 * len(painted.rows))
        seen = Image.fromarray(drawn(painted, grid).astype(np.uint8)).resize(size, 0)
        wanted = np.asarray(photo.resize(size, Image.Resampling.BOX), int)
        errors.append(float(((np.asarray(seen) - wanted) ** 2).mean()))
    assert errors == sorted(errors, reverse=True)
    assert errors[2] < 0.8 * errors[0]


def test_two_colours_that_256_cannot_tell_apart_are_both_drawn():
    image = Image.new("RGB", (1, 2), (197, 0, 0))
    image.putpixel((0, 1), (205, 0, 0))
    (segment,) = Blocks("halfcell", "256").encode(image, Box(1, 1)).rows[0]
    assert segment.text == "▀"
    assert segment.style.color == segment.style.bgcolor


def without_graphics(colours, *, no_color):
    """What draws in a terminal without graphics."""
    how = how_to_draw("auto", Terminal(), colours, no_color=no_color)
    return make_painter(how, Terminal(), colours)


def test_without_colours_there_are_no_pictures():
    assert without_graphics("truecolor", no_color=True) is None
    assert without_graphics("standard", no_color=False) is None
    assert without_graphics(None, no_color=False) is None
    assert without_graphics("256", no_color=False).name == "quadrant 256"
    assert without_graphics("truecolor", no_color=False).name == "quadrant truecolor"


def test_the_size_grows_with_what_is_kept():
    flat = Blocks("halfcell").encode(Image.new("RGB", (64, 64)), Box(24, 12))
    noise = Image.fromarray(np.random.default_rng(3).integers(0, 256, (64, 64, 3), np.uint8))
    assert Blocks("halfcell").encode(noise, Box(24, 12)).size > 10 * flat.size

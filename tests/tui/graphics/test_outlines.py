"""Regions in a picture: a frame where each is, in a colour of its label, and nothing elsewhere."""

import numpy as np
from PIL import Image

from phototagger.tui.graphics.outlines import Outline, outlined


def changed(outlines, size=(200, 100)) -> np.ndarray:
    before = Image.new("RGB", size, "#202020")
    after = outlined(before, outlines)
    assert np.asarray(before).max() == 0x20  # the picture itself is kept
    return (np.asarray(after) != np.asarray(before)).any(axis=2)


def test_a_frame_stands_where_the_region_is():
    rows, columns = np.nonzero(changed([Outline("", 0.25, 0.2, 0.5, 0.6)]))
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (50, 150, 20, 80)
    inside = changed([Outline("", 0.25, 0.2, 0.5, 0.6)])[25:75, 55:145]
    assert not inside.any()


def test_the_label_stands_in_it_where_it_could_be_read():
    large = (800, 400)
    with_label = changed([Outline("cat", 0.25, 0.2, 0.5, 0.6)], large)
    without = changed([Outline("", 0.25, 0.2, 0.5, 0.6)], large)
    assert with_label.sum() > without.sum()
    small = [changed([Outline(label, 0.25, 0.2, 0.5, 0.6)]).sum() for label in ("cat", "")]
    assert small[0] == small[1]


def test_regions_of_one_label_have_one_colour_and_others_another():
    image = Image.new("RGB", (200, 100))
    found = outlined(
        image,
        [
            Outline("cat", 0, 0, 0.2, 0.2),
            Outline("dog", 0.4, 0, 0.2, 0.2),
            Outline("cat", 0.7, 0, 0.2, 0.2),
        ],
    )
    first, other, again = (found.getpixel((x, 0)) for x in (10, 90, 150))
    assert first == again != other


def test_no_region_is_no_other_picture():
    image = Image.new("RGB", (20, 10))
    assert outlined(image, ()) is image


def test_a_region_at_the_edge_is_drawn_and_other_modes_are_too():
    found = outlined(Image.new("L", (50, 50)), [Outline("x", 0.9, 0.9, 0.1, 0.1)])
    assert np.asarray(found)[45, 45:].any()

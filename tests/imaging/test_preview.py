"""The small picture in a photo's EXIF: upright, of the photo's shape, and never the end of it."""

import io
import os

import numpy as np
import pytest
from PIL import Image

from bench.pictures import with_preview
from phototagger.imaging.decode import open_photo
from phototagger.imaging.preview import HEAD_BYTES, preview_of
from tests.imaging.pictures import corners, difference, scene


def jpeg(image, **more):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, **more)
    return out.getvalue()


def test_it_is_the_photo_in_small(tmp_path):
    photo = scene(800, 600)
    (tmp_path / "a.jpg").write_bytes(with_preview(jpeg(photo)))
    found = preview_of(tmp_path / "a.jpg")
    assert found.size == (160, 120)
    assert found.mode == "RGB"
    assert difference(found.reduce(20), photo.resize((160, 120)).reduce(20)) < 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_as_the_photo_says(tmp_path, orientation):
    path = tmp_path / "a.jpg"
    path.write_bytes(with_preview(jpeg(corners(160, 120)), orientation))
    found = preview_of(path)
    exif = Image.Exif()
    exif[0x0112] = orientation
    (tmp_path / "b.jpg").write_bytes(jpeg(corners(160, 120), exif=exif))
    upright = open_photo(tmp_path / "b.jpg").image
    assert found.size == upright.size
    assert difference(found.reduce(40), upright.reduce(40)) < 40


@pytest.mark.parametrize("size", [(900, 600), (600, 900), (1600, 400)])
def test_the_bars_that_fill_it_are_cut_off(tmp_path, size):
    red = Image.new("RGB", size, (250, 0, 0))
    preview = Image.new("RGB", (160, 120))
    small = red.resize(
        (160, 160 * size[1] // size[0]) if size[0] / size[1] > 4 / 3 else
        (120 * size[0] // size[1], 120)
    )  # fmt: skip
    preview.paste(small, ((160 - small.width) // 2, (120 - small.height) // 2))
    (tmp_path / "a.jpg").write_bytes(with_preview(jpeg(red), preview=preview))
    found = preview_of(tmp_path / "a.jpg")
    assert abs(found.width / found.height - size[0] / size[1]) < 0.1
    assert np.asarray(found.reduce(4))[..., 0].min() > 180


def test_only_the_beginning_of_the_file_is_read(tmp_path):
    whole = with_preview(jpeg(scene(800, 600)))
    (tmp_path / "a.jpg").write_bytes(whole[:20_000] + bytes(HEAD_BYTES))
    assert preview_of(tmp_path / "a.jpg") is not None


def test_where_there_is_none_nothing_is_given(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "plain.jpg").write_bytes(jpeg(scene(64, 48)))
    (tmp_path / "empty.jpg").touch()
    scene(64, 48).save(tmp_path / "some.png")
    whole = with_preview(jpeg(scene(64, 48)))
    (tmp_path / "cut.jpg").write_bytes(whole[:600])
    for name in ("pipe.jpg", "plain.jpg", "empty.jpg", "some.png", "cut.jpg", "gone.jpg"):
        assert preview_of(tmp_path / name) is None

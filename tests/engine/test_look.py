"""One look gives the model the very pixels that embed_images gives it."""

import numpy as np
import pytest
from PIL import Image

from phototagger.core.encoder import Encoder
from phototagger.core.preprocess import Preprocess
from phototagger.engine.look import Have, Looker
from phototagger.store.keys import as_keys


@pytest.mark.parametrize("orientation", [1, 3, 5, 6, 8])
@pytest.mark.parametrize("size", [(2003, 1501), (1333, 2001), (640, 480)])
def test_the_engine_and_embed_images_see_the_same(tmp_path, size, orientation):
    path = tmp_path / "photo.jpg"
    noise = np.random.default_rng(1).integers(0, 255, (size[1] // 8, size[0] // 8, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(path, exif=exif)
    preprocess = Preprocess(224, 224, (0.5,) * 3, (0.5,) * 3)
    have = Have.of([as_keys([])] * 5)
    looked = Looker(tmp_path / "cache", preprocess, have, 10**8).look((0, str(path)))

    class Plain(Encoder):
        def __init__(self):
            self.preprocess = preprocess

    assert looked.pixels is not None
    difference = looked.pixels.astype(int) - Plain().look_at(path)
    assert np.abs(difference).max() <= 4
    assert np.abs(difference).mean() < 0.5

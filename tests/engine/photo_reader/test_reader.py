"""One look gives the model the very pixels that embed_images gives it."""

import errno

import numpy as np
import pytest
from PIL import Image

from phototagger.engine.photo_reader.reader import Have, Looker
from phototagger.errors import MissingError
from phototagger.imaging.limits import Limits
from phototagger.model.encoder import Encoder
from phototagger.model.preprocess import Preprocess
from phototagger.reasons import Reason
from phototagger.store.vectors.keys import as_keys
from tests.imaging.pictures import scene


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
    looked = Looker(tmp_path / "cache", preprocess, have, Limits()).look((0, str(path)))

    class Plain(Encoder):
        def __init__(self):
            self.preprocess = preprocess

    assert looked.pixels is not None
    difference = looked.pixels.astype(int) - Plain().look_at(path)
    assert np.abs(difference).max() <= 4
    assert np.abs(difference).mean() < 0.5


ENVIRONMENTS = {
    ImportError("no _imaging"): "Pillow does not work here: no _imaging",
    OSError("decoder jpeg not available"): "Pillow does not work here: decoder jpeg not available",
    OSError(errno.EMFILE, "Too many open files"): "Too many open files",
    OSError(errno.ENFILE, "Too many open files in system"): "Too many open files in system",
}


@pytest.mark.parametrize("error", ENVIRONMENTS, ids=str)
def test_what_the_environment_lacks_is_not_the_photos_failure(tmp_path, monkeypatch, error):
    def load(*_):
        raise error

    scene(40, 30).save(tmp_path / "photo.jpg")
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    looker = Looker(tmp_path / "cache", None, Have.of([as_keys([])] * 5), Limits())
    with pytest.raises(MissingError) as raised:
        looker.look((0, str(tmp_path / "photo.jpg")))
    assert raised.value.cause == ENVIRONMENTS[error]
    assert (
        "ulimit -n" if getattr(error, "errno", None) else "install --force-reinstall pillow"
    ) in raised.value.cure


@pytest.mark.parametrize(
    "error",
    [MemoryError(), OSError("out of memory error when reading image file"),
     OSError(errno.ENOMEM, "Cannot allocate memory")],
    ids=str,
)  # fmt: skip
def test_a_photo_that_memory_did_not_suffice_for_is_tried_again(tmp_path, monkeypatch, error):
    def load(*_):
        raise error

    scene(40, 30).save(tmp_path / "photo.jpg")
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    looker = Looker(tmp_path / "cache", None, Have.of([as_keys([])] * 5), Limits())
    looked = looker.look((0, str(tmp_path / "photo.jpg")))
    assert looked.file is None
    assert looked.reason == Reason("memory")


def test_a_photo_is_not_broken_where_pillow_lacks_its_kind(tmp_path, monkeypatch):
    scene(40, 30).save(tmp_path / "photo.png")
    monkeypatch.setattr("PIL.Image.preinit", lambda: None)
    monkeypatch.setattr("PIL.Image.OPEN", {})
    monkeypatch.setattr("PIL.Image.init", lambda: True)
    looker = Looker(tmp_path / "cache", None, Have.of([as_keys([])] * 5), Limits())
    with pytest.raises(MissingError, match="Pillow does not work here: it cannot read JPEG"):
        looker.look((0, str(tmp_path / "photo.png")))

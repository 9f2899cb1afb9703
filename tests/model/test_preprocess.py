"""Upright pixels → exactly what open_clip's own preprocess gives the model."""

import functools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from phototagger.imaging.decode import open_photo
from phototagger.model.preprocess import Preprocess
from tests.imaging import pictures
from tests.imaging.pictures import save_turned
from tests.shared import SAMPLES

pytestmark = pytest.mark.usefixtures("one_thread")
MEAN, STD = open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD
SHAPES = [
    (640, 480), (480, 640), (500, 500), (224, 224), (225, 224), (223, 400), (100, 80), (7, 5),
    (1, 1), (999, 1001), (1023, 767), (333, 332), (300, 400), (1080, 1920), (540, 1200),
]  # fmt: skip
EXTREME = [(1, 50), (2000, 100), (100, 2000), (8, 233), (1200, 300)]

scene = functools.cache(pictures.scene)


def ours(height: int, width: int, mode: str, interpolation: str, fill: int = 0) -> Preprocess:
    return Preprocess(height, width, MEAN, STD, interpolation, mode, fill)


def theirs(preprocess: Preprocess) -> Any:
    return open_clip.image_transform(
        (preprocess.height, preprocess.width),
        is_train=False,
        mean=preprocess.mean,
        std=preprocess.std,
        resize_mode=preprocess.resize_mode,
        interpolation=preprocess.interpolation,
        fill_color=preprocess.fill_color,
    )


def blocks(wide: int, high: int, size: int) -> Image.Image:
    """Return black and white at random: nothing overshoots more when it is resized."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 2, (high // size + 1, wide // size + 1), dtype=np.uint8) * 255
    return Image.fromarray(coarse.repeat(size, 0).repeat(size, 1)[:high, :wide]).convert("RGB")


def levels_apart(preprocess: Preprocess, image: Image.Image) -> int:
    """Return the greatest difference to open_clip's own tensor, in levels of 0..255."""
    return int(levels(preprocess, image).max())


def levels(preprocess: Preprocess, image: Image.Image) -> torch.Tensor:
    one, other = preprocess(image), theirs(preprocess)(image)
    assert one.shape == other.shape == (3, preprocess.height, preprocess.width)
    assert one.dtype == other.dtype == torch.float32
    apart = (one - other).abs() * torch.tensor(preprocess.std).view(3, 1, 1) * 255
    assert float((apart - apart.round()).abs().max()) < 1e-3
    return apart.round()


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("size", [224, 64, 37])
def test_the_shortest_side_is_fitted_as_open_clip_does(size: int, interpolation: str) -> None:
    preprocess = ours(size, size, "shortest", interpolation)
    apart = {shape: levels_apart(preprocess, scene(*shape)) for shape in SHAPES}
    assert max(apart.values()) == 0, apart


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("size", [(224, 224), (64, 96), (37, 20)])
@pytest.mark.parametrize("mode", ["squash", "longest"])
def test_squash_and_longest_are_exactly_open_clip_s(
    mode: str, size: tuple[int, int], interpolation: str
) -> None:
    preprocess = ours(*size, mode, interpolation)
    apart = {shape: levels_apart(preprocess, scene(*shape)) for shape in SHAPES}
    assert max(apart.values()) == 0, apart


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("size", [(64, 96), (96, 64), (37, 20)])
def test_a_model_that_is_not_square_is_fed_as_open_clip_does(
    size: tuple[int, int], interpolation: str
) -> None:
    preprocess = ours(*size, "shortest", interpolation)
    apart = {shape: levels_apart(preprocess, scene(*shape)) for shape in SHAPES[:-1]}
    assert max(apart.values()) == 0, apart


@pytest.mark.parametrize("fill", [0, 128, 255])
def test_longest_fills_the_rest(fill: int) -> None:
    preprocess = ours(32, 32, "longest", "bicubic", fill)
    assert levels_apart(preprocess, scene(60, 20)) == 0
    assert preprocess.pixels(scene(60, 20))[0].tolist() == [[fill] * 3] * 32


@hypothesis_settings(max_examples=60)
@given(
    st.tuples(st.integers(1, 400), st.integers(1, 400)),
    st.tuples(st.integers(8, 64), st.integers(8, 64)),
    st.sampled_from(["shortest", "squash", "longest"]),
    st.sampled_from(["bicubic", "bilinear", "random"]),
    st.booleans(),
)
def test_any_shape_gives_what_open_clip_gives(
    shape: tuple[int, int], size: tuple[int, int], mode: str, interpolation: str, square: bool
) -> None:
    height, width = size if not square else (size[0], size[0])
    apart = max(shape[0] * height, shape[1] * width) / min(shape[0] * height, shape[1] * width)
    assume(mode != "shortest" or apart < 2.9)
    if mode == "longest":
        ratio = max(shape[1] / height, shape[0] / width)
        assume(round(shape[0] / ratio) and round(shape[1] / ratio))  # else open_clip cannot
    preprocess = ours(height, width, mode, interpolation)
    assert levels_apart(preprocess, scene(*shape)) == 0


@pytest.mark.parametrize("size", [1, 3, 20])
def test_the_hardest_contrasts_are_seen_as_open_clip_sees_them(size: int) -> None:
    for shape in ((640, 480), (480, 640), (1080, 1920), (300, 400), (60, 90), (540, 1200)):
        for interpolation in ("bicubic", "bilinear"):
            preprocess = ours(224, 224, "shortest", interpolation)
            assert levels_apart(preprocess, blocks(*shape, size)) == 0, shape


@pytest.mark.parametrize("shape", EXTREME)
def test_an_extreme_shape_is_seen_as_open_clip_sees_it_but_for_rounding(
    shape: tuple[int, int],
) -> None:
    for preprocess in (ours(224, 224, "shortest", "bicubic"), ours(64, 96, "shortest", "bicubic")):
        assert levels_apart(preprocess, scene(*shape)) <= 20
        assert float(levels(preprocess, scene(*shape)).mean()) < 0.2


@pytest.mark.parametrize(("mode", "apart"), [("L", 0), ("CMYK", 1)])
def test_other_modes_are_converted_as_open_clip_does(mode: str, apart: int) -> None:
    image = scene(200, 100).convert(mode)
    assert levels_apart(ours(64, 64, "shortest", "bicubic"), image) <= apart


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", ["shortest", "squash", "longest"])
def test_a_jpeg_decoded_smaller_looks_to_the_model_like_the_whole_one(
    tmp_path: Path, mode: str, orientation: int
) -> None:
    preprocess = ours(64, 64, mode, "bicubic")
    for size in ((1201, 803), (517, 901), (700, 700)):
        save_turned(scene(*size), orientation, tmp_path / "a.jpg")
        whole = open_photo(tmp_path / "a.jpg")
        small = open_photo(tmp_path / "a.jpg", short=preprocess.needed)
        assert small.image.size[0] in (-(-size[0] // 4), -(-size[0] // 2))
        seen = preprocess.pixels(small.image, (small.width, small.height), small.box)
        apart = np.abs(seen.astype(np.int16) - preprocess.pixels(whole.image).astype(np.int16))
        assert apart.max() <= 8
        assert apart.mean() < 0.3


def test_an_extreme_shape_costs_no_more_than_a_square() -> None:
    pixels = ours(224, 224, "shortest", "bicubic").pixels(Image.new("RGB", (30_000, 10), (9, 8, 7)))
    assert pixels.shape == (224, 224, 3)
    assert pixels.reshape(-1, 3).tolist() == [[9, 8, 7]] * 224 * 224


def test_a_batch_is_normalised_as_each_photo_alone() -> None:
    preprocess = ours(32, 32, "shortest", "bicubic")
    images = [scene(50, 40, seed) for seed in range(3)]
    batch = torch.from_numpy(np.stack([preprocess.pixels(image) for image in images]))
    made = preprocess.normalise(batch)
    assert made.shape == (3, 3, 32, 32)
    assert made.dtype == torch.float32
    for one, image in zip(made, images, strict=True):
        assert torch.equal(one, preprocess(image))


def test_pixels_are_bytes_in_rows() -> None:
    pixels = ours(20, 30, "squash", "bicubic").pixels(scene(50, 40))
    assert pixels.dtype == np.uint8
    assert pixels.shape == (20, 30, 3)


def test_twice_the_model_s_input_is_needed() -> None:
    assert ours(20, 30, "squash", "bicubic").needed == 60


def test_everything_that_changes_a_vector_changes_the_identity() -> None:
    one = ours(32, 32, "shortest", "bicubic")
    others = [
        replace(one, height=33), replace(one, width=33), replace(one, mean=(0.5, 0.5, 0.5)),
        replace(one, std=(0.5, 0.5, 0.5)), replace(one, interpolation="bilinear"),
        replace(one, resize_mode="squash"), replace(one, fill_color=1),
    ]  # fmt: skip
    assert len({preprocess.identity for preprocess in (one, *others)}) == 8
    assert replace(one).identity == one.identity


def test_the_samples_are_seen_as_open_clip_sees_them() -> None:
    preprocess = ours(224, 224, "shortest", "bicubic")
    for path in sorted(SAMPLES.rglob("*.*g")):
        image = open_photo(path).image
        assert levels_apart(preprocess, image) == 0, path

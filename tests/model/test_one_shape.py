"""A vector does not depend, to the last bit, on what is computed beside it or in which order."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phototagger.engine.job import Job
from phototagger.engine.model import load
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.model.encoder import Encoder
from phototagger.settings.model import Settings
from tests.imaging.pictures import scene
from tests.model.tiny import NAME, Tiny

COUNT = 11
LABELS = ["dog", "a very long label of many words", "日本", "cat", "sea"]


def said(text: str) -> None:
    raise AssertionError(text)


@pytest.fixture(scope="module", params=["embedded", NAME])
def named(request: pytest.FixtureRequest, tiny: Tiny) -> dict[str, str]:
    return {"model_name": request.param, "pretrained": tiny.torch_file, "device": "cpu"}


@pytest.fixture(scope="module")
def encoder(named: dict[str, str]) -> Encoder:
    loaded = load(Settings(root="/", **named), said).encoder
    assert isinstance(loaded, Encoder)
    return loaded


@pytest.fixture(scope="module")
def photos() -> np.ndarray:
    return np.stack([np.asarray(scene(224, 224, number).convert("RGB")) for number in range(COUNT)])


@pytest.fixture(scope="module")
def alone(encoder: Encoder, photos: np.ndarray) -> np.ndarray:
    """Return the vector of each photo, computed without another."""
    return np.concatenate([encoder.images(photo[None]) for photo in photos])


@settings(max_examples=8)
@given(
    order=st.permutations(range(COUNT)),
    sizes=st.lists(st.integers(2, COUNT), min_size=1, max_size=4),  # one is what ``alone`` is
)
def test_companions_order_and_batches_change_no_bit(
    encoder: Encoder, photos: np.ndarray, alone: np.ndarray, order: list[int], sizes: list[int]
) -> None:
    left = order
    while left:
        size = sizes[len(left) % len(sizes)]
        some, left = left[:size], left[size:]
        assert np.array_equal(encoder.images(photos[some]), alone[some])


@settings(max_examples=10)
@given(order=st.permutations(range(len(LABELS))), count=st.integers(1, len(LABELS)))
def test_other_labels_change_no_bit(encoder: Encoder, order: list[int], count: int) -> None:
    whole = encoder.labels(LABELS, ["a photo of {}", "{}"])
    some = order[:count]
    found = encoder.labels([LABELS[one] for one in some], ["a photo of {}", "{}"])
    assert np.array_equal(found, whole[some])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for number in range(COUNT):
        scene(300, 260, number).convert("RGB").save(folder / f"{number:02}.jpg")
    return folder


@pytest.fixture
def vectors_of(
    named: dict[str, str], root: Path, tmp_path: Path
) -> Iterator[Callable[..., np.ndarray]]:
    """Give what embeds the photos into an empty run_dir and returns their vectors, by name."""
    runs = iter(range(99))

    def embedded(**more: Any) -> np.ndarray:
        run_dir = tmp_path / str(next(runs))
        chosen = Settings(
            root=str(root),
            run_dir=str(run_dir),
            cache_dir=str(tmp_path / "thumbs"),
            **named,
            **more,
        )
        with Job(chosen, labels=LABELS, fresh=True) as job:
            list(run_steps(job, steps_of("embed")))
            return np.asarray(job.model.images.get(job.photos.keys))

    return embedded


def test_batch_images_changes_no_bit_of_what_is_kept(
    vectors_of: Callable[..., np.ndarray],
) -> None:
    usual = vectors_of()
    assert usual.shape[0] == COUNT
    for size in (1, 3, 9):
        assert np.array_equal(vectors_of(batch_images=size), usual)

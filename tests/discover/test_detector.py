"""The detector: any zero-shot detection model, loaded as transformers loads it from disk."""

import io
import sys
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from PIL import Image

from phototagger.discover.detector import INSTALL, MOST, Detector, region_of
from phototagger.discover.provider import AskedPhoto
from phototagger.engine.job import Job
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.errors import MissingError, UsageError
from phototagger.settings.model import Settings
from tests.discover.conftest import library_view
from tests.discover.tiny_detector import save_tiny_detector
from tests.shared import SAMPLES


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return save_tiny_detector(tmp_path_factory.mktemp("detector") / "tiny")


@pytest.fixture(autouse=True)
def sees_everything(monkeypatch):
    monkeypatch.setattr(Detector, "least_score", 0.0)


def photo() -> AskedPhoto:
    out = io.BytesIO()
    pixels = np.random.default_rng(5).integers(0, 256, (64, 96, 3), np.uint8)
    Image.fromarray(pixels).save(out, "JPEG")
    return AskedPhoto(b"p" * 20, (), None, out.getvalue())


def detector(weights, *labels: str) -> Detector:
    return Detector(library_view(labels, environ={"DETECTOR_MODEL": str(weights)}))


def test_it_finds_labels_with_their_regions_by_real_loading_code(weights):
    made = detector(weights, "cat", "red dog", "sky")
    assert made.version == f"1 {weights}"
    found = list(made.propose([photo()]))
    assert 1 <= len(found) <= MOST
    for one in found:
        assert one.label in {"cat", "red dog", "sky"}
        assert 0 <= one.score <= 1
        assert one.box is not None
        assert 0 <= one.box.x <= one.box.x + one.box.width <= 1.0001
        assert 0 <= one.box.y <= one.box.y + one.box.height <= 1.0001
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert [one[1:] for one in detector(weights, "cat", "red dog", "sky").propose([photo()])] == [
        one[1:] for one in found
    ]


def test_a_label_that_is_a_path_is_looked_for_by_its_last_level(weights):
    environ = {"DETECTOR_MODEL": str(weights)}
    view = library_view(["pets > cat", "sky"], environ=environ)
    made = Detector(replace(view, words_of=lambda label: (label.split(" > ")[-1],)))
    assert {one.label for one in made.propose([photo()])} <= {"pets > cat", "sky"}
    plain = [one.score for one in detector(weights, "cat", "sky").propose([photo()])]
    assert [one.score for one in made.propose([photo()])] == plain != []


def test_below_the_least_score_nothing_is_said(weights, monkeypatch):
    monkeypatch.setattr(Detector, "least_score", 1.1)
    assert list(detector(weights, "cat").propose([photo()])) == []


@pytest.mark.parametrize(
    ("corners", "region"),
    [
        ((10, 10, 60, 35), (0.1, 0.2, 0.5, 0.5)),
        ((-30, -30, 200, 200), (0, 0, 1, 1)),
        ((50, 10, 50, 40), None),
        ((120, 10, 140, 40), None),
        ((60, 35, 10, 10), None),
        ((float("nan"), 0, 50, 50), None),
    ],
)
def test_a_region_is_a_part_of_the_photo(corners, region):
    found = region_of(corners, (100, 50))
    assert found == (None if region is None else pytest.approx(region))


def test_without_the_package_the_install_line_is_said(weights, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingError, match="transformers cannot be loaded") as caught:
        detector(weights, "cat")
    assert caught.value.cure == INSTALL == "pip install 'phototagger[detect]'"


def test_without_weights_it_says_where_to_get_them(tmp_path):
    with pytest.raises(MissingError, match=r"weights of .*nowhere are not on this machine"):
        detector(tmp_path / "nowhere", "cat")


def test_another_kind_of_model_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises((UsageError, MissingError), match="detector: "):
        detector(tmp_path, "cat")


def test_regions_are_in_a_table_of_the_run(weights, tmp_path, monkeypatch):
    monkeypatch.setenv("DETECTOR_MODEL", str(weights))
    settings = Settings(
        root=str(SAMPLES / "food"), model_name="embedded", discover=("detector",),
        run_dir=str(tmp_path / "runs"), cache_dir=str(tmp_path / "cache"),
    )  # fmt: skip
    with Job(settings, labels=["coffee", "bread"]) as job:
        list(run_steps(job, steps_of("discover")))
        assert job.undiscovered == []
        table = pl.read_parquet(job.run.file("detections.parquet"))
    assert table.columns == [
        "path", "path_bytes", "rel_path", "sha1", "provider", "label", "score",
        "x", "y", "width", "height",
    ]  # fmt: skip
    assert set(table["provider"]) == {"detector"}
    assert set(table["label"]) <= {"coffee", "bread"}
    assert set(table["rel_path"]) <= {path.name for path in (SAMPLES / "food").iterdir()}
    assert table.select((pl.col("x") + pl.col("width")).max()).item() <= 1.001

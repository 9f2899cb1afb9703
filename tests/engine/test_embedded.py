"""The whole way with a real model: the one that needs no download, on sample photos."""

import csv
import shutil

import numpy as np
import pytest

from phototagger.core.clip_model import embed_images, embed_labels, load_clip
from phototagger.core.score import score
from phototagger.engine.job import Job
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.settings.model import Settings
from phototagger.store.vectors.keys import as_keys
from tests.shared import SAMPLES

PHOTOS = ("animals/cat.jpg", "food/espresso.jpg", "people/photographer.png", "rocket.jpg")
LABELS = ["rocket", "coffee", "cat", "portrait", "beach"]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedded")
    for name in PHOTOS:
        (folder / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SAMPLES / name, folder / "photos" / name)
    return Settings(
        root=str(folder / "photos"),
        model_name="embedded",
        run_dir=str(folder / "runs"),
        cache_dir=str(folder / "thumb_cache"),
        batch_images=3,
        topk=3,
    )


def rows_of(settings: Settings) -> list[dict[str, str]]:
    with Job(settings, labels=LABELS, fresh=True) as job:
        list(run_steps(job, steps_of("run")))
        with job.run.file("results.csv").open(newline="") as file:
            return list(csv.DictReader(file))


def test_the_tables_hold_what_the_plain_functions_give(settings):
    rows = rows_of(settings)
    assert [row["rel_path"] for row in rows] == list(PHOTOS)
    model, preprocess, tokenizer, device = load_clip("embedded", device="cpu")
    vectors = embed_images([row["path"] for row in rows], model, preprocess, 4, device)
    words = embed_labels(LABELS, model, tokenizer, device)
    said = score(vectors, words, LABELS, topk=3)
    for row, expected in zip(rows, said, strict=True):
        assert row["top5_labels"].split("|") == expected["topk_labels"]
        scores = [float(one) for one in row["top5_scores"].split("|")]
        assert np.allclose(scores, expected["topk_scores"], atol=1e-4)
    assert [row["top1"] for row in rows if row["rel_path"] != PHOTOS[2]] == [
        "cat", "coffee", "rocket",
    ]  # fmt: skip


def test_a_second_run_finds_every_vector_and_says_the_same(settings, monkeypatch):
    first = rows_of(settings)

    def refuse(*_):
        raise AssertionError("the model was loaded")

    monkeypatch.setattr("phototagger.engine.model.load_clip", refuse)
    second = rows_of(settings)
    assert [{**row, "run_id": ""} for row in second] == [{**row, "run_id": ""} for row in first]
    with Job(settings, labels=LABELS) as job:
        assert len(job.model.images) == len(PHOTOS)
        assert not job.model.images.has(as_keys([bytes(20)])).any()


def test_a_model_that_reads_words_anew_looks_at_no_photo_again(settings, monkeypatch):
    before = rows_of(settings)
    with Job(settings, labels=LABELS) as job:
        was = job.model.known

    def refuse(*_):
        raise AssertionError("a photo was looked at")

    monkeypatch.setattr("phototagger.model.embedded.digest", lambda: "5" * 64)
    monkeypatch.setattr("phototagger.model.embedded.model.EmbeddedModel.encode_image", refuse)
    with Job(settings, labels=LABELS, fresh=True) as job:
        assert job.model.known.model != was.model
        assert job.model.known.pictures == was.pictures
        assert not job.model.labels_here(LABELS).any()
        list(run_steps(job, steps_of("run")))
        assert job.model.labels_here(LABELS).all()
        assert not any("again" in said for said in job.notices)
        with job.run.file("results.csv").open(newline="") as file:
            after = list(csv.DictReader(file))
    assert [{**row, "run_id": ""} for row in after] == [{**row, "run_id": ""} for row in before]

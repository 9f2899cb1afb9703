"""The model of a job: known by its files, loaded only when something must be computed."""

import logging
import os
import shutil

import pytest

from phototagger.engine import model as engine_model
from phototagger.engine.events import Notice
from phototagger.errors import MissingError
from tests.engine.conftest import LABELS


@pytest.fixture
def weights(photos, monkeypatch):
    """A weights file that stands for every model that is not embedded."""
    file = photos.folder / "weights.safetensors"
    file.write_bytes(b"weights")
    monkeypatch.setattr(engine_model, "find_weights", lambda *_: (file,))
    return file


def run(photos, **more):
    return photos.run(model_name="ViT-B-32", pretrained="openai", **more)


def renewed(ran) -> list[str]:
    return [
        e.text for e in ran.events if isinstance(e, Notice) and "not as it was before" in e.text
    ]


def folders(photos) -> list[str]:
    return sorted(path.name for path in (photos.folder / "runs" / "vectors").iterdir())


def test_weights_that_are_known_are_not_loaded_again(photos, weights, request):
    run(photos)
    assert photos.calls.loads == 1
    request.getfixturevalue("no_photo_may_be_read")
    run(photos)
    assert photos.calls.loads == 1
    (folder,) = folders(photos)
    assert folder.startswith("ViT-B-32-")


def test_weights_that_were_only_touched_are_loaded_and_found_to_be_the_same(photos, weights):
    run(photos)
    os.utime(weights, ns=(1, 1))
    run(photos)
    assert photos.calls.loads == 2
    assert photos.embedded == 0
    assert len(folders(photos)) == 1
    run(photos)
    assert photos.calls.loads == 2


def test_other_weights_have_vectors_of_their_own_and_the_old_ones_stay(photos, weights):
    assert not renewed(run(photos))
    weights.write_bytes(b"other weights")
    assert renewed(run(photos))
    assert photos.embedded == 7
    assert len(folders(photos)) == 2
    weights.write_bytes(b"weights")
    assert not renewed(run(photos))
    assert photos.embedded == 0


def test_the_vectors_of_another_model_are_not_taken_for_those_of_before(photos, weights):
    run(photos)
    assert not renewed(photos.run(model_name="ViT-B-32-b", pretrained="openai"))
    assert photos.embedded == 7


def test_weights_that_are_gone_are_missing_although_they_were_known(photos, weights, monkeypatch):
    run(photos)
    weights.unlink()

    def refuse(*_):
        raise MissingError("the weights are not here", "go online once")

    monkeypatch.setattr(engine_model, "find_weights", refuse)
    with pytest.raises(MissingError):
        run(photos)


def test_each_model_has_its_own_suggestions_and_medoids(photos, weights):
    first = photos.run()
    second = run(photos)
    assert photos.embedded == 7
    assert second.finished("medoids").made == 3
    assert {row["model_name"] for row in second.results().values()} == {"ViT-B-32"}
    assert photos.run().text("results.csv") == first.text("results.csv")
    assert photos.embedded == 0


def test_labels_are_computed_once_and_kept_by_prompt(photos):
    with photos.job() as job:
        first = job.model.labels(LABELS)
        assert photos.calls.labels == [LABELS]
        again = job.model.labels([LABELS[3], LABELS[0], LABELS[3]])
        assert again.tolist() == first[[3, 0, 3]].tolist()
        assert photos.calls.labels == [LABELS]
    with photos.job(prompt="{}, drawn") as job:
        job.model.labels(LABELS[:2])
        assert photos.calls.labels == [LABELS, LABELS[:2]]


def test_cuda_that_was_asked_for_and_is_not_here_is_told(photos):
    ran = photos.run(device="cuda")
    assert [one.text for one in ran.events if hasattr(one, "text")] == [
        "loading the model embedded",
        "CUDA is not here: computing on the CPU",
    ]


def test_a_card_that_is_passed_over_is_told_with_its_reason(photos, monkeypatch):
    kept = engine_model.load_clip

    def load_clip(*words):
        logging.getLogger(__name__).warning("the GPU cannot be used (no kernel image)")
        return kept(*words)

    monkeypatch.setattr(engine_model, "load_clip", load_clip)
    ran = photos.run(device="auto")
    assert "the GPU cannot be used (no kernel image)" in [
        one.text for one in ran.events if isinstance(one, Notice)
    ]


def test_compiling_that_is_asked_for_on_a_cpu_is_told_to_be_left_out(photos):
    ran = photos.run(compile=True)
    assert [one.text for one in ran.events if hasattr(one, "text")] == [
        "loading the model embedded",
        "compile is for CUDA: computing on the CPU without it",
    ]


def test_what_needs_no_vector_does_not_load_the_model(photos):
    photos.run("scan")
    photos.run("thumbs")
    assert photos.calls.loads == 0
    photos.run()
    shutil.rmtree(photos.folder / "thumb_cache")
    before = photos.calls.loads
    photos.run("thumbs")
    assert photos.calls.loads == before


def test_what_loads_beside_is_waited_for_by_who_asks_and_loaded_once(photos, weights):
    with photos.job(model_name="ViT-B-32", pretrained="openai") as job:
        job.model.begin_loading()
        job.model.begin_loading()
        assert job.model.encoder is job.model.encoder
        assert photos.calls.loads == 1


def test_what_fails_beside_is_raised_where_the_model_is_asked_for(photos, weights, monkeypatch):
    def refuse(*_):
        raise MissingError("the weights are not here", "go online once")

    monkeypatch.setattr(engine_model, "load_clip", refuse)
    with photos.job(model_name="ViT-B-32", pretrained="openai") as job:
        job.model.begin_loading()
        with pytest.raises(MissingError, match="not here"):
            job.model.encoder  # noqa: B018

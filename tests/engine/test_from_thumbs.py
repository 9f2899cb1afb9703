"""Vectors from cached thumbnails: without reading photos, and kept apart from exact ones."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from phototagger.engine import model as engine_model
from phototagger.engine.events import Notice
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.model.vectors import normalised
from tests.engine.pictures import LIBRARY, picture
from tests.engine.process.processes import job_of, process
from tests.engine.standin import PREPROCESS, image_vectors

__all__ = ["process"]


def vectors(photos, **more: object) -> dict[str, np.ndarray]:
    with photos.job(**more) as job:
        list(run_steps(job, steps_of("embed")))
        rows = job.model.images.get(job.photos.keys)
        return {Path(path).name: row for path, row in zip(job.photos.paths, rows, strict=True)}


def thumbnails(photos) -> list[Path]:
    return sorted((photos.folder / "thumb_cache").glob("??/*.jpg"))


def of_thumbnail(file) -> np.ndarray:
    with Image.open(file) as image:
        return image_vectors(PREPROCESS.pixels(image.convert("RGB"))[None])[0]


def test_known_photos_are_embedded_from_their_thumbnails_and_no_photo_is_read(photos, request):
    exact = vectors(photos)
    photos.calls.images.clear()
    photos.calls.labels.clear()
    request.getfixturevalue("no_photo_may_be_read")
    found = vectors(photos, from_thumbs=True)
    assert photos.embedded == len(LIBRARY)
    assert photos.calls.labels == []  # those of the exact model serve
    wanted = sorted(of_thumbnail(file).tolist() for file in thumbnails(photos))
    assert sorted(row.tolist() for row in found.values()) == wanted
    cosines = [float(normalised(found[one]) @ normalised(exact[one])) for one in exact]
    assert min(cosines) > 0.9
    assert any(not np.array_equal(found[one], exact[one]) for one in exact)


def test_the_vectors_of_each_kind_are_kept_under_a_name_of_its_own(photos):
    exact = vectors(photos)
    with photos.job() as job:
        name = job.model.known.pictures
    found = vectors(photos, from_thumbs=True)
    photos.calls.images.clear()
    again = vectors(photos)
    assert photos.embedded == 0
    assert all(np.array_equal(again[one], exact[one]) for one in exact)
    assert all(
        np.array_equal(one, found[key]) for key, one in vectors(photos, from_thumbs=True).items()
    )
    assert photos.embedded == 0
    folder = photos.folder / "runs" / "vectors"
    assert sorted(one.parent.name for one in folder.glob("*/images")) == [name, f"{name}.thumbs"]
    assert len(list(folder.glob("*/labels"))) == 1


def test_neither_is_taken_for_the_model_as_it_was_before(photos):
    for more in ({"from_thumbs": True}, {}, {"from_thumbs": True}):
        ran = photos.run("embed", **more)
        said = [one.text for one in ran.events if isinstance(one, Notice)]
        assert not [one for one in said if "not as it was before" in one]


def test_new_photos_get_the_vector_of_the_thumbnail_that_is_made_of_them(photos):
    found = vectors(photos, from_thumbs=True)
    wanted = sorted(of_thumbnail(file).tolist() for file in thumbnails(photos))
    assert sorted(row.tolist() for row in found.values()) == wanted
    picture(photos.root / "new.jpg", 77)
    photos.calls.images.clear()
    assert set(vectors(photos, from_thumbs=True)) == {*found, "new.jpg"}
    assert photos.embedded == 1


@pytest.mark.parametrize("damage", ["gone", "damaged"])
def test_where_a_thumbnail_cannot_be_used_the_photo_is_read(photos, damage):
    vectors(photos)
    file = thumbnails(photos)[2]
    whole = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(whole[: len(whole) // 2])
    photos.calls.images.clear()
    found = vectors(photos, from_thumbs=True)
    assert len(found) == photos.embedded == len(LIBRARY)


def test_copies_are_embedded_once(photos):
    picture(photos.root / "copy.jpg", 0)
    exact = vectors(photos)
    photos.calls.images.clear()
    found = vectors(photos, from_thumbs=True)
    assert photos.embedded == len(LIBRARY)
    assert set(found) == set(exact)
    assert np.array_equal(found["copy.jpg"], found["a.jpg"])


def test_a_run_of_one_kind_does_not_go_on_with_one_of_the_other(photos):
    exact = photos.run()
    found = photos.run("score", from_thumbs=True)
    assert found.path != exact.path
    assert photos.run("score").path == exact.path
    config = json.loads((exact.path / "config.json").read_text())
    del config["settings"]["from_thumbs"]  # as it was before there was such a setting
    (exact.path / "config.json").write_text(json.dumps(config))
    assert photos.run("score").path == exact.path


def test_a_model_of_weights_has_a_name_for_each_kind(photos, monkeypatch):
    file = photos.folder / "weights.safetensors"
    file.write_bytes(b"weights")
    monkeypatch.setattr(engine_model, "find_weights", lambda *_: (file,))
    names = []
    for more in ({"from_thumbs": True}, {}, {"from_thumbs": True}):
        photos.run("embed", model_name="ViT-B-32", pretrained="openai", **more)
        with photos.job(model_name="ViT-B-32", pretrained="openai", **more) as job:
            names.append(job.model.known.model)
    assert photos.calls.loads == 2  # for the vectors of each kind; the name alone needs no loading
    assert names == [f"{names[1]}.thumbs", names[1], f"{names[1]}.thumbs"]


def test_in_its_own_process_the_model_looks_at_thumbnails_too(photos, process, request):
    exact = vectors(photos)
    here = vectors(photos, from_thumbs=True)
    shutil.rmtree(photos.folder / "runs" / "vectors")
    for more in ({}, {"from_thumbs": True}):
        with job_of(photos, **more) as job:
            list(run_steps(job, steps_of("embed")))
            found = job.model.images.get(job.photos.keys)
        wanted = here if more else exact
        names = [Path(path).name for path in job.photos.paths]
        assert all(np.array_equal(row, wanted[one]) for row, one in zip(found, names, strict=True))

"""Parts that were computed apart become one library: by content, checked, and nothing twice."""

import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from phototagger.engine.events import Notice, StepFinished
from phototagger.engine.job import Job
from phototagger.engine.runner import run_steps
from phototagger.engine.shards.shard import Shard
from phototagger.engine.step import steps_of
from phototagger.errors import InterruptedByUser, PhototaggerError, UsageError
from phototagger.store import Catalogue
from phototagger.store.catalogue.schema import VERSION
from phototagger.store.photos.contents import known_files
from phototagger.store.photos.taken import all_taken
from tests.engine.conftest import LABELS
from tests.engine.pictures import LIBRARY, picture


class Parts:
    """Two shards of one library, each with a run_dir and a cache_dir of its own."""

    def __init__(self, photos) -> None:
        self.photos = photos
        self.folders = [self.make(number) for number in (1, 2)]
        photos.calls.images.clear()

    def make(self, number: int, **more: object) -> str:
        folder = f"{self.photos.folder}/part{number}"
        chosen = {"run_dir": folder, "cache_dir": f"{folder}-cache", **more}
        with self.job(shard=Shard(number, 2), **chosen) as job:
            list(run_steps(job, steps_of("embed")))
        return folder

    def job(self, **more: object) -> Job:
        of_job = {name: more.pop(name) for name in ("shard", "parts") if name in more}
        return Job(self.photos.settings(**more), labels=LABELS, **of_job)

    def merge(self, *folders: str, **more: object) -> tuple[list[object], np.ndarray]:
        with self.job(parts=folders or self.folders, **more) as job:
            events = list(run_steps(job, steps_of("embed")))
            return events, job.model.images.get(job.photos.keys)


@pytest.fixture
def parts(photos):
    return Parts(photos)


def finished(events: list[object], step: str) -> StepFinished:
    return next(one for one in events if isinstance(one, StepFinished) and one.step == step)


def notices(events: list[object]) -> str:
    return "\n".join(one.text for one in events if isinstance(one, Notice))


def whole(photos) -> np.ndarray:
    with Job(photos.settings(run_dir=f"{photos.folder}/whole"), labels=LABELS) as job:
        list(run_steps(job, steps_of("embed")))
        return job.model.images.get(job.photos.keys)


def test_two_shards_become_one_library_and_no_photo_is_read_again(parts, photos, request):
    wanted = whole(photos)
    photos.calls.images.clear()
    photos.calls.labels.clear()
    request.getfixturevalue("no_photo_may_be_read")
    events, found = parts.merge()
    assert np.array_equal(found, wanted)
    assert photos.embedded == 0
    assert photos.calls.labels == []
    assert finished(events, "merge").made == len(LIBRARY) + len(LABELS)
    assert finished(events, "embed").made == 0
    made = sorted(path.name for path in photos.folder.glob("thumb_cache/??/*.jpg"))
    of_parts = photos.folder.glob("part?-cache/??/*.jpg")
    assert made == sorted(path.name for path in of_parts)


def test_a_run_after_a_merge_says_what_one_run_says(parts, photos):
    parts.merge()
    merged = photos.run().results()
    assert photos.embedded == 0
    alone = photos.run(run_dir=f"{photos.folder}/alone").results()
    assert merged == alone


def test_a_merge_that_was_made_is_not_made_again(parts):
    parts.merge()
    events, _ = parts.merge()
    assert finished(events, "merge").made == 0
    assert finished(events, "merge").fresh == len(LIBRARY) + 2 * len(LABELS)


def test_photos_are_found_by_their_path_below_another_root(parts, photos, request):
    moved = photos.folder / "elsewhere" / "mount"
    moved.parent.mkdir()
    photos.root.rename(moved)
    request.getfixturevalue("no_photo_may_be_read")
    parts.merge(root=str(moved))
    assert photos.embedded == 0


def test_a_photo_that_changed_since_is_computed_from_its_file(parts, photos):
    picture(photos.root / "a.jpg", 77)
    _, found = parts.merge()
    assert photos.embedded == 1
    assert np.array_equal(found, whole(photos))


def test_what_shards_lack_is_computed(parts, photos):
    events, found = parts.merge(parts.folders[0])
    assert photos.embedded == finished(events, "embed").made > 0
    assert np.array_equal(found, whole(photos))


def test_a_broken_photo_is_known_as_such(parts, photos):
    (photos.root / "broken.jpg").write_text("no photo")
    for number in (1, 2):
        parts.make(number)
    photos.calls.images.clear()
    with parts.job(parts=parts.folders) as job:
        list(run_steps(job, steps_of("embed")))
        assert list(job.photos.reasons) == [job.photos.paths.index(f"{photos.root}/broken.jpg")]


def test_what_exif_says_comes_with_the_photos(parts, photos):
    parts.merge()
    told = []
    for folder in (*parts.folders, f"{photos.folder}/runs"):
        catalogue = Catalogue(folder, writable=False)
        asked = catalogue.connection.execute("SELECT count(*) FROM taken").fetchone()[0]
        shown = catalogue.connection.execute("SELECT count(*) FROM picture").fetchone()[0]
        told.append((asked, shown, len(all_taken(catalogue))))
        catalogue.close()
    assert tuple(map(sum, zip(*told[:2], strict=True))) == told[2]
    assert told[2][0] == len(LIBRARY)


def test_a_damaged_part_is_left_out_and_computed_again(parts, photos):
    rows = next(Path(parts.folders[0]).glob("vectors/*/images/*.npy"))
    data = bytearray(rows.read_bytes())
    data[-5] ^= 1
    rows.write_bytes(data)
    events, found = parts.merge()
    assert f"{rows}: is damaged, so it is left out" in notices(events)
    assert rows.read_bytes() == data
    assert finished(events, "merge").failed == photos.embedded > 0
    assert np.array_equal(found, whole(photos))


def test_thumbnails_that_cannot_be_seen_are_told_and_made_again(parts, photos):
    for cache in photos.folder.glob("part?-cache"):
        cache.rename(cache.with_name(f"gone-{cache.name}"))
    events, _ = parts.merge()
    assert f"its thumbnails, in {photos.folder}/part1-cache, are not here" in notices(events)
    assert len(list(photos.folder.glob("thumb_cache/??/*.jpg"))) == len(LIBRARY)


def test_shards_may_share_one_cache(parts, photos):
    for folder in parts.folders:
        shutil.rmtree(folder)
    for number in (1, 2):
        parts.make(number, cache_dir=f"{photos.folder}/thumb_cache")
    events, _ = parts.merge()
    assert "thumbnails" not in notices(events)


def none_taken(photos) -> bool:
    return not list(photos.folder.glob("runs/vectors/*/images/*.npy"))


def refused(parts, photos, *folders: str, **more: object) -> str:
    with pytest.raises(PhototaggerError) as caught:
        parts.merge(*folders, **more)
    assert none_taken(photos)
    assert caught.value.cure
    return caught.value.cause


def test_a_shard_of_another_model_is_refused_before_anything_is_taken(parts, photos):
    with parts.job() as job:
        ours = job.model.known.pictures
    other = next(Path(parts.folders[1]).glob("vectors/*/images")).parent
    other.rename(other.with_name("ViT-B-32-0123456789abcdef-1"))
    said = refused(parts, photos)
    assert f"{parts.folders[1]} holds no vectors of the model {ours}" in said
    assert "only of ViT-B-32-0123456789abcdef-1" in said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"precision": "float16"}, "precision was float16, here it is auto"),
        ({"from_thumbs": True}, ".thumbs"),
    ],
)
def test_settings_that_make_other_vectors_are_refused(parts, photos, more, said):
    shutil.rmtree(parts.folders[1])
    parts.make(2, **more)
    assert said in refused(parts, photos)


def test_a_catalogue_of_another_version_is_refused(parts, photos):
    older = Path(__file__).parents[2] / "store/catalogue/released" / f"catalogue-{VERSION - 1}.sql"
    for file in Path(parts.folders[1]).glob("catalogue.db*"):
        file.unlink()
    db = sqlite3.connect(Path(parts.folders[1]) / "catalogue.db")
    db.executescript(older.read_text())
    db.close()
    assert f"has version {VERSION - 1}" in refused(parts, photos)


def test_a_damaged_catalogue_is_refused(parts, photos):
    db = sqlite3.connect(Path(parts.folders[1]) / "catalogue.db")
    db.execute("UPDATE file SET size = size + 1")
    db.commit()
    db.close()
    assert "damaged" in refused(parts, photos)


def test_what_is_no_run_dir_of_a_part_is_refused(parts, photos, tmp_path):
    assert "is no folder" in refused(parts, photos, str(tmp_path / "nothing"))
    assert "holds no decisions yet" in refused(parts, photos, str(photos.root))
    with parts.job():
        pass
    assert "is the run_dir itself" in refused(parts, photos, f"{photos.folder}/runs")


def test_a_link_in_somebody_elses_folder_is_not_followed(parts, photos):
    folder = next(Path(parts.folders[1]).glob("vectors/*/images"))
    elsewhere = folder.rename(photos.folder / "stolen")
    folder.symlink_to(elsewhere)
    assert f"{folder}: is a link" in refused(parts, photos)


def test_a_part_of_a_stranger_is_refused(parts, photos, monkeypatch):
    def stranger(folder, setting, root):
        assert root == str(photos.root)
        if folder == parts.folders[1]:
            raise UsageError(f"{setting}: belongs to another user", "name a folder of your own")

    monkeypatch.setattr("phototagger.engine.shards.part.check_owner", stranger)
    assert "merge: belongs to another user" in refused(parts, photos)


def test_a_merge_that_is_stopped_goes_on_where_it_was(parts, photos):
    def stop_in_the_middle(job: Job) -> None:
        for event in run_steps(job, steps_of("embed")):
            if getattr(event, "step", "") == "merge":
                job.cancelled.set()

    with parts.job(parts=parts.folders) as job, pytest.raises(InterruptedByUser):
        stop_in_the_middle(job)
    _, found = parts.merge()
    assert photos.embedded == 0
    assert np.array_equal(found, whole(photos))


def test_decisions_of_a_part_stay_there(parts, photos):
    from phototagger.store import Edit, decide, decisions

    catalogue = Catalogue(parts.folders[0])
    [files] = list(known_files(catalogue, str(photos.root)))
    edit = Edit(files.keys[0].tobytes(), "cat", approved=True)
    decide(catalogue, [edit], root=str(photos.root))
    catalogue.close()
    parts.merge()
    merged = Catalogue(photos.folder / "runs", writable=False)
    assert list(decisions(merged)) == []
    merged.close()

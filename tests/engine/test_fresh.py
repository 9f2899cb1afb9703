"""What is fresh is left alone: unchanged photos, moved ones, equal ones, known labels."""

import os
import shutil
import subprocess
import sys
import threading
from itertools import takewhile

import pytest

from phototagger.engine.events import PhotoFailed, PhotoReady, StepProgress
from phototagger.engine.photo_reader.reader import Looker
from tests.engine.conftest import LABELS, Library
from tests.engine.pictures import LIBRARY, picture

TABLES = ("results.csv", "folder_medoids.csv", "approved.csv", "failures.csv")


def thumbnails(photos: Library) -> list[str]:
    return sorted(path.name for path in (photos.folder / "thumb_cache").rglob("*.jpg"))


def test_a_second_run_computes_nothing_reads_no_photo_and_says_the_same(photos, request):
    first = photos.run()
    request.getfixturevalue("no_photo_may_be_read")
    loads = photos.calls.loads
    second = photos.run()
    assert photos.calls.loads == loads
    assert (photos.calls.images, photos.calls.labels) == ([], [])
    for name in TABLES:
        assert second.text(name) == first.text(name)
    assert (second.path / "photos.parquet").read_bytes() == (
        first.path / "photos.parquet"
    ).read_bytes()
    for step in ("scan", "thumbs", "embed", "score"):
        assert (second.finished(step).made, second.finished(step).fresh) == (0, 7)
    assert (second.finished("medoids").made, second.finished("medoids").fresh) == (0, 3)


@pytest.mark.parametrize("moved", [False, True])
def test_a_second_run_in_a_process_of_its_own_imports_no_torch(photos, moved):
    photos.run()
    if moved:
        (photos.root / "sea").rename(photos.root / "lake")
    labels = photos.folder / "labels.txt"
    labels.write_text("\n".join(LABELS))
    words = ["run", "--root", photos.root, "--labels", labels, "--model-name", "embedded"]
    words += ["--run-dir", photos.folder / "runs", "--cache-dir", photos.folder / "thumb_cache"]
    words += ["--threshold", "0.2", "--topk", "2"]
    script = (
        "import sys; from phototagger.cli.tagger import main; code = main(sys.argv[1:]); "
        "print(code, sorted({'torch', 'open_clip', 'torchvision'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        env={**os.environ, "XDG_STATE_HOME": str(photos.folder / "state")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "0 []"
    assert "embed: 0 new, 7 as before" in done.stderr


def test_photos_that_were_moved_or_renamed_are_not_embedded_again(photos):
    before = photos.run().results()
    (photos.root / "sea").rename(photos.root / "lake")
    (photos.root / "a.jpg").rename(photos.root / "z.JPEG")
    photos.calls.loads = 0
    ran = photos.run()
    assert (photos.embedded, photos.calls.loads) == (0, 0)
    assert (ran.finished("thumbs").made, ran.finished("embed").made) == (0, 0)
    now = ran.results()
    assert list(now) == [
        "b.png", "lake/c.jpg", "lake/d.jpg", "lake/e.jpg", "town/f.jpg", "town/g.png", "z.JPEG",
    ]  # fmt: skip
    for new, old in [("lake/d.jpg", "sea/d.jpg"), ("z.JPEG", "a.jpg")]:
        assert now[new]["top5_scores"] == before[old]["top5_scores"]
        assert now[new]["width"] == "48"


def test_moved_photos_among_new_and_broken_ones_are_each_told_of_once(photos):
    photos.run()
    (photos.root / "a.jpg").rename(photos.root / "0.jpg")
    shutil.copyfile(photos.root / "0.jpg", photos.root / "sea" / "copy.jpg")
    (photos.root / "sea" / "d.jpg").rename(photos.root / "z.jpg")
    unreadable = photos.root / "00.jpg"
    unreadable.symlink_to(photos.root / "nowhere.jpg")
    picture(photos.root / "m.jpg", 77)
    heard = []
    ran = photos.run(heard=lambda _, event: heard.append(event))
    assert photos.embedded == 1
    done = [one.done for one in heard if isinstance(one, StepProgress) and one.step == "embed"]
    assert done == sorted(done)
    assert done[-1] <= 10
    told = [one.path for one in heard if isinstance(one, PhotoFailed)]
    assert len(told) == len(set(told))
    assert {"0.jpg", "m.jpg", "sea/copy.jpg", "z.jpg"} <= set(ran.results())


def test_a_batch_s_suggestions_are_told_before_how_far_it_is(photos):
    heard = []
    photos.run(heard=lambda _, event: heard.append(event))
    before = takewhile(lambda event: not isinstance(event, PhotoReady), heard)
    told = [one.done for one in before if isinstance(one, StepProgress) and one.step == "embed"]
    # A screen shows what is told first, and for a while nothing more.
    assert told == [0]


def test_equal_content_is_embedded_once_and_has_a_row_for_each_path(photos):
    for name in ("0.jpg", "sea/copy.jpg", "town/copy.jpg"):
        shutil.copyfile(photos.root / "a.jpg", photos.root / name)
    ran = photos.run()
    assert photos.embedded == 7
    rows = ran.results()
    assert list(rows) == sorted([*LIBRARY, "0.jpg", "sea/copy.jpg", "town/copy.jpg"])
    same = [
        {**rows[name], "path": "", "rel_path": ""}
        for name in ("a.jpg", "0.jpg", "sea/copy.jpg", "town/copy.jpg")
    ]
    assert all(one == same[0] for one in same)
    assert len(thumbnails(photos)) == 7
    assert ran.finished("embed").made + ran.finished("embed").fresh == 10


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_copies_in_different_batches_are_known_whichever_thread_was_first(
    photos, monkeypatch, batch
):
    names = [f"copies/{number:02}.jpg" for number in range(12)]
    for number, name in enumerate(names):
        picture(photos.root / name, 50 + number // 4)
    look = Looker.look
    second_is_done = threading.Event()

    def slow_first(self, photo):
        if photo[1].endswith("copies/00.jpg"):
            assert second_is_done.wait(30)
        found = look(self, photo)
        if photo[1].endswith("copies/03.jpg"):
            second_is_done.set()
        return found

    monkeypatch.setattr(Looker, "look", slow_first)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(8))
    ran = photos.run(batch_images=batch)
    assert photos.embedded == len(LIBRARY) + 3
    assert len(ran.results()) == len(LIBRARY) + 12
    assert len({ran.results()[name]["top5_scores"] for name in names}) == 3


def test_changed_content_is_embedded_again_and_only_that(photos):
    before = photos.run().results()
    picture(photos.root / "sea/d.jpg", 99, size=(30, 40))
    ran = photos.run()
    assert photos.embedded == 1
    now = ran.results()
    assert (now["sea/d.jpg"]["width"], now["sea/d.jpg"]["height"]) == ("30", "40")
    assert now["sea/d.jpg"]["top5_scores"] != before["sea/d.jpg"]["top5_scores"]
    assert {**now, "sea/d.jpg": None} == {**before, "sea/d.jpg": None}


def test_a_touched_photo_is_read_but_not_embedded_again(photos):
    before = photos.run()
    os.utime(photos.root / "a.jpg", ns=(1, 1))
    ran = photos.run()
    assert (photos.embedded, ran.finished("scan").made) == (0, 1)
    assert ran.text("results.csv") == before.text("results.csv")


def test_another_threshold_or_top_k_changes_the_suggestions_without_reading_photos(photos, request):
    before = photos.run(topk=2).results()
    request.getfixturevalue("no_photo_may_be_read")
    ran = photos.run(topk=5, threshold=-1.0)
    assert (photos.calls.images, photos.calls.labels) == ([], [])
    assert (ran.finished("embed").made, ran.finished("score").made) == (0, 7)
    for name, row in ran.results().items():
        assert len(row["top5_labels"].split("|")) == 5
        assert row["top5_labels"].split("|")[:2] == before[name]["top5_labels"].split("|")
    again = photos.run(topk=2)
    assert again.finished("score").made == 0
    assert again.results() == before


def test_a_label_that_is_added_costs_one_label_vector(photos, request):
    photos.run()
    request.getfixturevalue("no_photo_may_be_read")
    photos.run(labels=["tree", *reversed(LABELS)])
    assert photos.calls.labels == [["tree"]]
    assert photos.embedded == 0
    photos.run(labels=["cat"])
    assert photos.calls.labels == []


def test_labels_are_given_to_the_model_in_batches(photos):
    photos.run(batch_labels=4)
    assert photos.calls.labels == [LABELS[:4], LABELS[4:]]


def test_another_prompt_costs_the_label_vectors_and_no_photo(photos, request):
    first = photos.run().results()
    request.getfixturevalue("no_photo_may_be_read")
    second = photos.run(prompt=("a photo of {}", "{}")).results()
    assert photos.calls.labels == [LABELS]
    assert first["a.jpg"]["top5_scores"] != second["a.jpg"]["top5_scores"]
    photos.run()
    assert photos.calls.labels == []


def test_deleted_thumbnails_are_made_again_without_embedding(photos):
    photos.run()
    before = thumbnails(photos)
    shutil.rmtree(photos.folder / "thumb_cache")
    ran = photos.run()
    assert thumbnails(photos) == before
    assert (photos.embedded, ran.finished("thumbs").made) == (0, 7)
    (photos.folder / "thumb_cache" / before[0][:2] / before[0]).unlink()
    ran = photos.run("thumbs")
    assert thumbnails(photos) == before
    assert (ran.finished("thumbs").made, ran.finished("thumbs").fresh) == (1, 6)


def test_a_lost_catalogue_costs_reading_but_no_embedding(photos):
    first = photos.run()
    for left in (photos.folder / "runs").glob("catalogue.db*"):
        left.unlink()
    ran = photos.run()
    assert photos.embedded == 0
    assert (ran.finished("scan").made, ran.finished("thumbs").made) == (7, 0)
    assert ran.text("results.csv") == first.text("results.csv")


def test_lost_vectors_are_computed_again(photos):
    first = photos.run()
    shutil.rmtree(photos.folder / "runs" / "vectors")
    ran = photos.run()
    assert photos.embedded == 7
    assert photos.calls.labels == [LABELS]
    assert ran.text("results.csv") == first.text("results.csv")


def test_a_photo_that_comes_back_is_known(photos):
    before = photos.run().results()
    away = (photos.root / "a.jpg").rename(photos.folder / "a.jpg")
    assert list(photos.run().results()) == list(LIBRARY[1:])
    away.rename(photos.root / "a.jpg")
    assert photos.run().results() == before
    assert photos.embedded == 0


def test_medoids_are_computed_again_only_for_folders_that_changed(photos):
    photos.run()
    picture(photos.root / "sea" / "new.jpg", 70)
    ran = photos.run()
    assert (ran.finished("medoids").made, ran.finished("medoids").fresh) == (1, 2)
    (photos.root / "town" / "g.png").rename(photos.root / "town" / "h.png")
    (photos.root / "a.jpg").unlink()
    ran = photos.run()
    assert (ran.finished("medoids").made, ran.finished("medoids").fresh) == (2, 1)
    assert [row[0] for row in ran.rows("folder_medoids.csv")[1:]] == [".", "sea", "town"]
    assert ran.rows("folder_medoids.csv")[1][1] == "b.png"
    shutil.rmtree(photos.root / "sea")
    assert [row[0] for row in photos.run().rows("folder_medoids.csv")[1:]] == [".", "town"]


def test_two_roots_share_the_vectors_of_one_run_dir(photos):
    photos.run()
    other = photos.folder / "other"
    shutil.copytree(photos.root / "sea", other)
    ran = photos.run(root=str(other))
    assert photos.embedded == 0
    assert list(ran.results()) == ["c.jpg", "d.jpg", "e.jpg"]
    assert list(photos.run(root=str(photos.root / "sea")).results()) == ["c.jpg", "d.jpg", "e.jpg"]
    assert photos.embedded == 0


@pytest.mark.parametrize("command", ["run", "thumbs"])
def test_a_thumbnail_that_a_power_cut_emptied_is_made_again(photos, command):
    photos.run()
    before = cached(photos)
    empty = min(before)
    empty.write_bytes(b"")
    ran = photos.run(command)
    assert cached(photos) == before
    assert ran.finished("thumbs").made == 1
    assert photos.embedded == 0


def test_the_command_thumbs_makes_a_thumbnail_that_was_cut_off_again(photos):
    photos.run()
    before = cached(photos)
    cut = max(before)
    cut.write_bytes(before[cut][:-200])
    assert photos.run("thumbs").finished("thumbs").made == 1
    assert cached(photos) == before


def cached(photos):
    """The thumbnails by path."""
    return {path: path.read_bytes() for path in (photos.folder / "thumb_cache").rglob("*.jpg")}


def test_what_killed_processes_left_in_the_cache_goes_at_the_next_run(photos):
    photos.run()
    folder = next((photos.folder / "thumb_cache").glob("??"))
    left, younger = (folder / f".phototagger-ffffffff{number:08x}.tmp" for number in (1, 2))
    for path in (left, younger):
        path.write_bytes(b"half a thumbnail")
    os.utime(left, (0, 0))
    photos.run()
    assert not left.exists()
    assert younger.exists()  # another host may be writing it

"""`run` on a small library: the run folder, exactly."""

import hashlib
import json
import os
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from phototagger.core.medoid import medoid
from phototagger.core.score import score
from phototagger.engine.events import StepFinished
from phototagger.engine.job import Job
from phototagger.engine.repeat import settings_from_run
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.model import embedded
from phototagger.store import Catalogue, Edit, decide
from tests.engine.conftest import LABELS
from tests.engine.pictures import LIBRARY, picture
from tests.engine.standin import PREPROCESS, image_vectors, label_vectors

HEADERS = {
    "results.csv": "path,rel_path,width,height,top1,top1_score,top5_labels,top5_scores,"
    "approved_labels,run_id,model_name",
    "folder_medoids.csv": "folder,medoid_rel_path,cosine_to_centroid",
    "approved.csv": "path,rel_path,approved_labels",
    "failures.csv": "path,reason",
}


def sha1_of(path: Path) -> bytes:
    return hashlib.sha1(path.read_bytes(), usedforsecurity=False).digest()


def vector_of(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return image_vectors(PREPROCESS.pixels(image.convert("RGB"))[None])[0]


def approve(photos, name: str, *labels: str, approved: bool = True) -> None:
    catalogue = Catalogue(photos.folder / "runs")
    sha1 = sha1_of(photos.root / name)
    edits = [Edit(sha1, label, approved=approved, score=0.5) for label in labels]
    decide(catalogue, edits, root=str(photos.root), model="m-1")
    catalogue.close()


def test_the_run_folder_holds_exactly_its_files(photos):
    ran = photos.run()
    assert {path.name for path in ran.path.iterdir()} == {
        "config.json", "log.txt", "photos.parquet", "results.csv", "results.parquet",
        "folder_medoids.csv", "approved.csv", "approvals.parquet", "failures.csv",
    }  # fmt: skip
    kept = {path.name for path in ran.path.parent.iterdir()}
    assert kept == {ran.path.name, "catalogue.db", "catalogue.db.head", "lock", "vectors"}


@pytest.mark.parametrize("name", HEADERS)
def test_each_table_has_exactly_its_header(photos, name):
    data = photos.run().path.joinpath(name).read_bytes()
    assert data.split(b"\n")[0].decode() == HEADERS[name]
    assert b"\r" not in data


def test_the_results_are_the_photos_in_scan_order_with_what_core_says_of_them(photos):
    _, *rows = photos.run().rows("results.csv")
    assert [row[1] for row in rows] == list(LIBRARY)
    paths = [photos.root / name for name in LIBRARY]
    said = score(
        np.array([vector_of(path) for path in paths]),
        label_vectors(LABELS, ["a photo of {}"]),
        LABELS,
        threshold=0.2,
        topk=2,
    )
    for row, path, expected in zip(rows, paths, said, strict=True):
        assert row[0] == str(path)
        assert row[2:4] == ["48", "36"]
        assert row[4] == expected["top1"]
        assert row[6].split("|") == expected["topk_labels"]
        scores = [float(one) for one in row[7].split("|")]
        assert row[5] == row[7].split("|")[0]
        assert re.fullmatch(r"-?\d\.\d{4}\|-?\d\.\d{4}", row[7])
        assert np.allclose(scores, expected["topk_scores"], atol=1e-4)
        assert row[8] == ""
        assert row[10] == "embedded"
    assert {row[9] for row in rows} == {photos.last.path.name}


def test_the_parquet_tables_say_the_same_in_full(photos):
    ran = photos.run()
    results = pl.read_parquet(ran.path / "results.parquet")
    assert results.columns == [*HEADERS["results.csv"].split(","), "path_bytes"]
    by_csv = ran.results()
    for row in results.iter_rows(named=True):
        expected = by_csv[row["rel_path"]]
        assert row["top5_labels"] == expected["top5_labels"].split("|")
        assert [f"{one:.4f}" for one in row["top5_scores"]] == expected["top5_scores"].split("|")
        assert row["path_bytes"] is None
    found = pl.read_parquet(ran.path / "photos.parquet")
    assert found["rel_path"].to_list() == list(LIBRARY)
    assert found["size"].to_list() == [(photos.root / name).stat().st_size for name in LIBRARY]
    approvals = pl.read_parquet(ran.path / "approvals.parquet")
    assert approvals.columns == [
        "path", "rel_path", "sha1", "label", "decision", "score", "who", "when", "model",
    ]  # fmt: skip


def test_the_medoid_of_each_folder_is_the_one_that_core_finds(photos):
    rows = photos.run().rows("folder_medoids.csv")[1:]
    assert [row[0] for row in rows] == [".", "sea", "town"]
    for folder, name, cosine in rows:
        members = [one for one in LIBRARY if (os.path.dirname(one) or ".") == folder]  # noqa: PTH120
        found = medoid(np.array([vector_of(photos.root / one) for one in members]))
        assert name == members[found.photo]
        assert float(cosine) == pytest.approx(found.cosine_to_centroid, abs=1e-4)


def test_decisions_are_in_the_tables_for_each_path_of_the_content(photos):
    copied = photos.root / "town" / "a copy of a.jpg"
    copied.write_bytes((photos.root / "a.jpg").read_bytes())
    photos.run()
    approve(photos, "a.jpg", "snow", "a word of one's own", "cat")
    approve(photos, "b.png", "dog", approved=False)
    ran = photos.run()
    assert ran.rows("approved.csv")[1:] == [
        [str(photos.root / "a.jpg"), "a.jpg", "cat|snow|a word of one's own"],
        [str(copied), "town/a copy of a.jpg", "cat|snow|a word of one's own"],
    ]
    assert ran.results()["a.jpg"]["approved_labels"] == "cat|snow|a word of one's own"
    assert ran.results()["b.png"]["approved_labels"] == ""
    approvals = pl.read_parquet(ran.path / "approvals.parquet")
    said = [(row["rel_path"], row["label"], row["decision"]) for row in approvals.to_dicts()]
    of_a = [("snow", "approved"), ("a word of one's own", "approved"), ("cat", "approved")]
    assert said == [
        *(("a.jpg", *one) for one in of_a),
        ("b.png", "dog", "rejected"),
        *(("town/a copy of a.jpg", *one) for one in of_a),
    ]
    first = approvals.to_dicts()[0]
    assert first["sha1"] == sha1_of(copied).hex()
    assert (first["score"], first["who"], first["model"]) == (0.5, "person", "m-1")


def test_an_approved_photo_that_cannot_be_decoded_is_in_the_tables_of_approvals(photos):
    (photos.root / "broken.jpg").write_bytes(b"\xff\xd8\xff no photo")
    photos.run()
    approve(photos, "broken.jpg", "cat")
    ran = photos.run()
    assert ran.rows("approved.csv")[1:] == [[str(photos.root / "broken.jpg"), "broken.jpg", "cat"]]
    assert pl.read_parquet(ran.path / "approvals.parquet")["rel_path"].to_list() == ["broken.jpg"]


def test_the_config_says_what_it_takes_to_repeat_the_run(photos):
    ran = photos.run(threshold=0.125)
    config = json.loads((ran.path / "config.json").read_text())
    assert config["run_id"] == ran.path.name
    assert config["settings"] == photos.settings(threshold=0.125).frozen()
    assert config["labels"] == LABELS
    assert config["weights_digest"] == embedded.digest()
    assert config["model"] == f"embedded-{embedded.digest()[:16]}-1"
    assert config["command"] == ["phototagger", "run", "--root", str(photos.root)]
    assert set(config["versions"]) >= {"phototagger", "torch", "open-clip-torch"}
    assert all(re.match(r"\d+\.", version) for version in config["versions"].values())


def test_a_run_is_repeated_with_its_own_tree_whatever_the_labels_file_says_now(photos):
    file = photos.folder / "tree.txt"
    file.write_text("# labels: tree\nanimals > dog = puppy, hound\nsnow\n")
    settings = photos.settings(labels_file=str(file))
    with Job(settings, fresh=True) as job:
        list(run_steps(job, steps_of("run")))
        config, scores = job.run.file("config.json"), job.run.file("results.csv").read_text()
        run = job.run.run_id
    file.write_text("# labels: tree\nanimals > dog = wolf\nsnow\n")
    again, given = settings_from_run(config, {})
    with Job(again, labels=given.labels, tree=given.tree, fresh=True) as job:
        assert job.model.tree.words("animals > dog") == ("dog", "puppy", "hound")
        list(run_steps(job, steps_of("run")))
        after = job.run.file("results.csv").read_text()
        assert after.replace(job.run.run_id, run) == scores
        assert json.loads(job.run.file("config.json").read_text())["tree"] == {
            "snow": [], "animals > dog": ["puppy", "hound"],
        }  # fmt: skip


def test_the_log_has_a_line_for_each_step_with_its_time_counts_and_seconds(photos):
    ran = photos.run()
    lines = (ran.path / "log.txt").read_text().splitlines()
    told = [re.fullmatch(r"\d{4}-\d\d-\d\dT\S+ (\w+): (.*), \d+\.\d\d s", one) for one in lines]
    assert [one.groups() for one in told] == [
        ("scan", "7 new"),
        ("thumbs", "7 new"),
        ("embed", "7 new"),
        ("score", "7 new"),
        ("medoids", "3 new"),
        ("export", "7 new, 0 decisions"),
    ]


def test_the_counts_of_the_events_never_go_back(photos):
    ran = photos.run()
    done: dict[str, int] = {}
    for event in ran.events:
        if hasattr(event, "done"):
            assert done.get(event.step, 0) <= event.done <= event.total
            done[event.step] = event.done
    assert done == {"embed": 7, "medoids": 3}
    steps = [event.step for event in ran.events if isinstance(event, StepFinished)]
    assert steps == ["scan", "thumbs", "embed", "score", "medoids", "export"]


def test_every_photo_has_its_thumbnail_by_content(photos):
    photos.run()
    cached = {path.name for path in (photos.folder / "thumb_cache").rglob("*.jpg")}
    assert cached == {f"{sha1_of(photos.root / name).hex()}.jpg" for name in LIBRARY}


OWN = {
    "scan": set(),
    "thumbs": set(),
    "embed": set(),
    "score": {"results.parquet"},
    "medoids": {"folder_medoids.csv"},
    "export": {"results.parquet", "results.csv", "approved.csv", "approvals.parquet"},
}


@pytest.mark.parametrize("command", OWN)
def test_a_single_step_does_what_is_missing_before_it_and_leaves_its_own_files(photos, command):
    ran = photos.run(command)
    files = {path.name for path in ran.path.iterdir()}
    assert files == {"config.json", "log.txt", "photos.parquet", "failures.csv"} | OWN[command]
    assert photos.embedded == (0 if command in ("scan", "thumbs") else 7)


def test_single_steps_continue_the_newest_run_of_the_same_root_and_labels(photos):
    first = photos.run("scan")
    assert photos.run("score").path == first.path
    assert photos.run("export").path == first.path
    assert photos.run("score", labels=["cat"]).path != first.path
    assert photos.run("run").path != first.path


def test_names_that_are_not_utf_8_keep_their_bytes_in_parquet_and_are_replaced_in_csv(photos):
    odd = os.fsdecode("caf\u00e9".encode("latin-1") + b'\n,".jpg')
    picture(photos.root / "new" / odd, 99)
    ran = photos.run()
    replaced = odd.replace("\udce9", "\ufffd")
    assert f"new/{replaced}" in ran.results()
    last = pl.read_parquet(ran.path / "results.parquet").filter(pl.col("path_bytes").is_not_null())
    assert last["path_bytes"].to_list() == [os.fsencode(photos.root / "new" / odd)]
    assert last["rel_path"].to_list() == ['new/caf\ufffd\n,".jpg']
    assert ["new", f"new/{replaced}"] in [row[:2] for row in ran.rows("folder_medoids.csv")]


def test_a_root_without_photos_leaves_tables_with_headers_only(photos):
    empty = photos.folder / "nothing here\udcff"
    empty.mkdir()
    ran = photos.run(root=str(empty))
    for name, header in HEADERS.items():
        assert ran.text(name) == header + "\n"
    assert pl.read_parquet(ran.path / "results.parquet").height == 0
    assert photos.calls.loads == 0
    (notice,) = [event.text for event in ran.events if hasattr(event, "text")]
    assert notice == f"there is no JPEG or PNG photo under {photos.folder}/nothing here\\xff"


def test_where_max_images_cuts_every_step_says_so(photos):
    ran = photos.run(max_images=4)
    assert [row[1] for row in ran.rows("results.csv")[1:]] == list(LIBRARY[:4])
    finished = [event for event in ran.events if isinstance(event, StepFinished)]
    assert len(finished) == 6
    for event in finished:
        assert "4 of 7 photos (max_images)" in event.note, event.step
    lines = (ran.path / "log.txt").read_text().splitlines()
    assert all("4 of 7 photos (max_images)" in line for line in lines)


def test_decisions_on_photos_beyond_max_images_stay(photos):
    photos.run()
    approve(photos, LIBRARY[-1], "cat")
    assert photos.run(max_images=2).rows("approved.csv")[1:] == []
    assert [row[1] for row in photos.run().rows("approved.csv")[1:]] == [LIBRARY[-1]]

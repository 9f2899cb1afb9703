"""A library whose labels file is a tree: suggestions, decisions, tables and sidecars."""

import csv
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import SAMPLES, Tagger
from tests.sidecar_files import needs_exiftool

EMBEDDED = ("--model-name", "embedded")
TREE = "# labels: tree\n[animals]\nanimals > cat = kitten\nanimals > dog\nfood > fig\n"


@pytest.fixture
def tree(tagger: Tagger) -> Tagger:
    """A cat and a fig, and a labels file of paths."""
    photos = tagger.folder / "photos"
    photos.mkdir()
    for name in ("animals/cat.jpg", "food/fig.jpg"):
        shutil.copy(SAMPLES / name, photos)
    (tagger.folder / "labels.txt").write_text(TREE)
    return tagger


def keywords(sidecar: Path) -> dict[str, list[str]]:
    done = subprocess.run(
        ["exiftool", "-j", "-XMP:all", "-struct", "-sep", "\x1f", str(sidecar)],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    (found,) = json.loads(done.stdout)
    return {
        name: str(found.get(name, "")).split("\x1f") for name in ("Subject", "HierarchicalSubject")
    }


def labels_of(tagger: Tagger, name: str = "approved.csv") -> dict[str, str]:
    run = max((tagger.folder / "runs").glob("2*"))
    rows = csv.DictReader((run / name).read_text().splitlines())
    return {Path(row["rel_path"]).stem: row["approved_labels"] for row in rows}


@needs_exiftool
def test_paths_are_suggested_decided_exported_and_written_by_level(tree):
    done = tree("run", "photos", *EMBEDDED)
    assert done.returncode == 0, done.stderr
    run = Path(done.stdout.splitlines()[-1])
    rows = csv.DictReader((run / "results.csv").read_text().splitlines())
    top = {row["rel_path"]: row["top1"] for row in rows}
    assert top == {"cat.jpg": "animals > cat", "fig.jpg": "food > fig"}
    # A synonym or the last level names the label, too.
    done = tree("approve", "photos", *EMBEDDED, "--label", "kitten", "--paths-from", "-",
                input="photos/cat.jpg\n")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert tree("approve", "photos", *EMBEDDED, "--label", "fig").returncode == 0
    assert tree("export", "photos", *EMBEDDED).returncode == 0
    assert labels_of(tree) == {"cat": "animals > cat|food > fig", "fig": "food > fig"}
    assert tree("sidecars", "photos", *EMBEDDED).returncode == 0
    sidecar = tree.folder / "photos" / "cat.jpg.xmp"
    assert keywords(sidecar) == {
        "Subject": ["cat", "fig"],
        "HierarchicalSubject": ["animals|cat", "food|fig"],
    }
    # What is taken back goes out of both lists; with `parents` the levels above come in.
    rejected = tree("approve", "photos", *EMBEDDED, "--label", "fig", "--reject",
                    "--paths-from", "-", input="photos/cat.jpg\n")  # fmt: skip
    assert rejected.returncode == 0, rejected.stderr
    assert tree("sidecars", "photos", *EMBEDDED, "--parents", "true").returncode == 0
    assert keywords(sidecar) == {
        "Subject": ["cat", "animals"],
        "HierarchicalSubject": ["animals|cat"],
    }
    again = tree("sidecars", "photos", *EMBEDDED, "--parents", "true")
    assert "sidecars: 0 written, 2 as before" in again.stderr
    assert tree("sidecars", "photos", *EMBEDDED).returncode == 0
    assert keywords(sidecar)["Subject"] == ["cat"]


def test_a_file_without_the_first_line_means_what_it_meant(tree):
    (tree.folder / "labels.txt").write_text("animals > cat\nfig\n")
    assert tree("run", "photos", *EMBEDDED).returncode == 0
    done = tree("approve", "photos", *EMBEDDED, "--label", "cat")
    assert "is no label of the labels file" in done.stderr
    assert tree("approve", "photos", *EMBEDDED, "--label", "animals > cat").returncode == 0
    assert tree("sidecars", "photos", *EMBEDDED).returncode == 0
    assert keywords(tree.folder / "photos" / "cat.jpg.xmp") == {
        "Subject": ["animals > cat"],
        "HierarchicalSubject": ["animals > cat"],
    }


@needs_exiftool
def test_sidecars_follow_a_file_that_becomes_a_tree_and_back(tree):
    paths = "animals > cat\nfig\n"
    (tree.folder / "labels.txt").write_text(paths)
    assert tree("approve", "photos", "--label", "animals > cat").returncode == 0
    sidecar = tree.folder / "photos" / "cat.jpg.xmp"
    flat = {"Subject": ["animals > cat"], "HierarchicalSubject": ["animals > cat"]}
    whole = {"Subject": ["cat"], "HierarchicalSubject": ["animals|cat"]}
    for text, expected in ((paths, flat), (TREE, whole), (paths, flat)):
        (tree.folder / "labels.txt").write_text(text)
        assert tree("sidecars", "photos").returncode == 0
        assert keywords(sidecar) == expected


def test_what_was_decided_before_the_tree_is_offered_to_it_and_taken_along(tree):
    (tree.folder / "labels.txt").write_text("cat\nfig\n")
    assert tree("approve", "photos", *EMBEDDED, "--label", "cat").returncode == 0
    (tree.folder / "labels.txt").write_text(TREE)
    done = tree("scan", "photos", *EMBEDDED)
    offer = "`phototagger labels merge cat 'animals > cat'` takes along what was said of it"
    assert offer in done.stderr
    assert offer in tree("labels", *EMBEDDED).stdout
    assert tree("labels", "merge", "cat", "animals > cat").returncode == 0
    assert offer not in tree("scan", "photos", *EMBEDDED).stderr
    rows = tree("approvals", "export", "-").stdout.splitlines()[1:]
    assert {row.split(",")[1] for row in rows} == {"animals > cat"}


def test_a_label_is_renamed_merged_and_removed_by_its_last_level_where_no_other_has_it(tree):
    (tree.folder / "labels.txt").write_text(TREE + "toys > dog\nfood > pear\n")
    assert tree("approve", "photos", "--label", "food > fig").returncode == 0
    done = tree("labels", "rename", "Fig", "date")
    assert done.returncode == 0, done.stderr
    assert "labels: food > fig is called food > date: 2 photos" in done.stderr
    done = tree("labels", "merge", "kitten", "pear", "--dry-run")
    assert "labels: would do: animals > cat is part of food > pear" in done.stderr
    done = tree("labels", "remove", "dog")
    assert done.returncode == 2
    assert "dog: means animals > dog and toys > dog; write the whole path: 'animals > dog'" in (
        done.stderr
    )
    done = tree("labels", "remove", "toys > dog")
    assert "labels: toys > dog is no label any more" in done.stderr
    done = tree("labels", "remove", "dog", "--dry-run")
    assert "would do: animals > dog is no label any more" in done.stderr


@needs_exiftool
def test_label_case_keeps_the_spelling_in_tables_and_sidecars_and_nothing_else_changes(tree):
    (tree.folder / "labels.txt").write_text("# labels: tree\nAnimals > Cat = Kitten\nFood > fig\n")
    assert tree("approve", "photos", "--label", "Cat", "--paths-from", "-",
                input="photos/cat.jpg\n").returncode == 0  # fmt: skip
    assert tree("sidecars", "photos").returncode == 0
    sidecar = tree.folder / "photos/cat.jpg.xmp"
    assert keywords(sidecar)["HierarchicalSubject"] == ["animals|cat"]
    sidecar.unlink()
    keep = ("--label-case", "keep")
    done = tree("run", "photos", *EMBEDDED, *keep)
    assert done.returncode == 0, done.stderr
    run = Path(done.stdout.splitlines()[-1])
    rows = list(csv.DictReader((run / "results.csv").read_text().splitlines()))
    assert {row["rel_path"]: row["top1"] for row in rows} == {
        "cat.jpg": "Animals > Cat", "fig.jpg": "Food > fig",
    }  # fmt: skip
    assert labels_of(tree) == {"cat": "Animals > Cat"}
    assert json.loads((run / "config.json").read_text())["labels"] == [
        "animals > cat",
        "food > fig",
    ]
    assert tree("sidecars", "photos", *keep).returncode == 0
    assert keywords(sidecar) == {"Subject": ["Cat"], "HierarchicalSubject": ["Animals|Cat"]}
    # Back in lower case, and taken back: what was written in capitals is the same label.
    assert tree("approve", "photos", "--label", "cat", "--reject").returncode == 0
    assert tree("sidecars", "photos").returncode == 0
    assert not sidecar.exists()  # nothing else was in it

"""`phototagger stats`: tables, bars, a picture, JSON."""

import json

import pytest
from PIL import Image

from phototagger.cli.output.stats_text import bars
from phototagger.engine.stats.histogram import Histogram
from phototagger.errors import ExitCode
from tests.cli.commands.test_more_commands import everything
from tests.cli.conftest import SAMPLES, Tagger

EMBEDDED = ("--model-name", "embedded")


@pytest.fixture(scope="module")
def decided(tagged: Tagger) -> Tagger:
    """The tagged samples: food approved as food, that label alone; others by auto."""
    listed = "\n".join(str(path) for path in sorted((SAMPLES / "food").iterdir()))
    tagged("approve", SAMPLES, *EMBEDDED, "--label", "food", "--paths-from", "-", input=listed)
    tagged("approve", SAMPLES, *EMBEDDED, "--over-threshold", "--min-score", "0.343")
    return tagged


def test_stats_prints_labels_folders_and_histograms_and_writes_nothing(decided):
    before = everything(decided.folder)
    done = decided("stats", SAMPLES, *EMBEDDED)
    assert done.returncode == 0, done.stderr
    assert everything(decided.folder) == before
    lines = done.stdout.splitlines()
    assert lines[0].split() == [
        "label", "suggested", "approved", "rejected", "undecided", "learned",
        "plain", "precision", "recall",
    ]  # fmt: skip
    shown = [line.split()[-8:-6] for line in lines[1 : lines.index("")] if "yet" in line]
    counts = [int(suggested) + int(approved) for suggested, approved in shown]
    assert counts == sorted(counts, reverse=True)
    rows = {line.split()[0]: line.split() for line in lines[1 : lines.index("")]}
    assert rows["food"][2:4] == ["3", "0"]
    assert rows["food"][5:7] == ["not", "yet"]
    assert "more labels were neither suggested nor decided" in done.stdout
    folder = next(line.split() for line in lines[lines.index("") :] if line.startswith("food"))
    assert folder == ["food", "3", "1", "2", "2", "4"]
    assert "best score of each photo" in lines
    assert "   0.25 ┄┄ threshold" in lines
    assert "scores of decided labels: approved, rejected" in lines


def test_stats_judges_what_was_learned_where_that_is_asked_for(decided):
    listed = "\n".join(str(path) for path in sorted(SAMPLES.glob("*/*.jpg"))[:6])
    told = ("approve", SAMPLES, *EMBEDDED, "--label", "dog", "--paths-from", "-")
    decided(*told, input=listed)
    done = decided("stats", SAMPLES, *EMBEDDED, "--learned")
    decided("undo")
    assert "learned precision" in done.stdout.splitlines()[0]
    assert "validate: learns 5 times from" in done.stderr
    assert "validate: 5 of 5" in done.stderr


def test_stats_speaks_json(decided):
    done = decided("stats", SAMPLES, *EMBEDDED, "--json")
    *data, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert last == {"event": "finished", "run": None, "exit": 0}
    labels = {one["label"]: one for one in data if one["event"] == "label"}
    assert labels["food"]["approved"] == 3
    assert labels["cat"]["approved"] == 1
    assert labels["food"]["learned"] is False
    assert labels["cat"]["suggested"] >= 1
    folders = {one["folder"]: one for one in data if one["event"] == "folder"}
    assert folders["food"] == {
        "event": "folder", "folder": "food", "photos": 3, "decided": 1, "undecided": 2,
        "partly_decided": 2, "approved_labels": 4,
    }  # fmt: skip
    assert sum(one["photos"] for one in folders.values()) == 19
    best, scores = [one for one in data if one["event"] == "histogram"]
    assert sum(best["photos"]) == 19
    assert sum(scores["approved"]) == sum(one["approved"] for one in labels.values())
    (quality,) = [one for one in data if one["event"] == "quality"]
    assert quality["decided_photos"] == 3


def test_png_draws_the_histograms_with_the_threshold(decided, tmp_path):
    for _ in range(2):  # its own picture may be written over
        done = decided("stats", SAMPLES, *EMBEDDED, "--png", tmp_path / "h.png")
        assert done.returncode == 0, done.stderr
    assert f"the histograms are in {tmp_path}/h.png" in done.stderr
    with Image.open(tmp_path / "h.png") as picture:
        assert picture.size == (960, 640)
        colours = {colour for _, colour in picture.getcolors(100_000)}
    assert {(0x34, 0x65, 0xA4), (0xCC, 0, 0)} <= colours


def test_png_never_takes_the_place_of_a_photo(decided, tmp_path):
    photo = tmp_path / "photo.png"
    Image.new("RGB", (8, 8)).save(photo)
    before = photo.read_bytes()
    for target, said in (
        (photo, "is there already"),
        (SAMPLES / "new.png", "lies among the photos"),
        (SAMPLES / "food" / "fig.jpg", "must end with .png"),
        (tmp_path / "no" / "x.png", "there is no such folder"),
    ):
        done = decided("stats", SAMPLES, *EMBEDDED, "--png", target)
        assert done.returncode == ExitCode.USAGE
        assert said in done.stderr
    assert photo.read_bytes() == before
    assert not (SAMPLES / "new.png").exists()


def test_stats_of_a_label_without_a_vector_names_the_command(decided):
    labels = decided.folder / "more.txt"
    labels.write_text("cat\n[bold]:cat:\n")
    done = decided("stats", SAMPLES, *EMBEDDED, "--labels", labels)
    assert done.returncode == 0, done.stderr
    assert (
        "stats: 1 labels have no vectors, so nothing is scored; `phototagger embed" in done.stderr
    )
    assert "food" in done.stdout


def test_stats_needs_a_root_and_a_catalogue(tagger, tmp_path):
    (tagger.folder / "labels.txt").write_text("cat\n")
    assert tagger("stats").returncode == ExitCode.USAGE
    done = tagger("stats", SAMPLES, *EMBEDDED)
    assert done.returncode == ExitCode.SOME_FAILED
    assert "there is no catalogue yet" in done.stderr
    assert [path.name for path in tagger.folder.iterdir()] == ["labels.txt"]


def test_bars_are_as_long_as_their_counts():
    counts = [[0, 8, 1], [4, 0, 0]]
    found = Histogram("s", ("approved", "rejected"), [0.2, 0.25, 0.3, 0.35], counts, 0.25)
    assert (
        bars(found)
        == [
            "s: approved, rejected",
            f"   0.20 {' ' * 34}{'█' * 12} 4",
            "   0.25 ┄┄ threshold",
            f"   0.25 {'█' * 24} 8",
            f"   0.30 {'█' * 3} 1",
            "   0.35",
        ][:5]
    )

"""labels rename, merge, remove, synonym, add; and undo: without a screen."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from phototagger.engine.decisions.last_act import step_back
from phototagger.errors import ExitCode
from phototagger.store import Catalogue, decisions
from tests.cli.conftest import SAMPLES, Tagger

EMBEDDED = ("--model-name", "embedded")
PHOTOS = ("citrus.jpg", "espresso.jpg", "fig.jpg")


@pytest.fixture
def kitchen(tagger: Tagger) -> Tagger:
    """Three photos of food, of which cup is decided on all and coffee on one, and labels.txt."""
    shutil.copytree(SAMPLES / "food", tagger.folder / "photos")
    (tagger.folder / "labels.txt").write_text("# drinks\ncoffee\n\ncup\nfig\n")
    approve(tagger, "cup")
    approve(tagger, "coffee", "espresso.jpg")
    return tagger


def approve(tagger: Tagger, label: str, *only: str) -> None:
    listed = "".join(f"photos/{name}\n" for name in only or PHOTOS)
    done = tagger("approve", "photos", "--label", label, "--paths-from", "-", input=listed)
    assert done.returncode == 0, done.stderr


def held(tagger: Tagger) -> set[tuple[str, str]]:
    """What `approvals export` says of labels: label and decision of each photo."""
    rows = tagger("approvals", "export", "-").stdout.splitlines()[1:]
    return {(row.split(",")[0][:4], *row.split(",")[1:3]) for row in rows}


def test_a_renamed_label_is_said_again_of_the_same_photos_and_undo_takes_it_back(kitchen):
    before = held(kitchen)
    dry = kitchen("labels", "rename", "cup", "mug", "--dry-run")
    assert "labels: would do: cup is called mug: 3 photos, 3 approved and 0 rejected" in dry.stderr
    assert held(kitchen) == before
    done = kitchen("labels", "rename", "cup", "Mug")
    assert done.returncode == 0, done.stderr
    assert "labels: labels.txt:4: cup: write mug there: it is called that" in done.stderr
    assert (kitchen.folder / "labels.txt").read_text() == "# drinks\ncoffee\n\ncup\nfig\n"
    mugs = {(sha1, "mug", said) if label == "cup" else (sha1, label, said)
            for sha1, label, said in before}  # fmt: skip
    assert held(kitchen) == mugs
    back = kitchen("undo")
    assert "undo: takes back: renamed cup to mug on 3 photos, by person at" in back.stderr
    assert "undo: done; `phototagger undo --redo` does it again" in back.stderr
    assert held(kitchen) == before
    assert kitchen("undo", "--redo").returncode == 0
    assert held(kitchen) == mugs
    for _ in range(3):
        kitchen("undo")
    assert held(kitchen) == set()
    gone = kitchen("undo")
    assert gone.returncode == ExitCode.USAGE
    assert "nothing is left to take back" in gone.stderr


def test_the_root_may_stand_after_the_labels(kitchen):
    done = kitchen("labels", "rename", "cup", "mug", "photos")
    assert done.returncode == 0, done.stderr
    assert "mug" in {one[1] for one in held(kitchen)}
    wrong = kitchen("labels", "rename", "mug", "glass", "tea")
    assert wrong.returncode == ExitCode.USAGE
    assert "labels rename: names 3 labels; write phototagger labels rename OLD NEW [ROOT]" in (
        wrong.stderr
    )


def test_undo_says_what_is_taken_back_before_it_is_and_a_dry_run_only_says_it(kitchen, tmp_path):
    before = held(kitchen)
    dry = kitchen("undo", "--dry-run")
    assert (
        "would do: takes back: what was decided on 1 photo, with 1 approval (coffee 1)"
        in dry.stderr
    )
    assert "undo: done" not in dry.stderr
    assert held(kitchen) == before

    def tell(found):
        with closing(Catalogue(kitchen.folder / "runs", writable=False)) as catalogue:
            there = {one.label for one in decisions(catalogue)}
        told.append((found.photos, there))

    told = []
    assert step_back(kitchen.folder / "runs", None, tell=tell)
    assert told == [(1, {"cup", "coffee"})]
    assert {one[1] for one in held(kitchen)} == {"cup"}


def test_a_merge_says_on_how_many_photos_both_are_decided_and_how_many_differ(kitchen):
    shown = kitchen(
        "approve", "photos", "--label", "coffee", "--reject", "--paths-from", "-",
        input="photos/fig.jpg",
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    done = kitchen("labels", "merge", "cup", "coffee", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    told = next(one for one in lines if one["event"] == "labels")
    assert {name: told[name] for name in ("approved", "rejected", "both", "differ")} == {
        "approved": 3, "rejected": 0, "both": 2, "differ": 1,
    }  # fmt: skip
    assert told["lines"] == [
        {"line": 4, "text": "cup", "do": "remove the line: it means coffee, which has one"}
    ]
    assert {one[1:] for one in held(kitchen)} == {("coffee", "approved")}
    assert len(held(kitchen)) == 3


def test_flags_may_stand_between_the_action_and_its_labels(kitchen):
    before = held(kitchen)
    done = kitchen("labels", "rename", "--dry-run", "cup", "mug")
    assert done.returncode == 0, done.stderr
    assert "labels: would do: cup is called mug: 3 photos" in done.stderr
    assert held(kitchen) == before
    found = kitchen("find", "--root", "photos", "label:coffee", "--top", "5", "name:espresso")
    assert [Path(one).name for one in found.stdout.splitlines()] == ["espresso.jpg"]


@pytest.mark.parametrize(
    "words",
    [("rename", "cup", "#mug"), ("merge", "cup", "#mug"), ("synonym", "cup", "#mug"),
     ("add", "#mug")],
)  # fmt: skip
def test_no_label_begins_as_a_comment_of_the_labels_file_does(kitchen, words):
    before = held(kitchen)
    done = kitchen("labels", *words)
    assert done.returncode == ExitCode.USAGE
    assert "#mug: begins with `#`, a comment in a labels file; name another label" in done.stderr
    assert held(kitchen) == before
    approved = kitchen("approve", "photos", "--label", "#mug", "--paths-from", "-",
                       input="photos/fig.jpg")  # fmt: skip
    assert approved.returncode == ExitCode.USAGE
    assert "--label #mug: begins with `#`" in approved.stderr


def test_an_import_says_what_it_leaves_out_of_labels_that_were_removed(kitchen):
    kitchen("approvals", "export", "all.csv")
    kitchen("labels", "remove", "cup")
    done = kitchen("approvals", "import", "all.csv")
    assert done.returncode == 0, done.stderr
    assert "approvals: 0 new decisions taken in" in done.stderr
    assert (
        "approvals: cup: 3 decisions left out, as the label was removed here; to take them in, "
        "first make it one again: phototagger labels add cup"
    ) in done.stderr
    told = kitchen("approvals", "import", "all.csv", "--json").stdout.splitlines()
    assert json.loads(told[0]) == {"event": "approvals", "count": 0}
    assert json.loads(told[1])["text"].startswith("cup: 3 decisions left out")
    kitchen("labels", "add", "cup")
    assert "left out" not in kitchen("approvals", "import", "all.csv").stderr
    assert ("cup", "approved") in {one[1:] for one in held(kitchen)}


def test_a_removed_label_is_decided_nowhere_and_added_it_is_a_label_again(kitchen):
    done = kitchen("labels", "remove", "cup")
    assert "labels: cup is no label any more: 3 photos, 3 approved and 0 rejected" in done.stderr
    assert {one[1] for one in held(kitchen)} == {"coffee"}
    assert "removed    line 4: 'cup': remove the line" in kitchen("labels").stdout
    assert kitchen("labels", "add", "cup").returncode == 0
    assert "removed" not in kitchen("labels").stdout


@pytest.mark.parametrize("more", [(), ("--reject",)])
def test_a_label_that_was_removed_is_decided_by_nobody_until_it_is_added(kitchen, more):
    kitchen("labels", "remove", "cup")
    photo = next((kitchen.folder / "photos").iterdir())
    (kitchen.folder / "paths").write_text(f"{photo}\n")
    words = ("approve", "photos", "--label", "cup", *more, "--paths-from", "paths")
    done = kitchen(*words)
    assert done.returncode == ExitCode.USAGE
    assert "cup: the label was removed" in done.stderr
    assert "phototagger labels add cup" in done.stderr
    assert kitchen("labels", "add", "cup").returncode == 0
    assert kitchen(*words).returncode == 0


def test_a_decision_of_an_old_word_is_one_of_the_label(kitchen):
    kitchen("labels", "synonym", "coffee", "java")
    kitchen("labels", "rename", "coffee", "espresso")
    approve(kitchen, "java", "fig.jpg")
    approve(kitchen, "coffee", "citrus.jpg")
    assert len([one for one in held(kitchen) if one[1] == "espresso"]) == 3
    other = held(kitchen)
    table = kitchen("approvals", "export", "-").stdout.replace("espresso", "java")
    kitchen("undo")
    kitchen("undo")
    taken = kitchen("approvals", "import", "-", "--root", "photos", input=table)
    assert taken.returncode == 0, taken.stderr
    assert held(kitchen) == other


def keywords(tagger: Tagger, name: str) -> set[str]:
    """The keywords of a sidecar, as it is written."""
    text = (tagger.folder / "photos" / f"{name}.xmp").read_text()
    return {line.split("<")[1].split(">")[1] for line in text.splitlines() if "<rdf:li>" in line}


FOREIGN = """<x:xmpmeta xmlns:x='adobe:ns:meta/'>
<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
 <rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'>
  <dc:subject><rdf:Bag>
<rdf:li>cup</rdf:li>
<rdf:li>table</rdf:li>
</rdf:Bag></dc:subject>
 </rdf:Description>
</rdf:RDF>
</x:xmpmeta>
"""


def test_the_next_sidecars_and_tables_follow_and_keywords_of_others_stay(kitchen):
    (kitchen.folder / "photos" / "fig.jpg.xmp").write_text(FOREIGN)
    assert kitchen("sidecars", "photos").returncode == 0
    assert keywords(kitchen, "citrus.jpg") == {"cup"}
    kitchen("labels", "merge", "cup", "coffee")
    done = kitchen("sidecars", "photos")
    assert done.returncode == 0, done.stderr
    assert keywords(kitchen, "citrus.jpg") == keywords(kitchen, "espresso.jpg") == {"coffee"}
    assert keywords(kitchen, "fig.jpg") == {"cup", "table", "coffee"}
    assert kitchen("export", "photos", *EMBEDDED).returncode == 0
    run = sorted((kitchen.folder / "runs").glob("2*"))[-1]
    assert run.joinpath("approved.csv").read_text().count(",coffee\n") == 3
    assert set(pl.read_parquet(run / "approvals.parquet")["label"]) == {"coffee"}
    results = pl.read_parquet(run / "results.parquet")
    assert results["approved_labels"].to_list() == [["coffee"]] * 3
    assert {one for row in results["top5_labels"].to_list() for one in row} == {"coffee", "fig"}
    kitchen("undo")
    kitchen("sidecars", "photos")
    assert keywords(kitchen, "citrus.jpg") == {"cup"}
    assert keywords(kitchen, "espresso.jpg") == {"cup", "coffee"}
    assert keywords(kitchen, "fig.jpg") == {"cup", "table"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rename", "cup"], "labels rename: names 1 labels; write phototagger labels rename OLD"),
        (["rename", "cup", "coffee"], "coffee is a label already; merge the two"),
        (["rename", "cup", "cup"], "cup: is named twice"),
        (["rename", "cup", "a|b"], "a|b: holds `|`"),
        (["merge", "cup", "nothing"], "nothing: is no label, neither in the labels file nor"),
        (["remove", "nothing"], "nothing: is no label"),
        (["synonym", "coffee", "cup"], "cup is a label already; merge it into the other"),
        (["add", "cup"], "cup is a label already"),
        (["photos", "rename", "cup", "mug"], "labels: nothing to do; say what"),
    ],
)
def test_names_that_do_not_fit_are_usage_errors(kitchen_once, words, said):
    done = kitchen_once("labels", *words)
    assert done.returncode == ExitCode.USAGE
    assert said in done.stderr


@pytest.fixture(scope="module")
def kitchen_once(tmp_path_factory) -> Tagger:
    tagger = Tagger(tmp_path_factory.mktemp("kitchen"))
    shutil.copytree(SAMPLES / "food", tagger.folder / "photos")
    (tagger.folder / "labels.txt").write_text("coffee\ncup\n")
    approve(tagger, "cup")
    return tagger


def test_where_nothing_is_remembered_no_label_can_be_named(tagger):
    (tagger.folder / "labels.txt").write_text("cup\n")
    done = tagger("labels", "rename", "cup", "mug")
    assert done.returncode == ExitCode.USAGE
    assert not (tagger.folder / "runs").exists()


def test_a_rename_is_one_act_also_in_the_catalogue(kitchen):
    acts = "SELECT count(*) FROM act WHERE state = 0"
    path = Path(kitchen.folder, "runs", "catalogue.db")
    with sqlite3.connect(path) as db:
        (before,) = db.execute(acts).fetchone()
    kitchen("labels", "rename", "cup", "mug")
    with sqlite3.connect(path) as db:
        assert db.execute(acts).fetchone() == (before + 1,)

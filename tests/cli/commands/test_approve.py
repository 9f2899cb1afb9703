"""approve and approvals: decisions without a screen."""

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from phototagger.engine.tables.approvals_file import COLUMNS
from phototagger.errors import ExitCode
from phototagger.store import WHOLE_PHOTO, Catalogue, Edit, Who, decide, decisions, undo
from phototagger.store.labels.approvals import import_approvals
from phototagger.store.labels.holding import Decision
from phototagger.store.lock import RunDirLock
from tests.cli.commands.test_more_commands import everything
from tests.cli.conftest import SAMPLES, Tagger
from tests.shared import names_in

EMBEDDED = ("--model-name", "embedded")
CAT = SAMPLES / "animals" / "cat.jpg"
HEADER = ",".join(COLUMNS)


@pytest.fixture
def decided(tagged: Tagger):
    """The tagged samples; what a test decides is forgotten after it."""
    yield tagged
    tagged("approve", SAMPLES, *EMBEDDED, "--clear", "--quiet")


def held(tagger: Tagger) -> dict[str, set[str]]:
    """Return the approved labels by rel_path, as `export` writes them."""
    done = tagger("export", SAMPLES, *EMBEDDED)
    with Path(done.stdout.splitlines()[1]).open(newline="") as file:
        return {
            row["rel_path"]: set(row["approved_labels"].split("|")) for row in csv.DictReader(file)
        }


def test_over_the_threshold_is_approved_by_auto(decided):
    done = decided("approve", SAMPLES, *EMBEDDED, "--over-threshold", "--min-score", "0.343")
    assert done.returncode == 0
    assert "approve: 9 decisions on 7 photos recorded, 0 as before" in done.stderr
    assert held(decided)["animals/cat.jpg"] == {"cat"}
    table = pl.read_parquet(sorted((decided.folder / "runs").glob("2*/approvals.parquet"))[-1])
    assert set(table["who"]) == {"auto"}
    assert (table["score"] >= 0.343).all()


def test_over_the_threshold_twice_records_nothing_new_and_still_succeeds(decided):
    for _ in range(2):
        done = decided("approve", SAMPLES, *EMBEDDED, "--over-threshold", "--min-score", "0.343")
        assert done.returncode == 0
    assert "approve: 0 decisions on 0 photos recorded, 9 as before" in done.stderr


def test_over_the_threshold_never_touches_what_a_person_decided(decided):
    only = ("--paths-from", "-")
    decided("approve", SAMPLES, *EMBEDDED, "--label", "Chelsea", *only, input=str(CAT))
    auto = ("approve", SAMPLES, *EMBEDDED, "--over-threshold", "--min-score", "0.343")
    decided(*auto)
    assert held(decided)["animals/cat.jpg"] == {"cat", "chelsea"}
    said = decided("approve", SAMPLES, "--label", "cat", "--reject", *only, input=str(CAT))
    assert "approve: 1 decisions on 1 photos recorded, 0 as before" in said.stderr
    decided(*auto)
    assert held(decided)["animals/cat.jpg"] == {"chelsea"}
    again = decided("approve", SAMPLES, "--label", "cat", "--reject", *only, input=str(CAT))
    assert "approve: 0 decisions on 0 photos recorded, 1 as before" in again.stderr


def test_over_the_threshold_leaves_a_photo_alone_that_was_decided_as_a_whole(decided):
    sha1 = hashlib.sha1(CAT.read_bytes(), usedforsecurity=False).digest()
    with closing(Catalogue(decided.folder / "runs")) as catalogue:
        decide(catalogue, [Edit(sha1, WHOLE_PHOTO, approved=True)], root=str(SAMPLES))
    decided("approve", SAMPLES, *EMBEDDED, "--over-threshold", "--min-score", "0.343")
    assert "animals/cat.jpg" not in held(decided)


def test_learned_approves_what_a_persons_decisions_suggest(decided):
    lines = "\n".join(str(path) for path in sorted((SAMPLES / "food").iterdir()))
    decided("approve", SAMPLES, *EMBEDDED, "--label", "food", "--paths-from", "-", input=lines)
    done = decided("approve", SAMPLES, *EMBEDDED, "--over-threshold", "--learned")
    assert done.returncode == 0, done.stderr
    assert "learned 0 labels from 3 decided photos" in done.stderr
    approved = held(decided)
    assert approved["food/espresso.jpg"] == {"coffee", "food"}
    table = pl.read_parquet(sorted((decided.folder / "runs").glob("2*/approvals.parquet"))[-1])
    auto = table.filter(pl.col("who") == "auto")
    assert len(auto) > 0
    on_food = auto.filter(pl.col("rel_path").str.starts_with("food/"))["label"].to_list()
    assert on_food
    assert "food" not in on_food
    assert auto["score"].is_between(-1, 1).all()


def test_batch_with_learned_adds_the_column(decided):
    done = decided("--batch", SAMPLES, *EMBEDDED, "--learned")
    assert done.returncode == 0, done.stderr
    table = pl.read_parquet(Path(done.stdout.splitlines()[-1]) / "results.parquet")
    assert table.columns[-1] == "learned"
    cat = table.row(by_predicate=pl.col("rel_path") == "animals/cat.jpg", named=True)
    assert [one["label"] for one in cat["learned"]] == ["cat"]


def test_a_threshold_that_nothing_reaches_exits_2(decided):
    done = decided("approve", SAMPLES, *EMBEDDED, "--over-threshold", "--min-score", "0.99")
    assert done.returncode == ExitCode.USAGE
    assert "no decision was recorded" in done.stderr


def test_where_persons_decided_everything_it_says_so_and_succeeds(decided):
    photos = [path for path in SAMPLES.rglob("*") if path.suffix in {".jpg", ".png"}]
    sha1s = [hashlib.sha1(path.read_bytes(), usedforsecurity=False).digest() for path in photos]
    command = ("approve", SAMPLES, *EMBEDDED, "--over-threshold", "--min-score", "0.343")
    with closing(Catalogue(decided.folder / "runs")) as catalogue:
        decide(
            catalogue, [Edit(sha1, WHOLE_PHOTO, approved=True) for sha1 in sha1s], root=str(SAMPLES)
        )
    pretended = decided(*command, "--dry-run")
    done = decided(*command)
    assert done.returncode == 0
    many = len({*sha1s})
    said = f"all {many} photos are decided by a person already"
    assert f"approve: nothing was left to approve: {said}" in done.stderr
    assert f"approve: {said}" in pretended.stderr


def test_where_persons_decided_some_and_nothing_else_fits_both_are_said(decided):
    sha1 = hashlib.sha1(CAT.read_bytes(), usedforsecurity=False).digest()
    with closing(Catalogue(decided.folder / "runs")) as catalogue:
        decide(catalogue, [Edit(sha1, WHOLE_PHOTO, approved=True)], root=str(SAMPLES))
    done = decided("approve", SAMPLES, *EMBEDDED, "--over-threshold", "--min-score", "0.99")
    assert done.returncode == ExitCode.USAGE
    assert "photos is decided by a person already" in done.stderr
    assert "no decision was recorded" in done.stderr


def test_a_label_is_approved_for_listed_photos_relative_or_absolute(decided):
    relative = os.path.relpath(SAMPLES / "food" / "fig.jpg", decided.folder)
    listed = f"{CAT}\n{relative}\n/no/photo.jpg\n\n"
    done = decided(
        "approve", SAMPLES, *EMBEDDED, "--label", " My  Best ", "--paths-from", "-", input=listed
    )
    assert done.returncode == 0
    assert f"approve: /no/photo.jpg: is no photo of {SAMPLES}" in done.stderr
    approved = {path: labels for path, labels in held(decided).items() if labels}
    assert approved == {"animals/cat.jpg": {"my best"}, "food/fig.jpg": {"my best"}}


def test_of_many_paths_that_are_no_photos_the_first_are_named(decided):
    listed = "".join(f"/no/{number}.jpg\n" for number in range(100))
    done = decided("approve", SAMPLES, *EMBEDDED, "--label", "a", "--paths-from", "-", input=listed)
    assert done.stderr.count(": is no photo of") == 20
    assert "approve: 80 more paths are no photos of" in done.stderr


def test_paths_may_end_with_nul(decided):
    (decided.folder / "list").write_bytes(bytes(CAT) + b"\0")
    done = decided("approve", SAMPLES, *EMBEDDED, "--label", "a", "--paths-from", "list", "-0")
    assert done.returncode == 0
    assert held(decided)["animals/cat.jpg"] == {"a"}


def test_clear_removes_everything_of_the_listed_photos_only(decided):
    decided("approve", SAMPLES, *EMBEDDED, "--label", "cat", "--label", "dog")
    decided("approve", SAMPLES, *EMBEDDED, "--clear", "--paths-from", "-", input=str(CAT))
    approved = held(decided)
    assert "animals/cat.jpg" not in approved
    assert set(map(frozenset, approved.values())) == {frozenset({"cat", "dog"})}
    assert len(approved) == 18


def test_a_photo_without_a_vector_can_be_decided_with_a_name_that_is_not_utf8(tagger, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    odd = os.fsencode(photos) + b"/caf\xe9.jpg"
    Path(os.fsdecode(odd)).write_bytes(CAT.read_bytes())
    (tagger.folder / "labels.txt").write_text("cat\n")
    (tagger.folder / "list").write_bytes(odd + b"\n")
    done = tagger("approve", photos, *EMBEDDED, "--label", "tabby", "--paths-from", "list")
    assert done.returncode == 0, done.stderr
    assert list(tagger.folder.glob("runs/vectors/*")) == []
    exported = tagger("export", photos, *EMBEDDED)
    assert exported.returncode == 0, exported.stderr
    table = Path(exported.stdout.splitlines()[1]).read_bytes()
    assert table.splitlines()[1].decode() == f"{photos}/caf\ufffd.jpg,caf\ufffd.jpg,tabby"
    assert "approved.csv: 1 rows have names that are not UTF-8" in exported.stderr


def test_a_label_that_no_word_means_is_refused_for_every_photo_and_the_near_ones_are_named(decided):
    for more in ((), ("--reject",), ("--dry-run",)):
        done = decided("approve", SAMPLES, *EMBEDDED, "--label", "moutnain", *more)
        assert done.returncode == ExitCode.USAGE
        assert "moutnain: is no label of the labels file" in done.stderr
        assert "write mountain or " in done.stderr
        assert "or make it one: phototagger labels add moutnain" in done.stderr
    assert held(decided) == {}
    decided(
        "approve", SAMPLES, *EMBEDDED, "--label", "moutnain", "--paths-from", "-", input=str(CAT)
    )
    assert held(decided)["animals/cat.jpg"] == {"moutnain"}
    assert decided("approve", SAMPLES, *EMBEDDED, "--label", "moutnain").returncode == 0


def test_a_label_that_was_added_or_is_a_synonym_is_known(bare):
    (bare.folder / "labels.txt").write_text("cat\n")
    assert bare("approve", "photos", "--label", "cat").returncode == 0
    assert bare("labels", "add", "best of 2026").returncode == 0
    assert bare("labels", "synonym", "cat", "tabby").returncode == 0
    for label in ("best of 2026", "tabby"):
        done = bare("approve", "photos", "--label", label)
        assert done.returncode == 0, done.stderr


def test_photos_that_cannot_be_used_get_no_label_and_are_counted(bare):
    (bare.folder / "labels.txt").write_text("cat\n")
    (bare.folder / "photos" / "broken.jpg").write_bytes(CAT.read_bytes()[:200])
    assert bare("run", "photos", *EMBEDDED).returncode == ExitCode.SOME_FAILED
    done = bare("approve", "photos", "--label", "cat")
    assert "approve: 1 decisions on 1 photos recorded, 0 as before" in done.stderr
    assert "approve: 1 photo left out, as they cannot be used" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--label", "cat"), ("record 19 decisions on 19 photos, 0 as before", "cat: 19 photos")),
        (
            ("--over-threshold", "--min-score", "0.343"),
            ("record 9 decisions on 7 photos", "tiger: 1 photo"),
        ),
        (("--over-threshold", "--learned"), ("record ", "cat: ")),
        (("--clear",), ("remove 0 decisions on 0 photos",)),
    ],
)
def test_a_dry_run_counts_photos_and_labels_and_writes_nothing(decided, words, said):
    before = everything(decided.folder)
    done = decided("approve", SAMPLES, *EMBEDDED, *words, "--dry-run")
    assert done.returncode == 0, done.stderr
    for text in said:
        assert text in done.stderr
    assert "nothing was written" in done.stderr
    assert everything(decided.folder) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "exactly one thing can be done at once; say --over-threshold, --label LABEL"),
        (["--clear", "--label", "x"], "not allowed with argument"),
        (["--label", "a|b"], "holds `|`"),
        (["--label", "x", "--min-score", "0.3"], "--min-score goes with --over-threshold"),
        (["--over-threshold", "--min-score", "much"], "--min-score: must be a number from -1 to 1"),
        (["--label", "x", "--learned"], "--learned goes with --over-threshold"),
        (["--over-threshold", "--learned", "--min-score=-0.1"], "a number from 0 to 1, not"),
        (["--clear", "--reject"], "--reject goes with --label"),
        (["--label", "x", "-0"], "-0 goes with --paths-from"),
        (["--label", "x", "--paths-from", "absent"], "--paths-from absent: No such file"),
    ],
)
def test_mistakes_are_usage_errors(tagged, words, said):
    done = tagged("approve", SAMPLES, *EMBEDDED, *words)
    assert done.returncode == ExitCode.USAGE
    assert said in done.stderr


@pytest.mark.parametrize("name", ["all.csv", "all.parquet"])
def test_decisions_travel_between_machines_by_content(decided, tmp_path, name):
    decided("approve", SAMPLES, *EMBEDDED, "--over-threshold", "--min-score", "0.343")
    decided("approve", SAMPLES, *EMBEDDED, "--label", "mine", "--paths-from", "-", input=str(CAT))
    out = decided("approvals", "export", tmp_path / name)
    assert out.returncode == 0
    assert f"10 decisions written: {tmp_path}/{name}" in out.stderr
    taken = decided("approvals", "import", tmp_path / name, "--run-dir", tmp_path / "other")
    assert "10 new decisions taken in" in taken.stderr
    with (
        closing(Catalogue(decided.folder / "runs")) as here,
        closing(Catalogue(tmp_path / "other")) as there,
    ):
        assert set(decisions(here)) == set(decisions(there))
    again = decided("approvals", "import", tmp_path / name, "--run-dir", tmp_path / "other")
    assert "0 new decisions taken in" in again.stderr


def test_an_imported_decision_of_auto_does_not_replace_a_persons(tagger, tmp_path):
    sha1 = bytes(range(20))
    for folder, who, approved in (("a", Who.AUTO, True), ("b", Who.PERSON, False)):
        (tmp_path / folder).mkdir()
        with closing(Catalogue(tmp_path / folder)) as catalogue:
            decide(catalogue, [Edit(sha1, "cat", approved)], root="/", who=who)
    tagger("approvals", "export", tmp_path / "a.csv", "--run-dir", tmp_path / "a")
    done = tagger("approvals", "import", tmp_path / "a.csv", "--run-dir", tmp_path / "b")
    assert "0 new decisions taken in" in done.stderr
    with closing(Catalogue(tmp_path / "b")) as catalogue:
        (kept,) = decisions(catalogue)
    assert (kept.who, kept.approved) == (Who.PERSON, False)


def test_an_import_can_be_undone(tagger, tmp_path):
    (tmp_path / "a.csv").write_text(
        "sha1,label,decision,score,who,when,model\n"
        f"{'ab' * 20},cat,approved,0.5,person,2026-01-02T03:04:05+00:00,m\n"
    )
    done = tagger("approvals", "import", tmp_path / "a.csv", "--root", tmp_path)
    assert done.returncode == 0, done.stderr
    with closing(Catalogue(tagger.folder / "runs")) as catalogue:
        (taken,) = decisions(catalogue)
        assert (taken.label, taken.score, taken.when.year, taken.model) == ("cat", 0.5, 2026, "m")
        assert undo(catalogue, root=str(tmp_path)) == [bytes.fromhex("ab" * 20)]
        assert list(decisions(catalogue)) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "sha1,label\nab,cat\n", "a.csv:1: has no column decision, score, who, when"),
        ("a.csv", f"{HEADER}\nzz,a,approved,inf,x,y,z\n", "a.csv:2: score: must be a cosine"),
        ("a.parquet", "no table", "a.parquet: cannot be read as Parquet"),
    ],
)
def test_a_table_that_holds_no_decisions_is_refused(tagger, tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    done = tagger("approvals", "import", tmp_path / name)
    assert done.returncode == ExitCode.USAGE
    assert said in done.stderr
    assert not (tagger.folder / "runs").exists()


def test_decisions_go_through_pipes(decided, tmp_path):
    decided("approve", SAMPLES, *EMBEDDED, "--label", "mine", "--paths-from", "-", input=str(CAT))
    before = sorted(decided.folder.iterdir())
    out = decided("approvals", "export", "-")
    assert out.stdout.splitlines()[0] == HEADER
    assert out.stdout.splitlines()[1].split(",")[1:3] == ["mine", "approved"]
    assert "1 decisions written: stdout" in out.stderr
    other = tmp_path / "other"
    taken = decided("approvals", "import", "-", "--run-dir", other, input=out.stdout)
    assert "1 new decisions taken in: stdin" in taken.stderr, taken.stderr
    assert sorted(decided.folder.iterdir()) == before
    refused = decided("approvals", "export", "-", "--json")
    assert refused.returncode == ExitCode.USAGE
    assert "--json: stdout is for the table; name a file" in refused.stderr


def test_parquet_goes_through_a_pipe_where_it_is_asked_for(decided, tmp_path):
    decided("approve", SAMPLES, *EMBEDDED, "--label", "mine", "--paths-from", "-", input=str(CAT))
    words = (*decided.command("approvals", "export", "-", "--format", "parquet"), "--quiet")
    with (tmp_path / "table").open("wb") as table:
        subprocess.run(words, cwd=decided.folder, env=decided.env, stdout=table, check=True)
    taken = decided(
        "approvals", "import", tmp_path / "table", "--format", "parquet", "--run-dir", tmp_path
    )
    assert "1 new decisions taken in" in taken.stderr, taken.stderr


def test_decisions_are_exported_while_another_phototagger_writes(decided, tmp_path):
    decided("approve", SAMPLES, *EMBEDDED, "--label", "cat")
    lock = RunDirLock(decided.folder / "runs")
    try:
        done = decided("approvals", "export", tmp_path / "a.csv", "--json")
    finally:
        lock.release()
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["exit"] == 0


@pytest.fixture
def bare(tagger: Tagger) -> Tagger:
    """One photo, and no labels.txt."""
    (tagger.folder / "photos").mkdir()
    shutil.copy(CAT, tagger.folder / "photos")
    return tagger


@pytest.mark.parametrize(
    "words",
    [("scan",), ("thumbs",), ("approve", "--label", "cat"), ("sidecars",), ("scan", "--dry-run")],
)
def test_what_suggests_nothing_needs_no_labels_file(bare, words):
    done = bare(*words, "--root", "photos")
    assert done.returncode == 0, done.stderr


def test_a_command_that_needs_the_labels_names_the_list_that_comes_with_phototagger(bare):
    done = bare("run", "photos", *EMBEDDED)
    assert done.returncode == ExitCode.USAGE
    assert f"{bare.folder}/labels.txt: cannot be read" in done.stderr
    copy = done.stderr.strip().rpartition("starter list: ")[2]
    subprocess.run(copy, shell=True, check=True)
    assert (bare.folder / "labels.txt").read_bytes() == (SAMPLES.parent / "labels.txt").read_bytes()


def test_deciding_leaves_the_settings_of_a_run_as_they_are(bare):
    (bare.folder / "labels.txt").write_text("cat")
    run = Path(bare("run", "photos", *EMBEDDED).stdout.strip())
    before = (run / "config.json").read_bytes()
    (bare.folder / "labels.txt").unlink()
    assert bare("approve", "photos", "--label", "pet").returncode == 0
    assert [path.name for path in run.parent.glob("2*")] == [run.name]
    assert (run / "config.json").read_bytes() == before
    assert "approve" in (run / "log.txt").read_text() or "scan" in (run / "log.txt").read_text()


def test_an_import_that_fails_half_way_takes_in_nothing(tmp_path, monkeypatch):
    catalogue = Catalogue(tmp_path)
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    told = [Decision(b"a" * 20, "cat", True, None, Who.PERSON, day, "m") for day in days]

    def stops(*arguments, **options):
        if options["when"] == days[2]:
            raise OSError("the disk is gone")
        return decide(*arguments, **options)

    monkeypatch.setattr("phototagger.store.labels.approvals.decide", stops)
    with pytest.raises(OSError, match="gone"):
        import_approvals(catalogue, told, root="/p")
    assert list(decisions(catalogue)) == []
    monkeypatch.undo()
    assert import_approvals(catalogue, told, root="/p").new == 3
    catalogue.close()


def test_a_photo_that_was_never_embedded_is_read_once(bare):
    assert bare("approve", "photos", "--label", "cat").returncode == 0
    photo = bare.folder / "photos" / CAT.name
    stamp = photo.stat()
    # The same size and time: only reading it would tell that it changed.
    photo.write_bytes(bytes(stamp.st_size))
    os.utime(photo, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    done = bare("approve", "photos", "--label", "cat")
    assert "0 decisions on 0 photos recorded, 1 as before" in done.stderr
    os.utime(photo)
    done = bare("approve", "photos", "--label", "cat")
    assert "1 decisions on 1 photos recorded" in done.stderr


def test_a_list_that_is_not_there_is_refused_before_anything_is_computed(bare):
    (bare.folder / "labels.txt").write_text("cat")
    done = bare("approve", "photos", *EMBEDDED, "--over-threshold", "--paths-from", "none.txt")
    assert done.returncode == ExitCode.USAGE
    assert "--paths-from none.txt: No such file or directory; name a list" in done.stderr
    assert not (bare.folder / "runs").exists()


def test_a_list_with_the_line_ends_of_windows_is_taken(bare):
    begins = b"\xef\xbb\xbf"  # the byte order mark that some programs write
    (bare.folder / "list.txt").write_bytes(begins + b"photos/cat.jpg\r\nphotos/none.jpg\r\n")
    done = bare("approve", "photos", "--label", "cat", "--paths-from", "list.txt")
    assert "approve: 1 decisions on 1 photos recorded" in done.stderr
    assert "none.jpg: is no photo of" in done.stderr


def test_a_disk_that_is_not_mounted_leaves_the_last_tables_as_they_are(bare):
    (bare.folder / "labels.txt").write_text("cat")
    run = Path(bare("run", "photos", *EMBEDDED).stdout.strip())
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.suffix != ".txt"}
    (bare.folder / "photos" / CAT.name).rename(bare.folder / CAT.name)
    done = bare("export", "photos", *EMBEDDED)
    assert done.returncode == ExitCode.SOME_FAILED
    assert "is its disk mounted?" in done.stderr
    for name in ("results.csv", "results.parquet", "photos.parquet", "approved.csv"):
        assert (run / name).read_bytes() == before[name]
    assert bare("run", "photos", *EMBEDDED).returncode == 0


def test_a_dry_run_has_a_line_for_each_step(bare):
    (bare.folder / "labels.txt").write_text("cat")
    done = bare("run", "photos", *EMBEDDED, "--sidecars", "--dry-run")
    steps = [line.partition(":")[0] for line in done.stderr.splitlines()]
    assert steps[:6] == ["scan", "thumbs", "embed", "score", "medoids", "export"]
    assert "sidecars: nothing is approved" in done.stderr
    bare("approve", "photos", "--label", "cat")
    done = bare("run", "photos", *EMBEDDED, "--sidecars", "--dry-run")
    assert "sidecars: 1 to look at" in done.stderr


@pytest.mark.parametrize("labels", ["[]", '"cat"', "[1]", "null", '["a|b"]'])
def test_odd_labels_in_a_config_json_are_a_usage_error(bare, labels):
    text = f'{{"settings": {{"root": "{bare.folder}/photos"}}, "labels": {labels}}}'
    (bare.folder / "config.json").write_text(text)
    done = bare("run", "--from", "config.json")
    assert done.returncode == ExitCode.USAGE
    assert "config.json: is not the config.json of a run" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--batch=photos",), "phototagger --batch photos"),
        (("--root", "photos"), "phototagger run --root photos"),
    ],
)
def test_words_that_lack_a_command_are_answered_with_what_to_type(bare, words, said):
    done = bare(*words)
    assert done.returncode == ExitCode.USAGE
    assert said in done.stderr


def test_a_current_folder_that_was_removed_is_named(bare, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    script = 'cd "$1" && rmdir "$1" && exec "$2" -m phototagger scan /tmp'
    done = subprocess.run(
        ["sh", "-c", script, "sh", gone, sys.executable],
        capture_output=True, text=True, check=False, env=bare.env,
    )  # fmt: skip
    assert done.returncode == ExitCode.USAGE, done.stderr
    assert "the current folder was removed" in done.stderr


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("labels", "--labels"), "pipe"),
        (("scan", ".", "--config"), "pipe"),
        (("run", "--from"), "pipe"),
        (("approve", ".", "--label", "cat", "--paths-from"), "/dev/zero"),
        (("approvals", "import"), "/dev/zero"),
    ],
    ids=lambda words: words[-1],
)
def test_a_file_that_is_none_is_named_at_once_and_ends_with_2(tagger, words, named):
    os.mkfifo(tagger.folder / "pipe")
    done = tagger(*words, named)
    assert done.returncode == 2
    assert "it is a pipe, a socket or a device, no regular file" in done.stderr
    assert names_in(tagger.folder) == ["pipe"]

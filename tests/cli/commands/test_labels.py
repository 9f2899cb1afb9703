"""`phototagger labels`: the labels file, checked by itself and on a library."""

import json

from phototagger.errors import ExitCode
from tests.cli.commands.test_more_commands import everything
from tests.cli.conftest import SAMPLES

EMBEDDED = ("--model-name", "embedded")


def test_without_vectors_only_the_file_is_checked_and_nothing_is_written(tagger):
    (tagger.folder / "labels.txt").write_text("cat\nDog\n Cat\n")
    done = tagger("labels", *EMBEDDED)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "duplicate  line 3: ' Cat' is 'cat', as is line 1\n"
    cure = "`phototagger embed ROOT`, with the same settings, makes them"
    assert done.stderr.splitlines() == [
        f"labels: 2 labels in {tagger.folder}/labels.txt, 1 findings",
        f"labels: only the file was checked: {tagger.folder}/runs holds no vectors; {cure}",
    ]
    assert [path.name for path in tagger.folder.iterdir()] == ["labels.txt"]


def test_on_a_library_it_names_what_never_fires_and_what_is_near(tagged):
    before = everything(tagged.folder)
    done = tagged("labels", SAMPLES, *EMBEDDED, "--all")
    assert done.returncode == 0, done.stderr
    assert everything(tagged.folder) == before
    kinds = {}
    for line in done.stdout.splitlines():
        kind, said = line.split(maxsplit=1)
        kinds.setdefault(kind, []).append(said)
    assert "fireworks is over the threshold 0.25 on none of 19 photos" in "\n".join(kinds["never"])
    assert any(line.startswith("sunrise and sunset are near") for line in kinds["synonyms"])
    assert not any(line.startswith("cat is") for line in kinds["never"])
    assert "19 photos show how often each label is over the threshold" in done.stderr


def test_many_labels_that_never_fire_are_one_line_until_all_are_asked_for(tagged):
    every = tagged("labels", SAMPLES, *EMBEDDED, "--all").stdout.splitlines()
    done = tagged("labels", SAMPLES, *EMBEDDED)
    never = [line for line in every if line.startswith("never ")]
    names = [line.split(maxsplit=1)[1].partition(" is over")[0] for line in never]
    [gathered] = [line for line in done.stdout.splitlines() if line.startswith("never ")]
    assert gathered.split(maxsplit=1)[1] == (
        f"{len(never)} labels are over the threshold nowhere: {', '.join(names[:5])} and "
        f"{len(never) - 5} more (--all names each, with how near it came)"
    )
    others = [line for line in every if line not in never]
    assert [line for line in done.stdout.splitlines() if line != gathered] == others
    assert f"{len(every)} findings" in done.stderr
    told = tagged("labels", SAMPLES, *EMBEDDED, "--json").stdout.splitlines()
    assert sum('"kind": "never"' in line for line in told) == len(never)


def test_labels_speaks_json(tagged):
    done = tagged("labels", *EMBEDDED, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1] == {"event": "finished", "run": None, "exit": 0}
    near = next(one for one in lines if one.get("kind") == "synonyms")
    assert near["event"] == "finding"
    assert len(near["labels"]) == 2


def test_a_new_label_is_told_to_have_no_vector(tagged):
    labels = tagged.folder / "more.txt"
    labels.write_text("cat\nsomething new\n")
    done = tagged("labels", *EMBEDDED, "--labels", labels)
    assert done.returncode == 0
    assert "only the file was checked: 1 labels have no vectors" in done.stderr


def test_a_bad_file_is_a_usage_mistake(tagger):
    (tagger.folder / "labels.txt").write_text("cat\na|b\n")
    done = tagger("labels", *EMBEDDED)
    assert done.returncode == ExitCode.USAGE
    assert "labels.txt:2: holds `|`" in done.stderr
    assert tagger("labels", "--labels", "absent.txt").returncode == ExitCode.USAGE
    error, last = map(json.loads, tagger("labels", "--json").stdout.splitlines())
    assert error["event"] == "error"
    assert last == {"event": "finished", "run": None, "exit": 2}

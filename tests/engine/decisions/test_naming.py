"""A label that was named keeps its name in the next run, whatever the labels file holds."""

from contextlib import closing

import pytest

from phototagger.core.labels import read_label_lines
from phototagger.engine.decisions.naming import Kind, do_naming, plan_naming, stale_lines
from phototagger.engine.job import Job
from phototagger.engine.library.library import Library
from phototagger.engine.plan import plan
from phototagger.engine.runner import run_steps
from phototagger.engine.step import STEPS, steps_of
from phototagger.store import Catalogue, Edit, Who, decide, decisions
from phototagger.store.labels.names import names
from tests.store.contents import sha1


@pytest.fixture
def kept(photos):
    """Photos of which a run was made with cat and dog; what is done to labels comes after."""
    photos.file = photos.folder / "labels.txt"
    write(photos, "cat", "dog")
    run(photos)
    return photos


def write(photos, *labels):
    photos.file.write_text("\n".join(labels))


def settings(photos):
    return photos.settings(labels_file=str(photos.file))


def run(photos):
    with Job(settings(photos), fresh=True) as job:
        for _ in run_steps(job, steps_of("run")):
            pass
        return job.labels, job.run.file("results.csv").read_text()


def name(photos, kind, label, becomes=""):
    with closing(Catalogue(settings(photos).run_dir)) as catalogue:
        offered = names(catalogue).labels_of(["cat", "dog"])
        do_naming(
            catalogue, plan_naming(catalogue, kind, label, becomes, offered), root=photos.root
        )


@pytest.mark.parametrize("file", [["cat", "dog"], ["cat", "hound"], ["cat", "dog", "hound"]])
def test_a_renamed_label_is_suggested_by_its_name_with_any_file(kept, file):
    name(kept, Kind.RENAME, "dog", "hound")
    write(kept, *file)
    labels, table = run(kept)
    assert labels == ["cat", "hound"]
    assert "dog" not in table.replace("dog.", "")
    assert "hound" in table
    with Library(settings(kept), file) as library:
        assert library.labels == ["cat", "hound"]
    lines = list(plan(settings(kept), None, [STEPS["embed"]]))
    assert any(line.endswith(", 2 labels") for line in lines)


def test_a_merged_and_a_removed_label_are_suggested_no_more(kept):
    name(kept, Kind.MERGE, "dog", "cat")
    assert run(kept)[0] == ["cat"]
    write(kept, "dog")
    assert run(kept)[0] == ["cat"]
    name(kept, Kind.REMOVE, "cat")
    write(kept, "cat", "dog", "sea")
    assert run(kept)[0] == ["sea"]


def test_an_old_word_that_is_added_anew_is_a_label_beside_the_renamed_one(kept):
    name(kept, Kind.RENAME, "dog", "hound")
    name(kept, Kind.ADD, "dog")
    assert run(kept)[0] == ["cat", "dog", "hound"]


def test_the_lines_to_change_are_told(kept):
    name(kept, Kind.RENAME, "dog", "hound")
    with closing(Catalogue(settings(kept).run_dir)) as catalogue:
        now = names(catalogue)

    def said(*file):
        write(kept, *file)
        return [(line.number, what) for line, what in stale_lines(read_label_lines(kept.file), now)]

    assert said("cat", "dog") == [(2, "write hound there: it is called that")]
    assert said("cat", "hound") == []
    assert said("dog", "hound") == [(1, "remove the line: it means hound, which has one")]


_REJECTED = "a person's rejection, against auto's approval"


@pytest.mark.parametrize(
    ("said", "approved", "told"),
    [
        # What is said of puppy, by whom, and by a person of dog; what holds of dog after the merge.
        ([(Who.PERSON, False, True)], [True], "there the approval holds"),
        ([(Who.AUTO, True, False)], [False], f"there {_REJECTED}, holds"),
        (
            [(Who.AUTO, True, False), (Who.PERSON, True, False), (Who.PERSON, True, True)],
            [False, True, True],
            f"there the approval holds, but on 1 of them {_REJECTED}",
        ),
    ],
)
def test_a_merge_says_which_decision_holds(tmp_path, said, approved, told):
    shown = [sha1(f"{number}.jpg") for number in range(len(said))]
    with closing(Catalogue(tmp_path)) as catalogue:
        for photo, (who, of_puppy, of_dog) in zip(shown, said, strict=True):
            decide(catalogue, [Edit(photo, "puppy", of_puppy)], root="/p", who=who)
            decide(catalogue, [Edit(photo, "dog", of_dog)], root="/p")
        merge = plan_naming(catalogue, Kind.MERGE, "puppy", "dog", [])
        assert f" the other way: {told}" in merge.said
        do_naming(catalogue, merge, root="/p")
        held = {one.sha1: one.approved for one in decisions(catalogue)}
    assert [held[photo] for photo in shown] == approved

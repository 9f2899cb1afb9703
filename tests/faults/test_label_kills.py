"""A label is named whole or not at all, wherever the command is killed."""

import os
import shutil
import signal
from contextlib import closing
from pathlib import Path

import pytest

from phototagger.cli.tagger import main
from phototagger.store import Catalogue, Edit, decide, decisions
from phototagger.store.labels.custom_labels import add_word, with_words
from phototagger.store.labels.drafts import Draft, drafts, save_drafts
from phototagger.store.repair.damage import damages
from tests.faults.kill_driver import NEVER, Points, watch
from tests.store.contents import sha1

ROOT = "/photos"
PHOTOS = [sha1(number) for number in range(40)]


@pytest.fixture
def lived(tmp_path):
    """A run_dir in which two labels were decided on photos, one of them checked on another."""
    folder = tmp_path / "lived"
    (folder / "runs").mkdir(parents=True)
    with closing(Catalogue(folder / "runs")) as catalogue:
        decide(catalogue, [Edit(one, "puppy", approved=True) for one in PHOTOS], root=ROOT)
        decide(catalogue, [Edit(one, "dog", approved=False) for one in PHOTOS[::2]], root=ROOT)
        save_drafts(catalogue, {sha1("draft"): Draft(frozenset({"puppy"}))})
        add_word(catalogue, "puppy")
    (folder / "labels.txt").write_text("dog\n")
    return folder


def named(folder: Path, deadly: int) -> int:
    """Merge the labels in a child that is killed at a point; return how it ended."""
    child = os.fork()
    if not child:
        point = Points(deadly)
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        os.chdir(folder)
        watch(point)
        code = main(["labels", "merge", "puppy", "dog", "--quiet"])
        (folder / "points").write_text(str(point.passed))
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def left(folder: Path) -> tuple[object, ...]:
    with closing(Catalogue(folder / "runs")) as catalogue:
        assert list(damages(catalogue.connection)) == []
        held = {(one.sha1, one.label, one.approved) for one in decisions(catalogue)}
        checks = drafts(catalogue, [sha1("draft")])[sha1("draft")].checked
        return held, checks, with_words(catalogue, ["dog", "puppy"])


def test_a_merge_that_is_killed_is_done_whole_or_not_at_all(lived, tmp_path):
    before = left(Path(shutil.copytree(lived, tmp_path / "before")))
    whole = Path(shutil.copytree(lived, tmp_path / "whole"))
    assert named(whole, NEVER) == 0
    points, after = int((whole / "points").read_text()), left(whole)
    assert before[1:] == (frozenset({"puppy"}), ["dog", "puppy"])
    assert after == ({(one, "dog", True) for one in PHOTOS}, frozenset({"dog"}), ["dog"])
    found = []
    for deadly in range(1, points + 1):
        folder = Path(shutil.copytree(lived, tmp_path / f"point-{deadly}"))
        assert named(folder, deadly) == -signal.SIGKILL
        found.append(left(folder))
        if found[-1] == before:
            assert named(folder, NEVER) == 0
            assert left(folder) == after
        shutil.rmtree(folder)
    assert all(one in (before, after) for one in found)
    assert before in found
    assert after in found

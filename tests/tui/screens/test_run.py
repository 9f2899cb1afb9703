"""The run screen: what can be started, and how far the engine is."""

import re

import pytest

from phototagger.engine.events import PhotoFailed
from phototagger.engine.progress import Progress, State
from phototagger.errors import PhototaggerError
from phototagger.tui.screens.run import CHOICES, RunScreen, bar_of, said_of
from tests.tui.driving import NOTHING_YET, Stage, drive, keys, shown

BUSY = Progress(
    start=1, state=State.RUNNING, step="embed", done=50, total=200, fresh=20, seconds=10.0,
    failures=(PhotoFailed("/photos/broken.jpg", "is an empty file"),), lines=("scan: 200 new",),
)  # fmt: skip


@pytest.mark.parametrize("choice", CHOICES, ids=lambda one: one.name)
def test_enter_starts_the_step_under_the_cursor(choice):
    presses = ["down"] * CHOICES.index(choice)
    stage = drive(Stage(dialog=RunScreen(Progress())), keys(*presses, "enter"))
    assert stage.result == choice.name


def test_every_step_stands_apart_from_what_it_does():
    seen = shown(Stage(dialog=RunScreen(Progress())), size=(120, 36))
    for choice in CHOICES:
        assert re.search(rf"{choice.name} +{re.escape(choice.does)}", seen)


@pytest.mark.parametrize("width", [60, 80])
def test_a_sentence_that_does_not_fit_ends_in_an_ellipsis(width):
    seen = shown(Stage(dialog=RunScreen(Progress())), size=(width, 24))
    for choice in CHOICES:
        [said] = re.findall(rf"│[ >]+{choice.name} +(.*?) *[▁▂▃▄▅▆▇█]?│?$", seen, re.MULTILINE)
        if width == 80:
            assert said == choice.does
        elif said != choice.does:
            assert choice.does.startswith(said.removesuffix("…").rstrip())
            assert said.endswith("…")


def test_only_the_step_that_enter_starts_has_the_sign_of_the_cursor():
    seen = shown(Stage(dialog=RunScreen(BUSY)), size=(80, 24))
    assert seen.count("│ >") == 1


def test_progress_log_and_failures_are_shown():
    seen = shown(Stage(dialog=RunScreen(BUSY)), size=(100, 36))
    assert "embed    [########......................] 50 of 200, 3.0/s, 50 s left" in seen
    assert "running, 1 failed; the review goes on meanwhile" in seen
    assert "scan: 200 new" in seen
    assert "failed: /photos/broken.jpg: is an empty file" in seen


def test_while_one_step_goes_on_none_is_started_and_pausing_is_asked_for():
    stage = drive(Stage(dialog=RunScreen(BUSY)), keys("enter", "p", "x"))
    assert stage.result is NOTHING_YET
    asked = [type(one).__name__ for one in stage.heard]
    assert asked.count("PauseAsked") == asked.count("CancelAsked") == 1


def test_a_failure_says_cause_and_cure():
    error = PhototaggerError("no weights", "use the embedded model")
    failed = Progress(state=State.FAILED, error=error)
    assert said_of(failed) == "failed: no weights; use the embedded model"
    assert bar_of(failed) == ""

"""The engine within the review: photos become ready while somebody decides."""

import asyncio

import pytest

from phototagger.tui.screens.run import CHOICES
from tests.engine.pictures import picture
from tests.engine.process.processes import process
from tests.review.conftest import labels_file
from tests.tui.reviewing import at_desk

__all__ = ["process"]


async def wait_until(desk, holds, seconds=30.0):
    for _ in range(int(seconds / 0.05)):
        if holds():
            return
        await asyncio.sleep(0.05)
        await desk.pilot.pause()
    raise AssertionError(desk.screen)


def is_idle(desk):
    return not desk.app.engine.is_running


async def choose(desk, step):
    """Start a step in the run screen."""
    names = [choice.name for choice in CHOICES]
    await desk.press("r", *["down"] * names.index(step), "enter")


def test_where_nothing_is_embedded_enter_embeds_and_photos_appear(photos, process):
    labels_file(photos)

    async def act(desk):
        assert "none of the 7 photos has been embedded" in desk.screen
        await desk.press("enter")
        await wait_until(desk, lambda: is_idle(desk) and "a.jpg" in desk.screen)
        await desk.rest()
        assert len(desk.review.listing) == 7
        assert desk.checked
        await desk.press("a")
        assert desk.decided() == ["a.jpg"]

    at_desk(photos, act)
    assert process.did("loads") == 1


def test_decisions_go_on_while_photos_are_embedded_and_a_pause_holds(ran, process):
    for number in range(12):
        picture(ran.root / f"new/{number:02}.png", 200 + number)
    process.do("wait")

    async def act(desk):
        await choose_without_rest(desk)
        await wait_until(desk, lambda: process.did("batches") >= 1)
        await desk.pilot.press("a")
        await wait_until(desk, lambda: desk.decided() == ["a.jpg"])
        await wait_until(desk, lambda: "embed" in desk.status)
        await desk.pilot.press("r")
        await desk.pilot.pause()
        await desk.pilot.press("p")
        process.do("")
        await wait_until(desk, lambda: "paused" in desk.screen)
        done = process.did("batches")
        await asyncio.sleep(0.3)
        assert process.did("batches") <= done + 1
        await desk.pilot.press("p")
        await wait_until(desk, lambda: is_idle(desk))
        await desk.pilot.press("escape")
        await wait_until(desk, lambda: len(desk.review.listing) == 19)

    async def choose_without_rest(desk):
        await desk.pilot.press("r")
        await desk.pilot.pause()
        await desk.pilot.press("enter")

    at_desk(ran, act)
    assert process.did("loads") == 1


def test_a_crash_of_the_model_is_a_message_and_the_review_goes_on(ran, process):
    picture(ran.root / "new.png", 99)
    process.do("crash")

    async def act(desk):
        await choose(desk, "run")
        await wait_until(desk, lambda: is_idle(desk) and "signal 11" in desk.status)
        assert (desk.review.job.run.path / "REPORT.md").exists()
        await desk.press("a")
        assert desk.decided() == ["a.jpg"]
        process.do("")
        await choose(desk, "run")
        await wait_until(desk, lambda: is_idle(desk) and len(desk.review.listing) == 8)

    at_desk(ran, act)
    assert process.did("loads") == 2


def test_missing_weights_offer_the_model_that_ships(photos, process):
    labels_file(photos)
    process.do("missing")

    async def act(desk):
        await desk.press("enter")
        await wait_until(desk, lambda: "the model could not be loaded" in desk.screen)
        assert "use the embedded model" in desk.screen
        assert "could not be downloaded" in desk.screen
        assert "Python packages" in desk.screen
        await desk.press("enter")
        settings, step = desk.app.again
        assert (settings.model_name, step) == ("embedded", "run")

    at_desk(photos, act, model_name="ViT-B-32")


def test_a_review_that_was_opened_to_embed_asks_nothing(photos, process):
    labels_file(photos)

    async def act(desk):
        await wait_until(desk, lambda: is_idle(desk) and len(desk.review.listing) == 7)
        assert "none of the 7 photos" not in desk.screen
        assert desk.checked
        assert not desk.app.again

    at_desk(photos, act, first_step="run")
    assert process.did("loads") == 1


def test_tables_that_are_due_do_not_keep_the_first_step_from_its_start(ran, process):
    async def decide(desk):
        await desk.press("a")

    async def act(desk):
        await wait_until(desk, lambda: is_idle(desk) and process.did("batches") > 0)
        assert len(desk.review.listing) == 8

    at_desk(ran, decide)
    picture(ran.root / "new.jpg", 300)
    at_desk(ran, act, first_step="run")


@pytest.mark.parametrize("keys", [("escape",), ("enter", "escape")])
def test_without_a_model_photos_are_shown_all_the_same_and_can_be_labelled(photos, process, keys):
    labels_file(photos)
    process.do("missing")

    async def act(desk):
        for key in keys:
            await desk.press(key)
            await wait_until(desk, lambda: is_idle(desk))
        await wait_until(desk, lambda: len(desk.review.listing) == 7)
        await desk.press("slash", *"forest", "enter", "a")
        assert desk.approved("a.jpg") == {"forest"}

    at_desk(photos, act, model_name="ViT-B-32")


def test_a_label_added_to_the_file_is_embedded_without_loading_photos_again(ran, process):
    async def act(desk):
        with labels_file(ran).open("a") as file:
            file.write("\nkite\n")
        await choose(desk, "vocabulary")
        await wait_until(desk, lambda: is_idle(desk) and "kite" in desk.review.suggester.labels)
        assert "kite" in {line.label for line in desk.app.checks.lines}

    at_desk(ran, act)
    assert process.did("batches") == 0


def test_a_new_label_is_suggested_too_as_soon_as_a_model_is_there(ran, process):
    async def act(desk):
        await desk.press("slash", *"kite", "enter")
        await wait_until(desk, lambda: is_idle(desk))
        assert "r, labels makes one" in desk.status
        assert process.did("loads") == 0
        await choose(desk, "vocabulary")
        await wait_until(desk, lambda: is_idle(desk) and "kite" in desk.review.suggester.labels)
        await desk.press("slash", *[" " if one == " " else one for one in "red kite"], "enter")
        await wait_until(desk, lambda: is_idle(desk) and "red kite" in desk.review.suggester.labels)
        assert {"kite", "red kite"} <= desk.app.checks.checked

    at_desk(ran, act)
    assert process.did("loads") == 1


def test_threshold_and_columns_change_in_the_settings_without_a_new_start(ran, process):
    async def act(desk):
        threshold = ["down"] * 6
        await desk.press("o", *threshold, "enter", *["backspace"] * 3, "0", ".", "9", "enter", "s")
        assert desk.review.threshold == 0.9
        assert desk.checked == set()
        assert desk.app.again is None

    at_desk(ran, act)
    assert process.did("loads") == 0


def test_another_root_opens_the_review_again(ran, process, tmp_path):
    (tmp_path / "elsewhere").mkdir()

    async def act(desk):
        typed = ["slash" if one == "/" else one for one in str(tmp_path / "elsewhere")]
        erased = ["backspace"] * len(str(ran.root))
        await desk.press("o", "enter", *erased, *typed, "enter", "s")
        assert desk.app.again.settings.root == str(tmp_path / "elsewhere")

    at_desk(ran, act)

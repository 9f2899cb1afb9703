"""The engine within the review: photos become ready while somebody decides."""

import asyncio

from phototagger.engine.progress import Progress, State
from phototagger.review.background.rescan import rescan
from phototagger.review.background.tables import tables_are_due
from phototagger.tui.keys import BY_NAME
from phototagger.tui.screens.review import background
from phototagger.tui.screens.run import CHOICES
from tests.engine.pictures import picture
from tests.engine.process.processes import process
from tests.review.conftest import labels_file
from tests.tui.driving import workers_done
from tests.tui.reviewing import at_review

__all__ = ["process"]


async def wait_until(user, holds, seconds=30.0):
    for _ in range(int(seconds / 0.05)):
        if holds():
            return
        await asyncio.sleep(0.05)
        await user.pilot.pause()
    raise AssertionError(user.screen)


def is_idle(user):
    return not user.ui.engine.engine.is_running


async def choose(user, step):
    """Start a step in the run screen."""
    names = [choice.name for choice in CHOICES]
    await user.press("r", *["down"] * names.index(step), "enter")


def test_where_nothing_is_embedded_it_is_without_being_asked(photos, process):
    labels_file(photos)

    async def act(user):
        await wait_until(user, lambda: is_idle(user) and user.checked)
        await user.rest()
        assert len(user.review.photos.listing) == 7
        assert user.checked
        await user.press("a")
        assert user.decided() == ["a.jpg"]

    at_review(photos, act)
    assert process.did("loads") == 1


def test_a_step_goes_on_with_the_page_that_is_seen(many):
    async def act(user):
        wanted = user.review.job.writer.wanted
        assert wanted.take()[0] == str(many.root / "a.jpg")
        await user.press("G")
        assert str(many.root / "trip/59.png") in wanted.take()
        await user.press("g")
        seen = wanted.take()
        assert seen[0] == str(many.root / "a.jpg")
        assert str(many.root / "trip/59.png") not in seen

    at_review(many, act, (80, 24))


def test_new_photos_are_shown_and_get_suggestions(ran, process):
    (ran.root / "new.jpg").write_bytes((ran.root / "a.jpg").read_bytes() + b" ")

    async def act(user):
        assert "new.jpg" in user.screen
        await user.press("right", "right")
        assert user.here == "new.jpg"
        assert user.checked

    at_review(ran, act)


def test_the_model_loads_beside_and_the_seconds_are_counted(photos, process):
    """Looking, moving and marking go on meanwhile; approving is refused with the reason."""
    labels_file(photos)
    process.do("slow")

    async def act(user):
        await wait_until(user, lambda: "loading the model, 1 s" in user.status)
        assert "a.jpg" in user.screen
        await user.pilot.press("right", "a")
        await wait_until(user, lambda: "not approved: the model is loading" in user.status)
        assert user.here == "b.png"
        await user.pilot.press("space")
        await user.pilot.pause()
        marked = user.review.marked.contents
        process.do("")
        await wait_until(user, lambda: is_idle(user) and "~" in user.screen)
        assert user.review.marked.here() == [user.at("b.png")]
        assert user.decided() == []
        assert marked

    at_review(photos, act, rests=False)


def test_decisions_go_on_while_photos_are_embedded_and_a_pause_holds(ran, process):
    async def act(user):
        for number in range(12):
            picture(ran.root / f"new/{number:02}.png", 200 + number)
        process.do("wait")
        await choose_without_rest(user)
        await wait_until(user, lambda: process.did("batches") >= 1)
        await user.pilot.press("a")
        await wait_until(user, lambda: user.decided() == ["a.jpg"])
        await wait_until(user, lambda: "embed" in user.status)
        await user.pilot.press("r")
        await user.pilot.pause()
        await user.pilot.press("p")
        process.do("")
        await wait_until(user, lambda: "paused" in user.screen)
        done = process.did("batches")
        await asyncio.sleep(0.3)
        assert process.did("batches") <= done + 1
        await user.pilot.press("p")
        await wait_until(user, lambda: is_idle(user))
        await user.pilot.press("escape")
        await wait_until(user, lambda: len(user.review.photos.listing) == 19)

    async def choose_without_rest(user):
        await user.pilot.press("r")
        await user.pilot.pause()
        await user.pilot.press("enter")

    at_review(ran, act)
    assert process.did("loads") == 1


def test_a_crash_of_the_model_is_a_message_and_the_review_goes_on(ran, process):
    picture(ran.root / "new.png", 99)
    process.do("crash")

    async def act(user):
        await wait_until(user, lambda: is_idle(user) and "signal 11" in user.status)
        assert (user.review.job.run.path / "REPORT.md").exists()
        await user.press("a")
        assert user.decided() == ["a.jpg"]
        process.do("")
        await choose(user, "run")
        await wait_until(user, lambda: is_idle(user) and len(user.review.photos.listing) == 8)

    at_review(ran, act)
    assert process.did("loads") == 2


def test_missing_weights_offer_the_model_that_ships(photos, process):
    labels_file(photos)
    process.do("missing")

    async def act(user):
        await wait_until(user, lambda: "the model could not be loaded" in user.screen)
        assert "use the embedded model" in user.screen
        assert "could not be downloaded" in user.screen
        assert "Python packages" in user.screen
        assert f"added with {BY_NAME['find_label'].keys[0]}." in user.screen
        await user.press("enter")
        again = user.app.reopen
        assert (again.settings.model_name, again.step) == ("embedded", "run")

    at_review(photos, act, model_name="ViT-B-32")


def test_a_review_that_was_opened_to_embed_asks_nothing(photos, process):
    labels_file(photos)

    async def act(user):
        await wait_until(user, lambda: is_idle(user) and len(user.review.photos.listing) == 7)
        assert "none of the 7 photos" not in user.screen
        assert user.checked
        assert not user.app.reopen

    at_review(photos, act, first_step="run")
    assert process.did("loads") == 1


def test_tables_that_are_due_do_not_keep_the_first_step_from_its_start(ran, process):
    async def decide(user):
        await user.press("a")

    async def act(user):
        await wait_until(user, lambda: is_idle(user) and process.did("batches") > 0)
        assert len(user.review.photos.listing) == 8

    at_review(ran, decide)
    picture(ran.root / "new.jpg", 300)
    at_review(ran, act, first_step="run")


def test_tables_that_are_due_are_written_after_the_one_look_at_the_root(ran, monkeypatch):
    looks = []

    def look(job, *others):
        was_due = tables_are_due(job)
        looks.append((was_due, rescan(job, *others)))
        return looks[-1][1]

    async def decide(user):
        await user.press("a")

    async def act(user):
        await wait_until(user, lambda: not tables_are_due(user.review.job) and is_idle(user))
        await workers_done(user.app)

    at_review(ran, decide)
    monkeypatch.setattr(background, "rescan", look)
    at_review(ran, act)
    [(was_due, found)] = looks
    assert was_due
    assert not len(found.found.photos)  # all were read: nothing is to become known of them


def test_without_a_model_photos_are_shown_all_the_same_and_can_be_labelled(photos, process):
    labels_file(photos)
    process.do("missing")

    async def act(user):
        await wait_until(user, lambda: "the model could not be loaded" in user.screen)
        await user.press("escape")
        await wait_until(user, lambda: not user.review.photos.listing.unread.any())
        await user.press("#", *"forest", "down", "enter", "a")
        assert user.approved("a.jpg") == {"forest"}

    at_review(photos, act, model_name="ViT-B-32")


def test_a_label_added_to_the_file_is_embedded_without_loading_photos_again(ran, process):
    async def act(user):
        with labels_file(ran).open("a") as file:
            file.write("\nkite\n")
        await choose(user, "vocabulary")
        await wait_until(
            user, lambda: is_idle(user) and "kite" in user.review.suggestions.suggester.labels
        )
        assert "kite" in {line.label for line in user.ui.photo.checks.lines}

    at_review(ran, act)
    assert process.did("batches") == 0


def test_a_new_label_is_suggested_too_and_the_model_is_loaded_for_it_once(ran, process):
    async def act(user):
        for label in ("kite", "red kite"):
            await user.press("#", *label, "down", "enter")
            await wait_until(
                user,
                lambda one=label: is_idle(user) and one in user.review.suggestions.suggester.labels,
            )
        assert {"kite", "red kite"} <= user.ui.photo.checks.checked

    at_review(ran, act)
    assert process.did("loads") == 1


def test_threshold_and_columns_change_in_the_settings_without_a_new_start(ran, process):
    async def act(user):
        threshold = ["down"] * 6
        await user.press("o", *threshold, "enter", *["backspace"] * 3, "0", ".", "9", "enter", "s")
        assert user.review.suggestions.threshold == 0.9
        assert user.checked == set()
        assert user.app.reopen is None

    at_review(ran, act)
    assert process.did("loads") == 0


def test_another_root_opens_the_review_again(ran, process, tmp_path):
    (tmp_path / "elsewhere").mkdir()

    async def act(user):
        typed = ["slash" if one == "/" else one for one in str(tmp_path / "elsewhere")]
        erased = ["backspace"] * len(str(ran.root))
        await user.press("o", "enter", *erased, *typed, "enter", "s")
        assert user.app.reopen.settings.root == str(tmp_path / "elsewhere")

    at_review(ran, act)


def test_the_first_suggestions_are_looked_at_at_once_and_others_a_while_apart(ran, monkeypatch):
    async def act(user):
        looks = []
        for name in ("now", "soon"):
            monkeypatch.setattr(user.ui.arriving, name, lambda name=name: looks.append(name))
        for ready in (64, 128, 192):
            user.ui.engine.show(Progress(start=9, state=State.RUNNING, ready=ready))
        assert looks == ["now", "soon", "soon"]

    at_review(ran, act)

"""A disk that refuses in mid-review: it is said, and nothing is shown that is not on disk."""

import shutil

import pytest

from tests.tui.reviewing import at_desk

ALL = ["a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "sea/e.jpg", "town/f.jpg", "town/g.png"]
DECIDING = [
    "a", "enter", "1", "space", "t", "c", "C", "T", "A enter", "u", "ctrl+r", ".", "p", "v l a",
    "v l 1", "v l c", "/ c a t enter", "/ n e w enter",
]  # fmt: skip

KEYS = [
    *DECIDING, "f down enter", "f enter", "s down enter", "s enter", "i", "e", "w", "w enter", "r",
    "r enter", "o", "?", "z", "+", "-", "tab", "]", "g", "G", "end", "h", "l",
]  # fmt: skip


def state(desk):
    return {name: (desk.held(name), desk.kept(name)) for name in ALL}


@pytest.mark.parametrize("keys", DECIDING)
def test_a_catalogue_that_became_read_only_is_named_and_the_screen_stays_true(ran, keys):
    async def act(desk):
        await desk.press("2", "a", "a", "u", "y", "h")  # something to undo, redo, repeat, paste
        before, checked, shown = state(desk), desk.checked, desk.screen.splitlines()[:-2]
        connection = desk.review.job.catalogue.connection
        connection.execute("PRAGMA query_only=ON")
        await desk.press(*keys.split())
        assert state(desk) == before
        assert "readonly" in desk.status
        assert desk.shown_is_on_disk()
        if not keys.startswith("v"):
            assert desk.checked == checked
            assert desk.screen.splitlines()[:-2] == shown
        connection.execute("PRAGMA query_only=OFF")
        await desk.press("escape", "g", "1")
        assert state(desk) != before
        assert desk.shown_is_on_disk()

    at_desk(ran, act, (160, 36))


@pytest.mark.parametrize("keys", DECIDING)
def test_a_run_dir_that_was_removed_is_named_and_the_screen_stays_true(ran, keys):
    run_dir = ran.folder / "runs"

    async def act(desk):
        await desk.press("2", "a", "a", "u", "y", "h")  # something to undo, redo, repeat, paste
        before, checked, shown = state(desk), desk.checked, desk.screen.splitlines()[:-2]
        run_dir.rename(ran.folder / "away")
        await desk.press(*keys.split())
        assert (
            f"{run_dir}: was deleted, moved or unmounted while it was in use; bring" in desk.status
        )
        (ran.folder / "away").rename(run_dir)
        assert state(desk) == before
        assert desk.shown_is_on_disk()
        if not keys.startswith("v"):
            assert desk.checked == checked
            assert desk.screen.splitlines()[:-2] == shown
        await desk.press("escape", "g", "1")
        assert state(desk) != before
        assert desk.shown_is_on_disk()

    at_desk(ran, act, (160, 36))


def test_no_key_ends_a_review_whose_run_dir_was_deleted(ran):
    async def act(desk):
        await desk.press("a")
        shutil.rmtree(ran.folder / "runs")
        for keys in KEYS:
            await desk.press(*keys.split(), "escape")
            assert desk.app.is_running, keys
            assert desk.app._exception is None, keys
        await desk.press("a")
        assert "was deleted, moved or unmounted while it was in use" in desk.status

    at_desk(ran, act, (160, 36))


def test_a_full_disk_is_said_and_the_review_goes_on_when_there_is_room(many):
    async def act(desk):
        connection = desk.review.job.catalogue.connection
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")
        await desk.press("A", "enter")
        assert "the disk is full; make room" in desk.status
        assert desk.decided() == []
        assert "67 undecided" in desk.status
        connection.execute("PRAGMA max_page_count=100000")
        await desk.press("A", "enter")
        assert len(desk.decided()) == 67

    at_desk(many, act, (160, 36))


@pytest.mark.parametrize("keys", ["c", "u", "ctrl+r"])
def test_a_disk_that_fails_between_decisions_and_checks_keeps_both_as_they_were(
    ran, keys, monkeypatch
):
    def fails(*_):
        raise OSError(28, "No space left on device", "catalogue.db")

    async def act(desk):
        await desk.press("2", "a", "h", "u", "ctrl+r", "h", "3", "a", "u", "h")
        before = state(desk)
        with monkeypatch.context() as patch:
            patch.setattr("phototagger.review.session.save_drafts", fails)
            await desk.press(keys)
        assert "No space left on device" in desk.status
        assert state(desk) == before
        assert desk.shown_is_on_disk()
        await desk.press(keys)
        assert state(desk) != before

    at_desk(ran, act, (160, 36))


def test_tables_that_cannot_be_written_are_named(ran, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", "results.csv")

    monkeypatch.setattr("phototagger.engine.steps.export.write_results_csv", full)

    async def act(desk):
        await desk.press("a", "e")
        assert "results.csv: No space left on device" in desk.status
        assert (desk.review.job.run.path / "REPORT.md").exists()
        await desk.press("a")
        assert desk.decided() == ["a.jpg", "b.png"]

    at_desk(ran, act, (160, 36))

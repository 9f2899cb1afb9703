"""A disk that refuses in mid-review: it is said, and nothing is shown that is not on disk."""

import shutil

import pytest

from tests.tui.reviewing import at_review

ALL = ["a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "sea/e.jpg", "town/f.jpg", "town/g.png"]
DECIDING = [
    "a", "enter", "1", "t", "c", "C enter", "T enter", "A enter", "u", "ctrl+r", ".", "p",
    "v l a enter", "v l 1 enter", "v l c enter", "# c a t enter", "# n e w down enter",
]  # fmt: skip

KEYS = [
    *DECIDING, "space", "V", "f down enter", "f enter", "s down enter", "s enter", "i", "e", "w",
    "w enter", "r", "r enter", "o", "?", "z", "+", "-", "tab", "]", "g", "G", "end", "h", "l",
]  # fmt: skip


def state(user):
    return user.held_each(ALL), user.kept_each(ALL)


@pytest.mark.parametrize("keys", DECIDING)
def test_a_catalogue_that_became_read_only_is_named_and_the_screen_stays_true(ran, keys):
    async def act(user):
        await user.press("2", "a", "2", "a", "u", "y", "h")  # to undo, redo, repeat, paste
        before, checked, shown = state(user), user.checked, user.screen.splitlines()[:-2]
        connection = user.review.job.catalogue.connection
        connection.execute("PRAGMA query_only=ON")
        await user.press(*keys.split())
        assert state(user) == before
        assert "readonly" in user.status
        assert user.shown_is_on_disk()
        if not keys.startswith("v"):
            assert user.checked == checked
            assert user.screen.splitlines()[:-2] == shown
        connection.execute("PRAGMA query_only=OFF")
        await user.press("escape", "g", "1")
        assert state(user) != before
        assert user.shown_is_on_disk()

    at_review(ran, act, (160, 36))


@pytest.mark.parametrize("keys", DECIDING)
def test_a_run_dir_that_was_removed_is_named_and_the_screen_stays_true(ran, keys):
    run_dir = ran.folder / "runs"

    async def act(user):
        await user.press("2", "a", "2", "a", "u", "y", "h")  # to undo, redo, repeat, paste
        before, checked, shown = state(user), user.checked, user.screen.splitlines()[:-2]
        run_dir.rename(ran.folder / "away")
        await user.press(*keys.split())
        assert (
            f"{run_dir}: was deleted, moved or unmounted while it was in use; bring" in user.status
        )
        (ran.folder / "away").rename(run_dir)
        assert state(user) == before
        assert user.shown_is_on_disk()
        if not keys.startswith("v"):
            assert user.checked == checked
            assert user.screen.splitlines()[:-2] == shown
        await user.press("escape", "g", "1")
        assert state(user) != before
        assert user.shown_is_on_disk()

    at_review(ran, act, (160, 36))


def test_no_key_ends_a_review_whose_run_dir_was_deleted(ran):
    async def act(user):
        await user.press("a")
        shutil.rmtree(ran.folder / "runs")
        for keys in KEYS:
            await user.press(*keys.split(), "escape")
            assert user.app.is_running, keys
            assert user.app._exception is None, keys
        await user.press("a")
        assert "was deleted, moved or unmounted while it was in use" in user.status

    at_review(ran, act, (160, 36))


def test_a_full_disk_is_said_and_the_review_goes_on_when_there_is_room(many):
    async def act(user):
        connection = user.review.job.catalogue.connection
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")
        await user.press("A", "enter")
        assert "the disk is full; make room" in user.status
        assert user.decided() == []
        assert "67 undecided" in user.status
        connection.execute("PRAGMA max_page_count=100000")
        await user.press("A", "enter")
        assert len(user.decided()) == 67

    at_review(many, act, (200, 36))  # the path of the catalogue stands in the line


@pytest.mark.parametrize("keys", ["c", "u", "ctrl+r"])
def test_a_disk_that_fails_between_decisions_and_checks_keeps_both_as_they_were(
    ran, keys, monkeypatch
):
    def fails(*_):
        raise OSError(28, "No space left on device", "catalogue.db")

    async def act(user):
        await user.press("2", "a", "h", "u", "ctrl+r", "h", "3", "a", "u", "h")
        before = state(user)
        with monkeypatch.context() as patch:
            patch.setattr("phototagger.review.session.save_drafts", fails)
            await user.press(keys)
        assert "No space left on device" in user.status
        assert state(user) == before
        assert user.shown_is_on_disk()
        await user.press(keys)
        assert state(user) != before

    at_review(ran, act, (160, 36))


def test_tables_that_cannot_be_written_are_named(ran, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", "results.csv")

    monkeypatch.setattr("phototagger.engine.steps.export.write_results_csv", full)

    async def act(user):
        await user.press("a", "e")
        assert "results.csv: No space left on device" in user.status
        assert (user.review.job.run.path / "REPORT.md").exists()
        await user.press("a")
        assert user.decided() == ["a.jpg", "b.png"]

    at_review(ran, act, (160, 36))

"""What goes on beside the keys: sidecars, tables, information, help, palette."""

import csv
import threading

import pytest

from phototagger.review.view import Filter
from phototagger.sidecars.apply import apply
from tests.sidecar_files import needs_exiftool
from tests.tui.reviewing import at_review

FILTERS = list(Filter)


def bytes_of(root):
    return {path.name: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@needs_exiftool
def test_sidecars_are_shown_first_and_written_by_enter(ran):
    before = bytes_of(ran.root)

    async def act(user):
        await user.press("a", "w")
        assert "1 sidecar would be written" in user.screen
        assert "+ snow" in user.screen
        assert bytes_of(ran.root) == before
        await user.press("enter")
        assert "1 sidecar written, 0 refused" in user.screen
        assert b"snow" in (ran.root / "a.jpg.xmp").read_bytes()
        await user.press("enter", "w")
        assert "Nothing to write" in user.screen
        await user.press("enter", "escape", "a")
        assert user.decided() == ["a.jpg", "b.png"]

    at_review(ran, act)
    after = bytes_of(ran.root)
    assert after.pop("a.jpg.xmp")
    assert after == before


@needs_exiftool
def test_who_quits_while_sidecars_are_written_is_told_how_many_are_not(ran, monkeypatch):
    begun = threading.Event()

    async def act(user):
        def slowly(*arguments, **options):
            results = apply(*arguments, **options)
            yield next(results)
            begun.set()
            user.review.job.writer.cancelled.wait(20)  # as the engine is closed
            yield from results

        monkeypatch.setattr("phototagger.engine.steps.sidecars.apply", slowly)
        monkeypatch.setattr("phototagger.sidecars.ledger.BATCH", 1)
        await user.press("a", "2", "a", "2", "a", "w")
        assert "3 sidecars would be written" in user.screen
        await user.pilot.press("enter")
        while not begun.is_set():
            await user.pilot.pause(0.05)
        said = user.ui.app.close_engine()
        written = len(list(ran.root.rglob("*.xmp")))
        assert 1 <= written < 3
        assert said == (
            f"sidecars: stopped after {written}; {3 - written} not written: press w in the review "
            "again, or run `phototagger sidecars`"
        )

    at_review(ran, act)


@needs_exiftool
def test_the_totals_by_label_come_first_and_the_last_write_is_taken_back(ran):
    before = bytes_of(ran.root)

    async def act(user):
        await user.press("2", "a", "3", "a", "w")
        lines = [" ".join(line.strip(" │").split()) for line in user.screen.splitlines()]
        first = next(at for at, line in enumerate(lines) if "by label" in line)
        assert "2 sidecars would be written" in "".join(lines[:first])
        totals = [line for line in lines[first:] if "sidecar" in line]
        assert totals[0].startswith("+ ")
        assert any(": 1 sidecar" in one for one in totals)
        assert "take the last write back" not in user.screen
        await user.press("enter")
        assert "2 sidecars written" in user.screen
        assert " u  take the last write back" in user.screen
        await user.press("u")
        assert "The last write: 2 sidecars would be as before" in user.screen
        assert len(list(ran.root.rglob("*.xmp"))) == 2
        await user.press("enter")
        assert "2 sidecars taken back" in user.screen
        assert bytes_of(ran.root) == before
        await user.press("escape")
        assert user.decided() == ["a.jpg", "b.png"]
        await user.press("r")
        told = [line.partition("sidecars: ")[2] for line in user.screen.splitlines()]
        written, taken_back = filter(None, told)
        assert written.startswith("2 written, ")
        assert taken_back.startswith("2 taken back ")

    at_review(ran, act)


@needs_exiftool
def test_a_write_of_an_earlier_session_is_taken_back_only_after_enter(ran):
    async def write(user):
        await user.press("a", "w", "enter", "escape")

    async def look(user):
        await user.press("w", "u", "escape")
        assert len(list(ran.root.rglob("*.xmp"))) == 1
        await user.press("w", "u", "enter", "escape")
        assert list(ran.root.rglob("*.xmp")) == []

    at_review(ran, write)
    at_review(ran, look)


def test_leaving_the_changes_writes_no_sidecar(ran):
    async def act(user):
        await user.press("a", "w", "escape")
        assert list(ran.root.rglob("*.xmp")) == []

    at_review(ran, act)


def test_without_exiftool_only_writing_sidecars_says_so(ran, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    async def act(user):
        await user.press("a", "2", "a", "w")
        assert "exiftool" in user.screen
        assert list(ran.root.rglob("*.xmp")) == []
        await user.press("escape", "a", "u", "e", "i")
        assert user.decided() == ["a.jpg", "b.png"]

    at_review(ran, act)


def test_the_tables_are_written_at_once(ran):
    async def act(user):
        await user.press("a", "e")
        with (user.review.job.run.path / "approved.csv").open() as file:
            rows = list(csv.DictReader(file))
        assert [(row["rel_path"], row["approved_labels"]) for row in rows] == [("a.jpg", "snow")]
        assert "export: 7 new" in user.status
        assert f"tables in {user.review.job.run.path}: " in user.status

    at_review(ran, act, (240, 36))


def test_information_is_shown_follows_the_cursor_and_is_hidden_again(ran):
    async def act(user):
        await user.press("i")
        assert "dimensions: 48 x 36, JPEG RGB" in user.screen
        cosine = next(one.cosine for one in user.ui.photo.checks.lines)
        assert f"cosines: snow {cosine:.2f}, " in user.screen
        await user.press("l")
        assert "dimensions: 48 x 36, PNG RGB" in user.screen
        await user.press("i")
        assert "dimensions" not in user.screen
        assert user.decided() == []

    at_review(ran, act)


@pytest.mark.parametrize("key", ["escape", "q", "?"])
def test_help_shows_every_key_and_is_left_by_esc_q_and_its_own_key(ran, key):
    async def act(user):
        await user.press("?")
        assert "MOVE" in user.screen
        await user.press("G")
        assert "undecided photos of all in a folder" in user.screen
        await user.press("a", key)
        assert user.decided() == []
        assert "undecided photos of all in a folder" not in user.screen
        await user.press("a")
        assert user.decided() == ["a.jpg"]

    at_review(ran, act)


def test_the_palette_finds_every_action_by_its_name(ran):
    async def act(user):
        await user.press("ctrl+p")
        await user.type("approve all")
        await user.pilot.pause(0.5)
        assert "approve all (A)" in user.screen
        await user.press("down", "enter")
        await user.rest()
        assert "Approve as checked: 7 photos" in user.screen, user.screen
        await user.press("enter")
        assert len(user.decided()) == 7

    at_review(ran, act)


@pytest.mark.parametrize("key", ["r", "o"])
def test_steps_and_settings_answer_and_decide_nothing(ran, key):
    async def act(user):
        before = user.screen
        await user.press(key)
        assert user.screen != before
        await user.press("escape")
        assert user.decided() == []

    at_review(ran, act)


@needs_exiftool
def test_a_photo_whose_sidecar_says_something_else_is_told_and_a_filter_shows_it(ran):
    async def act(user):
        await user.press("a", "a", "w", "enter", "escape", "g")
        assert user.mark == "✓"
        await user.press("2", "a", "g")
        assert user.mark == "≈"
        await user.press("f", *["down"] * FILTERS.index(Filter.BEHIND), "enter")
        assert [user.review.photos.rel_path(one) for one in user.review.photos.view] == ["a.jpg"]
        await user.press("w", "enter", "escape")
        assert user.mark == "✓"
        await user.press("w", "u", "enter", "escape")
        assert user.mark == "≈"

    at_review(ran, act)


@needs_exiftool
def test_a_photo_that_never_had_a_sidecar_of_ours_is_not_behind(ran):
    async def act(user):
        (ran.root / "b.png.xmp").write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
        await user.press("a", "a", "g")
        assert user.mark == "✓"
        assert "≈" not in user.screen

    at_review(ran, act)

"""What goes on beside the keys: sidecars, tables, information, help, palette."""

import csv

import pytest

from tests.sidecar_files import needs_exiftool
from tests.tui.reviewing import at_desk


def bytes_of(root):
    return {path.name: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@needs_exiftool
def test_sidecars_are_shown_first_and_written_by_enter(ran):
    before = bytes_of(ran.root)

    async def act(desk):
        await desk.press("a", "w")
        assert "1 sidecar would be written" in desk.screen
        assert "+ snow" in desk.screen
        assert bytes_of(ran.root) == before
        await desk.press("enter")
        assert "1 sidecar written, 0 refused" in desk.screen
        assert b"snow" in (ran.root / "a.jpg.xmp").read_bytes()
        await desk.press("enter", "w")
        assert "Nothing to write" in desk.screen
        await desk.press("enter", "escape", "a")
        assert desk.decided() == ["a.jpg", "b.png"]

    at_desk(ran, act)
    after = bytes_of(ran.root)
    assert after.pop("a.jpg.xmp")
    assert after == before


def test_leaving_the_changes_writes_no_sidecar(ran):
    async def act(desk):
        await desk.press("a", "w", "escape")
        assert list(ran.root.rglob("*.xmp")) == []

    at_desk(ran, act)


def test_without_exiftool_only_writing_sidecars_says_so(ran, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    async def act(desk):
        await desk.press("a", "2", "a", "w")
        assert "exiftool" in desk.screen
        assert list(ran.root.rglob("*.xmp")) == []
        await desk.press("escape", "a", "u", "e", "i")
        assert desk.decided() == ["a.jpg", "b.png"]

    at_desk(ran, act)


def test_the_tables_are_written_at_once(ran):
    async def act(desk):
        await desk.press("a", "e")
        with (desk.review.job.run.path / "approved.csv").open() as file:
            rows = list(csv.DictReader(file))
        assert [(row["rel_path"], row["approved_labels"]) for row in rows] == [("a.jpg", "snow")]
        assert "export: 7 new" in desk.status

    at_desk(ran, act)


def test_information_is_shown_follows_the_cursor_and_is_hidden_again(ran):
    async def act(desk):
        await desk.press("i")
        assert "dimensions: 48 x 36, JPEG RGB" in desk.screen
        await desk.press("l")
        assert "dimensions: 48 x 36, PNG RGB" in desk.screen
        await desk.press("i")
        assert "dimensions" not in desk.screen
        assert desk.decided() == []

    at_desk(ran, act)


def test_help_shows_every_key_and_is_left_by_esc(ran):
    async def act(desk):
        await desk.press("?")
        assert "MOVE" in desk.screen
        await desk.press("G")
        assert "undecided photos of all in a folder" in desk.screen
        await desk.press("a", "q", "escape")
        assert desk.decided() == []
        await desk.press("a")
        assert desk.decided() == ["a.jpg"]

    at_desk(ran, act)


def test_the_palette_finds_every_action_by_its_name(ran):
    async def act(desk):
        await desk.press("ctrl+p")
        await desk.type("approve all")
        await desk.pilot.pause(0.5)
        assert "approve all (A)" in desk.screen
        await desk.press("down", "enter")
        await desk.rest()
        assert "Approve 7 undecided photos shown, as checked?" in desk.screen
        await desk.press("enter")
        assert len(desk.decided()) == 7

    at_desk(ran, act)


@pytest.mark.parametrize("key", ["r", "o"])
def test_steps_and_settings_answer_and_decide_nothing(ran, key):
    async def act(desk):
        before = desk.screen
        await desk.press(key)
        assert desk.screen != before
        await desk.press("escape")
        assert desk.decided() == []

    at_desk(ran, act)


def test_new_photos_are_named(ran):
    (ran.root / "new.jpg").write_bytes((ran.root / "a.jpg").read_bytes() + b" ")

    async def act(desk):
        assert "1 new photos: r looks at them" in desk.status
        assert "new.jpg" not in desk.screen

    at_desk(ran, act)

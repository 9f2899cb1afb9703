"""`phototagger review` from its first question to its exit code, on a screen without a terminal."""

import csv
import os
from functools import partialmethod
from pathlib import Path
from types import SimpleNamespace

import pytest
from textual.app import App

from phototagger.cli.tagger import main
from phototagger.review.open_review import open_review
from tests.engine.conftest import LABELS
from tests.engine.process.processes import process
from tests.tui.driving import screen_text

__all__ = ["process"]


@pytest.fixture
def at_terminal(monkeypatch, tmp_path):
    """Run the command; every screen that opens gets the next keys, its text is kept."""
    terminal = SimpleNamespace(isatty=lambda: True, fileno=lambda: 0)
    monkeypatch.setattr("phototagger.cli.commands.review.sys.stdin", terminal)
    monkeypatch.setattr("phototagger.tui.shutdown._watch", lambda *_: None)  # it ends the process
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    seen = []

    def command(*words, screens):
        left = list(screens)

        async def pilot(pilot):
            await pilot.pause()  # workers begin after the first paint
            while any(not worker.is_finished for worker in pilot.app.workers):
                await pilot.pause(0.01)  # one that another took the place of is finished, too
            await pilot.pause()
            seen.append(screen_text(pilot.app))
            for key in left.pop(0):
                await pilot.press(key)
                await pilot.pause()

        run = partialmethod(App.run, headless=True, size=(120, 36), auto_pilot=pilot)
        with monkeypatch.context() as patch:
            patch.setattr(App, "run", run)
            for stream in ("sys.stdout", "sys.stderr"):
                patch.setattr(f"{stream}.isatty", lambda: True, raising=False)
            return main([str(word) for word in words]), seen

    return command


def settings(library):
    return ["--model-name", "embedded", "--threshold", "0.2", "--topk", "2", "--images", "none"]


def test_without_a_terminal_it_says_what_works_without_one(ran, capsys):
    assert main(["review", str(ran.root)]) == 2
    assert f"phototagger --batch {ran.root}" in capsys.readouterr().err


def test_without_a_root_it_asks_for_one_and_without_labels_it_offers_some(at_terminal, ran):
    path = [*str(ran.root)]
    keys = [one if one != "/" else "slash" for one in path]
    code, seen = at_terminal(
        "review",
        *settings(ran),
        screens=[["ctrl+a", "ctrl+k", *keys, "enter"], ["enter"], ["a", "q"]],
    )
    assert code == 0
    assert "which folder holds the photos?" in seen[0]
    assert "There is no labels file" in seen[1]
    assert "▸· a.jpg" in seen[2]


def test_the_starter_list_is_offered_once_for_a_root(at_terminal, ran, tmp_path, process):
    root, other = ran.root, tmp_path / "other"
    at_terminal("review", root, *settings(ran), screens=[["enter"], ["a", "q"]])
    _, seen = at_terminal("review", root, *settings(ran), screens=[["q"]])
    assert "There is no labels file" in seen[0]
    assert "▸· b.png" in seen[2]
    named = ["--labels", "mine.txt"]
    _, seen = at_terminal("review", root, *settings(ran), *named, screens=[["escape"]])
    assert "There is no labels file: " in seen.pop(3)
    other.mkdir()
    _, seen = at_terminal("review", other, *settings(ran), screens=[["escape"]])
    assert "There is no labels file" in seen[3]
    (tmp_path / "labels.txt").write_text("snow")
    at_terminal("review", root, *settings(ran), screens=[["a", "q"]])
    (tmp_path / "labels.txt").unlink()
    _, seen = at_terminal("review", root, *settings(ran), screens=[["escape"]])
    assert "There is no labels file" in seen[5]


def test_leaving_the_questions_ends_well_and_makes_nothing(at_terminal, tmp_path):
    (tmp_path / "photos").mkdir()
    assert at_terminal("review", screens=[["escape"]])[0] == 0
    assert at_terminal("review", "photos", screens=[["escape"]])[0] == 0
    assert sorted(os.listdir(tmp_path)) == ["photos"]  # noqa: PTH208


def test_a_root_that_is_not_there_is_named(at_terminal, ran, tmp_path):
    (tmp_path / "labels.txt").write_text("\n".join(LABELS))
    code, seen = at_terminal("review", "--root", "/no/such/folder", screens=[["escape"]])
    assert code == 0
    assert "/no/such/folder: there is no such folder." in seen[0]


def test_photos_nobody_looked_at_are_shown_at_once_and_nothing_is_asked(
    at_terminal, tmp_path, photos, process
):
    (tmp_path / "labels.txt").write_text("\n".join(LABELS))
    code, seen = at_terminal("review", photos.root, *settings(photos), screens=[["a", "1", "q"]])
    assert code == 0
    assert "7 undecided" in seen[0], seen[0]
    assert "a.jpg" in seen[0]
    assert "no suggestion yet" in seen[0]


def test_the_model_of_photos_nobody_looked_at_loads_before_there_is_a_screen(
    at_terminal, tmp_path, photos, process, monkeypatch
):
    def once_loaded(*job):
        process.wait_for("loads", 1)
        return open_review(*job)

    monkeypatch.setattr("phototagger.review.open_review.open_review", once_loaded)
    (tmp_path / "labels.txt").write_text("\n".join(LABELS))
    code, _ = at_terminal("review", photos.root, *settings(photos), screens=[["q"]])
    assert (code, process.did("loads")) == (0, 1)


def test_where_nothing_is_missing_no_model_is_loaded(at_terminal, tmp_path, ran, process):
    (tmp_path / "labels.txt").write_text("\n".join(LABELS))
    assert at_terminal("review", ran.root, *settings(ran), screens=[["a", "q"]])[0] == 0
    assert process.did("loads") == 0


def test_closing_the_review_brings_the_tables_up_to_date(capsys, at_terminal, tmp_path, ran):
    (tmp_path / "labels.txt").write_text("\n".join(LABELS))
    code, _ = at_terminal(ran.root, *settings(ran), screens=[["a", "q"]])
    assert code == 0
    assert approved_in(capsys.readouterr().out.strip()) == ["snow"]


def test_tables_of_very_many_photos_are_left_to_export_when_the_review_is_closed(
    capsys, at_terminal, tmp_path, ran, monkeypatch
):
    monkeypatch.setattr("phototagger.cli.commands.review._MOST_AT_THE_END", 2)
    (tmp_path / "labels.txt").write_text("\n".join(LABELS))
    assert at_terminal(ran.root, *settings(ran), screens=[["a", "q"]])[0] == 0
    out, err = capsys.readouterr()
    assert "were not written, as it takes a while: `phototagger export` does it" in err
    assert approved_in(out.strip()) == []
    assert main(["export", str(ran.root), *settings(ran)]) == 0
    assert approved_in(Path(capsys.readouterr().out.split()[0]).parent) == ["snow"]


def approved_in(run: str | Path) -> list[str]:
    with Path(run, "approved.csv").open() as file:
        return [row["approved_labels"] for row in csv.DictReader(file)]


def test_keys_that_collide_are_refused_before_anything_opens(capsys, at_terminal, tmp_path, ran):
    (tmp_path / "config.yaml").write_text("keys: {approve: q}\n")
    assert at_terminal("review", ran.root, screens=[])[0] == 2
    assert "q would be the key of approve and quit" in capsys.readouterr().err

"""What every screen looks like. To accept a change: ``pytest tests/tui/test_app_snapshots.py
--snapshot-update``, then look at the SVG files that changed.
"""

from pathlib import Path
from unittest.mock import patch

import pytest
from PIL import Image
from textual.app import App

from phototagger.review.pace import Pace
from phototagger.tui.app import ReviewApp
from phototagger.tui.rebinding import rebound
from phototagger.tui.screens.ask import _Asking
from phototagger.tui.screens.changes import ChangesScreen
from phototagger.tui.screens.firstrun import RootScreen, ask_for_labels
from tests.engine.pictures import LIBRARY
from tests.engine.process.processes import process
from tests.review.conftest import reviewing
from tests.tui.driving import workers_done
from tests.tui.reviewing import followed

__all__ = ["process"]

SIZES = {"80x24": (80, 24), "160x48": (160, 48)}
SCREENS = {
    "main": ["a", "a", "l", "2"],
    "selection": ["l", "v", "l", "l"],
    "large": ["z"],
    "info": ["i"],
    "search": ["/", *"name:sea"],
    "found": ["*"],
    "filter": ["f"],
    "order": ["s"],
    "label": ["s", "3"],
    "approve-all": ["A"],
    "help": ["?"],
    "letter-keys": [";", "d"],
    "find-label": ["#", "s"],
    "nothing-shown": ["f", "3"],
}


@pytest.fixture(autouse=True)
def same_everywhere(monkeypatch):
    """Nothing of this machine or moment: colours, clock, blinking."""
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_THEME", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("textual.widgets.Input.cursor_blink", False)


def app_of(review, theme="textual-dark"):
    review.photos.paces = Pace(iter(range(0, 10_000, 5)).__next__)
    # The colours of a terminal are what the console finds, and a test has none.
    with patch("rich.console.Console.color_system", "truecolor"):
        app = ReviewApp(review, rebound(review.settings.keys))
    app.theme = theme
    return app


def pressed(*keys):
    async def before(pilot):
        for key in keys:
            await workers_done(pilot.app)
            await followed(pilot)
            await pilot.press(key)
        for _ in range(4):
            await workers_done(pilot.app)
            await pilot.pause(0.1)

    return before


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_looks_as_before(process, ran, snap_compare, screen, size):
    with reviewing(ran, images="none") as review:
        before = pressed(*SCREENS[screen])
        assert snap_compare(app_of(review), terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("size", SIZES)
def test_pictures_in_half_cells_look_as_before(photos, snap_compare, size):
    # Of one colour each: no version of a JPEG or scaling library makes anything else of them.
    for number, name in enumerate(LIBRARY):
        shape = [(96, 64), (64, 96), (80, 80)][number % 3]
        Image.new("RGB", shape, (32 * number, 96, 224 - 32 * number)).save(photos.root / name)
    photos.run()
    with reviewing(photos, images="halfcell", stack_seconds=0) as review:
        app = app_of(review)
        assert app.pictures.painter is not None
        assert snap_compare(app, terminal_size=SIZES[size], run_before=pressed("a"))


def test_the_light_theme_looks_as_before(ran, snap_compare):
    with reviewing(ran, images="none") as review:
        app = app_of(review, "textual-light")
        before = pressed(*SCREENS["main"])
        assert snap_compare(app, terminal_size=SIZES["80x24"], run_before=before)


def test_without_colour_it_looks_as_before(ran, snap_compare, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    with reviewing(ran, images="none") as review:
        before = pressed(*SCREENS["main"])
        assert snap_compare(app_of(review), terminal_size=SIZES["80x24"], run_before=before)


DIALOGS = {
    "root": lambda: RootScreen(["/home/ana/photos", "/data/archive"]),
    "labels": lambda: ask_for_labels("/home/ana/labels.txt", "/usr/share/labels.txt", 124),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dialog", DIALOGS)
def test_a_first_question_looks_as_before(snap_compare, dialog, size):
    app = _Asking(DIALOGS[dialog]())
    assert snap_compare(app, terminal_size=SIZES[size], run_before=pressed())


@pytest.mark.parametrize("size", SIZES)
def test_the_changes_of_sidecars_look_as_before(snap_compare, size):
    screen = ChangesScreen()

    class Shown(App[None]):
        async def on_mount(self):
            await self.push_screen(screen)
            screen.planned(
                "2 sidecars would be written, 1 refused",
                [
                    "photos/cat.jpg.xmp (new)\n  + cat\n  + sofa",
                    "photos/sea.jpg.xmp\n  + beach\n  - snow",
                    "refused: photos/odd.jpg.xmp: it is not well-formed XML",
                ],
            )

    assert snap_compare(Shown(), terminal_size=SIZES[size], run_before=pressed())


def test_the_snapshots_are_small_and_hold_nothing_of_a_machine():
    folder = Path(__file__).parent / "__snapshots__" / "test_app_snapshots"
    files = sorted(folder.glob("*.svg"))
    assert len(files) == len(SIZES) * (len(SCREENS) + 2 + len(DIALOGS)) + 2
    for file in files:
        text = file.read_text()
        assert len(text) < 200_000, file.name
        assert not any(word in text for word in ("/tmp", "pytest", "/root"))
    assert LIBRARY[0] in (folder / "test_a_screen_looks_as_before[main-80x24].svg").read_text()

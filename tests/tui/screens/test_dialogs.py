"""What holds for every dialog: it fits, it can be left, and enter does what it says."""

import pytest

from phototagger.tui.screens.changes import ChangesScreen
from phototagger.tui.screens.choose import ChooseScreen
from phototagger.tui.screens.confirm import ConfirmScreen, Presses
from phototagger.tui.screens.firstrun import (
    RootScreen,
    ask_for_labels,
    ask_for_model,
)
from phototagger.tui.screens.help import HelpScreen
from tests.tui.driving import SIZES, Stage, drive, keys, screen_text, shown

LABELS = [f"label {n}" for n in range(50)]
DIALOGS = {
    "help": HelpScreen,
    "confirm": lambda: ConfirmScreen("Approve 1,234 photos as checked?", "It is one undo."),
    "choose": lambda: ChooseScreen("show", [(1, "all"), (2, "undecided")], 2),
    "search": lambda: ChooseScreen("order by", [(one, one) for one in LABELS], search=True),
    "changes": ChangesScreen,
    "root": lambda: RootScreen(["/home/me/Pictures"]),
    "model": lambda: ask_for_model("no weights: download them, then use --pretrained", "ViT-L-14"),
    "labels": lambda: ask_for_labels("/data/labels.txt", "/usr/share/labels.txt", 124),
}


@pytest.mark.parametrize("name", DIALOGS)
def test_esc_always_leaves_without_a_result(name):
    assert drive(Stage(dialog=DIALOGS[name]()), keys("escape")).result is None


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", DIALOGS)
def test_it_fits_and_says_how_to_leave(name, size):
    said = shown(Stage(dialog=DIALOGS[name]()), size=size).splitlines()
    framed = [line for line in said if "╭" in line or "╰" in line]
    assert len(framed) == 2
    assert any(" esc  " in line for line in said)


@pytest.mark.parametrize("name", DIALOGS)
def test_the_mouse_can_leave(name):
    app = Stage(dialog=DIALOGS[name]())

    async def act(pilot):
        lines = screen_text(app).splitlines()
        row = next(place for place, line in enumerate(lines) if " esc  " in line)
        await pilot.click(offset=(lines[row].index(" esc  ") + 7, row))

    assert drive(app, act).result is None


@pytest.mark.parametrize("theme", ["textual-light", "textual-dark", "ansi-light"])
def test_it_opens_in_every_theme(theme):
    for make in DIALOGS.values():
        app = Stage(dialog=make())
        app.theme = theme
        drive(app, keys("escape"))


def test_a_question_is_answered_by_enter_or_the_mouse():
    assert drive(Stage(dialog=DIALOGS["confirm"]()), keys("enter")).result is True
    said = shown(Stage(dialog=DIALOGS["confirm"]()))
    assert "Approve 1,234 photos as checked?" in said
    assert "cancel" in said


def test_a_key_that_is_held_down_answers_nothing_until_it_is_pressed_again():
    presses = Presses(asked=10.0)
    assert not any(presses.answer(10 + step / 25, 0.4) for step in range(100))
    assert presses.answer(14.2, 0.4)
    assert not Presses(10.0).answer(10.39, 0.4)
    assert Presses(10.0).answer(10.41, 0.4)


def test_the_question_about_labels_names_both_files():
    said = shown(Stage(dialog=DIALOGS["labels"]()), size=(60, 20))
    assert "/data/labels.txt" in said
    assert "/usr/share/labels.txt" in said
    assert "use the starter list" in said


def chosen(*presses, **known):
    choices = [("a", "all"), ("u", "undecided"), ("f", "failed")]
    return drive(Stage(dialog=ChooseScreen("show", choices, "u", **known)), keys(*presses)).result


def test_a_choice_begins_at_what_holds_now():
    assert chosen("enter") == "u"
    assert chosen("down", "enter") == "f"
    assert chosen("k", "enter") == "a"
    assert chosen("3") == "f"
    assert "• 2 undecided" in shown(Stage(dialog=DIALOGS["choose"]()))


def test_a_long_list_is_narrowed_by_typing():
    assert chosen(*"FAIL", "enter", search=True) == "f"
    assert chosen("down", "enter", search=True) == "f"
    assert chosen(*"zzz", "enter", "escape", search=True) is None


def test_help_has_every_key_and_sign_and_scrolls():
    app = Stage(dialog=HelpScreen())
    assert "MOVE" in shown(app)
    assert "undecided photos of all in a folder" in shown(Stage(dialog=HelpScreen()), "G")
    assert ">  " not in shown(Stage(dialog=HelpScreen()), "G").splitlines()[2]


def test_help_has_no_cursor_and_each_key_scrolls():
    first = shown(Stage(dialog=HelpScreen()))
    assert "  MOVE" in first
    assert "MOVE" not in shown(Stage(dialog=HelpScreen()), "down")
    last = next(line for line in reversed(first.splitlines()) if "DECIDE" in line)
    paged = shown(Stage(dialog=HelpScreen()), "pagedown").splitlines()
    assert paged.index(last) == 2  # one line of the page before stays


def test_changes_are_shown_before_they_are_written():
    screen = ChangesScreen()
    app = Stage(dialog=screen)
    seen = []

    async def act(pilot):
        await pilot.press("enter")
        seen.append(screen_text(app))
        screen.progress("Looking at 500 of 1,234 photos")
        await pilot.pause()
        seen.append(screen_text(app))
        screen.planned(
            "2 sidecars would change", ["/a.jpg.xmp (new)\n  + dog", "/[b].xmp\n  - cat"]
        )
        await pilot.pause()
        seen.append(screen_text(app))
        await pilot.press("enter", "enter")
        seen.append(screen_text(app))
        screen.written("Wrote 2 sidecars")
        await pilot.pause()
        await pilot.press("enter")

    drive(app, act)
    assert "Looking at the sidecars" in seen[0]
    assert "500 of 1,234" in seen[1]
    assert all(
        words in seen[2] for words in ("would change", "+ dog", "/[b].xmp", "- cat", "write")
    )
    assert "Writing" in seen[3]
    assert len(app.said(ChangesScreen.WriteAsked)) == 1
    assert app.result is True


def test_leaving_the_changes_writes_nothing():
    screen = ChangesScreen()
    app = Stage(dialog=screen)

    async def act(pilot):
        screen.planned("nothing would change", [], any_change=False)
        await pilot.press("enter", "escape")

    assert drive(app, act).result is None
    assert app.said(ChangesScreen.WriteAsked) == []

import pytest

from phototagger.tui.screens.firstrun import RootScreen, rows_for, subfolders
from tests.tui.driving import Stage, drive, shown, workers_done


@pytest.fixture
def home(tmp_path):
    for name in ("Pictures/2021", "Pictures/2022", "Papers", ".hidden"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "Pictures" / "file.jpg").touch()
    return str(tmp_path)


async def settled(pilot):
    await workers_done(pilot.app)
    await pilot.pause()


def asked(screen, *presses):
    async def act(pilot):
        await settled(pilot)
        for key in presses:
            await pilot.press(key)
            await settled(pilot)

    return drive(Stage(dialog=screen), act).result


def test_a_folder_is_walked_to_with_arrows_and_enter(home):
    # Papers, Pictures; then 2021
    walked = asked(RootScreen(start=home), "down", "down", "enter", "down", "enter", "enter")
    assert walked == f"{home}/Pictures/2021"


def test_a_path_is_typed_with_completion(home):
    assert asked(RootScreen(start=home), *"Pic", "tab", "enter") == f"{home}/Pictures"


def test_recent_roots_are_offered_first(home):
    assert asked(RootScreen(["/data/a", "/data/b"]), "down", "enter") == "/data/b"
    assert asked(RootScreen(["/data/a"], start=home), "enter") == home


def test_no_such_folder_is_said_and_enter_does_nothing(home):
    assert asked(RootScreen(start=home), *"nope", "enter", "escape") is None
    assert "no such folder" in shown(Stage(dialog=RootScreen(start=home)), *"nope")


def test_why_it_is_asked_is_said(home):
    notice = "No photos in /data/[x]: only JPEG and PNG files count."
    assert notice in shown(Stage(dialog=RootScreen(start=home, notice=notice)))


def test_rows_are_the_folder_those_in_it_and_the_one_above(home):
    assert rows_for(f"{home}/Pictures/", ()) == [
        ("take", f"{home}/Pictures"),
        ("open", f"{home}/Pictures/2021"),
        ("open", f"{home}/Pictures/2022"),
        ("up", home),
    ]
    assert rows_for(f"{home}/pi", ()) == [("open", f"{home}/Pictures")]
    assert rows_for("", ["/a"]) == [("recent", "/a")]
    assert rows_for("/a\0b", ()) == []
    assert rows_for("/", ())[0] == ("take", "/")
    assert ("up", "/") not in rows_for("/", ())


def test_hidden_folders_are_found_only_by_their_dot(home):
    assert subfolders(home, "") == [f"{home}/Papers", f"{home}/Pictures"]
    assert subfolders(home, ".") == [f"{home}/.hidden"]
    assert subfolders(f"{home}/missing", "") == []

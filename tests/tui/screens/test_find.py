import pytest

from phototagger.tui.screens.find import FindScreen, FoundLabel, FoundPhoto
from tests.tui.driving import Stage, drive, keys, shown

LABELS = ["dog", "dogwood", "sea"]
PHOTOS = {0: "2021/IMG_0001.jpg", 1: "2021/dog.jpg", 2: "2021/\udcff.jpg"}


def dialog(checked=()):
    def photos(words):
        return [at for at, name in PHOTOS.items() if words.lower() in name.lower()]

    def labels(words):
        return [one for one in LABELS if words.lower().strip() in one]

    return Stage(dialog=FindScreen(labels, photos, PHOTOS.__getitem__, checked))


def found(*presses):
    return drive(dialog(), keys(*presses)).result


@pytest.mark.parametrize(
    ("presses", "result"),
    [
        ([*"dog", "enter"], FoundLabel("dog")),
        ([*"dog", "down", "enter"], FoundLabel("dogwood")),
        ([*"IMG_", "enter"], FoundPhoto(0)),
        ([*"Red", "space", "space", *"Panda ", "enter"], FoundLabel("red panda", new=True)),
        ([*"dogs", "enter"], FoundLabel("dogs", new=True)),
        ([*"dogw", "tab", "enter"], FoundLabel("dogwood")),
        (["pagedown", "enter"], FoundLabel("sea")),
        ([*"a|b", "enter", "escape"], None),
    ],
)
def test_enter_takes_what_the_words_find(presses, result):
    assert found(*presses) == result


def test_a_file_name_never_becomes_a_label_by_accident():
    said = shown(dialog(), *"img_0001")
    assert ">go to  2021/IMG_0001.jpg" in said
    assert "add the new label “img_0001”" in said


def test_labels_come_first_then_the_new_one_then_photos():
    said = [line.strip("│ >▁") for line in shown(dialog(), *"do").splitlines()]
    places = [next(at for at, line in enumerate(said) if words in line)
              for words in ("dogwood", "the new label “do”", "2021/dog.jpg")]  # fmt: skip
    assert places == sorted(places)


def test_what_is_checked_is_marked_and_what_is_no_label_is_explained():
    assert "[x]    dog" in shown(dialog({"dog"}))
    assert "no label: it holds `|`" in shown(dialog(), *"a|b")


def test_a_name_that_no_screen_can_show_is_escaped():
    assert "2021/\\xff.jpg" in shown(dialog(), *"2021")


def test_a_click_takes_a_row():
    app = dialog()

    async def act(pilot):
        await pilot.click(".dialog--list", offset=(5, 1))

    assert drive(app, act).result == FoundLabel("dogwood")

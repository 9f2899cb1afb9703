"""Finding labels, new words and photos by what is typed."""

from phototagger.store.labels.custom_labels import words
from tests.tui.reviewing import at_desk


def test_a_label_is_found_checked_and_approved(ran):
    async def act(desk):
        await desk.press("/")
        await desk.type("nig")
        assert "add    night" in desk.screen
        await desk.press("enter")
        assert desk.kept("a.jpg") == desk.checked == {"snow", "night"}
        assert desk.app.list_.label == "night"
        await desk.press("a")
        assert desk.approved("a.jpg") == {"snow", "night"}

    at_desk(ran, act)


def test_a_new_word_is_offered_kept_and_there_after_a_restart(ran):
    async def add(desk):
        await desk.press("/")
        await desk.type("Red Kite")
        assert "add the new label “red kite”" in desk.screen
        await desk.press("enter")
        assert desk.kept("a.jpg") == {"snow", "red kite"}
        with desk.disk() as catalogue:
            assert words(catalogue) == ["red kite"]
        await desk.press("a")

    async def look(desk):
        await desk.press("/")
        await desk.type("kite")
        assert "[x]    red kite" in desk.screen
        await desk.press("escape")
        assert desk.checked == {"snow", "red kite"}

    at_desk(ran, add)
    at_desk(ran, look)
    assert "red kite" not in (ran.folder / "labels.txt").read_text()


def test_what_cannot_be_a_label_is_not_added(ran):
    async def act(desk):
        await desk.press("/")
        await desk.type("a|b")
        assert "no label: it" in desk.screen
        await desk.press("enter", "escape")
        with desk.disk() as catalogue:
            assert words(catalogue) == []
        assert desk.kept("a.jpg") is None

    at_desk(ran, act)


def test_a_photo_is_found_by_a_part_of_its_path(ran):
    async def act(desk):
        await desk.press("/")
        await desk.type("town/")
        assert "go to  town/f.jpg" in desk.screen
        await desk.press("down", "enter")
        assert desk.here == "town/g.png"
        assert desk.kept("town/g.png") is None

    at_desk(ran, act)


def test_a_photo_that_the_filter_hides_is_said_to_be_hidden(ran):
    async def act(desk):
        await desk.press("a", "f", "3", "/")
        assert desk.here == "a.jpg"
        await desk.type("town/g")
        await desk.press("enter")
        assert "that photo is not shown" in desk.status
        assert desk.here == "a.jpg"

    at_desk(ran, act)


def test_letters_in_the_field_are_letters_and_tab_completes(ran):
    async def act(desk):
        await desk.press("/", "f", "o", "tab", "enter")
        assert desk.kept("a.jpg") == {"snow", "forest"}
        await desk.press("/", "q", "a", "?", "escape")
        assert desk.decided() == []
        assert "labels · 2 checked" in desk.screen

    at_desk(ran, act)


def test_a_label_found_for_a_range_is_checked_on_all_of_it(ran):
    async def act(desk):
        await desk.press("v", "l", "/")
        await desk.type("forest")
        await desk.press("enter")
        assert "forest" in desk.kept("a.jpg") & desk.kept("b.png")
        assert desk.kept("sea/c.jpg") is None

    at_desk(ran, act)

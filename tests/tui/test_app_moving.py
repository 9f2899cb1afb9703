"""Moving through the review: every key that only looks."""

import pytest

from phototagger.tui.screens.review import desk as the_desk
from tests.tui.reviewing import at_desk

ALL = ["a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "sea/e.jpg", "town/f.jpg", "town/g.png"]


def walk(library, *keys, size=(120, 36), **more):
    """The photos under the cursor after each key."""
    seen = []

    async def act(desk):
        for key in keys:
            await desk.press(key)
            seen.append(desk.here)
            assert desk.screen.count("▸") >= 1
        assert desk.decided() == []
        assert all(desk.kept(desk.review.rel_path(one)) is None for one in desk.review.view)

    at_desk(library, act, size, **more)
    return seen


@pytest.mark.parametrize("keys", [("right", "down", "left", "up"), ("l", "j", "h", "k")])
def test_arrows_and_letters_move_through_the_grid(ran, keys):
    assert walk(ran, *keys) == ["b.png", "sea/e.jpg", "sea/d.jpg", "a.jpg"]


def test_the_row_goes_on_in_the_next_one_and_ends_stay_ends(ran):
    assert walk(ran, "h", "l", "l", "l", "j", "j", "j") == [
        "a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "town/g.png", "town/g.png", "town/g.png",
    ]  # fmt: skip


def test_pages_and_ends(many):
    there, back, last, first = walk(many, "pagedown", "pageup", "G", "g", size=(80, 24))
    assert (there, back, last, first) == ("trip/26.png", "a.jpg", "trip/59.png", "a.jpg")


def test_folders_one_after_the_other(ran):
    assert walk(ran, "]", "]", "]", "[", "l", "[", "[", "[") == [
        "sea/c.jpg", "town/f.jpg", "town/f.jpg", "sea/c.jpg", "sea/d.jpg", "sea/c.jpg", "a.jpg",
        "a.jpg",
    ]  # fmt: skip


def test_the_last_folder_says_so(ran):
    async def act(desk):
        await desk.press("]", "]", "]")
        assert "this is the last folder" in desk.status
        await desk.press("[", "[", "[")
        assert "this is the first folder" in desk.status

    at_desk(ran, act)


def test_to_what_is_undecided_and_round_again(ran):
    async def act(desk):
        await desk.press("a", "l", "a", "g")  # a.jpg and c.jpg are decided
        assert desk.decided() == ["a.jpg", "sea/c.jpg"]
        for key, name in (("n", "b.png"), ("n", "sea/d.jpg"), ("N", "b.png"), ("N", "town/g.png")):
            await desk.press(key)
            assert desk.here == name
        await desk.press("n")
        assert desk.here == "b.png"

    at_desk(ran, act)


def test_where_nothing_is_undecided_n_says_so(ran):
    async def act(desk):
        await desk.press("A", "enter", "n")
        assert desk.decided() == ALL
        assert "nothing undecided is left here" in desk.status

    at_desk(ran, act)


def test_the_focused_photo_is_shown_under_its_whole_path_with_its_labels(ran):
    async def act(desk):
        await desk.press("G")
        assert "town/g.png" in desk.screen
        assert desk.checked == desk.review.checklist(6).checked

    at_desk(ran, act)


def test_tab_goes_to_labels_folders_and_photos_and_esc_back_to_the_photos(ran):
    async def act(desk):
        parts = []
        for _ in range(3):
            await desk.press("tab")
            parts.append(desk.app.focused.id)
        assert parts == ["labels", "folders", "grid"]
        await desk.press("shift+tab", "shift+tab", "down")
        assert desk.app.focused.id == "labels"
        assert desk.here == "a.jpg"
        assert desk.app.list_.label == "dog"
        assert "dog: cosine 0.19 (threshold 0.20)" in desk.status
        await desk.press("escape", "down")
        assert (desk.app.focused.id, desk.here) == ("grid", "sea/d.jpg")

    at_desk(ran, act)


def test_a_folder_is_shown_by_its_face_and_gone_to_with_enter(ran):
    async def act(desk):
        await desk.press("tab", "tab", "down")
        face = desk.review.face(1)
        assert desk.app.preview.position == face
        assert desk.here == "a.jpg"
        await desk.press("enter")
        assert (desk.here, desk.app.focused.id) == ("sea/c.jpg", "grid")
        assert desk.app.preview.position == desk.at("sea/c.jpg")
        assert desk.decided() == []

    at_desk(ran, act)


def test_folders_close_and_open(ran):
    async def act(desk):
        await desk.press("tab", "tab", "left")
        assert "▸ all photos        7/7" in desk.screen
        assert "sea" not in "".join(line[:26] for line in desk.screen.splitlines())
        await desk.press("right")
        assert "▾ all photos        2/2" in desk.screen
        await desk.press("space", "j", "space")
        assert "▾ all photos" in desk.screen

    at_desk(ran, act)


def test_what_stands_beside_the_grid_waits_until_the_arrows_rest(ran, monkeypatch):
    monkeypatch.setattr(the_desk, "BESIDE", 1.0)

    async def act(desk):
        before = [desk.screen.splitlines()[0][-40:]]
        for _ in range(3):
            await desk.pilot.press("right")
            before.append(desk.screen.splitlines()[0][-40:])
            assert desk.app.following is not None
        assert desk.here == "sea/d.jpg"
        assert "a.jpg" in before[0]
        assert set(before) == {before[0]}
        await desk.rest()
        assert "sea/d.jpg" in desk.screen.splitlines()[0][-40:]

    at_desk(ran, act)


@pytest.mark.parametrize("key", ["1", "c", "y", "a", "t", "i"])
def test_an_action_is_done_on_the_photo_that_the_cursor_is_on_at_that_moment(ran, key, monkeypatch):
    monkeypatch.setattr(the_desk, "BESIDE", 1.0)

    async def act(desk):
        await desk.pilot.press("right")
        assert desk.app.position != desk.app.grid.position
        await desk.pilot.press(key)
        assert desk.app.grid.position == desk.app.position
        await desk.rest()
        assert "a.jpg" not in desk.decided()
        assert desk.kept("a.jpg") is None

    at_desk(ran, act)


def test_a_label_of_a_photo_that_was_left_is_not_toggled_on_the_next_one(ran):
    async def act(desk):
        await desk.press("tab")
        labels = desk.app.list_
        desk.app.grid.move(1, 0)  # nothing waits between the move and the key
        labels.action_toggle_label()
        await desk.rest()
        assert desk.here == "b.png"
        assert "this is another photo now" in desk.status
        assert desk.kept("a.jpg") is None
        assert desk.kept("b.png") is None

    at_desk(ran, act)


def test_keys_and_clicks_beside_the_grid_find_it_up_to_date(ran):
    async def act(desk):
        await desk.press("tab")
        await desk.pilot.press("n")
        await desk.pilot.press("down")
        assert desk.app.position == desk.app.grid.position
        assert desk.app.list_.cursor == 1
        await desk.press("escape", "right")
        await desk.click("[ ]")
        assert desk.kept(desk.here)

    at_desk(ran, act)


def test_the_large_picture_goes_from_photo_to_photo_too(ran):
    async def act(desk):
        await desk.press("z")
        assert "b.png" not in desk.screen
        assert "labels · 1 checked" in desk.screen
        await desk.pilot.press("right")
        assert desk.screen.splitlines()[0].startswith("b.png")  # at once: nothing else is seen
        await desk.press("a", "escape")
        assert desk.decided() == ["b.png"]
        assert "town" in desk.screen
        await desk.press("z", "z", "right")
        assert desk.here == "sea/d.jpg"

    at_desk(ran, act)


def test_after_the_large_picture_arrows_still_move_through_photos(ran):
    async def act(desk):
        await desk.press("z", "down", "z", "down")
        assert desk.here == "town/g.png"

    at_desk(ran, act)


def test_a_dialog_over_the_large_picture_leaves_the_arrows_to_the_photos(ran):
    async def act(desk):
        await desk.press("z", "?", "escape", "down")
        assert desk.here == "sea/d.jpg"
        await desk.press("z", "f", "escape", "down")
        assert desk.here == "town/g.png"
        assert desk.app.focused.id == "grid"

    at_desk(ran, act)


def test_a_photo_that_lies_elsewhere_too_says_where(ran):
    (ran.root / "town/copy.jpg").write_bytes((ran.root / "a.jpg").read_bytes())
    ran.run()

    async def act(desk):
        assert "also at town/copy.jpg" in desk.status
        await desk.press("l")
        assert "also at" not in desk.status

    at_desk(ran, act)

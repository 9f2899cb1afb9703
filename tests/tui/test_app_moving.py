"""Moving through the review: every key that only looks."""

import pytest

from phototagger.tui.screens.review import focused_photo
from tests.tui.reviewing import at_review

ALL = ["a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "sea/e.jpg", "town/f.jpg", "town/g.png"]


def walk(library, *keys, size=(120, 36), **more):
    """The photos under the cursor after each key."""
    seen = []

    async def act(user):
        for key in keys:
            await user.press(key)
            seen.append(user.here)
            assert user.screen.count("▸") >= 1
        assert user.decided() == []
        assert all(
            user.kept(user.review.photos.rel_path(one)) is None for one in user.review.photos.view
        )

    at_review(library, act, size, **more)
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
    assert (there, back, last, first) == ("trip/14.png", "a.jpg", "trip/59.png", "a.jpg")


def test_folders_one_after_the_other(ran):
    assert walk(ran, "]", "]", "]", "[", "l", "[", "[", "[") == [
        "sea/c.jpg", "town/f.jpg", "town/f.jpg", "sea/c.jpg", "sea/d.jpg", "sea/c.jpg", "a.jpg",
        "a.jpg",
    ]  # fmt: skip


def test_the_last_folder_says_so(ran):
    async def act(user):
        await user.press("]", "]", "]")
        assert "this is the last folder" in user.status
        await user.press("[", "[", "[")
        assert "this is the first folder" in user.status

    at_review(ran, act)


def test_to_what_is_undecided_and_round_again(ran):
    async def act(user):
        await user.press("a", "l", "a", "g")  # a.jpg and c.jpg are decided
        assert user.decided() == ["a.jpg", "sea/c.jpg"]
        for key, name in (("n", "b.png"), ("n", "sea/d.jpg"), ("N", "b.png"), ("N", "town/g.png")):
            await user.press(key)
            assert user.here == name
        await user.press("n")
        assert user.here == "b.png"

    at_review(ran, act)


def test_where_nothing_is_undecided_n_says_so(ran):
    async def act(user):
        await user.press("A", "enter", "n")
        assert user.decided() == ALL
        assert "nothing undecided is left here" in user.status

    at_review(ran, act)


def test_the_focused_photo_is_shown_under_its_whole_path_with_its_labels(ran):
    async def act(user):
        await user.press("G")
        assert "town/g.png" in user.screen
        assert user.checked == user.review.photos.checklist(6).checked

    at_review(ran, act)


def test_tab_goes_to_labels_folders_and_photos_and_esc_back_to_the_photos(ran):
    async def act(user):
        parts = []
        for _ in range(3):
            await user.press("tab")
            parts.append(user.app.focused.id)
        assert parts == ["labels", "folders", "grid"]
        await user.press("shift+tab", "shift+tab", "down")
        assert user.app.focused.id == "labels"
        assert user.here == "a.jpg"
        assert user.ui.labels.label == "dog"
        assert "dog: cosine 0.19 (threshold 0.20)" in user.status
        await user.press("escape", "down")
        assert (user.app.focused.id, user.here) == ("grid", "sea/d.jpg")

    at_review(ran, act)


def test_a_folder_is_shown_by_its_face_and_gone_to_with_enter(ran):
    async def act(user):
        await user.press("tab", "tab", "down")
        face = user.review.photos.face(1)
        assert user.ui.preview.position == face
        assert user.here == "a.jpg"
        await user.press("enter")
        assert (user.here, user.app.focused.id) == ("sea/c.jpg", "grid")
        assert user.ui.preview.position == user.at("sea/c.jpg")
        assert user.decided() == []

    at_review(ran, act)


def test_folders_close_and_open(ran):
    async def act(user):
        await user.press("tab", "tab", "left")
        assert "▸ all photos        7/7" in user.screen
        assert "sea" not in "".join(line[:26] for line in user.screen.splitlines())
        await user.press("right")
        assert "▾ all photos        7/7" in user.screen
        await user.press("space", "j", "space")
        assert "▾ all photos" in user.screen

    at_review(ran, act)


def test_what_stands_beside_the_grid_waits_until_the_arrows_rest(ran, monkeypatch):
    monkeypatch.setattr(focused_photo, "BESIDE", 1.0)

    async def act(user):
        before = [user.screen.splitlines()[0][-40:]]
        for _ in range(3):
            await user.pilot.press("right")
            before.append(user.screen.splitlines()[0][-40:])
            assert user.ui.photo.following is not None
        assert user.here == "sea/d.jpg"
        assert "a.jpg" in before[0]
        assert set(before) == {before[0]}
        await user.rest()
        assert "sea/d.jpg" in user.screen.splitlines()[0][-40:]

    at_review(ran, act)


@pytest.mark.parametrize("key", ["1", "c", "y", "a", "t", "i"])
def test_an_action_is_done_on_the_photo_that_the_cursor_is_on_at_that_moment(ran, key, monkeypatch):
    monkeypatch.setattr(focused_photo, "BESIDE", 1.0)

    async def act(user):
        await user.pilot.press("right")
        assert user.ui.photo.position != user.ui.grid.cursor.position
        await user.pilot.press(key)
        assert user.ui.grid.cursor.position == user.ui.photo.position
        await user.rest()
        assert "a.jpg" not in user.decided()
        assert user.kept("a.jpg") is None

    at_review(ran, act)


def test_a_label_of_a_photo_that_was_left_is_not_toggled_on_the_next_one(ran):
    async def act(user):
        await user.press("tab")
        labels = user.ui.labels
        user.ui.grid.cursor.move(1, 0)  # nothing waits between the move and the key
        labels.action_toggle_label()
        await user.rest()
        assert user.here == "b.png"
        assert "this is another photo now" in user.status
        assert user.kept("a.jpg") is None
        assert user.kept("b.png") is None

    at_review(ran, act)


def test_keys_and_clicks_beside_the_grid_find_it_up_to_date(ran):
    async def act(user):
        await user.press("tab")
        await user.pilot.press("n")
        await user.pilot.press("down")
        assert user.ui.photo.position == user.ui.grid.cursor.position
        assert user.ui.labels.cursor == 2  # over the line between the parts
        await user.press("escape", "right")
        await user.click("□")
        assert user.kept(user.here)

    at_review(ran, act)


def test_the_large_picture_goes_from_photo_to_photo_too(ran):
    async def act(user):
        await user.press("z")
        assert "b.png" not in user.screen
        assert "will be approved (1)" in user.screen
        await user.pilot.press("right")
        assert user.screen.splitlines()[0].startswith("b.png")  # at once: nothing else is seen
        await user.press("a", "escape")
        assert user.decided() == ["b.png"]
        assert "town" in user.screen
        await user.press("z", "z", "right")
        assert user.here == "sea/d.jpg"

    at_review(ran, act)


def test_after_the_large_picture_arrows_still_move_through_photos(ran):
    async def act(user):
        await user.press("z", "down", "z", "down")
        assert user.here == "town/g.png"

    at_review(ran, act)


def test_a_dialog_over_the_large_picture_leaves_the_arrows_to_the_photos(ran):
    async def act(user):
        await user.press("z", "?", "escape", "down")
        assert user.here == "sea/d.jpg"
        await user.press("z", "f", "escape", "down")
        assert user.here == "town/g.png"
        assert user.app.focused.id == "grid"

    at_review(ran, act)


def test_a_photo_that_lies_elsewhere_too_says_where(ran):
    (ran.root / "town/copy.jpg").write_bytes((ran.root / "a.jpg").read_bytes())
    ran.run()

    async def act(user):
        assert "also at town/copy.jpg" in user.status
        await user.press("l")
        assert "also at" not in user.status

    at_review(ran, act)


def test_the_folders_become_wider_and_narrower_within_limits(ran):
    async def act(user):
        def wide():
            return user.ui.folders.outer_size.width

        begun = wide()
        await user.press(">")
        assert wide() == begun + 4
        await user.press(*"<" * 9)
        assert wide() == 14
        await user.press(*">" * 20)
        assert wide() == 60
        assert user.here == "a.jpg"

    at_review(ran, act, (120, 36))


def test_where_no_folders_are_shown_their_width_is_not_changed(ran):
    async def act(user):
        await user.press(">")
        assert "too narrow" in user.status

    at_review(ran, act, (80, 24))

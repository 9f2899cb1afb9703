"""Among the folders: the right side shows the folder, and nothing is decided."""

import pytest
from PIL import Image

from phototagger.core.checklist import Mark
from phototagger.printable import printable
from phototagger.tui.contexts import FOLDERS
from phototagger.tui.keys import ACTIONS
from phototagger.tui.keys_said import shown_key
from tests.engine.pictures import picture
from tests.tui.reviewing import at_review

IN_TREE = ("tab", "tab")


def said(user):
    """What the side says, in one line."""
    wide = user.ui.card.parent.size.width
    lines = (line[-wide:].strip(" │") for line in user.screen.splitlines())
    return " ".join(" ".join(lines).split())


def dated(path, when):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = when
    with Image.open(path) as image:
        image.save(path, exif=exif)


def test_the_folder_is_shown_with_its_typical_photo_counts_and_dates(photos):
    dated(photos.root / "sea/c.jpg", "2021:05:03 10:12:00")
    dated(photos.root / "sea/e.jpg", "2021:05:04 16:40:00")
    photos.run()

    async def act(user):
        await user.press("a", *IN_TREE)
        assert "2 photos, 1 undecided, 1 approved" in said(user)
        assert "with the 2 folders in it: 7 photos, 6 undecided, 1 approved" in said(user)
        await user.press("down")
        face = user.review.photos.face(1)
        assert user.ui.preview.position == face
        assert f"typical photo: {user.review.photos.name(face)}" in user.screen
        assert "3 photos, 3 undecided" in said(user)
        assert "taken 2021-05-03 10:12 to 2021-05-04 16:40" in said(user)
        assert "will be approved" not in user.screen
        assert user.here == "b.png"
        await user.press("escape")
        assert "will be approved" in user.screen
        assert user.ui.preview.position == user.at("b.png")

    at_review(photos, act, (120, 36))


DECIDING = [action for action in ACTIONS if action.name not in FOLDERS.same]


@pytest.mark.parametrize("images", ["none"])
def test_deciding_keys_do_nothing_there_and_say_so(ran, images):
    keys = {key for action in DECIDING for key in action.keys} - {"enter", "space"}
    assert {"a", "1", "9", "t", "T", "A", "c", "C", ".", "y", "p", "v", "V", "O", ";"} <= keys

    async def act(user):
        await user.press(*IN_TREE)
        for key in sorted(keys):
            user.ui.say("")
            await user.press(key)
            assert "nothing is decided here" in user.status, shown_key(key)
            assert user.app.focused.id == "folders"
        assert user.decided() == []
        assert user.review.marked.contents == set()
        assert not user.ui.letters.on
        assert all(user.review.photos.listing.marks == Mark.UNDECIDED)
        await user.press("escape", "a")
        assert user.decided() == ["a.jpg"]

    at_review(ran, act, images=images)


def test_the_footer_follows_the_focus(ran):
    async def act(user):
        said = [user.screen.splitlines()[-1]]
        for _ in range(3):
            await user.press("tab")
            said.append(user.screen.splitlines()[-1])
        photos, labels, folders, again = said
        assert " a approve" in photos
        assert "LABELS" in labels
        assert " space check" in labels
        assert "FOLDERS" in folders
        assert " enter go there" in folders
        assert "approve" not in folders
        assert again == photos

    at_review(ran, act)


def test_keys_that_go_to_a_photo_lead_out_of_the_folders(ran):
    async def act(user):
        for key, name in (("]", "sea/c.jpg"), ("n", "sea/d.jpg")):
            await user.press(*IN_TREE, key)
            assert (user.here, user.app.focused.id) == (name, "grid")
            assert user.ui.preview.position == user.at(name)

    at_review(ran, act)


def test_counts_of_the_folder_follow_an_undo(ran):
    async def act(user):
        await user.press("]", "a", *IN_TREE)
        assert "3 photos, 2 undecided, 1 approved" in said(user)
        await user.press("u")
        assert "3 photos, 3 undecided" in said(user)

    at_review(ran, act)


def test_a_folder_of_folders_is_counted_with_what_is_in_it(photos):
    for name in ("trip/day1/x.jpg", "trip/day2/y.jpg"):
        picture(photos.root / name, len(name))
    photos.run()

    async def act(user):
        await user.press(*IN_TREE)
        while user.ui.folders.path != "trip":
            await user.press("down")
        assert "with the 2 folders in it: 2 photos, 2 undecided" in said(user)
        assert "typical photo: day1/x.jpg" in said(user)

    at_review(photos, act)


def test_empty_files_are_counted_where_photos_that_failed_are(photos):
    (photos.root / "sea/broken.jpg").write_bytes(b"no photo")
    (photos.root / "sea/empty.jpg").touch()
    (photos.root / "town/nothing.jpg").symlink_to("nowhere.jpg")
    photos.run()
    empty, nothing = "empty.jpg: is an empty file", "nothing.jpg: is a link to nothing"

    async def act(user):
        await user.press(*IN_TREE)
        assert f"2 more failed: sea/{empty}; town/{nothing}" in said(user)
        await user.press("down")
        assert "1 failed" in said(user)
        assert f"1 more failed: {empty}" in said(user)
        assert nothing not in said(user)
        await user.press("escape", "f", "5")
        await user.rest()
        assert user.here == "sea/broken.jpg"
        assert f"2 more failed: sea/{empty}; town/{nothing}" in user.status

    at_review(photos, act, (200, 36))


LONG = "Wedding of Anna and Tom, dinner and dance"


@pytest.mark.parametrize(
    ("columns", "name", "wide"),
    [
        (120, "short", 26),
        (120, "Anna and Tom in 24", 29),
        (120, LONG, 30),
        (240, LONG, len(LONG) + 2 + 4 + 5),  # frame, tree, numbers
        (110, LONG, 27),
        (120, "Caf\udce9 de Flore", 27),
        (120, "Caf\udce9 Le Procope", 29),
        (120, "上野公園の春の桜", 27),
    ],
)
def test_long_names_of_folders_take_the_room_that_there_is(photos, columns, name, wide):
    (photos.root / "sea").rename(photos.root / name)
    photos.run()

    async def act(user):
        assert user.ui.folders.outer_size.width == wide
        said = printable(name)
        assert (f" {said} " if wide < columns // 4 else f"{said[-4:]} ") in user.screen
        await user.press("<")
        assert user.ui.folders.outer_size.width == wide - 4

    at_review(photos, act, (columns, 36))

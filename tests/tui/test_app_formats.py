"""The review of photos of several formats: each is seen, and a raw with its JPEG is one photo."""

import pytest

from phototagger.formats import FORMATS, USUAL
from phototagger.imaging.opened import plug_in
from tests.imaging.pictures import scene
from tests.imaging.raws import save_dng
from tests.sidecar_files import keywords, needs_exiftool
from tests.tui.reviewing import at_review

ALL = tuple(FORMATS)


@pytest.fixture
def mixed(photos):
    """The library with a raw beside a.jpg, one alone, and a HEIC."""
    plug_in(FORMATS["heic"])
    save_dng(photos.root / "a.nef", scene(64, 48))
    save_dng(photos.root / "z.dng", scene(64, 48, 1), orientation=6)
    scene(64, 48, 2).save(photos.root / "y.heic")
    photos.run(formats=ALL)
    return photos


def test_every_photo_is_there_and_the_raw_is_named_beside_its_jpeg(mixed):
    async def act(user):
        await user.press("i")
        assert "raw: a.nef" in user.screen
        for name in ("y.heic", "z.dng"):
            assert name in user.screen
        await user.press("l", "l")
        assert "dimensions: 64 x 48, HEIF RGB" in user.screen
        await user.press("l")
        assert "dimensions: 48 x 64, RAW RGB" in user.screen
        assert "raw: a.nef" not in user.screen

    at_review(mixed, act, formats=ALL)


@needs_exiftool
def test_what_is_approved_of_a_pair_is_written_for_both(mixed):
    async def act(user):
        await user.press("a", "w")
        await user.press("enter")

    user = at_review(mixed, act, formats=ALL)
    decided = user.decided()
    assert decided == ["a.jpg"]
    assert keywords(mixed.root / "a.xmp") == keywords(mixed.root / "a.jpg.xmp") != []


def test_an_empty_folder_says_which_photos_are_looked_for(photos):
    for path in photos.root.rglob("*.*"):
        path.unlink()

    async def act(user):
        assert "no JPEG, PNG or raw photo under" in user.screen

    at_review(photos, act, (240, 36), formats=(*USUAL, "raw"))

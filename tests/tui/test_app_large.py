"""`0`: the photo itself, fitted and at 100 %, with its neighbours, wherever photos are decided."""

import os

import pytest
from PIL import Image

from phototagger.store.discovered import Found, discovery, keep
from phototagger.tui.widgets.preview import Zoom
from tests.engine.certificates.conftest import Shelf, shelf
from tests.review.conftest import at, reviewing
from tests.tui.driving import until
from tests.tui.reviewing import at_review
from tests.tui.screens.labels.conftest import by_label

__all__ = ["by_label", "shelf"]

DRAWN = {"images": "halfcell"}


async def says(user, words):
    await until(user.pilot, lambda: words in user.screen)


@pytest.fixture
def halves(photos):
    """a.jpg is red at the left and blue at the right; its thumbnail is made, then spoiled."""
    path = photos.root / "a.jpg"
    picture = Image.new("RGB", (1200, 800), (250, 0, 0))
    picture.paste((0, 0, 250), (600, 0, 1200, 800))
    picture.save(path, quality=95)
    photos.run()
    return photos


def colours(user) -> tuple[int, int]:
    """How many cells of the preview are red, and how many are blue."""
    region = user.ui.preview.region
    red = blue = 0
    for strip in user.app.screen._compositor.render_strips()[region.y : region.bottom - 6]:
        for text, style, _ in strip.crop(region.x, region.right):
            colour = style.bgcolor.get_truecolor() if style and style.bgcolor else None
            if colour is not None and colour.red > 200 and colour.blue < 90:
                red += len(text)
            if colour is not None and colour.blue > 200 and colour.red < 90:
                blue += len(text)
    return red, blue


def room(user) -> int:
    """How many cells the picture has: all but two lines above it, and its neighbours."""
    return user.ui.preview.size.width * (user.ui.preview.size.height - 2 - 6)


@pytest.mark.parametrize("images", ["halfcell", "quadrant"])
@pytest.mark.parametrize("letters", [False, True])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
def test_fitted_then_100_percent_with_arrows_then_small_again(halves, letters, size, images):
    async def act(user):
        if letters:
            await user.press(";")
        await user.press("0")
        await says(user, "fitted · again: 100 %")
        assert min(colours(user)) > 20
        assert "▸a.jpg" in user.screen  # among its neighbours
        assert "b.png" in user.screen
        await user.press("0")
        await says(user, "100 % · arrows")
        assert sum(colours(user)) > 0.9 * room(user)
        await user.press(*["right"] * 40)
        await until(user.pilot, lambda: colours(user)[0] == 0 < colours(user)[1])
        await user.press(*["left"] * 40)  # no step was lost beyond the side
        await until(user.pilot, lambda: colours(user)[1] == 0 < colours(user)[0])
        assert user.here == "a.jpg"
        await user.press("0")
        assert not user.ui.has_class("large")
        assert ("LETTER KEYS" in user.screen) == letters
        await user.press("right")
        assert user.here == "b.png"
        assert user.decided() == []

    at_review(halves, act, size=size, images=images)


def test_it_is_the_photo_itself_that_is_seen_and_not_its_thumbnail(halves):
    async def act(user):
        Image.new("RGB", (1200, 800), (0, 0, 250)).save(halves.root / "a.jpg")
        await user.press("0")
        await says(user, "fitted · again: 100 %")
        await until(user.pilot, lambda: colours(user)[0] == 0 < colours(user)[1])

    at_review(halves, act, **DRAWN)


def test_esc_closes_it_at_once_and_another_photo_is_shown_as_large(halves):
    async def act(user):
        await user.press("0", "right")
        await says(user, "▸b.png")
        await user.press("0", "n")
        assert user.here == "sea/c.jpg"
        await says(user, "100 % · arrows")
        await user.press("escape")
        assert user.ui.preview.zoom is Zoom.SMALL
        assert not user.ui.has_class("large")

    at_review(halves, act, **DRAWN)


@pytest.mark.parametrize("trouble", ["gone", "broken", "too large"])
def test_why_a_photo_is_not_shown_is_said_and_its_thumbnail_stays(halves, trouble):
    async def act(user):
        path = halves.root / "a.jpg"
        if trouble == "gone":
            path.unlink()
        elif trouble == "broken":
            os.truncate(path, 3000)
        else:
            Image.new("L", (2000, 2000)).save(path)
        await user.press("0")
        await says(user, "this photo ")
        assert min(colours(user)) > 20
        await user.press("0")
        await says(user, "this photo ")

    at_review(halves, act, max_pixels=1_000_000, **DRAWN)


def test_without_pictures_it_says_so(halves):
    async def act(user):
        await user.press("0")
        assert "no pictures (--images)" in user.screen
        await user.press("0")
        assert not user.ui.has_class("large")

    at_review(halves, act)


def test_in_a_field_they_are_letters_and_in_the_label_list_no_keys(halves):
    async def act(user):
        await user.press("#", "z", "0")
        assert "z0" in user.screen
        assert not user.ui.has_class("large")
        await user.press("escape", "L", "0")
        assert "0 is no key here" in user.screen

    at_review(halves, act)


def test_on_the_pages_of_a_label(by_label):
    async def act(user):
        await user.press("L", "enter", "right")
        first = user.app.screen.grid.position
        await user.press("0")
        await says(user, "fitted · again: 100 %")
        await user.press("right")
        assert user.app.screen.grid.position != first
        second = user.app.screen.grid.position
        await user.press("0")
        await says(user, "100 % · arrows")
        await user.press("right")
        assert user.app.screen.grid.position == second
        await user.press("enter")
        assert "esc shows the page again" in user.screen
        await user.press("escape")
        assert len(user.cells) == 24

    by_label(act)


def test_in_a_sample(shelf: Shelf):
    with shelf.job() as job:
        shelf.teach_some(job)

    async def act(user):
        await user.press("P", "1")
        screen = user.app.screen
        assert "which are true here?" in user.screen
        await user.press("z")
        await says(user, "fitted · again: 100 %")
        assert "which are true" not in user.screen
        await user.press("0", "left", "escape")
        assert user.app.screen is screen
        assert "which are true here?" in user.screen
        await user.press("escape")
        assert user.app.screen is not screen

    at_review(shelf, act, **DRAWN)


def test_what_a_detector_saw_is_outlined_while_it_is_fitted(halves):
    with reviewing(halves) as review:
        catalogue, sha1 = review.job.catalogue, review.photos.listing.sha1(at(review, "a.jpg"))
        number = discovery(catalogue, "detector", "1", "")
        box = (0.1, 0.1, 0.8, 0.8)
        keep(catalogue, number, {sha1: [Found("dog", 0.9, box), Found("lawn", 0.5)]})

    async def act(user):
        await user.press("0")
        await says(user, "fitted · again: 100 % · outlined: dog")
        await until(user.pilot, lambda: frames(user) > 0)
        assert min(colours(user)) > 20
        await user.press("right")
        await says(user, "fitted · again: 100 %")
        assert "outlined" not in user.screen
        await user.press("left", "0")
        await says(user, "100 % · arrows")
        await until(user.pilot, lambda: frames(user) == 0)

    at_review(halves, act, **DRAWN)


def frames(user) -> int:
    """How many cells of the preview have the colour of the first frame, yellow."""
    region, found = user.ui.preview.region, 0
    for strip in user.app.screen._compositor.render_strips()[region.y : region.bottom - 6]:
        for text, style, _ in strip.crop(region.x, region.right):
            colours = [style.bgcolor, style.color] if style else []
            triplets = [one.get_truecolor() for one in colours if one is not None]
            if any(one.red > 200 and one.green > 150 and one.blue < 90 for one in triplets):
                found += len(text)
    return found

"""Jobs that people have, each done by keys alone; how many it takes, and what is on disk then.

docs/review.md states these counts ("Common jobs, in keys").
"""

import time

import pytest

from phototagger.store import WHOLE_PHOTO, decisions
from tests.engine.pictures import LIBRARY, picture
from tests.engine.process.processes import process
from tests.faults.test_review_ends import PHOTOS, Tagged, review_of
from tests.review.by_label.conftest import vector_set
from tests.tui.reviewing import at_review
from tests.tui.screens.labels.conftest import paging

__all__ = ["process"]

BEACH = [f"trip/{number:03}.png" for number in range(100)]
MANY = 500


class Hands:
    """Presses keys for a user, and counts them."""

    def __init__(self, user):
        self.user = user
        self.keys = 0

    async def press(self, *keys):
        self.keys += len(keys)
        await self.user.press(*keys)


@pytest.fixture
def trip(photos):
    """A folder with a hundred photos among other folders."""
    for number, name in enumerate(BEACH):
        picture(photos.root / name, 100 + number)
    photos.run()
    return photos


def approved_on_disk(user):
    """Every label that is approved, with its photos; no photo is decided as a whole."""
    listing, found = user.review.photos.listing, {}
    with user.disk() as catalogue:
        for one in decisions(catalogue):
            assert one.approved
            assert one.label != WHOLE_PHOTO
            at = listing.positions_of([one.sha1])
            found.setdefault(one.label, set()).update(user.review.photos.rel_path(p) for p in at)
    return found


def test_a_hundred_similar_photos_of_a_folder_get_one_label_in_4_keys(trip):
    async def act(user):
        user.ui.photo.go_to([user.at(BEACH[50])])
        hands = Hands(user)
        await hands.press("#", "b", "shift+tab")
        assert "Approve beach: 100 photos, 100 labels?" in user.screen
        assert "this folder: 100 photos" in user.screen
        assert approved_on_disk(user) == {}
        await hands.press("enter")
        assert approved_on_disk(user) == {"beach": set(BEACH)}
        assert hands.keys == 4
        await user.press("u", "enter")
        assert approved_on_disk(user) == {}

    at_review(trip, act)


def test_a_hundred_similar_photos_to_the_end_of_a_larger_folder_get_one_label_in_6_keys(trip):
    for number in range(10):
        picture(trip.root / f"trip/00-way-there-{number}.png", 300 + number)
    trip.run()

    async def act(user):
        user.ui.photo.go_to([user.at(BEACH[0])])
        hands = Hands(user)
        await hands.press("v", "G", "#", "b", "shift+tab")
        assert "what is marked: 100 photos" in user.screen
        await hands.press("enter")
        assert approved_on_disk(user) == {"beach": set(BEACH)}
        assert hands.keys == 6

    at_review(trip, act)


def test_a_folder_gets_the_name_of_its_place_as_a_new_label_in_3_keys_and_the_name(trip, process):
    name = "santorini"

    async def act(user):
        user.ui.photo.go_to([user.at(BEACH[0])])
        hands = Hands(user)
        await hands.press("#", *name, "shift+tab")
        assert "Approve santorini: 100 photos, 100 labels?" in user.screen
        assert name not in user.review.labels
        await hands.press("enter")
        assert approved_on_disk(user) == {name: set(BEACH)}
        assert hands.keys == 3 + len(name)
        assert name in user.review.labels
        assert name in user.review.suggestions.suggester.labels  # embedded at once

    at_review(trip, act)


def test_who_refuses_a_new_label_for_a_folder_has_added_none(trip):
    async def act(user):
        await user.press("#", *"santorini", "shift+tab", "escape")
        assert approved_on_disk(user) == {}
        assert "santorini" not in user.review.labels

    at_review(trip, act)


def test_photos_that_have_the_label_are_left_and_checks_that_wait_get_it(ran):
    async def act(user):
        await user.press("2")
        waiting = user.kept("a.jpg")
        assert "beach" not in waiting
        await user.press("g", "l", "space", "#", *"beach", "shift+tab", "enter")
        assert approved_on_disk(user) == {"beach": {"b.png"}}
        assert "marked" not in user.status
        await user.press("V", "#", *"beach", "shift+tab")
        assert "Approve beach: 6 photos, 6 labels?" in user.screen
        assert "1 photo with it already: left as they are" in user.screen
        await user.press("enter")
        assert approved_on_disk(user) == {"beach": {*LIBRARY}}
        assert user.kept("a.jpg") == waiting | {"beach"}
        await user.press("u")
        assert approved_on_disk(user) == {"beach": {"b.png"}}
        assert user.kept("a.jpg") == waiting

    at_review(ran, act)


def test_a_label_that_was_suggested_wrongly_is_rejected_on_500_photos_in_28_keys(tmp_path):
    """Every fifth photo has it for the model; somebody says no to all of them, page by page."""

    async def act(user):
        hands = Hands(user)
        await hands.press("L", "/", *"ca", "enter")
        while "No photo is left to ask about cat" not in user.screen:
            if not user.cells:
                await hands.press("pagedown")
                continue
            if any(yes for yes, _ in user.cells.values()):
                await hands.press("-")
            await hands.press("enter")
        assert user.said_of("cat") == dict.fromkeys(range(MANY), False)
        assert user.whole() == 0
        assert hands.keys == 28

    paging(tmp_path, vector_set(MANY))(act)


def test_all_dogs_of_500_photos_and_dogs_only_in_13_keys(tmp_path):
    known = vector_set(MANY)
    dogs = set(known.truth[:, known.labels.index("dog")].nonzero()[0].tolist())

    async def act(user):
        hands = Hands(user)
        await hands.press("L", "/", *"do", "enter")
        while user.cells:
            await hands.press(*user.wrong("dog"), "enter")
        assert "Stopped" in user.screen
        assert {number for number, yes in user.said_of("dog").items() if yes} == dogs
        assert user.whole() == 0
        assert hands.keys == 13

    paging(tmp_path, known)(act)


def test_two_labels_are_merged_in_7_keys(tmp_path):
    async def act(user):
        await user.press("L", "enter", "enter", "escape", "escape")
        had = user.said_of("person")
        assert len(had) == 24
        hands = Hands(user)
        await hands.press("L", "n", "M", *"do", "enter")
        assert "person" in user.screen
        assert user.said_of("dog") == {}
        await hands.press("enter")
        assert user.said_of("dog") == had
        assert user.said_of("person") == {}
        assert "person" not in user.review.labels
        assert hands.keys == 7

    paging(tmp_path, vector_set())(act)


def test_a_label_goes_to_a_whole_folder_in_a_real_terminal(tmp_path, calls):
    tagged = Tagged(tmp_path, calls)
    with review_of(tagged) as screen:
        screen.press("#")
        screen.until_says("find a label")
        screen.press("b\x1b[Z")  # at once, as a slow line brings it
        screen.until_says("Approve beach: 60 photos, 60 labels?")
        time.sleep(0.5)  # who answers at once has not read it
        screen.press("\r")
        screen.until_says("approved beach on 60 photos")
        screen.press("q")
        assert screen.ended() == 0
    assert tagged.decided() == {name: {"beach"} for name in PHOTOS}

"""Searching as it is typed, what is like a photo, and the way back."""

import threading

import numpy as np
import pytest

from phototagger.engine.library.library import Library
from phototagger.errors import PhototaggerError
from phototagger.review.photo_list import known_listing
from phototagger.review.search.live import LiveSearch
from phototagger.tui.screens.search import seeking
from tests.engine.pictures import picture
from tests.engine.process.processes import process
from tests.engine.standin import label_vectors
from tests.tui.reviewing import at_review
from tests.tui.test_app_views import ALL, shown

__all__ = ["process"]

pytestmark = pytest.mark.usefixtures("process")

SEA = ["sea/c.jpg", "sea/d.jpg", "sea/e.jpg"]


def nearest(library, words):
    """The photos by their cosine with words, best first."""
    with Library(library.settings(), []) as opened:
        listing = known_listing(opened)
        rows = opened.images.get(listing.keys)
        wanted = label_vectors([words], opened.settings.prompts)[0]
        cosines = rows @ wanted / np.linalg.norm(rows, axis=1)
        names = [path.removeprefix(f"{opened.root}/") for path in listing.paths]
    return [names[at] for at in np.argsort(-cosines, kind="stable")]


@pytest.fixture
def crowd(photos):
    """More photos than a search shows at once."""
    for number in range(260):
        picture(photos.root / f"trip/{number:03}.png", 100 + number, (16, 12))
    photos.run()
    return photos


def test_names_are_found_as_they_are_typed_and_esc_goes_back_exactly(many):
    async def act(user):
        await user.press("f", "2", "G", "pageup", "left")
        before = (user.here, user.ui.grid.top, user.ui.grid.cursor.index, shown(user))
        assert user.ui.grid.top
        await user.press("/")
        await user.type("name:sea")
        assert shown(user) == SEA
        assert "3 found" in user.screen
        await user.press("enter")
        assert user.here == SEA[0]
        assert "/name:sea: 3 found" in user.status
        await user.press("escape")
        assert (user.here, user.ui.grid.top, user.ui.grid.cursor.index, shown(user)) == before
        assert user.review.photos.filter == "undecided"

    at_review(many, act)


@pytest.mark.parametrize("way", ["field", "result", "alike", "other files"])
def test_an_open_range_is_there_again_after_a_search(many, way):
    async def act(user):
        await user.press("f", "2", "G", "pageup", "v", "left", "left")
        before = (user.here, user.ui.grid.top, user.ui.grid.cursor.selected())
        names = [user.review.photos.rel_path(one) for one in before[2]]
        assert len(before[2]) == 3
        await user.press(*(["*"] if way == "alike" else ["/", *"name:sea"]))
        if way != "field":
            await user.press("enter" if way != "alike" else "l")
        assert not user.ui.grid.cursor.is_selecting
        if way == "other files":
            picture(many.root / "aaa.png", 99)
            user.ui.background.rescan()
            await user.rest()
        await user.press("escape")
        if way != "other files":
            after = (user.here, user.ui.grid.top, user.ui.grid.cursor.selected())
            assert after == before
        selected = user.ui.grid.cursor.selected()
        assert [user.review.photos.rel_path(one) for one in selected] == names
        await user.press("v")
        assert user.review.marked.here() == selected

    at_review(many, act)


def test_esc_in_the_field_goes_back_and_so_does_an_empty_line(ran):
    async def act(user):
        await user.press("l", "/", *"sea")
        assert shown(user)[:3] == sorted(SEA, key=nearest(ran, "sea").index)
        await user.press("backspace", "backspace", "backspace")
        assert (shown(user), user.here) == (ALL, "b.png")
        await user.press(*"town", "escape")
        assert (shown(user), user.here) == (ALL, "b.png")
        await user.press("/", "enter")
        assert (shown(user), user.here) == (ALL, "b.png")
        await user.press("escape")
        assert user.review.photos.results is None

    at_review(ran, act)


def test_words_find_what_has_them_and_then_what_is_nearest_in_meaning(ran, process):
    async def act(user):
        await user.press("/", *"old", "space", *"harbour", "enter")
        assert shown(user) == nearest(ran, "old harbour")
        assert process.did("loads") == 1
        await user.press("/", *"town", "enter")
        assert shown(user)[:2] == [one for one in nearest(ran, "town") if "town" in one]
        assert process.did("loads") == 1

    at_review(ran, act)


def test_until_the_model_is_loaded_names_are_searched_and_the_line_says_so(ran, process):
    process.do("slow")

    async def act(user):
        await user.pilot.press("/", *"sea")
        while "model loading" not in user.screen or shown(user) != SEA:
            await user.pilot.pause(0.01)
        assert "3 found · names, labels, dates: model loading" in user.screen
        # More is typed than there are threads that could wait for the model.
        await user.pilot.press(*["space", *"c.jpg"] * 2)
        while shown(user) != SEA[:1]:
            await user.pilot.pause(0.01)
        process.do("")
        await user.rest()
        assert len(shown(user)) == len(ALL)
        assert user.review.photos.results.said == "/sea c.jpg c.jpg"
        assert "model loading" not in user.screen
        assert process.did("loads") == 1

    at_review(ran, act, size=(160, 36))


def test_without_weights_names_labels_and_dates_are_found_and_it_says_why(ran, process):
    process.do("missing")

    async def act(user):
        await user.press("/", *"sea")
        assert shown(user) == SEA
        assert "only names, labels, dates: the weights are not here" in user.screen
        await user.press("enter")
        assert "the weights are not here" in user.status

    at_review(ran, act, size=(160, 36))


def test_the_models_process_is_let_go_some_time_after_the_last_search(ran, process, monkeypatch):
    async def act(user):
        model = user.review.job.model
        await user.press("/", *"zebra", "enter")
        assert model.loaded
        monkeypatch.setattr(seeking, "RELEASE_SECONDS", 0.01)
        await user.press("*")
        while model.loaded:
            await user.pilot.pause(0.01)
        monkeypatch.setattr(seeking, "RELEASE_SECONDS", 600)
        await user.press("/", *"ox", "enter")
        assert shown(user) == nearest(ran, "ox")
        assert process.did("loads") == 2

    at_review(ran, act)


def test_what_is_like_a_photo_is_shown_without_it_and_so_for_marked_ones(ran):
    def like(user, *names):
        keys = user.review.photos.listing.keys
        rows = user.review.job.model.images.get(keys).astype(np.float64)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        middle = rows[[ALL.index(one) for one in names]].mean(axis=0)
        order = np.argsort(-(rows @ middle), kind="stable")
        return [ALL[at] for at in order if ALL[at] not in names]

    async def act(user):
        await user.press("l", "*")
        assert shown(user) == like(user, "b.png")
        assert "like b.png: all 6, by nearness" in user.status
        first = user.here
        await user.press("*")  # and what is like that one
        assert shown(user) == like(user, first)
        await user.press("escape")
        assert shown(user) == like(user, "b.png")
        await user.press("escape")
        assert (shown(user), user.here) == (ALL, "b.png")
        await user.press("space", "l", "space", "*")
        assert shown(user) == like(user, "b.png", "sea/c.jpg")

    at_review(ran, act)


def test_the_nearest_200_are_shown_and_more_on_scrolling(crowd, process):
    async def act(user):
        await user.press("/", *"zebra", "enter")
        wanted = nearest(crowd, "zebra")
        assert shown(user) == wanted[:200]
        assert "/zebra: the nearest 200 of 267" in user.status
        await user.press("V")
        assert len(user.review.marked.contents) == 200
        await user.press("V", "G")
        scrolled = len(user.review.photos.view)
        assert 200 < scrolled < 267
        assert user.here == wanted[199]
        await user.press("A")
        assert f"{scrolled} photos" in user.screen
        await user.press("escape", "G", "G", "G")
        assert shown(user) == wanted

    at_review(crowd, act)


def test_range_marks_letter_keys_filter_and_pages_work_inside_what_was_found(ran):
    async def act(user):
        await user.press("/", *"name:sea", "enter", "L", "enter")
        assert "in 3 photos" in user.screen
        await user.press("escape", "escape", "v", "l", "v")
        assert len(user.review.marked.here()) == 2
        await user.press("V", "V", ";", "s", "enter", "escape")
        assert user.decided() == ["sea/d.jpg"]
        await user.press("f", "2")
        assert shown(user) == ["sea/c.jpg", "sea/e.jpg"]
        await user.press("A")
        assert "everything shown: 2 photos" in user.screen
        await user.press("enter")
        assert user.decided() == SEA
        await user.press("f", "1")
        assert shown(user) == SEA
        await user.press("escape")
        assert shown(user) == ALL

    at_review(ran, act)


def test_the_first_ten_searches_say_which_key_adds_a_label_across_restarts(ran):
    async def eight(user):
        for _ in range(8):
            await user.press("/")
            assert "# adds a label" in user.screen
            await user.press("escape")

    async def three(user):
        for hinted in (True, True, False):
            await user.press("/")
            assert ("# adds a label" in user.screen) is hinted
            await user.press("escape")

    at_review(ran, eight)
    at_review(ran, three)


def test_a_search_is_not_what_the_review_opens_with(ran):
    async def search(user):
        await user.press("f", "2", "l", "l", "/", *"name:town", "enter", "l", "space")

    async def look(user):
        assert user.here == "sea/c.jpg"
        assert user.review.photos.filter == "undecided"
        assert user.review.marked.known() == {
            user.review.photos.listing.sha1(user.at("town/g.png"))
        }

    at_review(ran, search)
    at_review(ran, look)


def test_photos_that_come_meanwhile_leave_what_was_found_as_it_is(ran):
    async def act(user):
        await user.press("l", "/", *"name:sea", "enter", "l")
        picture(ran.root / "aaa.png", 99)
        user.ui.background.rescan()
        await user.rest()
        assert (shown(user), user.here) == (SEA, "sea/d.jpg")
        await user.press("escape")
        assert (len(shown(user)), user.here) == (len(ALL) + 1, "b.png")

    at_review(ran, act)


def test_letter_keys_stay_on_while_one_searches_and_letters_go_into_the_field(ran):
    async def act(user):
        await user.press(";", "/", *"name:town")
        assert user.decided() == []
        await user.press("enter")
        assert user.ui.letters.on
        assert shown(user) == ["town/f.jpg", "town/g.png"]
        await user.press("enter")
        assert user.decided() == ["town/f.jpg"]

    at_review(ran, act)


def test_a_click_on_a_photo_keeps_what_was_found(ran):
    async def act(user):
        await user.press("/", *"name:sea")
        await user.click("d.jpg")
        assert (shown(user), user.here) == (SEA, "sea/d.jpg")
        await user.press("space")
        assert len(user.review.marked.here()) == 1

    at_review(ran, act)


def test_a_search_for_what_is_like_a_photo_that_failed_leaves_no_way_back(ran, monkeypatch):
    def fails(*_):
        raise PhototaggerError("nothing can be like it: it has no vector yet", "r, embed")

    monkeypatch.setattr(LiveSearch, "like", fails)

    async def act(user):
        await user.press("l", "*")
        assert "nothing can be like it" in user.status
        await user.press("f", "2", "right")
        before = (user.here, user.review.photos.filter)
        await user.press("/", *"name:sea", "escape")
        assert (user.here, user.review.photos.filter) == before
        assert user.ui.searching.first is None

    at_review(ran, act)


def test_a_search_that_begins_while_another_goes_on_takes_its_place(ran, monkeypatch):
    goes_on, like = threading.Event(), LiveSearch.like

    def slowly(*given):
        assert goes_on.wait(60)
        return like(*given)

    monkeypatch.setattr(LiveSearch, "like", slowly)

    async def act(user):
        await user.press("l")
        await user.pilot.press("*", "/", *"name:sea")
        goes_on.set()
        while shown(user) != SEA:
            await user.pilot.pause(0.01)
        await user.press("escape")
        assert (shown(user), user.here) == (ALL, "b.png")
        assert user.ui.searching.first is None
        assert user.ui.acts.is_free()

    at_review(ran, act)


@pytest.mark.parametrize("key", ["a", "1", "c", "t", "#"])
def test_where_nothing_was_found_a_deciding_key_says_that_no_photo_is_here(ran, key):
    async def act(user):
        await user.press("/", *"label:nothing", "enter")
        assert "nothing was found" in user.screen
        user.ui.say("")
        await user.press(key)
        assert user.status.strip().startswith("no photo is here")
        assert user.decided() == []

    at_review(ran, act)


def test_information_goes_with_its_photo(ran):
    async def act(user):
        await user.press("i")
        assert "dimensions: " in user.screen
        await user.press("/", *"label:nothing", "enter")
        assert "dimensions: " not in user.screen
        assert "photo: none is here" in user.screen
        await user.press("escape")
        assert "dimensions: " in user.screen

    at_review(ran, act)

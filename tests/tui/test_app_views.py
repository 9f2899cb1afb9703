"""Filters and orders: which photos are shown, and what comes first."""

import pytest

from tests.tui.reviewing import at_desk

ALL = ["a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "sea/e.jpg", "town/f.jpg", "town/g.png"]


def shown(desk):
    return [desk.review.rel_path(one) for one in desk.review.view.tolist()]


@pytest.fixture
def broken(ran):
    (ran.root / "town/z.jpg").write_bytes(b"no picture")
    ran.run()
    return ran


def test_each_filter_shows_its_photos_and_says_so(broken):
    async def act(desk):
        await desk.press("a", "c", "a")  # approved a.jpg, b.png without a label
        everything = [*ALL, "town/z.jpg"]
        for place, (said, names) in enumerate(
            [
                ("undecided · ", everything),
                ("only undecided", ALL[2:]),
                ("only approved", ["a.jpg"]),
                ("only none", ["b.png"]),
                ("only failed", ["town/z.jpg"]),
            ],
            1,
        ):
            await desk.press("f", str(place))
            assert shown(desk) == names
            assert said in desk.screen.splitlines()[-2] or said in desk.status
            assert desk.here in names
        assert "!" in desk.screen
        await desk.press("f", "1")
        assert desk.decided() == ["a.jpg", "b.png"]

    at_desk(broken, act)


def test_a_filter_that_shows_nothing_says_what_to_do(ran):
    async def act(desk):
        for place, said in ((3, "nothing is approved yet"), (5, "no photo failed")):
            await desk.press("f", str(place))
            assert said in desk.screen
            await desk.press("a", "1", "space", "c", "t", "T", "C", "A", "v", "l", "n", "]", "G")
            await desk.press("z", "escape", "i", "i", ".", "y", "p", "/", "escape")
            assert desk.decided() == []
        await desk.press("f", "1")
        assert shown(desk) == ALL

    at_desk(ran, act)


def test_the_cursor_stays_on_its_photo(ran):
    async def act(desk):
        await desk.press("a", "]", "l", "f", "2")
        assert desk.here == "sea/d.jpg"
        await desk.press("f", "down", "escape")
        assert desk.review.filter == "undecided"

    at_desk(ran, act)


def test_where_a_filter_hides_its_photo_the_cursor_goes_to_the_next_one(ran):
    async def act(desk):
        await desk.press("]", "a", "h", "h", "a", "l", "f", "2")
        assert desk.decided() == ["b.png", "sea/c.jpg"]
        assert desk.here == "sea/d.jpg"

    at_desk(ran, act)


def test_another_order_begins_with_what_comes_first_in_it(ran):
    async def act(desk):
        await desk.press("G", "s", "2")
        assert desk.here == shown(desk)[0]
        await desk.press("l", "l", "f", "1")
        assert desk.here == shown(desk)[2]
        here = desk.here
        await desk.press("s", "1")
        assert desk.here == here

    at_desk(ran, act)


def test_the_present_filter_is_marked_and_can_be_clicked(ran):
    async def act(desk):
        await desk.press("f")
        assert "• 1 all" in desk.screen
        await desk.click("2 undecided")
        assert desk.review.filter == "undecided"

    at_desk(ran, act)


def test_photos_by_the_score_of_one_label(ran):
    async def act(desk):
        await desk.press("s", "3")
        assert "by the score of which label?" in desk.screen
        await desk.type("cat")
        await desk.press("enter")
        cosines = [
            {line.label: line.cosine for line in desk.review.checklist(one).lines}["cat"]
            for one in desk.review.view.tolist()
        ]
        assert cosines == sorted(cosines, reverse=True)
        assert sorted(shown(desk)) == ALL
        assert "by cat" in desk.status
        await desk.press("s", "1")
        assert shown(desk) == ALL
        assert "by cat" not in desk.status

    at_desk(ran, act)


def test_the_most_uncertain_first_and_decided_ones_last(ran):
    async def act(desk):
        await desk.press("a", "a", "s", "2")
        assert set(shown(desk)[-2:]) == {"a.jpg", "b.png"}
        assert "most uncertain first" in desk.status
        await desk.press("f", "2")
        assert sorted(shown(desk)) == ALL[2:]

    at_desk(ran, act)


def test_an_order_holds_where_the_folder_is_looked_at_again(ran):
    async def act(desk):
        await desk.press("s", "2")
        before = shown(desk)
        (ran.root / "a.jpg").unlink()
        desk.app._rescan()
        await desk.rest()
        assert shown(desk) == [name for name in before if name != "a.jpg"]
        assert "most uncertain first" in desk.status

    at_desk(ran, act)


def test_the_theme_of_the_settings_is_used_and_an_unknown_one_named(ran):
    async def light(desk):
        assert desk.app.theme == "textual-light"

    async def none(desk):
        assert desk.app.theme == "textual-dark"
        assert "there is no neon" in desk.status

    at_desk(ran, light, theme="textual-light")
    at_desk(ran, none, theme="neon")

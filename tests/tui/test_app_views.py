"""Filters and orders: which photos are shown, and what comes first."""

import pytest

from tests.tui.reviewing import at_review

ALL = ["a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "sea/e.jpg", "town/f.jpg", "town/g.png"]


def shown(user):
    return [user.review.photos.rel_path(one) for one in user.review.photos.view.tolist()]


@pytest.fixture
def broken(ran):
    (ran.root / "town/z.jpg").write_bytes(b"no picture")
    ran.run()
    return ran


def test_photos_are_found_by_how_they_stand(broken):
    async def act(user):
        await user.press("2", "l", "T", "enter", "space")
        autos = user.decided()
        assert autos
        for place, names in [(6, ["a.jpg"]), (7, autos), (8, ["b.png"]), (9, [])]:
            await user.press("f", str(place))
            assert shown(user) == names
        assert "every undecided photo has suggestions" in user.screen

    at_review(broken, act)


def test_a_photo_says_at_a_glance_how_it_stands(broken):
    async def act(user):
        await user.press("2", "l", "a", "c", "a", "]", "T", "enter", "G")
        lines = user.screen.splitlines()
        assert any("╏✎ a.jpg" in line for line in lines)
        assert any("┃✓ b.png" in line for line in lines)
        assert any("│\u2013 c.jpg" in line for line in lines)
        assert "no label" in user.screen
        assert "⚙" in user.screen
        assert "this photo is not" in user.screen  # why z.jpg failed

    at_review(broken, act)


def test_each_filter_shows_its_photos_and_says_so(broken):
    async def act(user):
        await user.press("a", "c", "a")  # approved a.jpg, b.png without a label
        everything = [*ALL, "town/z.jpg"]
        for place, (said, names) in enumerate(
            [
                ("undecided · ", everything),
                ("only undecided", ALL[2:]),
                ("only approved", ["a.jpg"]),
                ("only no label", ["b.png"]),
                ("only failed", ["town/z.jpg"]),
            ],
            1,
        ):
            await user.press("f", str(place))
            assert shown(user) == names
            assert said in user.screen.splitlines()[-2] or said in user.status
            assert user.here in names
        assert "!" in user.screen
        await user.press("f", "1")
        assert user.decided() == ["a.jpg", "b.png"]

    at_review(broken, act)


def test_a_filter_that_shows_nothing_says_what_to_do(ran):
    async def act(user):
        for place, said in ((3, "nothing is approved yet"), (5, "no photo failed")):
            await user.press("f", str(place))
            assert said in user.screen
            await user.press("a", "1", "space", "c", "t", "T", "C", "A", "v", "l", "n", "]", "G")
            await user.press("z", "escape", "i", "i", ".", "y", "p", "/", "escape")
            assert user.decided() == []
        await user.press("f", "1")
        assert shown(user) == ALL

    at_review(ran, act)


def test_the_cursor_stays_on_its_photo(ran):
    async def act(user):
        await user.press("a", "]", "l", "f", "2")
        assert user.here == "sea/d.jpg"
        await user.press("f", "down", "escape")
        assert user.review.photos.filter == "undecided"

    at_review(ran, act)


def test_where_a_filter_hides_its_photo_the_cursor_goes_to_the_next_one(ran):
    async def act(user):
        await user.press("]", "a", "h", "h", "a", "l", "f", "2")
        assert user.decided() == ["b.png", "sea/c.jpg"]
        assert user.here == "sea/d.jpg"

    at_review(ran, act)


def test_another_order_begins_with_what_comes_first_in_it(ran):
    async def act(user):
        await user.press("G", "s", "2")
        assert user.here == shown(user)[0]
        await user.press("l", "l", "f", "1")
        assert user.here == shown(user)[2]
        here = user.here
        await user.press("s", "1")
        assert user.here == here

    at_review(ran, act)


def test_the_present_filter_is_marked_and_can_be_clicked(ran):
    async def act(user):
        await user.press("f")
        assert "• 1 all" in user.screen
        await user.click("2 undecided")
        assert user.review.photos.filter == "undecided"

    at_review(ran, act)


def test_photos_by_the_score_of_one_label(ran):
    async def act(user):
        await user.press("s", "3")
        assert "by the score of which label?" in user.screen
        await user.type("cat")
        await user.press("enter")
        cosines = [
            {line.label: line.cosine for line in user.review.photos.checklist(one).lines}["cat"]
            for one in user.review.photos.view.tolist()
        ]
        assert cosines == sorted(cosines, reverse=True)
        assert sorted(shown(user)) == ALL
        assert "by cat" in user.status
        await user.press("s", "1")
        assert shown(user) == ALL
        assert "by cat" not in user.status

    at_review(ran, act)


def test_the_most_uncertain_first_and_decided_ones_last(ran):
    async def act(user):
        await user.press("a", "a", "s", "2")
        assert set(shown(user)[-2:]) == {"a.jpg", "b.png"}
        assert "most uncertain first" in user.status
        await user.press("f", "2")
        assert sorted(shown(user)) == ALL[2:]

    at_review(ran, act)


def test_an_order_holds_where_the_folder_is_looked_at_again(ran):
    async def act(user):
        await user.press("s", "2")
        before = shown(user)
        (ran.root / "a.jpg").unlink()
        user.ui.background.rescan()
        await user.rest()
        assert shown(user) == [name for name in before if name != "a.jpg"]
        assert "most uncertain first" in user.status

    at_review(ran, act)


def test_the_theme_of_the_settings_is_used_and_an_unknown_one_named(ran):
    async def light(user):
        assert user.app.theme == "textual-light"

    async def none(user):
        assert user.app.theme == "textual-dark"
        assert "there is no neon" in user.status

    at_review(ran, light, theme="textual-light")
    at_review(ran, none, theme="neon")

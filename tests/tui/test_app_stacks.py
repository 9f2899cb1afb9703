"""Stacks in the real review, key by key: what the screen shows and what is on disk."""

import pytest

from phototagger.core.checklist import Mark
from phototagger.review.stacks.cells import TIMES
from tests.review.bursts import CATS, DOGS, SHY, name, reviewed
from tests.tui.reviewing import sit


@pytest.fixture
def review(tmp_path):
    with reviewed(tmp_path) as made:
        yield made


def at_dogs(review, act, size=(120, 40)):
    """Let somebody act with the cursor on the stack of dogs."""

    async def begin(user):
        user.ui.photo.go_to([DOGS[0]])
        await user.rest()
        await act(user)
        assert user.shown_is_on_disk()

    return sit(review, begin, size)


def decide_others(user):
    others = [one for one in range(CATS.stop) if one not in DOGS]
    user.ui.done(user.review.do(user.review.plans.approval(others)))
    user.ui.say("")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_stack_is_one_cell_with_its_number_and_a_strip_of_its_members(review, size):
    async def act(user):
        assert len(user.review.photos.view) == 26
        assert f"▸· {TIMES}4 " in user.screen
        assert f"{TIMES}4, least alike first" in user.screen
        assert user.checked == {"dog"}

    at_dogs(review, act, size)


def test_a_approves_all_but_who_is_held_back_and_goes_to_him(review):
    async def act(user):
        await user.press("a")
        assert "3 of 4 photos approved, 1 held back: dog" in user.status
        assert user.approved(name(DOGS[0])) == {"dog"}
        assert user.held(name(SHY)) == {}
        assert user.here == name(SHY)
        assert "▸║ 4/4 " in user.screen
        await user.press("a")  # it is the last one: the stack is closed, the cursor goes on
        assert user.here in {name(one) for one in CATS}
        assert user.review.photos.stacked.is_open is None
        assert user.review.photos.listing.mark(SHY) is not Mark.UNDECIDED
        await user.press("u")
        await user.press("u")
        assert user.decided() == []

    at_dogs(review, act)


def test_where_only_held_back_photos_are_left_the_line_names_the_keys_to_them(review):
    left = "only held back left: n goes there, b looks"

    async def act(user):
        await user.press("a", "b")
        decide_others(user)
        await user.press("g")
        assert user.status.rstrip().endswith(left)
        await user.press("n", "b")
        assert user.here == name(SHY)
        await user.press("a", "g")
        assert user.status.rstrip().endswith("all done: w writes sidecars, e the tables")

    at_dogs(review, act, (160, 36))


def test_photos_left_of_a_stack_that_was_not_approved_as_one_are_not_called_held_back(review):
    async def act(user):
        await user.press("b", "a", "b")
        decide_others(user)
        await user.press("g")
        assert user.review.photos.undecided() == len(DOGS) - 1
        assert "held back left" not in user.status

    at_dogs(review, act, (160, 36))


def test_a_on_a_stack_of_which_only_held_back_photos_are_left_opens_it(review):
    async def act(user):
        await user.press("a", "b")
        assert f"▸║ {TIMES}4 " in user.screen
        await user.press("a")
        assert user.here == name(SHY)
        assert user.held(name(SHY)) == {}
        await user.press("b", "2")  # nor does a key change checks that nobody has looked at
        assert user.here == name(SHY)
        assert user.kept(name(SHY)) is None

    at_dogs(review, act)


def test_n_stops_at_what_is_held_back(review):
    async def act(user):
        await user.press("a", "b", "home")
        for one in range(24):
            user.review.approve(one, user.review.photos.checklist(one))
        user.ui.changed(range(24))
        await user.press("n")
        assert f"▸║ {TIMES}4 " in user.screen

    at_dogs(review, act)


def test_b_opens_and_closes_and_so_do_esc_and_q(review):
    async def act(user):
        for key in ("b", "escape", "q"):
            await user.press("b")
            assert len(user.review.photos.view) == 29
            assert "1/4 " in user.screen
            await user.press(key)
            assert len(user.review.photos.view) == 26
            assert f"▸· {TIMES}4 " in user.screen
        assert user.app.is_running
        await user.press("home", "b")
        assert "this photo is in no stack" in user.status

    at_dogs(review, act)


def test_b_opens_a_stack_at_the_one_that_is_least_like_the_others(review):
    async def act(user):
        await user.press("b")
        assert user.here == name(review.photos.stacked.farthest(DOGS)) != name(DOGS[0])
        await user.press("a", "b", "b")  # that one is decided: at the next, not at it again
        left = [one for one in DOGS if review.photos.listing.mark(one) is Mark.UNDECIDED]
        assert len(left) == 3
        assert user.here in map(name, left)

    at_dogs(review, act)


def test_in_an_open_stack_each_photo_has_its_own_checklist_and_decision(review):
    async def act(user):
        await user.press("b")
        user.ui.photo.go_to([DOGS[1]])
        await user.press("2", "a")
        assert user.here == name(DOGS[2])
        assert len(user.approved(name(DOGS[1])) - {"dog"}) == 1
        assert user.held(name(DOGS[0])) == {}
        await user.press("b", "a")
        assert "2 of 4 photos approved, 1 held back" in user.status

    at_dogs(review, act)


def test_x_takes_out_and_X_breaks_in_an_open_stack_only(review):  # noqa: N802
    async def act(user):
        await user.press("x")
        assert "no rejecting here: c clears" in user.status
        await user.press("b", "x")
        assert "stands alone" in user.status
        assert user.review.photos.stacked.members(DOGS[0]) == [DOGS[0]]
        assert "OPEN STACK" not in user.screen  # x and X would do nothing on this photo
        await user.press("b")
        assert user.review.photos.stacked.is_open is None
        await user.press("u")
        assert user.review.photos.stacked.stands_in_one(DOGS[0])
        user.ui.photo.go_to([DOGS[1]])
        await user.rest()
        if user.review.photos.stacked.is_open is None:
            await user.press("b")
        await user.press("X")
        assert not any(user.review.photos.stacked.stands_in_one(one) for one in DOGS)
        await user.press("u")
        assert all(user.review.photos.stacked.stands_in_one(one) for one in DOGS)

    at_dogs(review, act)


def test_B_makes_a_stack_of_what_is_marked(review):  # noqa: N802
    async def act(user):
        await user.press("B")
        assert "mark the photos of the stack first: space marks" in user.status
        await user.press("home", "space", "right", "right", "space", "B")
        assert "a stack of 2" in user.status
        assert user.review.photos.stacked.members(0) == [0, 2]
        assert user.review.marked.contents == set()

    at_dogs(review, act)


def test_marks_ranges_and_everything_shown_mean_all_photos_of_a_stack(review):
    async def act(user):
        await user.press("space")
        assert set(user.review.marked.here()) == set(DOGS)
        await user.press("space", "v", "right")
        assert set(user.ui.acts.chosen()) == {*DOGS, *CATS}
        await user.press("escape", "V")
        assert len(user.review.marked.here()) == 30
        await user.press("V", "A")
        assert "everything shown: 30 photos" in user.screen

    at_dogs(review, act)


def test_c_clears_all_photos_of_a_stack_as_one_act(review):
    async def act(user):
        await user.press("a", "b", "c")
        assert all(user.review.photos.listing.mark(one) is Mark.UNDECIDED for one in DOGS)
        await user.press("u")
        assert user.approved(name(DOGS[0])) == {"dog"}

    at_dogs(review, act)


def test_letter_keys_and_their_chord_work_on_stacks(review):
    async def act(user):
        await user.press("semicolon")
        assert "LETTER KEYS" in user.screen
        await user.press("S")  # sea, and approve
        assert "3 of 4 photos approved, 1 held back: dog, sea" in user.status
        assert user.approved(name(DOGS[0])) == {"dog", "sea"}
        assert user.here == name(SHY)
        await user.press("greater_than_sign")
        assert user.review.photos.stacked.is_open is None

    at_dogs(review, act)


def test_a_letter_key_goes_back_into_the_stack_that_was_just_approved(review):
    async def act(user):
        await user.press("semicolon", "enter", "enter")  # the stack, and who was held back
        assert user.here in map(name, CATS)
        await user.press("less_than_sign")
        assert user.here == name(user.review.photos.stacked.farthest(DOGS))
        await user.press("home", "less_than_sign")
        assert "no closed stack stands before this photo" in user.status

    at_dogs(review, act)


def test_the_filter_of_what_is_held_back_shows_it(review):
    async def act(user):
        await user.press("a", "b", "f", "end", "enter")
        assert user.review.photos.view.tolist() == [SHY]
        assert "▸║ 1 of 4" in user.screen

    at_dogs(review, act)

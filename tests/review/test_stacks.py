"""Deciding by stack, without a screen: what is one, who is held back, what one act decides."""

import numpy as np
import pytest

from phototagger.core.checklist import Mark, only, show, toggle
from phototagger.review import Filter, Order
from phototagger.store import WHOLE_PHOTO, decisions
from tests.review.bursts import CATS, DOGS, SHY, opened, reviewed


@pytest.fixture
def review(tmp_path):
    with reviewed(tmp_path) as made:
        yield made


def dogs(review):
    """The photo that stands for the dogs."""
    return int(review.photos.view[review.photos.stacked.index_of(DOGS[0])])


def checks(review):
    """The checklist of the dogs, all of it seen."""
    now = review.stacks.checklist(dogs(review))
    return show(now, [line.label for line in now.lines])


def approve(review, now=None):
    approval = review.stacks.approval(dogs(review), now or checks(review))
    return approval, review.do(approval.plan)


def held(review, position):
    found = decisions(review.job.catalogue, [review.photos.listing.sha1(position)])
    return {one.label: (one.approved, one.source) for one in found}


def test_each_burst_is_one_cell_where_its_first_photo_stands(review):
    stacked = review.photos.stacked
    assert len(review.photos.view) == 24 + 2
    assert stacked.members(dogs(review)) == [*DOGS]
    assert stacked.members(int(review.photos.view[-1])) == [*CATS]
    assert stacked.everything.tolist() == [*range(30)]


def test_the_checklist_is_the_mean_of_the_members(review):
    listing, suggester = review.photos.listing, review.suggestions.suggester
    cosines = suggester.scores([listing.sha1(one) for one in DOGS])[0]
    line = next(one for one in review.stacks.checklist(dogs(review)).lines if one.label == "dog")
    assert line.cosine == pytest.approx(float(cosines[:, 0].mean()))
    assert checks(review).checked == {"dog"}


def test_approving_decides_all_but_who_is_held_back_each_with_its_source(review):
    approval, act = approve(review)
    assert approval.held == 1
    assert act.said == "3 of 4 photos approved, 1 held back: dog"
    for one in DOGS:
        if one != SHY:
            assert held(review, one)["dog"] == (True, "stack")
            assert held(review, one)[WHOLE_PHOTO] == (True, "stack")
            assert held(review, one)["cat"] == (False, "stack")
    assert held(review, SHY) == {}


def test_who_was_held_back_stays_so_whatever_was_learned_until_somebody_looks(review):
    approve(review)
    again, _ = approve(review)
    assert (again.plan.sha1s, again.held) == ([], 1)
    assert review.stacks.held.everywhere() == {review.photos.listing.sha1(SHY)}
    view = review.photos.arranged(Filter.HELD, Order.FOLDER)
    assert view.tolist() == [SHY]
    review.photos.show(view, Filter.HELD, Order.FOLDER)
    review.approve(SHY, review.photos.checklist(SHY))
    assert review.stacks.held.everywhere() == set()


def test_nobody_is_held_back_from_a_label_that_only_the_person_sees(review):
    now = only(checks(review), {"boat"})
    approval, _ = approve(review, now)
    assert approval.held == 0
    assert {held(review, one)["boat"] for one in DOGS} == {(True, "stack")}


def test_decided_members_and_those_with_checks_of_their_own_are_passed_over(review):
    review.approve(DOGS[0], only(review.photos.checklist(DOGS[0]), {"sea"}))
    review.change(DOGS[1], only(review.photos.checklist(DOGS[1]), {"sky"}))
    approval, act = approve(review)
    assert act.said == "1 of 4 photos approved, 1 held back, 1 with checks of their own: dog"
    assert held(review, DOGS[0])["sea"] == (True, "")
    assert held(review, DOGS[1]) == {}
    assert review.photos.checklist(DOGS[1]).checked == {"sky"}
    assert approval.held == 2


def test_what_was_decided_of_one_label_alone_stays(review):
    sha1 = review.photos.listing.sha1(DOGS[1])
    review.decide_label("dog", {sha1: False})
    approve(review)
    assert held(review, DOGS[1])["dog"] == (False, "")
    assert held(review, DOGS[1])[WHOLE_PHOTO] == (True, "stack")


def test_one_undo_takes_all_of_it_back_and_one_redo_does_it_again(review):
    approve(review)
    assert review.undo().said.startswith("taken back: approved dog 3 on 3 photos")
    assert all(review.photos.listing.mark(one) is Mark.UNDECIDED for one in DOGS)
    review.redo()
    assert held(review, DOGS[0])["dog"] == (True, "stack")


def test_checks_that_are_changed_on_a_stack_wait_on_all_that_are_due(review):
    changed = toggle(checks(review), "sea")
    review.do(review.stacks.changing(dogs(review), changed))
    assert checks(review).checked == {"dog", "sea"}
    assert checks(review).changed
    _, act = approve(review)
    assert act.said == "3 of 4 photos approved, 1 held back: dog, sea"
    assert held(review, DOGS[0])["sea"] == (True, "stack")
    review.undo()
    assert checks(review).checked == {"dog", "sea"}
    review.undo()
    assert checks(review).checked == {"dog"}


def stands(review):
    """Which photos stand together, once it was found anew."""
    from phototagger.review.stacks.found import stacks_of

    listing = review.photos.listing
    numbers = stacks_of(review.job, listing, 10).numbers
    return [np.flatnonzero(numbers == one).tolist() for one in range(numbers.max() + 1)]


def test_taking_out_breaking_and_making_are_one_undo_each_and_survive_a_restart(review, tmp_path):
    review.change(DOGS[1], only(review.photos.checklist(DOGS[1]), {"sky"}))
    act = review.do(review.stacks.taking_out(DOGS[1]))
    assert act.is_grouping
    assert stands(review) == [[24, 26, 27], [28, 29]]
    review.do(review.stacks.breaking(CATS[0]))
    assert stands(review) == [[24, 26, 27]]
    review.do(review.stacks.making([0, 5, 9]))
    assert stands(review) == [[0, 5, 9], [24, 26, 27]]
    settings = review.settings
    review.job.__exit__(None, None, None)
    with opened(settings) as again:
        assert stands(again) == [[0, 5, 9], [24, 26, 27]]
        assert again.undo().said.startswith("taken back: made a stack of 3 photos")
        assert again.undo().said.startswith("taken back: broke up a stack of 2 photos")
        act = again.undo()
        assert act.said.startswith(f"taken back: took {again.photos.name(DOGS[1])} out of its")
        assert act.is_grouping
        assert stands(again) == [[*DOGS], [*CATS]]
        assert again.photos.checklist(DOGS[1]).checked == {
            "sky"
        }  # checks have nothing to do with it


def test_a_stack_shows_and_decides_only_the_members_that_are_found(review):
    photos = review.photos
    photos.show(np.array([3, DOGS[2], DOGS[0]], np.int32), Filter.ALL, Order.LABEL, "dog")
    assert len(photos.view) == 2
    approval = review.stacks.approval(dogs(review), checks(review))
    assert {photos.listing.positions_of([one])[0] for one in approval.plan.sha1s} == {24, 26}


def test_members_stand_together_in_any_order_and_apart_where_their_stack_is_open(review):
    photos, stacked = review.photos, review.photos.stacked
    photos.show(np.array([DOGS[3], 2, CATS[0], DOGS[0], 1], np.int32), Filter.ALL, Order.UNCERTAIN)
    assert stacked.everything.tolist() == [27, 24, 2, 28, 1]
    assert len(photos.view) == 4
    stacked.unfold(DOGS[0])
    assert photos.view.tolist() == [27, 24, 2, 28, 1]
    stacked.unfold(None)
    assert len(photos.view) == 4


def test_a_cell_is_undecided_as_long_as_one_photo_in_it_is(review):
    approve(review)
    index = review.photos.stacked.index_of(DOGS[0])
    assert review.photos.stacked.marks()[index] == Mark.UNDECIDED
    review.approve(SHY, review.photos.checklist(SHY))
    assert review.photos.stacked.marks()[index] == Mark.APPROVED


def test_zero_seconds_make_no_stacks(review):
    from phototagger.review.stacks.found import stacks_of

    review.do(review.stacks.making([0, 5]))
    assert (stacks_of(review.job, review.photos.listing, 0).numbers == -1).all()


def test_another_photo_stands_for_a_stack_where_others_are_nearest_to_its_mean(review):
    photos, stacked = review.photos, review.photos.stacked
    first = photos.view.tolist()
    central = stacked.stacks.central.copy()
    central[DOGS[1]] = 2
    assert not stacked.take(stacked.stacks, photos.listing)
    assert stacked.take(stacked.stacks._replace(central=central), photos.listing)
    assert set(photos.view) - set(first) == {DOGS[1]}

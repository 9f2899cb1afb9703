"""Pages of one label over a real catalogue: what is decided, what is expected, where they stop."""

import random

import pytest

from phototagger.core.checklist import Draft, Mark, recheck, show
from phototagger.errors import UsageError
from phototagger.review.by_label.label_pages import LabelPages, Page, about, said
from phototagger.store import WHOLE_PHOTO, Who, decisions
from phototagger.store.labels.drafts import drafts, save_drafts


def opened(review, label="dog", **more) -> LabelPages:
    pages = LabelPages(
        review, label, review.photos.view.tolist(), chance=random.Random(3), **{"size": 12, **more}
    )
    for _ in pages.read():
        pass
    pages.begin()
    return pages


def number(review, position) -> int:
    return int(review.photos.name(position)[4:9])


def has(review, known, label, position) -> bool:
    return bool(known.truth[number(review, position), known.labels.index(label)])


def answer(pages, review, known) -> Page:
    """Accept the page as the truth says."""
    page = pages.page
    pages.flip(
        place
        for place, position in enumerate(page.positions)
        if has(review, known, pages.label, position) != (place in page.yes)
    )
    pages.accept(range(len(page.rows)))
    return page


def held(review, position) -> dict[str, bool]:
    found = decisions(review.job.catalogue, [review.photos.listing.sha1(position)])
    return {one.label: one.approved for one in found}


def test_a_page_has_the_likeliest_photos_first_and_those_over_the_line_are_yes(review):
    page = opened(review).page
    assert list(page.scores) == sorted(page.scores, reverse=True)
    assert len(page.rows) == 12
    assert page.yes == {place for place, score in enumerate(page.scores) if score >= 0.5}


def test_an_accepted_page_decides_its_label_alone_and_the_photos_stay_undecided(review):
    pages = opened(review)
    page = pages.page
    pages.flip([0, 11])
    act = pages.accept(range(12))
    for place, position in enumerate(page.positions):
        assert held(review, position) == {"dog": place in page.yes ^ {0, 11}}
        assert review.photos.listing.mark(position) is Mark.UNDECIDED
    assert set(act.positions) == set(page.positions)
    assert pages.page.rows != page.rows
    assert review.photos.undecided() == 90


def test_photos_that_were_on_a_page_are_on_no_other_and_others_stay_unknown(review, known):
    pages = opened(review)
    first, second = answer(pages, review, known), answer(pages, review, known)
    assert not set(first.rows) & set(second.rows)
    decided = {one.sha1 for one in decisions(review.job.catalogue)}
    assert len(decided) == 24
    assert pages.counts.unseen == 66
    assert pages.counts.yes + pages.counts.no == 24


def test_pages_stop_where_the_next_is_expected_to_hold_less_than_one_and_go_on_when_told(
    review, known
):
    pages = opened(review)
    while pages.page is not None:
        assert pages.page.expected >= 1
        answer(pages, review, known)
    counts = pages.counts
    assert counts.expected < 1
    assert counts.unseen > 0
    found = sum(has(review, known, "dog", one) for one in review.photos.view.tolist())
    assert counts.yes >= 0.9 * found
    pages.skip()
    assert pages.page.expected < 1
    answer(pages, review, known)
    assert pages.page is not None or pages.is_done


def test_all_photos_can_be_gone_through_and_then_nothing_is_left(review, known):
    pages = opened(review, size=24)
    while not pages.is_done:
        if pages.page is None:
            pages.skip()
        answer(pages, review, known)
    assert pages.page is None
    assert (pages.counts.yes, pages.counts.no, pages.counts.unseen) == (30, 60, 0)
    assert pages.counts.left == 0


def test_what_is_said_to_be_left_is_about_what_is_left(review, known):
    left = true = 0.0
    for label in ("dog", "cat", "person", "tree"):
        pages = opened(review, label)
        while pages.page is not None:
            answer(pages, review, known)
        unseen = set(range(90)) - {number(review, one) for one in decided_by(review, label)}
        true += sum(known.truth[one, known.labels.index(label)] for one in unseen)
        left += pages.counts.left
    assert abs(left - true) < 6


def decided_by(review, label) -> list[int]:
    found = {one.sha1 for one in decisions(review.job.catalogue) if one.label == label}
    return review.photos.listing.positions_of(found)


def test_a_page_that_was_taken_back_is_shown_with_its_flips_and_nothing_is_decided(review):
    pages = opened(review)
    page = pages.page
    pages.flip([2, 3])
    pages.accept(range(12))
    assert pages.take_back().positions
    assert pages.page.rows == page.rows
    assert pages.page.yes == page.yes ^ {2, 3}
    assert not list(decisions(review.job.catalogue))
    assert pages.counts.unseen == 90
    assert pages.take_back() is None


def test_a_page_that_was_taken_back_can_be_accepted_again(review):
    pages = opened(review)
    pages.flip([0])
    pages.accept(range(12))
    decided = {(one.sha1, one.approved) for one in decisions(review.job.catalogue)}
    pages.take_back()
    assert pages.do_again() is not None
    assert {(one.sha1, one.approved) for one in decisions(review.job.catalogue)} == decided
    assert pages.counts.unseen == 78
    assert pages.do_again() is None


def test_a_page_that_is_left_is_not_decided_and_does_not_come_again(review):
    pages = opened(review)
    page = pages.page
    pages.skip()
    assert not list(decisions(review.job.catalogue))
    assert not set(page.rows) & set(pages.page.rows)
    assert pages.look_back()
    assert pages.page.rows == page.rows
    pages.accept(range(12))
    assert len(list(decisions(review.job.catalogue))) == 12


def test_looking_back_at_an_accepted_page_corrects_only_what_is_flipped_there(review):
    pages = opened(review)
    page = pages.page
    pages.accept(range(12))
    assert pages.look_back()
    pages.flip([5])
    act = pages.accept(range(12))
    assert act.positions == [page.positions[5]]
    assert held(review, page.positions[5]) == {"dog": 5 not in page.yes}
    pages.take_back()
    assert held(review, page.positions[5]) == {"dog": 5 in page.yes}
    pages.take_back()
    assert not list(decisions(review.job.catalogue))


def test_a_photo_whose_picture_was_not_drawn_is_not_decided_and_put_aside(review):
    pages = opened(review)
    page = pages.page
    pages.accept([place for place in range(12) if place != 4])
    assert not held(review, page.positions[4])
    assert page.rows[4] not in pages.page.rows
    assert pages.counts.unseen == 79


def test_a_page_of_which_nothing_was_drawn_decides_nothing(review):
    pages = opened(review)
    assert pages.accept([]) is None
    assert not list(decisions(review.job.catalogue))


def test_a_random_page_is_of_any_open_photos_and_says_what_that_means(review, known):
    pages = opened(review)
    page = answer(pages, review, known)
    assert pages.draw_at_random()
    drawn = pages.page
    assert not set(drawn.rows) & set(page.rows)
    assert drawn.is_random
    answer(pages, review, known)
    done = next(one for one in pages._pages if one.is_random)
    found = done.seen.found
    text = pages.said_of(done)
    assert text.startswith(f"random page: {found or 'none'} of 12 ")
    assert "left" in text


def accept(pages) -> dict[int, bool]:
    """Accept the page as it is; return what it says, by the positions of its photos."""
    page = pages.page
    pages.accept(range(len(page.rows)))
    return {position: place in page.yes for place, position in enumerate(page.positions)}


def all_held(review) -> dict[bytes, bool]:
    return {one.sha1: one.approved for one in decisions(review.job.catalogue)}


def test_a_random_page_after_looking_back_leaves_accepted_pages_to_be_taken_back(review):
    pages = opened(review)
    before = [all_held(review)]
    for _ in range(2):
        accept(pages)
        before.append(all_held(review))
    pages.look_back()
    pages.look_back()
    assert pages.draw_at_random()
    assert pages.page.is_random
    for expected in (before[1], before[0]):
        assert pages.take_back() is not None
        assert all_held(review) == expected
    assert pages.take_back() is None
    for expected in before[1:]:
        assert pages.do_again() is not None
        assert all_held(review) == expected
    assert pages.do_again() is None


def test_pages_after_one_that_was_skipped_stay_when_that_is_taken_back(review):
    pages = opened(review)
    pages.skip()
    first = accept(pages)
    pages.look_back()
    pages.look_back()
    accept(pages)
    pages.take_back()
    listing = review.photos.listing
    assert all_held(review) == {listing.sha1(at): yes for at, yes in first.items()}
    pages.take_back()
    assert all_held(review) == {}


def test_a_random_page_is_accepted_again_where_no_other_page_is_worth_it(review):
    pages = opened(review, "kayak")
    for _ in range(2):
        assert pages.draw_at_random()
        accept(pages)
    assert pages.page is None
    done = all_held(review)
    pages.take_back()
    pages.take_back()
    pages.do_again()
    pages.do_again()
    assert all_held(review) == done


def test_what_a_random_page_decided_is_not_on_a_page_that_was_skipped(review):
    pages = opened(review, size=24)
    skipped = pages.page
    pages.skip()
    pages.size = 80
    pages.draw_at_random()
    pages.all_are(yes=False)
    said_no = set(accept(pages))
    assert said_no & set(skipped.positions)
    while pages.look_back():
        pass
    assert set(pages.page.positions) == set(skipped.positions) - said_no
    accept(pages)
    assert all(held(review, position) == {"dog": False} for position in said_no)


def test_what_a_random_page_decided_stays_where_its_picture_was_missing_before(review):
    pages = opened(review)
    page = pages.page
    pages.accept([0])
    pages.size = 90
    pages.draw_at_random()
    pages.all_are(yes=False)
    pages.accept(range(89))
    pages.look_back()
    pages.look_back()
    assert pages.page.rows == page.rows
    assert pages.page.yes <= {0}
    pages.all_are(yes=True)
    pages.accept(range(12))
    assert held(review, page.positions[0]) == {"dog": True}
    assert {*all_held(review).values()} == {True, False}
    assert sum(all_held(review).values()) == 1
    pages.take_back()
    assert all_held(review) == {review.photos.listing.sha1(page.positions[0]): True}


def test_a_random_page_that_finds_none_says_how_many_may_be_left(review):
    pages = opened(review, "kayak", size=24)
    pages.draw_at_random()
    pages.all_are(yes=False)
    pages.accept(range(24))
    done = next(one for one in pages._pages if one.is_random)
    assert pages.said_of(done) == (
        "random page: none of 24 is kayak; with 90% certainty fewer than 7 of 66 left"
    )


def test_a_word_that_the_model_does_not_know_is_told_after_two_pages(review, known):
    pages = opened(review, "kayak")
    for _ in range(2):
        if pages.page is None:
            pages.skip()
        assert not pages.is_unknown
        answer(pages, review, known)
    assert pages.is_unknown
    dogs = opened(review)
    answer(dogs, review, known)
    answer(dogs, review, known)
    assert not dogs.is_unknown


def test_photos_that_a_filter_leaves_out_are_on_no_page(review):
    chosen = review.photos.view.tolist()[10:30]
    pages = LabelPages(review, "dog", chosen)
    for _ in pages.read():
        pass
    pages.begin()
    assert set(pages.page.positions) <= set(chosen)
    assert pages.counts.unseen == 20


def test_a_smaller_screen_takes_photos_off_the_page(review):
    pages = opened(review)
    page = pages.page
    pages.fit(5)
    assert pages.page.rows == page.rows[:5]
    pages.accept(range(5))
    assert len(pages.page.rows) == 5


def test_what_was_flipped_on_a_larger_screen_stays_flipped_by_photo(review):
    pages = opened(review, size=12)
    first, yes = pages.page.positions, pages.page.yes
    pages.flip([0, 10, 11])
    flipped = {first[place] for place in yes ^ {0, 10, 11}}
    pages.fit(5)
    pages.skip()
    pages.fit(12)
    pages.look_back()
    pages.fit(3)
    seen = {}
    while pages.page is not None:
        for place, position in enumerate(pages.page.positions):
            seen[position] = place in pages.page.yes
        pages.skip()
    assert {one: seen[one] for one in first} == {one: one in flipped for one in first}


@pytest.mark.parametrize("way", ["look back", "take back", "go on"])
def test_pages_that_are_shown_again_have_what_fits_now(review, way):
    pages = opened(review)
    if way == "take back":
        pages.accept(range(12))
    else:
        pages.skip()
    if way == "go on":
        pages.skip()
        pages.look_back()
        pages.look_back()
    pages.fit(4)
    {"look back": pages.look_back, "take back": pages.take_back, "go on": pages.skip}[way]()
    assert len(pages.page.rows) == 4
    pages.accept(range(4))
    assert pages.counts.yes + pages.counts.no == 4


def test_a_label_without_a_vector_cannot_be_paged_and_the_cure_is_said(review):
    review.add_label("zebra")
    with pytest.raises(UsageError, match="zebra: has no vector yet"):
        LabelPages(review, "zebra", [0])


def test_no_more_is_expected_than_there_are_photos(review):
    pages = opened(review)
    for _ in range(3):
        pages.flip(set(range(12)) - pages.page.yes)
        pages.accept(range(12))
        assert pages.counts.expected <= 12
        assert pages.counts.left <= pages.counts.unseen


def test_the_header_says_counts_and_estimates(review):
    pages = opened(review)
    pages.accept(range(12))
    counts = pages.counts
    text = said(counts, "dog", is_stopped=False)
    assert text.startswith(f"dog: {counts.yes} yes, {counts.no} no · page 2 · about ")
    assert text.endswith(f"about {about(counts.left)} left unseen in 78 photos")
    assert about(9.96) == "10.0"
    assert about(1234.5) == "1,234"


# What a decision of one label means for the rest of the review.


def test_the_checklist_of_an_undecided_photo_has_what_its_pages_decided(review):
    pages = opened(review)
    position = pages.page.positions[0]
    review.decide_label("dog", {review.photos.listing.sha1(position): False})
    now = review.photos.checklist(position)
    assert "dog" not in now.checked
    assert next(one for one in now.lines if one.label == "dog").decided is False
    review.decide_label("kayak", {review.photos.listing.sha1(position): True})
    assert "kayak" in review.photos.checklist(position).checked
    assert "kayak" in review.photos.cells([position])[0].labels
    assert "dog" not in review.photos.cells([position])[0].labels


def test_repeat_paste_and_the_threshold_leave_decided_labels_alone(review):
    sha1 = review.photos.listing.sha1(0)
    review.decide_label("dog", {sha1: False})
    review.decide_label("kayak", {sha1: True})
    now = recheck(review.photos.checklist(0), {"dog", "tree"})
    assert now.checked == {"kayak", "tree"}


def test_approving_all_and_over_the_threshold_keep_what_was_decided(review):
    listing = review.photos.listing
    review.suggestions.threshold = -1.0
    sha1s = [listing.sha1(0), listing.sha1(1)]
    review.decide_label("dog", dict.fromkeys(sha1s, False))
    review.do(review.plans.over([0]))
    found = {
        one.label: (one.approved, one.who) for one in decisions(review.job.catalogue, sha1s[:1])
    }
    assert found["dog"] == (False, Who.PERSON)
    assert found["cat"] == (True, Who.AUTO)
    review.do(review.plans.approval([1]))
    assert held(review, 1)["dog"] is False
    assert held(review, 1)[WHOLE_PHOTO] is True


def test_checks_that_wait_take_over_what_is_decided_and_come_back_with_undo(review):
    sha1 = review.photos.listing.sha1(0)
    before = Draft(frozenset({"cat"}), frozenset({"cat"}))
    save_drafts(review.job.catalogue, {sha1: before})
    review.decide_label("dog", {sha1: True})
    assert drafts(review.job.catalogue, [sha1])[sha1].checked == {"cat", "dog"}
    review.undo()
    assert drafts(review.job.catalogue, [sha1]) == {sha1: before}
    review.redo()
    assert drafts(review.job.catalogue, [sha1])[sha1].checked == {"cat", "dog"}


def test_undoing_a_page_of_an_earlier_session_makes_no_checks(review):
    sha1 = review.photos.listing.sha1(0)
    review.decide_label("dog", {sha1: True})
    review._history.clear()  # as after a restart
    review.undo()
    assert drafts(review.job.catalogue, [sha1]) == {}
    assert not list(decisions(review.job.catalogue))


def test_a_photo_keeps_its_page_decisions_when_it_is_approved_without_seeing_them(review):
    sha1 = review.photos.listing.sha1(0)
    review.decide_label("dog", {sha1: True})
    now = review.photos.checklist(0)
    review.approve(0, show(now, now.checked))
    assert held(review, 0)["dog"] is True
    assert review.photos.listing.mark(0) is Mark.APPROVED

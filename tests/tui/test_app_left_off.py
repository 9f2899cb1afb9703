"""The review opens where it was left."""

import json
import signal
import time

from phototagger.store.left_off import NAME
from tests.faults.test_review_ends import PHOTOS, Tagged, calls, review_of
from tests.review.conftest import reviewing
from tests.tui.reviewing import at_review, sit

__all__ = ["calls"]


def there(user):
    photos, cursor = user.review.photos, user.ui.grid.cursor
    marked = {
        photos.rel_path(one) for one in range(len(photos.listing)) if one in user.review.marked
    }
    shown = [photos.rel_path(one) for one in photos.view]
    return user.here, shown, photos.order, photos.order_label, marked, cursor.index


def left_and_opened(library, *keys, between=lambda: None, **more):
    """The place at which a review was left, and the one at which the next one opens."""
    seen = []

    async def leave(user):
        await user.press(*keys)
        seen.append((*there(user), user.review.suggestions.threshold))

    async def look(user):
        seen.append((*there(user), user.review.suggestions.threshold))
        assert user.review.photos.rel_path(user.ui.photo.position) == user.here

    at_review(library, leave)
    between()
    at_review(library, look, **more)
    return seen


def test_photo_filter_threshold_and_marks_are_as_they_were(ran):
    before, after = left_and_opened(
        ran, "a", "l", "space", "l", "space", "+", "+", "f", "2", "l", "l"
    )
    assert before == after
    assert after[0] == "town/f.jpg"
    assert len(after[1]) == 6
    assert after[4] == {"sea/c.jpg", "sea/d.jpg"}
    assert after[-1] == 0.22


def test_an_order_by_scores_is_found_again_with_its_photo(ran):
    for keys in (["s", "2", "l", "l"], ["s", "3", "d", "enter", "l"]):
        before, after = left_and_opened(ran, *keys)
        assert before == after
        assert after[-2] > 0


def test_a_photo_that_is_gone_gives_way_to_the_next_one(ran):
    def removed():
        (ran.root / "sea/d.jpg").unlink()
        ran.run()

    before, after = left_and_opened(ran, "l", "l", "l", between=removed)
    assert (before[0], after[0]) == ("sea/d.jpg", "sea/e.jpg")


def test_the_last_photo_that_is_gone_gives_way_to_the_one_before(ran):
    def removed():
        (ran.root / "town/g.png").unlink()
        ran.run()

    before, after = left_and_opened(ran, "G", between=removed)
    assert (before[0], after[0]) == ("town/g.png", "town/f.jpg")


def test_a_photo_that_the_filter_shows_no_more_gives_way_to_the_next_one(ran):
    def decided():
        with reviewing(ran) as review:
            review.approve(2, review.photos.checklist(2))

    before, after = left_and_opened(ran, "f", "2", "l", "l", between=decided)
    assert (before[0], after[0]) == ("sea/c.jpg", "sea/d.jpg")


def test_another_threshold_in_the_settings_comes_before_the_one_that_was_left(ran):
    _, after = left_and_opened(ran, "+", "+", threshold=0.3)
    assert after[-1] == 0.3


def test_a_review_that_only_reads_leaves_no_place(ran):
    async def move(user):
        await user.press("G")

    async def look(user):
        assert user.here == "a.jpg"

    with reviewing(ran), reviewing(ran, images="none") as second:
        sit(second, move)
    assert not (ran.folder / "runs" / NAME).exists()
    at_review(ran, look)


def test_a_file_that_says_nonsense_opens_at_the_first_photo(ran):
    place = {"photo": "b.png", "filter": "no filter", "order": 3}
    (ran.folder / "runs" / NAME).write_text(json.dumps({str(ran.root): place}))

    async def look(user):
        assert user.here == "a.jpg"
        assert len(user.review.photos.view) == 7

    at_review(ran, look)


def test_the_place_outlives_a_kill(tmp_path, calls):
    tagged = Tagged(tmp_path, calls)
    with review_of(tagged) as screen:
        screen.press("lllll")
        screen.press(" ")
        screen.until_says("1 marked")
        file = tagged.folder / "runs" / NAME
        while not (file.exists() and PHOTOS[5] in file.read_text()):
            time.sleep(0.05)
        screen.process.send_signal(signal.SIGKILL)
    with review_of(tagged) as screen:
        screen.until_says(f"▸· {PHOTOS[5]}")
        screen.until_says("1 marked")
        screen.press("q")
        assert screen.ended() == 0

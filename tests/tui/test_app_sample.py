"""`P`: a sample is looked at in the review, and what it proves is approved after one enter."""

import asyncio
import re
from types import SimpleNamespace

import pytest

from phototagger.engine.certificates.sample import approvable, begin
from phototagger.review import Filter, Order
from phototagger.review.certificates import Promise, SampleLooks
from phototagger.store import Who, decisions
from phototagger.store.labels.certificates import SampleState, certificates, drawn
from phototagger.tui.screens.confirm import REPEAT
from phototagger.tui.screens.sample.screen import SampleScreen, _title
from tests.engine.certificates.conftest import Shelf, shelf
from tests.tui.reviewing import at_review

__all__ = ["shelf"]


@pytest.fixture
def taught(shelf: Shelf) -> Shelf:
    with shelf.job() as job:
        shelf.teach_some(job)
    return shelf


def looks_of(user) -> SampleLooks:
    screen = user.app.screen
    assert isinstance(screen, SampleScreen)
    return screen._looks


def offer_of(user) -> int:
    """How many photos are to be looked at for 0.9, where 0.98 cannot be proved."""
    offered = re.search(r"▸?1 +0.9 · (\d+) photos to look at, of (\d+)", user.screen)
    assert offered is not None
    assert f"0.98 · cannot be proved of {offered[2]} photos" in user.screen
    return int(offered[1])


async def answer(user, shelf: Shelf, count: int, *, truly: bool = True) -> None:
    """Answer photos by the keys that are on the screen."""
    listing = user.review.photos.listing
    names = {listing.sha1(one): user.review.photos.rel_path(one) for one in range(len(listing))}
    for _ in range(count):
        screen = user.app.screen
        now = looks_of(user).now
        true = shelf.truth[names[now.sha1]]
        for key, label in screen._keys.items():
            if truly and label in true:
                await user.pilot.press(key)
        await user.pilot.press("enter")
    await user.rest()


def test_from_the_promise_to_the_certificate(taught):
    async def act(user):
        await user.press("P")
        offered = offer_of(user)
        await user.press("1")
        assert "SAMPLE for 0.9, 90 % sure (of a photo at random)" in user.screen
        assert "which are true here?" in user.screen
        many = len(looks_of(user).questions)
        assert many == offered
        assert many > 60
        await answer(user, taught, many)
        assert not isinstance(user.app.screen, SampleScreen)
        assert "Approve:" in user.screen
        assert "right in at" in user.screen
        assert "least 90 of 100 cases (90 % sure)" in user.screen
        catalogue = user.review.job.catalogue
        assert not any(one.certificate for one in decisions(catalogue))
        await user.press("enter")
        found = [one for one in decisions(catalogue) if one.certificate]
        assert len(found) > 50
        assert {one.who for one in found} == {Who.AUTO}
        (kept,) = certificates(catalogue)
        assert (kept.state, kept.approved) == (SampleState.CERTIFIED, len(found))
        assert f"approved {len(found)} labels on" in user.status
        listing = user.review.photos.listing
        user.ui.grid.cursor.go(listing.positions_of([found[0].sha1])[0])
        await user.rest()
        assert "⚙ C1: 0.9 by a sample" in user.screen
        assert f"⚙{found[0].label}" in user.screen
        assert f"■ ⚙ {found[0].label}" in user.screen
        await user.press("u", "enter")
        assert not any(one.certificate for one in decisions(catalogue))

    at_review(taught, act, size=(120, 40))


def test_labels_are_unchecked_by_alphabet_and_without_scores(taught):
    async def act(user):
        await user.press("P", "2")
        now = looks_of(user).now
        rows = [line for line in user.screen.splitlines() if "□" in line]
        asked = [row.split("□")[1].split()[0] for row in rows]
        assert asked == now.labels == sorted(now.labels)
        assert "■" not in user.screen
        assert not any(character.isdigit() for row in rows for character in row.split("□")[1])

    at_review(taught, act, size=(120, 40))


def test_the_keys_of_a_sample_are_explained_and_others_say_that_they_are_none(taught):
    async def act(user):
        await user.press("P", "1")
        assert "SAMPLE" in user.screen.splitlines()[-1]
        await user.press("?")
        assert "help · sample" in user.screen
        text = " ".join(user.screen.split())
        assert "Keep the answer, show the next photo." in text
        assert "Stop here; P goes on." in text
        await user.press("escape")
        assert isinstance(user.app.screen, SampleScreen)
        await user.press("%")
        assert "% is no key here (? shows the keys)" in user.screen

    at_review(taught, act, size=(120, 40))


def test_what_is_not_on_the_screen_is_not_answered(taught):
    async def act(user):
        await user.press("P", "1")
        key = next(iter(user.app.screen._keys))
        await user.press("0", key)
        assert "nothing was answered: esc shows the labels again" in user.screen
        await user.press("enter")
        assert looks_of(user).looked_at == 0
        await user.press("escape")
        assert "■" not in user.screen
        assert "may hold 4 wrong" in user.screen

    at_review(taught, act, size=(120, 40))


def test_at_80_by_24_the_title_says_all_of_it(taught):
    async def act(user):
        await user.press("P", "1")
        title = user.screen.splitlines()[0].strip()
        many = len(looks_of(user).questions)
        assert title == (
            f"SAMPLE for 0.9, 90 % sure (by photo) · 0 of {many} looked at · may hold 4 wrong"
        )

    at_review(taught, act, size=(80, 24))


def test_a_longer_title_leaves_out_words_not_its_end():
    sample = SimpleNamespace(promise=Promise(0.95))
    looks = SimpleNamespace(sample=sample, questions=[None] * 167, looked_at=100, gone=0, bears=4)
    title = "SAMPLE for 0.95, 90 % sure · 100 of 167 looked at · may hold 4 wrong"
    assert _title(looks, 78) == title
    assert _title(looks, 60) == "SAMPLE for 0.95 · 100 of 167 looked at · may hold 4 wrong"


def decide_all_but(review, count: int) -> None:
    left = review.photos.arranged(Filter.UNDECIDED, Order.FOLDER)[count:]
    review.do(review.plans.approval(left.tolist()))


def test_what_cannot_be_proved_here_is_offered_as_that(taught):
    async def act(user):
        decide_all_but(user.review, 60)
        await user.press("P")
        offer_of(user)
        await user.press("3")
        assert "too few to prove 0.98" in user.status

    at_review(taught, act, size=(80, 24))


def test_where_no_promise_can_be_kept_it_says_so_before_anything_is_asked(taught):
    async def act(user):
        decide_all_but(user.review, 15)
        await user.press("P")
        assert "too few to prove 0.9: only " in user.status
        assert "How often" not in user.screen

    at_review(taught, act, size=(120, 40))


def test_a_click_on_the_footer_answers_as_the_key_does(taught):
    async def act(user):
        await user.press("P", "1")
        row = user.screen.splitlines()[-1]
        await asyncio.sleep(REPEAT)  # sooner it could be the second press of the key before
        await user.pilot.click(offset=(row.index("enter next") + 2, 39))
        await user.rest()
        assert looks_of(user).looked_at == 1

    at_review(taught, act, size=(120, 40), settle=0.01)


def test_every_answer_is_kept_and_a_sample_goes_on_where_it_was_left(taught):
    async def act(user):
        await user.press("P", "1")
        await answer(user, taught, 3)
        assert "3 of " in user.screen
        assert "answer 3 kept (backspace changes it)" in user.screen
        fourth = looks_of(user).now.sha1
        await user.press("escape")
        assert not isinstance(user.app.screen, SampleScreen)
        assert "looked at; P goes on" in user.status
        await user.press("P")
        assert looks_of(user).now.sha1 == fourth
        await user.press("backspace")
        third = looks_of(user).now
        assert third.said
        assert drawn(user.review.job.catalogue, 1)[2] == third.sha1
        screen = user.app.screen
        key, label = next(iter(screen._keys.items()))
        was = third.said[label]
        await user.press(key, "enter")
        (changed,) = (
            one.approved
            for one in decisions(user.review.job.catalogue, [third.sha1])
            if one.label == label
        )
        assert changed is not was

    at_review(taught, act, size=(120, 40))


def test_answers_that_prove_nothing_approve_nothing_and_the_sample_can_be_given_up(taught):
    async def act(user):
        await user.press("P", "1")
        await answer(user, taught, len(looks_of(user).questions), truly=False)
        text = " ".join(user.screen.split())
        assert "looks at the surest labels were wrong" in text
        assert "no number of looks proves more than is true" in text
        catalogue = user.review.job.catalogue
        assert not any(one.certificate for one in decisions(catalogue))
        await user.press("enter")
        assert certificates(catalogue)[0].state is SampleState.GIVEN_UP
        assert "C1 is given up" in user.status
        await user.press("P")
        assert "too few to prove 0.9" in user.status  # as so many were looked at

    at_review(taught, act, size=(120, 40))


def test_where_more_looks_would_do_they_are_offered(taught):
    with taught.job() as job:
        begin(job, approvable(job, job.photos), Promise(0.9), 20, seed=1)

    async def act(user):
        await user.press("P")
        await answer(user, taught, 20)
        assert "the sample of 20 photos is too small to prove 0.9" in user.screen
        assert "Look at 20 more photos?" in user.screen
        await user.press("enter")
        looks = looks_of(user)
        assert len(looks.questions) == 40
        assert looks.looked_at == looks.at == 20
        await user.press("backspace")
        assert "this is the first photo" in user.screen  # what was tested stays
        await answer(user, taught, 20)
        assert certificates(user.review.job.catalogue)[0].tests == 2

    at_review(taught, act, size=(120, 40))


def test_a_sample_that_has_ended_says_why_and_can_be_given_up(taught):
    with taught.job() as job:
        begin(job, approvable(job, job.photos), Promise(0.9), 20, seed=1)
    taught.add(40, seed=1)
    with taught.job():
        pass

    async def act(user):
        await user.press("P")
        assert "The sample has ended: 40 photos of 300 came since" in user.screen
        await user.press("enter")
        assert certificates(user.review.job.catalogue)[0].state is SampleState.GIVEN_UP

    at_review(taught, act, size=(120, 40))


def test_photos_of_a_sample_that_cannot_be_read_any_more_are_not_asked(taught):
    with taught.job() as job:
        names = taught.names(job)
        gone = [
            names[one]
            for one in begin(job, approvable(job, job.photos), Promise(0.9), 20, seed=1).contents()
        ]
    (taught.root / gone[0]).unlink()
    (taught.root / gone[1]).write_bytes(b"no photo any more")
    with taught.job():
        pass

    async def act(user):
        await user.press("P")
        assert "0 of 20 photos looked at, 2 gone" in user.screen
        await answer(user, taught, 18)
        assert "the sample of 20 photos is too small" in user.screen

    at_review(taught, act, size=(120, 40))


def test_where_nothing_was_learned_nothing_is_promised(shelf):
    with shelf.job():
        pass

    async def act(user):
        await user.press("P")
        assert "nothing has been decided by a person yet" in user.status

    at_review(shelf, act, size=(120, 40))


def test_an_answer_counts_only_for_a_photo_that_was_seen(taught):
    async def act(user):
        await user.press("P", "1")
        await user.press("enter")
        assert "enter did nothing: this photo was only just shown" in user.screen
        assert looks_of(user).looked_at == 0

    at_review(taught, act, size=(120, 40), settle=60)


def test_confirming_where_no_certificate_approved_anything_says_so(taught):
    async def act(user):
        await user.press("Y")
        assert "nothing to do here; no certificate approved anything of it" in user.status

    at_review(taught, act, size=(120, 40))


def test_one_key_confirms_what_a_certificate_approved_on_the_screen(taught):
    async def act(user):
        await user.press("P", "1")
        await answer(user, taught, len(looks_of(user).questions))
        await user.press("enter")
        catalogue = user.review.job.catalogue
        before = sum(one.certificate is not None for one in decisions(catalogue))
        await user.press("f")
        await user.type("7")
        await user.press("Y")
        assert "Confirm what was approved by certificate" in user.screen
        await user.press("enter")
        after = sum(one.certificate is not None for one in decisions(catalogue))
        assert 0 < after < before
        assert f"confirmed {before - after} labels on" in user.status

    at_review(taught, act, size=(120, 40))

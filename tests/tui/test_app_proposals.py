"""Proposals in the review: seen with their provider, checked by a key, then labels."""

from phototagger.store.labels.custom_labels import words
from tests.engine.process.processes import process
from tests.review.conftest import reviewing
from tests.review.test_proposals import propose
from tests.tui.reviewing import at_review

__all__ = ["process"]


def test_a_proposal_is_shown_checked_by_its_digit_and_approved(ran, process):
    with reviewing(ran) as review:
        propose(review, "a.jpg", "volcano")

    async def act(user):
        assert user.checked == {"snow"}
        assert "2 □   volcano" in user.screen
        assert "vocabulary" in user.screen
        await user.press("2")
        assert "2 ■   volcano" in user.screen
        await user.press("a")
        assert user.approved("a.jpg") == {"snow", "volcano"}
        assert words(user.review.job.catalogue) == ["volcano"]
        await user.press("h")
        assert "■ ✓ volcano" in user.screen

    at_review(ran, act)

"""Proposals in the review: seen with their provider, checked by a key, then labels."""

from importlib.metadata import EntryPoint

from phototagger.discover import Proposal, registry
from phototagger.store.labels.custom_labels import words
from phototagger.tui.screens.run import CHOICES
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


class Otters:
    """Sees otters everywhere."""

    version = "1"
    needs = ()

    def __init__(self, _: object) -> None:
        pass

    def propose(self, photos):
        for photo in photos:
            yield Proposal(photo, "otter", 0.5)


def test_r_asks_the_providers_that_are_named_and_their_labels_appear(ran, process, monkeypatch):
    entry = EntryPoint("otters", f"{__name__}:Otters", registry.GROUP)
    monkeypatch.setattr(registry, "OWN", (entry,))

    async def act(user):
        assert "otter" not in user.screen
        names = [one.name for one in CHOICES]
        await user.press("r", *["down"] * names.index("discover"), "enter")
        assert "7 □   otter" in user.screen  # rows that are on the screen stay where they are
        assert user.checked == {"snow"}
        await user.press("right")
        assert "otter" in user.screen.split("─ not checked")[1].splitlines()[1]

    at_review(ran, act, discover=("otters",))


def test_r_without_a_provider_says_how_one_is_named(ran, process):
    async def act(user):
        names = [one.name for one in CHOICES]
        await user.press("r", *["down"] * names.index("discover"), "enter")
        await user.press("r")
        assert "no provider is named; name one with --discover NAME" in user.screen

    at_review(ran, act)

"""Proposals in the review: seen with their provider, checked by a key, then labels."""

import threading
from importlib.metadata import EntryPoint
from typing import ClassVar

import pytest

from phototagger.discover import Proposal, registry
from phototagger.store.labels.custom_labels import words
from phototagger.tui.screens.run import CHOICES
from tests.discover.vision_server import vision_server
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
    made_in: ClassVar[list[str]] = []

    def __init__(self, _: object) -> None:
        self.made_in.append(threading.current_thread().name)

    def propose(self, photos):
        for photo in photos:
            yield Proposal(photo, "otter", 0.5)


async def start_discovery(user) -> None:
    names = [one.name for one in CHOICES]
    await user.press("r", *["down"] * names.index("discover"), "enter")


def test_r_asks_the_providers_that_are_named_and_their_labels_appear(ran, process, monkeypatch):
    entry = EntryPoint("otters", f"{__name__}:Otters", registry.GROUP)
    monkeypatch.setattr(registry, "OWN", (entry,))
    Otters.made_in.clear()

    async def act(user):
        assert "otter" not in user.screen
        await start_discovery(user)
        assert "7 □   otter" in user.screen  # rows that are on the screen stay where they are
        assert user.checked == {"snow"}
        assert Otters.made_in == ["engine"]  # it may load a model, for which the screen cannot wait
        await user.press("right")
        assert "otter" in user.screen.split("─ not checked")[1].splitlines()[1]

    at_review(ran, act, discover=("otters",))


def test_r_without_a_provider_says_how_one_is_named(ran, process):
    async def act(user):
        await start_discovery(user)
        await user.press("r")
        assert "no provider is named; name one with --discover NAME" in user.screen

    at_review(ran, act)


@pytest.fixture
def server(monkeypatch):
    """The server that the environment names."""
    with vision_server() as running:
        for name, value in running.environ.items():
            monkeypatch.setenv(name, value)
        yield running


def test_photos_leave_the_machine_only_after_a_person_was_asked(ran, process, server):
    async def act(user):
        await start_discovery(user)
        assert f"Photos leave this machine, to {server.host}." in user.screen
        assert "At most 1,000 requests" in user.screen
        await user.press("escape")
        assert "nothing was started: no photo leaves this machine" in user.status
        assert server.requests == []
        await start_discovery(user)
        await user.press("enter")
        await user.rest()
        assert len(server.requests) == 7
        assert "lawn" in user.screen
        await start_discovery(user)  # allowed already, and nothing is left to ask
        assert "leave this machine" not in user.screen
        assert len(server.requests) == 7

    at_review(ran, act, discover=("openai_vision",))


def test_enter_that_was_typed_before_it_was_asked_allows_nothing(ran, process, server):
    async def act(user):
        await start_discovery(user)
        await user.press("enter", "enter")
        assert "Photos leave this machine" in user.screen
        assert server.requests == []

    at_review(ran, act, discover=("openai_vision",), settle=600)

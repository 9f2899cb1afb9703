"""Who leaves does not wait for what goes on beside the keys, however large the library is."""

import asyncio
import threading
import time

import pytest

from phototagger.errors import InterruptedByUser
from phototagger.review.background.rescan import rescan
from phototagger.review.stacks.found import stacks_of
from phototagger.tui.screens.review import background, views
from tests.review.conftest import reviewing
from tests.tui.reviewing import at_review

LONG = 60.0  # seconds, which nobody would wait


@pytest.mark.parametrize(("module", "name"), [(background, "rescan"), (views, "stacks_of")])
def test_what_looks_at_a_large_library_ends_with_the_review(ran, monkeypatch, module, name):
    began, became = threading.Event(), []

    def endless(*given: object) -> None:
        began.set()
        end = time.monotonic() + LONG
        try:
            while time.monotonic() < end:
                given[-1]()  # asks whether to go on
                time.sleep(0.01)
            became.append("ran on")
        except InterruptedByUser:
            became.append("ended")
            raise

    async def leave(user):
        monkeypatch.setattr(module, name, endless)
        user.ui.background.rescan()
        user.ui.views.restack()
        await asyncio.to_thread(began.wait, LONG)  # a worker may be dropped before it begins
        user.ui.app.exit(0)

    at_review(ran, leave)
    assert set(became) == {"ended"}


def refuse() -> None:
    raise InterruptedByUser("over", "open it again")


def test_looking_at_the_root_asks_whether_to_go_on(ran):
    with reviewing(ran) as review, pytest.raises(InterruptedByUser):
        rescan(review.job, check=refuse)


def test_finding_stacks_asks_whether_to_go_on(ran):
    with reviewing(ran) as review, pytest.raises(InterruptedByUser):
        stacks_of(review.job, review.photos.listing, 1e9, refuse)

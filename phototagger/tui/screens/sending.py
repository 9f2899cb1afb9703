"""The question before photos leave this machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from phototagger.engine.discovery.consent import allow, not_allowed
from phototagger.tui.screens.confirm import ConfirmScreen

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.tui.screens.review.screen import ReviewScreen


def ask_before_sending(screen: ReviewScreen, job: Job, start: Callable[[], None]) -> None:
    """Start what asks providers, once a person allowed the host that photos would be sent to."""
    recipient = not_allowed(job)
    if recipient is None:
        start()
        return

    def send() -> None:
        allow(job, recipient)
        start()

    question = ConfirmScreen(
        f"Photos leave this machine, to {recipient.host}.",
        f"{recipient.provider} sends 512 px thumbnails without metadata: no name, folder, label "
        f"or decision. At most {recipient.requests:,} requests; what is answered is kept and not "
        "asked again. It is allowed until the review is closed.",
        yes="send them",
        no="send nothing",
    )
    screen.ask(
        question, send, lambda: screen.say("nothing was started: no photo leaves this machine")
    )

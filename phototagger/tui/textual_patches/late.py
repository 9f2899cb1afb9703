"""Answers of the terminal that come late, or in another order than asked, are no key presses.

Textual's reader gives out what it does not know one character at a time, as keys, which here
approve and uncheck. The reader is private to Textual.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.drivers import linux_driver

from phototagger.tui.textual_patches import guards

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.message import Message

    Feed = Callable[[str], Iterable[Message]]

_ANSWER = re.compile(
    r"\x1b_G[^\x1b]*\x1b\\|\x1bP>\|[^\x1b]*\x1b\\|\x1b\[6;\d+;\d+t|\x1b\[\?[\d;]*c"
)
_BEGUN = re.compile(
    r"(?:\x1b_(?:G[^\x1b]*\x1b?)?|\x1bP(?:>(?:\|[^\x1b]*\x1b?)?)?|\x1b\[(?:6(?:;[\d;]*)?|\?[\d;]*)?)\Z"
)


class LateAnswers:
    """Takes the terminal's answers out of what is read of it."""

    def __init__(self, begun: bytes = b"") -> None:
        self._rest = ""
        self.strip(begun.decode("ascii", "replace"))

    def strip(self, read: str) -> str:
        """Return what was read without answers; the beginning of one is held back."""
        text = _ANSWER.sub("", self._rest + read)
        begun = _BEGUN.search(text)
        self._rest = begun[0] if begun else ""
        return text[: begun.start()] if begun else text


def patient(feed: Feed, begun: bytes = b"") -> Feed:
    """Return a reader of keys that passes over answers; ``begun`` was read of them before."""
    late = LateAnswers(begun)

    def feed_keys(data: str) -> Iterable[Message]:
        stripped = late.strip(data)
        return feed(stripped) if stripped or not data else ()  # nothing read: the reader ends

    return feed_keys


def pass_over_late_answers(begun: bytes = b"") -> bool:
    """Let Textual's driver read so from now on; tell whether it can. Call it before ``App.run``."""
    if not guards.READER:
        return False
    make = getattr(linux_driver, "XTermParser")  # noqa: B009
    make = getattr(make, "textuals", make)

    def make_patient(debug: bool = False) -> object:  # noqa: FBT001, FBT002
        nonlocal begun
        parser = make(debug)
        parser.feed, begun = patient(parser.feed, begun), b""  # another screen begins anew
        return parser

    make_patient.textuals = make  # type: ignore[attr-defined]
    setattr(linux_driver, "XTermParser", make_patient)  # noqa: B010
    return True

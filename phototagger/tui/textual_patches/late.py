"""Answers of the terminal that come late, or in another order than asked, are no key presses.

Textual's reader gives out what it does not know one character at a time, as keys, which here
approve and uncheck. The reader is private to Textual.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual import events
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

_SPECIAL = re.compile(
    r"(?P<esc>\x1b(?:[^\x1b\[O_P\]\\]|O(?!\Z|[A-Za-z])|_(?!\Z|G)|P(?!\Z|[>\d!$+])|\](?!\Z|\d)))"
    r"|\x1b\[\d+(?::[\d:]*)?;(?P<held>\d+)(?::[\d:]*)?(?:;[\d:]*)?u",
    re.DOTALL,
)
"""An escape byte with the key that was read with it; a key with what else was held."""

_CAPS_LOCK = 64


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


def has_caps_lock(event: events.Key) -> bool:
    """Tell whether caps lock was on when a key was pressed, as far as the terminal tells."""
    return getattr(event, "caps_lock", False)


def patient(feed: Feed, begun: bytes = b"") -> Feed:
    """Return a reader of keys that passes over answers; ``begun`` was read of them before.

    An escape byte read together with a key is esc, and that key is dropped: on a slow line two
    keys come so, and Textual would make ``alt+u`` of them, or a key with another meaning.
    """
    late = LateAnswers(begun)

    def feed_keys(data: str) -> Iterable[Message]:
        text, at = late.strip(data), 0
        if not data:
            yield from feed(data)  # nothing read: the reader ends
        for found in _SPECIAL.finditer(text):
            yield from feed_some(text[at : found.start()])
            at = found.end()
            if found["esc"]:
                yield events.Key("escape", "\x1b")
            else:
                yield from with_caps_lock(found)
        yield from feed_some(text[at:])

    def feed_some(text: str) -> Iterable[Message]:
        return feed(text) if text else ()

    def with_caps_lock(found: re.Match[str]) -> Iterable[Message]:
        is_on = (int(found["held"]) - 1) & _CAPS_LOCK
        for event in feed(found[0]):
            if is_on and isinstance(event, events.Key):
                setattr(event, "caps_lock", True)  # noqa: B010  (Textual's has no place for it)
            yield event

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

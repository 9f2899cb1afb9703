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

_ESC_AND_KEY = re.compile(
    r"\x1b(?:[^\x1b\[O_P\]\\]|O(?!\Z|[A-Za-z])|_(?!\Z|G)|P(?!\Z|[>\d!$+])|\](?!\Z|\d))", re.DOTALL
)
_CODED_LETTER = re.compile(r"\x1b\[(\d+)(?::[\d:]*)?;(\d+)(?::[\d:]*)?(?:;[\d:]*)?u")
_SHIFT, _OTHERS, _CAPS_LOCK = 1, 2 | 4 | 8 | 16 | 32, 64


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


def without_caps_lock(text: str) -> str:
    """Return what was read with letters as they are without caps lock, where it is told."""

    def plain(found: re.Match[str]) -> str:
        letter, held = chr(min(int(found[1]), 0x10FFFF)), int(found[2]) - 1
        if not held & _CAPS_LOCK or held & _OTHERS or not letter.isalpha():
            return found[0]
        return letter.upper() if held & _SHIFT else letter.lower()

    return _CODED_LETTER.sub(plain, text)


def patient(feed: Feed, begun: bytes = b"") -> Feed:
    """Return a reader of keys that passes over answers; ``begun`` was read of them before.

    An escape byte read together with a key is esc, and that key is dropped: on a slow line two
    keys come so, and Textual would make ``alt+u`` of them, or a key with another meaning.
    """
    late = LateAnswers(begun)

    def feed_keys(data: str) -> Iterable[Message]:
        stripped = without_caps_lock(late.strip(data))
        if not data:
            yield from feed(data)  # nothing read: the reader ends
        for number, part in enumerate(_ESC_AND_KEY.split(stripped)):
            if number:
                yield events.Key("escape", "\x1b")
            if part:
                yield from feed(part)

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

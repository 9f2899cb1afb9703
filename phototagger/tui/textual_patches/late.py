"""Answers of the terminal that come late, or in another order than asked, are no key presses.

Textual's reader gives out what it does not know one character at a time, as keys, which here
approve and uncheck. The reader is private to Textual 8.2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.message import Message

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


class PatientParser(XTermParser):
    """Reads keys, and passes over answers; ``begun`` is what was read of them before."""

    begun = b""

    def __init__(self, debug: bool = False) -> None:  # noqa: FBT001, FBT002
        super().__init__(debug)
        self._late = LateAnswers(self.begun)
        PatientParser.begun = b""  # another screen after this one begins anew

    def feed(self, data: str) -> Iterable[Message]:
        """Return the events in what was read; nothing read means that the reader ends."""
        stripped = self._late.strip(data)
        return super().feed(stripped) if stripped or not data else ()


def pass_over_late_answers(begun: bytes = b"") -> None:
    """Let Textual's driver read so from now on; call it before ``App.run``."""
    PatientParser.begun = begun
    setattr(linux_driver, "XTermParser", PatientParser)  # noqa: B010

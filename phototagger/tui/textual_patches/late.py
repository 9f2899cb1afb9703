"""Answers of the terminal that come late, or in another order than asked, are no key presses.

Textual's reader gives out what it does not know one character at a time, as keys, which here
approve and uncheck. The reader is private to Textual.
"""

import re
from collections.abc import Callable, Iterable
from time import monotonic as get_time

from textual import constants, events
from textual.drivers import linux_driver
from textual.message import Message

from phototagger.tui.textual_patches import guards

Feed = Callable[[str], Iterable[Message]]
Tick = Callable[[], Iterable[Message]]

_ANSWER = re.compile(
    r"\x1b_G[^\x1b]*\x1b\\|\x1bP>\|[^\x1b]*\x1b\\|\x1b\[6;\d+;\d+t|\x1b\[\?[\d;]*c"
)
_BEGUN = re.compile(
    r"\x1b(?:_(?:G[^\x1b]*\x1b?)?|P(?:>(?:\|[^\x1b]*\x1b?)?)?|\[(?:6(?:;[\d;]*)?|\?[\d;]*|\[)?|[O\]])?\Z"
)
_ANSWERS_BEGUN = ("\x1b_G", "\x1bP>", "\x1b[6", "\x1b[?")
"""Beginnings of which the rest is waited for as long as it takes: no keys are typed so."""

_SPECIAL = re.compile(
    r"(?P<esc>\x1b(?:[^\x1b\[O_P\]\\]|(?=\x1b)|\[(?!\Z|[\d?<>=;:A-IMO-SZ~a-d]|\[(?:\Z|[A-E]))\[?"
    r"|O(?!\Z|[A-Za-z])|_(?!\Z|G)|P(?!\Z|[>\d!$+])|\](?!\Z|\d)))"
    r"|\x1b\[\d+(?::[\d:]*)?;(?P<held>\d+)(?::[\d:]*)?(?:;[\d:]*)?u",
    re.DOTALL,
)
"""An escape byte with the key that was read with it; a key with what else was held."""

_CAPS_LOCK = 64


class LateAnswers:
    """Takes the terminal's answers out of what is read of it.

    What may be the beginning of one is held back: a lone escape byte, too, with which a key may be
    on its way.
    """

    def __init__(self, begun: bytes = b"") -> None:
        self._rest = ""
        self._since = 0.0
        self.strip(begun.decode("ascii", "replace"))

    def strip(self, read: str) -> str:
        """Return what was read without answers; the beginning of one is held back."""
        text = _ANSWER.sub("", self._rest + read)
        begun = _BEGUN.search(text)
        self._rest = begun[0] if begun else ""
        self._since = get_time()
        return text[: begun.start()] if begun else text

    def is_esc(self) -> bool:
        """Tell whether what is held back was esc after all, as nothing followed; it is then let go.

        A key that was read with it is dropped.
        """
        waited = get_time() - self._since >= constants.ESCAPE_DELAY
        if not (self._rest and waited) or self._rest.startswith(_ANSWERS_BEGUN):
            return False
        self._rest = ""
        return True


def has_caps_lock(event: events.Key) -> bool:
    """Tell whether caps lock was on when a key was pressed, as far as the terminal tells."""
    return getattr(event, "caps_lock", False)


class PatientReader:
    """A reader of keys that passes over answers; ``begun`` was read of them before.

    An escape byte read together with a key is esc, and that key is dropped: on a slow line two
    keys come so, and Textual would make ``alt+u`` of them, or a key with another meaning.
    """

    def __init__(self, feed: Feed, tick: Tick, begun: bytes = b"") -> None:
        self._feed = feed
        self._tick = tick
        self._late = LateAnswers(begun)

    def feed(self, data: str) -> Iterable[Message]:
        """Yield the events of what was read."""
        text, at = self._late.strip(data), 0
        if not data:
            yield from self._feed(data)  # nothing read: the reader ends
        for match in _SPECIAL.finditer(text):
            yield from self._feed_some(text[at : match.start()])
            at = match.end()
            if match["esc"]:
                yield _esc()
            else:
                yield from self._with_caps_lock(match)
        yield from self._feed_some(text[at:])

    def tick(self) -> Iterable[Message]:
        """Yield the events of what was waited for long enough; called several times a second."""
        yield from self._tick()
        if self._late.is_esc():
            yield _esc()

    def _feed_some(self, text: str) -> Iterable[Message]:
        return self._feed(text) if text else ()

    def _with_caps_lock(self, match: re.Match[str]) -> Iterable[Message]:
        is_on = (int(match["held"]) - 1) & _CAPS_LOCK
        for event in self._feed(match[0]):
            if is_on and isinstance(event, events.Key):
                setattr(event, "caps_lock", True)  # noqa: B010  (Textual's has no place for it)
            yield event


def _esc() -> events.Key:
    return events.Key("escape", "\x1b")


def pass_over_late_answers(begun: bytes = b"") -> bool:
    """Let Textual's driver read so from now on; tell whether it can. Call it before ``App.run``."""
    if not guards.READER:
        return False
    make = getattr(linux_driver, "XTermParser")  # noqa: B009
    make = getattr(make, "textuals", make)

    def make_patient(debug: bool = False) -> object:  # noqa: FBT001, FBT002
        nonlocal begun
        parser = make(debug)
        reader, begun = PatientReader(parser.feed, parser.tick, begun), b""  # others begin anew
        parser.feed, parser.tick = reader.feed, reader.tick
        return parser

    make_patient.textuals = make  # type: ignore[attr-defined]
    setattr(linux_driver, "XTermParser", make_patient)  # noqa: B010
    return True

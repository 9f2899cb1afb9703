"""Text from outside → text for people: nothing in it moves a cursor, hides, or turns text around.

File names, labels, keywords, EXIF and the messages of other programs can hold anything. They are
kept as they are in fields and tables, and go through here where a person reads them.
"""

import json
import os
import re
from datetime import UTC, datetime
from typing import Any

_HIDDEN = (
    "\x00-\x1f\x7f-\x9f"  # C0, C1
    "\u2028\u2029\ud800-\udfff"  # line and paragraph separators, halves of surrogate pairs
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidi controls
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff"
    "\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # what is drawn as nothing
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
"""Controls, and Unicode's Default_Ignorable_Code_Point (UAX #44) but for the two below."""

_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""They choose how the character before them is drawn: ❤️, and a person's own 邉󠄀."""

_JOINING = (
    "\u0620-\u115e\u1161-\u17b3\u17b6-\u180a\u1810-\u1fff\u2190-\u3163\u3165-\ufdff\ufe0e-\ufefe"
    "\uff00-\uff9f\uffa1-\uffef\U00010000-\U0001bc9f\U0001bd00-\U0001d172\U0001d17b-\U000dffff"
)
"""Scripts and signs between which a joiner (U+200C, U+200D) changes what is seen: 👩‍🚀, می‌خواهم."""

_UNFIT = re.compile(
    f"[{_HIDDEN}]"
    f"|(?<![{_JOINING}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINING}])"
    f"|(?<![^\\s{_SELECTORS}])[{_SELECTORS}]"
)
_LINE_ENDS = re.compile("\\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+\\s*")


def printable(text: str | bytes | os.PathLike[str]) -> str:
    r"""Return a path or another text from outside as it can be shown on any screen, on one line.

    What is unfit for that becomes its bytes, such as ``\x1b``. What is printable stays as it is.
    """
    text = os.fsdecode(text)
    if text.isascii() and text.isprintable():
        return text
    return _UNFIT.sub(_escaped, text)


def moment(when: datetime, now: datetime | None = None) -> str:
    """Return a moment by the clock on the wall; the date stands before it on another day."""
    when, now = when.astimezone(), (now or datetime.now(UTC)).astimezone()
    return f"{when:%H:%M}" if when.date() == now.date() else f"{when:%Y-%m-%d %H:%M}"


def without_unfit(text: str) -> str:
    """Return a text with nothing in the place of what is unfit."""
    return _UNFIT.sub("", text)


def one_line(message: str) -> str:
    """Return a message printable and on one line: those of other programs may have several."""
    return printable(_LINE_ENDS.sub(" ", message.strip()))


def printable_lines(text: str) -> str:
    """Return a text of several lines with each of them printable."""
    return "\n".join(map(printable, text.expandtabs().split("\n")))


def json_text(data: Any, *, indent: int | None = None) -> str:
    r"""Return data as JSON with its letters as they are, and all that is unfit as ``\u009b``."""
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    return "\n".join(_UNFIT.sub(_as_json, line) for line in text.split("\n"))


def _as_json(unfit: re.Match[str]) -> str:
    return json.dumps(unfit[0])[1:-1]


def _escaped(unfit: re.Match[str]) -> str:
    try:
        raw = os.fsencode(unfit[0])
    except UnicodeEncodeError:  # half a surrogate pair, which YAML and JSON can spell
        raw = unfit[0].encode("utf-8", "surrogatepass")
    return "".join(f"\\x{byte:02x}" for byte in raw)


def counted(count: int, noun: str) -> str:
    """Return a number of things as text, such as ``1 photo`` or ``1,200 photos``."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"

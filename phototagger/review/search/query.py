"""What is looked for: words, labels, dates and names, written on one line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_DATE = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LABEL, _NAME, _WHEN = "label:", "name:", "date:"


@dataclass(frozen=True)
class Query:
    """What is looked for: photos that have all of it.

    ``words`` are plain ones, of which a photo may also only be near in meaning. ``labels`` are
    approved labels, ``names`` parts of a photo's relative path in lower case, ``dates`` a year, a
    month or a day: 2024, 2024-04, 2024-04-12.
    """

    words: str = ""
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.labels or self.names or self.dates)


def parse_query(text: str, known: Collection[str]) -> Query:
    """Return what a line asks for: ``dog on a beach label:tree 2024-04 name:img_ date:2023``.

    A label may have several words: after ``label:`` the longest one counts that is among the
    ``known`` labels, or else one word; ``label:"golden gate"`` is always all of it.
    """
    words, labels, names, dates = list[str](), list[str](), list[str](), list[str]()
    for kind, value in _parts(text.split(), known):
        if kind == _LABEL:
            labels.append(value)
        elif kind == _NAME:
            names.append(value.lower())
        elif kind == _WHEN:
            dates.append(value)
        else:
            words.append(value)
    return Query(" ".join(words), tuple(labels), tuple(names), tuple(dates))


def _parts(written: list[str], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield what kind of thing each part is, and the part; empty for a plain word."""
    at = 0
    while at < len(written):
        word = written[at]
        kind = next((one for one in (_LABEL, _NAME, _WHEN) if word.startswith(one)), "")
        value = word.removeprefix(kind)
        taken = 1
        if kind and not value:
            kind, value = "", word
        elif kind == _LABEL:
            value, taken = _label(value, written[at + 1 :], known)
        elif kind == _WHEN and not (_DATE.fullmatch(value) or _YEAR.fullmatch(value)):
            kind, value = "", word
        elif not kind and _DATE.fullmatch(word):
            kind = _WHEN
        yield kind, value
        at += taken


def _label(first: str, others: list[str], known: Collection[str]) -> tuple[str, int]:
    """Return a label, and of how many written words it is."""
    if first.startswith('"'):
        words = [first, *others]
        ends = next((n for n, one in enumerate(words, 1) if one.endswith('"') and one != '"'), 0)
        if ends:
            return " ".join(words[:ends]).strip('"').lower(), ends
    for count in range(len(others), -1, -1):
        label = " ".join([first, *others[:count]]).lower()
        if label in known:
            return label, count + 1
    return first.lower(), 1

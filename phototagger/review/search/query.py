"""What is looked for: words, labels, dates, names and cameras, written on one line."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

_DATE = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LABEL, _NAME, _WHEN, _CAMERA = _KINDS = "label:", "name:", "date:", "camera:"


@dataclass(frozen=True)
class Query:
    """What is looked for: photos that have all of it.

    ``words`` are plain ones, of which a photo may also only be near in meaning. ``labels`` are
    approved labels, ``names`` parts of a photo's relative path in lower case, ``dates`` a year, a
    month or a day: 2024, 2024-04, 2024-04-12; ``cameras`` parts of a camera's make and model in
    lower case.
    """

    words: str = ""
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.labels or self.names or self.dates or self.cameras)


def parse_query(text: str, known: Collection[str]) -> Query:
    """Return what a line asks for: ``dog on a beach label:tree 2024-04 name:img_ camera:canon``.

    A label may have several words: after ``label:`` the longest one counts that is among the
    ``known`` labels, or else one word. ``label:"golden gate"`` is always all of it, and so are
    ``name:"img 12"`` and ``camera:"eos 5d"``.
    """
    asked: dict[str, list[str]] = {kind: [] for kind in ("", *_KINDS)}
    for kind, value in _parts(text.split(), known):
        asked[kind].append(value.lower() if kind else value)
    words, *rest = asked.values()
    return Query(" ".join(words), *map(tuple, rest))


def _parts(written: list[str], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the kind of each part, empty for a plain word, and the part itself."""
    at = 0
    while at < len(written):
        word = written[at]
        kind = next((prefix for prefix in _KINDS if word.startswith(prefix)), "")
        value, taken = word, 1
        if kind:
            labels = known if kind == _LABEL else ()
            value, taken = _value(word.removeprefix(kind), written[at + 1 :], labels)
            is_date = _is_date(value) or _YEAR.fullmatch(value)
            if not value or (kind == _WHEN and not is_date):
                kind, value, taken = "", word, 1
        elif _is_date(word):
            kind = _WHEN
        yield kind, value
        at += taken


def _is_date(word: str) -> bool:
    """Tell whether a word is a month or a day that there is: no 31st of February."""
    if not _DATE.fullmatch(word):
        return False
    try:
        date.fromisoformat(f"{word}-01"[: len("2024-04-12")])
    except ValueError:
        return False
    return True


def _value(first: str, rest: list[str], known: Collection[str]) -> tuple[str, int]:
    """Return what is asked for, and of how many written words it is."""
    if first.startswith('"'):
        words = [first, *rest]
        closing = (n for n, word in enumerate(words, 1) if word.endswith('"'))
        ends = next((n for n in closing if n > 1 or first != '"'), 0)
        if ends:
            return " ".join(words[:ends]).strip('" '), ends
    for count in range(len(rest), -1, -1):
        label = " ".join([first, *rest[:count]]).lower()
        if label in known:
            return label, count + 1
    return first, 1

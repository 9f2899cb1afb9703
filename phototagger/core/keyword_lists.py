"""Keyword lists of other programs ↔ keywords.

Lightroom and darktable write one keyword a line, a tab for each level above it, ``{synonyms}``
below their keyword, and ``[categories]``, which no photo is given. digiKam writes paths as
``animals/dog``, darktable's and Lightroom's fields hold them as ``animals|dog``, and a plain list
has one word a line.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from phototagger.core.label_tree import (
    HEADER,
    SEPARATOR,
    Keyword,
    branches,
    is_tree,
    keyword_of,
    line_of,
)
from phototagger.core.labels import normalise_label, spelled


class ListForm(StrEnum):
    """How a list is written."""

    LIGHTROOM = "lightroom"
    DARKTABLE = "darktable"
    DIGIKAM = "digikam"
    PLAIN = "plain"
    TREE = "tree"


OF_OTHERS = (ListForm.LIGHTROOM, ListForm.DARKTABLE, ListForm.DIGIKAM, ListForm.PLAIN)
"""The forms that are no labels file of ours."""


_QUOTED = 60  # characters of a line that are shown
_NO_WORD = "holds no word"
_OF_DARKTABLE, _BY_ITSELF = "darktable", "is a tag that darktable gives by itself"


class KeywordList(NamedTuple):
    """Keywords in their order, and what of a list could not be kept: reason → what."""

    keywords: list[Keyword]
    left_out: dict[str, list[str]]


class ListText(NamedTuple):
    """The text of a list, and what it cannot say: reason → what."""

    text: str
    left_out: dict[str, list[str]]


class _ListLine(NamedTuple):
    """A line that says a keyword, or a synonym of the one before."""

    number: int
    levels: tuple[str, ...]
    synonyms: tuple[str, ...] = ()
    is_category: bool = False


def form_of(text: str) -> ListForm:
    """Return how a list seems to be written.

    Slashes make levels where most lines have them, or each path's upper level has its own line:
    a plain list may hold ``black/white``.
    """
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if is_tree(text):
        return ListForm.TREE
    marked = (line[0] + line[-1] in ("{}", "[]") for line in map(str.strip, lines))
    if any(line.startswith("\t") for line in lines) or any(marked):
        return ListForm.LIGHTROOM
    paths = [line for line in lines if "/" in line.strip("/")]
    known = set(lines)
    is_digikam = 2 * len(paths) >= len(lines) or all(
        path.rpartition("/")[0] in known for path in paths
    )
    return ListForm.DIGIKAM if paths and is_digikam else ListForm.PLAIN


def read_list(text: str, form: ListForm) -> KeywordList:
    """Return the keywords of a list as a labels file can hold them.

    What it cannot hold, and keywords of which a level cannot, is left out and named with its line.
    """
    left_out: dict[str, list[str]] = defaultdict(list)
    keywords: dict[tuple[str, ...], Keyword] = {}
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line in _READERS[form](lines, left_out):
        where = _where(line.number, lines[line.number - 1])
        try:
            keyword = _spelled(line)
            before = keywords.get(keyword.levels)
            if not line.synonyms and before:
                left_out["is there already"].append(where)
                continue
            if line.synonyms and not before and form not in (ListForm.PLAIN, ListForm.TREE):
                left_out["is a synonym of nothing that is kept"].append(where)
                continue
            if before:
                words = dict.fromkeys((*before.synonyms, *keyword.synonyms))
                keyword = before._replace(synonyms=tuple(words))
            line_of(keyword)
        except ValueError as error:
            left_out[str(error)].append(where)
        else:
            keywords[keyword.levels] = keyword
    return KeywordList(list(keywords.values()), dict(left_out))


def write_list(keywords: Sequence[Keyword], form: ListForm) -> ListText:
    """Return the text of a list; what its form cannot say is left out and named."""
    left_out: dict[str, list[str]] = defaultdict(list)
    lines = list(_WRITERS[form](keywords, left_out))
    return ListText("".join(f"{line}\n" for line in lines), dict(left_out))


def _where(number: int, line: str) -> str:
    """Return how a line is named, with its beginning: it may be of any length."""
    text = line.strip()
    return f"line {number} ({text if len(text) <= _QUOTED else text[: _QUOTED - 1] + '…'})"


def _spelled(line: _ListLine) -> Keyword:
    levels = tuple(map(spelled, line.levels))
    # the path is the label, and has its longest length; small letters may be longer
    for word in (SEPARATOR.join(levels), *line.synonyms):
        normalise_label(word)
    return Keyword(levels, tuple(map(spelled, line.synonyms)), line.is_category)


def _read_tabs(lines: list[str], left_out: dict[str, list[str]]) -> Iterator[_ListLine]:
    """Read an outline; darktable ends lines with commas, and ``~`` keeps the order below."""
    above: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        text = line.strip(" \t,;")
        if not text:
            left_out[_NO_WORD].append(_where(number, line))
            continue
        depth = len(line) - len(line.lstrip("\t"))
        if text[0] == "{" and text[-1] == "}":
            yield _ListLine(number, tuple(above[:depth]), (text[1:-1].strip(),))
            continue
        if depth > len(above):
            left_out["is indented by more than one tab"].append(_where(number, text))
            depth = len(above)
        is_category = text[0] == "[" and text[-1] == "]"
        name = (text[1:-1] if is_category else text).strip()
        if name.startswith("~"):
            left_out["a `~` for a fixed order"].append(_where(number, text))
            name = name[1:]
        above[depth:] = [name]
        if above[0] == _OF_DARKTABLE:
            left_out[_BY_ITSELF].append(_where(number, text))
        else:
            yield _ListLine(number, tuple(above), is_category=is_category)


def _read_paths(
    separator: str, around: str = ""
) -> Callable[[list[str], dict[str, list[str]]], Iterator[_ListLine]]:
    def read(lines: list[str], left_out: dict[str, list[str]]) -> Iterator[_ListLine]:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            text = line.strip().strip(around)
            if not text:
                left_out[_NO_WORD].append(_where(number, line))
            else:
                yield _ListLine(number, tuple(text.split("|" if "|" in text else separator)))

    return read


def _read_tree(lines: list[str], left_out: dict[str, list[str]]) -> Iterator[_ListLine]:
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            yield _ListLine(number, *keyword_of(line))
        except ValueError as error:
            left_out[str(error)].append(_where(number, line))


def _write_tabs(keywords: Sequence[Keyword], left_out: dict[str, list[str]]) -> Iterator[str]:
    for levels, branch in branches(keywords).walk():
        tabs, keyword = "\t" * (len(levels) - 1), branch.keyword
        if any(
            level.strip(" \t,;~") != level or level[0] + level[-1] in ("[]", "{}")
            for level in levels
        ):
            left_out["begins or ends with what means something there"].append(
                SEPARATOR.join(levels)
            )
            continue
        if levels[0] == _OF_DARKTABLE:
            left_out[_BY_ITSELF].append(SEPARATOR.join(levels))
            continue
        named = keyword is not None and not keyword.is_category
        yield tabs + (levels[-1] if named else f"[{levels[-1]}]")
        for word in keyword.synonyms if keyword else ():
            yield f"{tabs}\t{{{word}}}"


def _write_digikam(keywords: Sequence[Keyword], left_out: dict[str, list[str]]) -> Iterator[str]:
    for keyword in _flat(keywords, left_out):
        if any("/" in level for level in keyword.levels):
            left_out["holds a `/`, which makes levels there"].append(keyword.path)
        else:
            yield "/".join(keyword.levels)


def _write_plain(keywords: Sequence[Keyword], left_out: dict[str, list[str]]) -> Iterator[str]:
    for keyword in _flat(keywords, left_out):
        yield keyword.path


def _write_tree(keywords: Sequence[Keyword], _: dict[str, list[str]]) -> Iterator[str]:
    yield HEADER
    yield from map(line_of, keywords)


def _flat(keywords: Sequence[Keyword], left_out: dict[str, list[str]]) -> Iterator[Keyword]:
    """Yield the keywords that a list without synonyms and categories can hold."""
    for keyword in keywords:
        if keyword.synonyms:
            left_out["is a synonym, which such lists do not have"] += keyword.synonyms
        if keyword.is_category:
            left_out["is a category, which such lists do not have"].append(keyword.path)
        else:
            yield keyword


_READERS = {
    ListForm.LIGHTROOM: _read_tabs,
    ListForm.DARKTABLE: _read_tabs,
    ListForm.DIGIKAM: _read_paths("/", around="/"),
    ListForm.PLAIN: _read_paths(SEPARATOR),
    ListForm.TREE: _read_tree,
}
_WRITERS = {
    ListForm.LIGHTROOM: _write_tabs,
    ListForm.DARKTABLE: _write_tabs,
    ListForm.DIGIKAM: _write_digikam,
    ListForm.PLAIN: _write_plain,
    ListForm.TREE: _write_tree,
}

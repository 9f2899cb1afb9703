"""Labels in a tree: the lines of a labels file that begins with ``# labels: tree``.

A line is a path, ``animals > dog``; what it is called as well may follow, ``animals > dog = puppy,
hound``. A level in brackets, ``[animals]``, is a category: it holds others, and no photo is given
it. So is a level that has no line of its own.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

HEADER = "# labels: tree"
"""The first line of a file whose labels are paths."""
SEPARATOR = " > "
"""What stands between the levels of a path."""

_HEADER = re.compile(r"#\s*labels:\s*tree", re.IGNORECASE)
_LEVELS = re.compile(r"(?<!\S)>(?!\S)")
_SYNONYMS = re.compile(r"(?<!\S)=(?!\S)")


class Keyword(NamedTuple):
    """One line of a tree: its levels, as they are spelled, and other words for the last one."""

    levels: tuple[str, ...]
    synonyms: tuple[str, ...] = ()
    is_category: bool = False

    @property
    def path(self) -> str:
        """The levels as one word: ``animals > dog``."""
        return SEPARATOR.join(self.levels)


def is_tree(text: str) -> bool:
    """Say whether the text of a labels file begins with the line that makes paths of its labels."""
    return _HEADER.fullmatch(re.split(r"[\r\n]", text, maxsplit=1)[0].strip()) is not None


def keyword_of(line: str) -> Keyword:
    """Return what a line of a tree says. Raises ValueError where a level or a synonym is empty."""
    path, *more = (part.strip() for part in _SYNONYMS.split(line, maxsplit=1))
    levels = [level.strip() for level in _LEVELS.split(path)]
    is_category = levels[-1].startswith("[") and levels[-1].endswith("]")
    if is_category:
        levels[-1] = levels[-1][1:-1].strip()
    if not all(levels):
        raise ValueError("names an empty level; write `animals > dog`")
    synonyms = [word.strip() for text in more for word in text.split(",")]
    if not all(synonyms):
        raise ValueError("names an empty synonym; write `dog = puppy, hound`")
    return Keyword(tuple(levels), tuple(dict.fromkeys(synonyms)), is_category)


def keyword_named(label: str) -> Keyword:
    """Return the keyword of a label that is a path: whatever its levels hold, they are levels."""
    return Keyword(tuple(label.split(SEPARATOR)))


def line_of(keyword: Keyword) -> str:
    """Return the line that says a keyword. Raises ValueError where none can."""
    *above, leaf = keyword.levels
    path = SEPARATOR.join([*above, f"[{leaf}]" if keyword.is_category else leaf])
    line = f"{path} = {', '.join(keyword.synonyms)}" if keyword.synonyms else path
    if line.startswith("#"):
        raise ValueError("begins with `#`, as comments do")
    if keyword_of(line) != keyword:
        raise ValueError("holds ` > `, ` = `, a comma or brackets, which mean something there")
    return line


class LabelTree:
    """What labels are where they are paths: levels, other words, and a short name for each.

    ``synonyms`` of the labels of a tree; None where labels are words as they stand. ``spelling``:
    how labels are shown and written, where that is not as they are.
    """

    def __init__(
        self,
        synonyms: Mapping[str, tuple[str, ...]] | None = None,
        spelling: Mapping[str, str] | None = None,
    ) -> None:
        self._synonyms = synonyms
        self.spelling = dict(spelling or {})
        labels = list(synonyms or ())
        self._ends = Counter(end for label in labels for end in _ends(label))

    @property
    def is_flat(self) -> bool:
        """Whether labels are no paths."""
        return self._synonyms is None

    @property
    def frozen(self) -> dict[str, list[str]] | None:
        """The labels of the tree with their synonyms, as JSON; None where there is no tree."""
        if self._synonyms is None:
            return None
        return {label: list(words) for label, words in self._synonyms.items()}

    def levels(self, label: str) -> tuple[str, ...]:
        """Return the levels of a label, the label itself where there is no tree."""
        return (label,) if self._synonyms is None else tuple(label.split(SEPARATOR))

    def spelled(self, label: str) -> str:
        """Return a label as it is written into tables."""
        return self.spelling.get(label, label)

    def written(self, label: str) -> tuple[str, ...]:
        """Return the levels of a label as they are shown and written."""
        return self.levels(self.spelled(label))

    def synonyms(self, label: str) -> tuple[str, ...]:
        """Return the other words of a label."""
        return (self._synonyms or {}).get(label, ())

    def words(self, label: str) -> tuple[str, ...]:
        """Return what a photo of a label shows, in words: its last level, and its synonyms."""
        return (self.levels(label)[-1], *self.synonyms(label))

    def all_words(self, labels: Iterable[str]) -> set[str]:
        """Return labels, and all words that mean one of them."""
        return {word for label in labels for word in (label, *self.words(label))}

    def said(self, labels: Sequence[str]) -> list[str]:
        """Return what decides the vectors of labels beside the labels: words, as JSON."""
        pairs = ((label, self.words(label)) for label in labels)
        return [json.dumps([label, *words]) for label, words in pairs if words != (label,)]

    def shown(self, label: str) -> str:
        """Return the last level of a label, with those above it that tell it from others."""
        if self._synonyms is None:
            return self.spelled(label)
        shown = next((end for end in _ends(label) if self._ends[end] <= 1), label)
        return SEPARATOR.join(self.written(label)[-len(self.levels(shown)) :])

    def label_of(self, word: str) -> str:
        """Return the label that a word means: a path, the end of one alone, or a synonym."""
        if not self._synonyms or word in self._synonyms:
            return word
        return self._meant.get(word, word)

    @cached_property
    def _meant(self) -> dict[str, str]:
        """The one label of each word that means one."""
        labels_of: dict[str, set[str]] = {}
        for label in self._synonyms or ():
            for word in (*_ends(label), *self.synonyms(label)):
                labels_of.setdefault(word, set()).add(label)
        return {word: labels.pop() for word, labels in labels_of.items() if len(labels) == 1}


def _ends(label: str) -> list[str]:
    """Return the ends of a path, the shortest first."""
    levels = label.split(SEPARATOR)
    return [SEPARATOR.join(levels[start:]) for start in range(len(levels) - 1, -1, -1)]


class Branch:
    """A level of a tree: its keyword, None where it has no line, and the branches below it."""

    def __init__(self) -> None:
        self.keyword: Keyword | None = None
        self.below: dict[str, Branch] = {}

    def walk(self, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Branch]]:
        """Yield the branches below, each with its levels, a branch before those below it."""
        for level, branch in self.below.items():
            levels = (*above, level)
            yield levels, branch
            yield from branch.walk(levels)


def branches(keywords: Sequence[Keyword]) -> Branch:
    """Return keywords as a tree, in their order."""
    root = Branch()
    for keyword in keywords:
        branch = root
        for level in keyword.levels:
            branch = branch.below.setdefault(level, Branch())
        branch.keyword = keyword
    return root

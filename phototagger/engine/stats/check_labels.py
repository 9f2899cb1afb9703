"""What is wrong with a list of labels: in the file itself, by meaning, and on a library."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.core.labels import LabelLine
from phototagger.core.score import BLOCK, Cosines, over
from phototagger.core.synonyms import NearSynonyms, near_synonyms
from phototagger.engine.decisions.decided import by_persons, decided
from phototagger.engine.decisions.naming import before_the_tree, stale_lines
from phototagger.model.vectors import Float32
from phototagger.store.labels.holding import decisions
from phototagger.store.labels.names import GONE, names
from phototagger.store.vectors.keys import KeyIndex, Keys

if TYPE_CHECKING:
    from phototagger.engine.library.library import Library

ALWAYS = 0.9
"""A label over the threshold on so large a part of the photos tells none of them apart."""
SAME_PHOTOS = 0.5
"""From this part of common photos on (Jaccard index), near synonyms could be one label."""
FEWEST_SAME = 10
"""... and where they are over the threshold on at least so many photos together."""
BROAD = 0.2
"""A label over the threshold on so large a part of the photos is broad; it could be split ..."""
SELDOM_RIGHT = 0.2
"""... where a person approved less than this part of it, of at least ``FEWEST_DECIDED`` photos."""
FEWEST_DECIDED = 10

FEW_NEVER = 5
"""Labels over the threshold nowhere that are named at once; of more there is one line."""

_CELLS = 8_000_000  # cosines in memory at once, photos by labels


@dataclass(frozen=True)
class Finding:
    """One thing to look at: what kind it is, which labels (and lines) it is about, in words."""

    kind: str
    labels: tuple[str, ...]
    said: str
    lines: tuple[int, ...] = ()


def gathered(findings: Sequence[Finding], shown: Callable[[str], str]) -> list[Finding]:
    """Return findings with one in the place of many labels that are over the threshold nowhere.

    On a small library that is most of the labels, and hides what else was found.
    """
    never = [finding for finding in findings if finding.kind == "never"]
    if len(never) <= FEW_NEVER:
        return list(findings)
    labels = tuple(label for finding in never for label in finding.labels)
    named = ", ".join(map(shown, labels[:FEW_NEVER]))
    text = (
        f"{len(labels):,} labels are over the threshold nowhere: {named} and "
        f"{len(labels) - FEW_NEVER:,} more (--all names each, with how near it came)"
    )
    at = findings.index(never[0])
    others = [finding for finding in findings[at:] if finding.kind != "never"]
    return [*findings[:at], Finding("never", labels, text), *others]


def doubled(lines: Sequence[LabelLine]) -> Iterator[Finding]:
    """Yield the lines that repeat a label of an earlier line."""
    first: dict[str, int] = {}
    for line in lines:
        before = first.setdefault(line.label, line.number)
        if before != line.number:
            text = f"line {line.number}: {line.text!r} is {line.label!r}, as is line {before}"
            yield Finding("duplicate", (line.label,), text, (before, line.number))


def renamed(library: Library, lines: Sequence[LabelLine]) -> Iterator[Finding]:
    """Yield the lines whose words are no labels any more, as they were renamed or removed."""
    current_names = names(library.catalogue)
    for line, do in stale_lines(lines, current_names):
        label = current_names.label_of(line.label)
        text = f"line {line.number}: {line.label!r}: {do}"
        kind = "renamed" if label != GONE else "removed"
        yield Finding(kind, (line.label,), text, (line.number,))
    for text in before_the_tree(library.catalogue, library.model.tree):
        yield Finding("path", (), text)


def by_library(library: Library, keys: Keys) -> Iterator[Finding]:
    """Yield what vectors say: synonyms, and labels that fit these photos (with vectors) badly.

    Nothing is yielded where a label has no vector; where no photo has one, only synonyms are.
    """
    label_vectors = library.label_vectors()
    if label_vectors is None:
        return
    near = near_synonyms(label_vectors)
    fired = _fire(library, keys, label_vectors, near) if len(keys) else None
    yield from _synonyms(library, near, fired)
    if fired is not None:
        yield from _fitting(library, len(keys), fired)


@dataclass
class _Fired:
    """On how many photos labels [M] are over the threshold, and pairs of labels [P] together.

    ``best`` float32 [M] is each label's best score; ``right`` and ``wrong`` count what a person
    decided on photos where the label is over the threshold.
    """

    times: NDArray[np.int64]
    together: NDArray[np.int64]
    best: Float32
    right: NDArray[np.int64]
    wrong: NDArray[np.int64]


def _fire(
    library: Library, keys: Keys, label_vectors: Float32, near: Sequence[NearSynonyms]
) -> _Fired:
    images, count = library.images, len(label_vectors)
    assert images is not None
    table = decided(by_persons(decisions(library.catalogue)), library.labels)
    index, cosines_of = KeyIndex(table.keys), Cosines(label_vectors)
    times, right, wrong = (np.zeros(count, np.int64) for _ in range(3))
    together = np.zeros(len(near), np.int64)
    best = np.full(count, -1, np.float32)
    rows = max(1, min(BLOCK, _CELLS // count))
    for start in range(0, len(keys), rows):
        block = keys[start : start + rows]
        cosines = cosines_of(images.get(block))
        reached = over(cosines, library.settings.threshold)
        times += reached.sum(axis=0)
        best = np.maximum(best, cosines.max(axis=0))
        for number, pair in enumerate(near):
            together[number] += np.count_nonzero(reached[:, pair.first] & reached[:, pair.second])
        places = index.find(block)
        is_decided = places >= 0
        approved, known = (matrix[places[is_decided]] for matrix in (table.approved, table.known))
        right += (reached[is_decided] & approved).sum(axis=0)
        wrong += (reached[is_decided] & known & ~approved).sum(axis=0)
    return _Fired(times, together, best, right, wrong)


def _synonyms(
    library: Library, near: Sequence[NearSynonyms], fired: _Fired | None
) -> Iterator[Finding]:
    shown = library.model.tree.shown
    for number, (first, second, cosine) in enumerate(near):
        pair = library.labels[first], library.labels[second]
        text = f"{shown(pair[0])} and {shown(pair[1])} are near in meaning ({cosine:.2f})"
        if fired is not None:
            both = int(fired.together[number])
            any_ = int(fired.times[first] + fired.times[second]) - both
            if any_ >= FEWEST_SAME and both / any_ >= SAME_PHOTOS:
                text += f" and stand together on {both:,} of {any_:,} photos: one could go"
                yield Finding("merge", pair, text)
                continue
        yield Finding("synonyms", pair, text)


def _fitting(library: Library, photos: int, fired: _Fired) -> Iterator[Finding]:
    labels, threshold = library.labels, library.settings.threshold
    named = list(map(library.model.tree.shown, labels))
    reached = f"over the threshold {threshold:g} on"
    for number in np.flatnonzero(fired.times == 0).tolist():
        text = f"{named[number]} is {reached} none of {photos:,} photos"
        best = (
            math.floor(1000 * fired.best[number]) / 1000
        )  # below the threshold as it is read, too
        yield Finding("never", (labels[number],), f"{text} (best {best:.3f})")
    for number, times in enumerate(fired.times.tolist()):
        text = f"{named[number]} is {reached} {times:,} of {photos:,} photos"
        right, judged = int(fired.right[number]), int(fired.right[number] + fired.wrong[number])
        if times >= ALWAYS * photos:
            yield Finding("always", (labels[number],), text)
        if times >= BROAD * photos and judged >= FEWEST_DECIDED and right < SELDOM_RIGHT * judged:
            text += f", but right on {right:,} of {judged:,} decided ones: narrower labels may fit"
            yield Finding("split", (labels[number],), text)

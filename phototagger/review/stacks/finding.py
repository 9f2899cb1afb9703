"""Which photos were taken of one thing at one moment: bursts and near-duplicates, as stacks.

Photos of one folder belong together that follow each other within some seconds, and are alike: by
a cosine that is rare among random pairs of the same library, for what is alike differs between
models and between libraries.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Float32 = NDArray[np.float32]

NEVER = np.iinfo(np.int64).min
"""The moment of a photo that does not say when it was taken."""

ALONE = -1
"""The stack of a photo that is in none."""

RARE = 0.001
"""Of random pairs, the share that may be as alike as what stands in one stack."""

CLOSE, CLOSER = 1 / 5, 1 / 7
"""Of what photos of a library usually differ by, the part by which those of a stack may, at most.

Random pairs are mostly of different days, and say too little of photos that follow each other: of
1,120 scenes chained by likeness what is rare alone joined 109, with a fifth besides 7; of 6,400 in
random order 16, and none. ``CLOSER`` is for libraries of too few pairs to know what is rare: of
3,000 with 2 to 20 photos of one occasion and a burst, two scenes were joined in one at most, and 88
to 100 % of the pairs of bursts were found (vectors of ViT-B/32 and of the embedded model).
"""

SAME = 0.02
"""What photos differ by, at most, that are alike in any library, be it a single burst.

Of unlike scenes the closest two differed by 0.07 (ViT-B/32, 1,019 photos) and by 0.18 (embedded
model, 83).
"""

_PAIRS = 20_000  # random pairs that are looked at
_UNLIKE = 0.25  # of all pairs, the part that no burst is among, were it most of the library
_APART = 30  # times as long as members follow each other, from which on photos are no burst
_BLOCK = 2048  # photos whose vectors are in memory at once, or as many as follow each other
_SECOND = 1_000_000
_DIGITS = re.compile(r"(\d+)")
_NOTHING: Float32 = np.full(1, np.nan, np.float32)


class Photographed(NamedTuple):
    """N photos in the order of a listing: int32 [N] folders, int64 [N] moments, names.

    Moments are in microseconds, ``NEVER`` where a photo does not say.
    """

    folders: NDArray[np.int32]
    moments: Ints
    names: Sequence[str]


class Stacks(NamedTuple):
    """The stack of each of N photos, int32 [N], or ``ALONE``; stacks have at least two members.

    ``central`` float32 [N] is the cosine of each member with the mean of its stack: the largest is
    the medoid's, the least that of the member farthest from it.
    """

    numbers: NDArray[np.int32]
    central: Float32


def no_stacks(count: int) -> Stacks:
    """Return that each of so many photos is alone."""
    return Stacks(np.full(count, ALONE, np.int32), np.zeros(count, np.float32))


def moments_of(folders: NDArray[np.int32], clocks: Ints, zones: NDArray[np.float64]) -> Ints:
    """Return when photos were taken, in microseconds that can be compared within a folder.

    ``clocks`` int64 [N]: what the camera's clock said, ``NEVER`` where it is not known; ``zones``
    float64 [N]: how many minutes it was ahead of UTC, NaN where it is not known. A photo without
    a zone is taken to be of the commonest one in its folder.
    """
    shift = zones.copy()
    dated = clocks != NEVER
    for in_folder in _folders_with(dated & np.isnan(zones), folders):
        unsaid = np.isnan(zones[in_folder])
        values, counts = np.unique(zones[in_folder[~unsaid]], return_counts=True)
        shift[in_folder[unsaid]] = values[np.argmax(counts)] if len(values) else 0.0
    moments = clocks.copy()
    moments[dated] -= (shift[dated] * 60 * _SECOND).astype(np.int64)
    return moments


def _folders_with(asked: NDArray[np.bool_], folders: NDArray[np.int32]) -> Iterator[Ints]:
    """Yield the photos of each folder that has one of those asked for."""
    order = np.argsort(folders, kind="stable")
    begins = np.flatnonzero(np.diff(folders[order]))
    for in_folder in np.split(order, begins + 1):
        if asked[in_folder].any():
            yield in_folder


def alike_from(
    photos: Photographed, keys: NDArray[np.uint8], unit: Callable[[Ints], Float32], seconds: float
) -> float | None:
    """Return the cosine from which on photos are alike; None where there is nothing to compare.

    It is what a pair of random photos reaches at most once in ``1 / RARE`` times, where enough
    pairs tell; pairs that may be of one burst do not. And photos that are alike differ by at most
    ``CLOSE`` or ``CLOSER`` of what photos of the library usually differ by, or by ``SAME``.

    ``keys`` uint8 [N, 20] are the photos' contents, of which copies never count;
    ``unit(positions)`` their vectors of length one, NaN where a photo has none.
    """
    count = len(keys)
    if count < 2:  # noqa: PLR2004
        return None
    first, second = _random_pairs(count)
    differ = (keys[first] != keys[second]).any(axis=1)
    first, second = first[differ], second[differ]
    by_block = [
        (unit(first[at : at + _BLOCK]) * unit(second[at : at + _BLOCK])).sum(axis=1)
        for at in range(0, len(first), _BLOCK)
    ]
    cosines = np.concatenate([_NOTHING, *by_block])[1:]
    one_folder = photos.folders[first] == photos.folders[second]
    dated = (photos.moments[first] != NEVER) & (photos.moments[second] != NEVER)
    apart = np.abs(photos.moments[first].astype(np.float64) - photos.moments[second])
    soon = np.where(dated, apart <= _APART * seconds * _SECOND, second - first <= _APART)
    known = ~np.isnan(cosines)
    if not known.any():
        return None
    usual = 1 - float(np.quantile(cosines[known], _UNLIKE))
    telling = cosines[known & ~(one_folder & soon)]
    if len(telling) * RARE < 1:
        bound = 1 - CLOSER * usual
    else:
        rare = float(np.quantile(telling, 1 - RARE, method="higher"))
        bound = max(1 - CLOSE * usual, rare)
    return min(bound, 1 - SAME)


def _random_pairs(count: int) -> tuple[Ints, Ints]:
    """Return pairs of different photos, the same for the same count: all, where these are few."""
    if count * (count - 1) // 2 <= _PAIRS:
        first, second = np.triu_indices(count, 1)
        return first.astype(np.int64), second.astype(np.int64)
    random = np.random.default_rng(count)
    first, second = random.integers(0, count, (2, _PAIRS))
    differ = first != second
    first, second = first[differ], second[differ]
    return np.minimum(first, second), np.maximum(first, second)


def find_stacks(
    photos: Photographed,
    unit: Callable[[Ints], Float32],
    bound: float | None,
    seconds: float,
    said: Mapping[int, int],
) -> Stacks:
    """Return the stacks of photos; none reaches over two folders.

    ``bound`` is the cosine from which on photos are alike, None where that is not known. ``said``
    tells by position what a person said: 0, a photo stands alone; another number, it stands with
    the others of this number, whatever they show.
    """
    stacks = no_stacks(len(photos.folders))
    free = np.ones(len(photos.folders), np.bool_)
    free[list(said)] = False
    members_of: dict[tuple[int, int], list[int]] = {}
    for position, number in sorted(said.items()):
        if number:
            members_of.setdefault((number, int(photos.folders[position])), []).append(position)
    groups = [np.array(members, np.int64) for members in members_of.values()]
    for members in groups:
        _measure(stacks, members, unit(members))
    if bound is not None:
        groups += _alike(stacks, *_in_order(photos, free, seconds), unit, bound)
    groups = [members for members in groups if len(members) > 1]
    groups.sort(key=lambda members: int(members.min()))
    for number, members in enumerate(groups):
        stacks.numbers[members] = number
    return stacks


def _alike(
    stacks: Stacks,
    order: Ints,
    follows: NDArray[np.bool_],
    unit: Callable[[Ints], Float32],
    bound: float,
) -> list[Ints]:
    """Return the groups of photos that follow each other and are alike; measure them."""
    groups = []
    for run in _runs(order, follows):
        vectors = unit(run.positions)
        near = run.follows & ((vectors[1:] * vectors[:-1]).sum(axis=1) >= bound)
        for start, end in _stretches(near):
            for first, last in _without_drift(vectors[start:end], bound):
                members = run.positions[start + first : start + last]
                _measure(stacks, members, vectors[start + first : start + last])
                groups.append(np.sort(members))
    return groups


def _without_drift(vectors: Float32, bound: float) -> Iterator[tuple[int, int]]:
    """Yield the parts of a stretch of neighbours in which all are alike to the part's mean."""
    mean = vectors.mean(axis=0)
    if (vectors @ (mean / np.linalg.norm(mean)) >= bound).all():
        yield 0, len(vectors)
        return
    start, total = 0, vectors[0].astype(np.float64)
    for at in range(1, len(vectors)):
        if vectors[at] @ (total / np.linalg.norm(total)) < bound:
            yield start, at
            start, total = at, np.zeros(len(total))
        total += vectors[at]
    yield start, len(vectors)


def _measure(stacks: Stacks, members: Ints, vectors: Float32) -> None:
    known = ~np.isnan(vectors).any(axis=1)
    total = vectors[known].sum(axis=0)
    length = float(np.linalg.norm(total)) if known.any() else 0.0
    cosines = np.full(len(members), -1, np.float32)
    if length:
        cosines[known] = vectors[known] @ (total / length)
    stacks.central[members] = cosines


class _Run(NamedTuple):
    """Photos one after the other, and whether each but the first follows the one before it."""

    positions: Ints
    follows: NDArray[np.bool_]


def _runs(order: Ints, follows: NDArray[np.bool_]) -> Iterator[_Run]:
    """Yield the photos that follow one another, in blocks that break no such sequence."""
    linked = np.zeros(len(order), np.bool_)
    linked[1:] |= follows
    linked[:-1] |= follows
    begins = np.ones(len(order), np.bool_)
    begins[1:] = ~follows
    order, begins = order[linked], begins[linked]
    starts = np.flatnonzero(begins)
    at = 0
    while at < len(order):
        ends = starts[starts >= min(at + _BLOCK, len(order))]
        end = int(ends[0]) if len(ends) else len(order)
        yield _Run(order[at:end], ~begins[at + 1 : end])
        at = end


def _stretches(near: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return from where to where (beyond it) neighbours are near, each at least two."""
    edges = np.diff(np.concatenate([[False], near, [False]]).astype(np.int8))
    firsts, lasts = np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)
    return [(first, last + 1) for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)]


def _in_order(
    photos: Photographed, free: NDArray[np.bool_], seconds: float
) -> tuple[Ints, NDArray[np.bool_]]:
    """Return the free photos as they were taken, and whether each follows the one before it.

    By their moments; those that have none by name, where no other photo stands between.
    """
    moments, ranks = photos.moments.copy(), np.zeros(len(free), np.int64)
    for photos_here in _folders_with(free & (moments == NEVER), photos.folders):
        in_folder = photos_here[free[photos_here]]
        names = [photos.names[position] for position in in_folder.tolist()]
        _take_moments(moments, in_folder, names)
        by_name = sorted(range(len(in_folder)), key=lambda place: (_natural(names[place]), place))
        ranks[in_folder[by_name]] = np.arange(len(in_folder))
    dated = moments != NEVER
    keys = (np.arange(len(free)), np.where(dated, 0, ranks), moments, ~dated, photos.folders)
    order = np.lexsort(keys)
    order = order[free[order]]
    before, after = order[:-1], order[1:]
    soon = moments[after].astype(np.float64) - moments[before] <= seconds * _SECOND
    beside = ranks[after] - ranks[before] == 1
    follows = (photos.folders[before] == photos.folders[after]) & (dated[before] == dated[after])
    return order, follows & np.where(dated[after], soon, beside)


def _take_moments(moments: Ints, positions: Ints, names: list[str]) -> None:
    """Give a photo without a moment that of the one with its name in another format."""
    stems = [name.rpartition(".")[0].casefold() for name in names]
    known = {
        stem: moments[place]
        for stem, place in zip(stems, positions.tolist(), strict=True)
        if moments[place] != NEVER
    }
    for stem, position in zip(stems, positions.tolist(), strict=True):
        if moments[position] == NEVER and stem in known:
            moments[position] = known[stem]


def _natural(name: str) -> list[tuple[int, str]]:
    """Return what names are sorted by: numbers in them by what they count."""
    parts = _DIGITS.split(name.casefold())
    return [(int(part), "") if at % 2 else (0, part) for at, part in enumerate(parts)]

"""What an act says: as edits, as columns of many, and as the catalogue keeps it, photo by photo."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.batches import batches
from phototagger.store.vectors.keys import KEY_BYTES, Keys, as_bytes

WHOLE_PHOTO = ""
"""The label of a verdict on the photo as a whole: seen and done with, whatever its labels."""

AT_ONCE = 4096
"""Edits, or photos of many edits, that are held as rows at once."""

_FORGOTTEN = -1
_SAID = {None: "null", False: "false", True: "true"}
_as_json = json.JSONEncoder(ensure_ascii=False).encode


class Who(StrEnum):
    """Who decided."""

    PERSON = "person"
    AUTO = "auto"


class Edit(NamedTuple):
    """A label of a photo to approve (True), reject (False) or forget (None).

    ``score`` is the cosine the label had for that photo when it was decided, where it is known.
    ``said_by`` is the act that said first, of another label, what is repeated of this one.
    """

    sha1: bytes
    label: str
    approved: bool | None
    score: float | None = None
    said_by: int | None = None


class Verdict(NamedTuple):
    """What is said of a label of a photo; ``score`` as an ``Edit`` has it."""

    label: str
    approved: bool | None
    score: float | None = None


class Said(NamedTuple):
    """What some edits say of photos, as the catalogue keeps it: (content, JSON) of each.

    The JSON is {label: [approved, score, said_by]}, without the nulls at the end of a list.
    """

    photos: list[tuple[bytes, str]]
    edits: int


NOTHING = Said([], 0)


def said_by_photo(edits: Iterable[Edit]) -> Iterator[Said]:
    """Yield what edits say, so many at once; of a label the last one counts."""
    if isinstance(edits, Edits):
        yield from edits.by_photo()
        return
    for batch in batches(edits, AT_ONCE):
        by_photo: dict[bytes, dict[str, str]] = {}
        for sha1, label, approved, score, said_by in batch:
            by_photo.setdefault(sha1, {})[label] = _text(approved, score, said_by)
        photos = [
            (sha1, _joined(f"{beginning(label)}{said}" for label, said in labels.items()))
            for sha1, labels in by_photo.items()
        ]
        yield Said(photos, len(batch))


def beginning(label: str) -> str:
    """Return how what is said of a label begins in the JSON of a photo.

    That may also stand there where another label ends the same way.
    """
    return f"{_as_json(label)}:["


def _text(approved: bool | None, score: float | None, said_by: int | None) -> str:  # noqa: FBT001
    known = f",{float(score)!r}" if score is not None and isfinite(score) else ""
    by = f"{'' if known else ',null'},{said_by}" if said_by is not None else ""
    return f"{_SAID[approved]}{known}{by}]"


def _joined(verdicts: Iterable[str]) -> str:
    return f"{{{','.join(verdicts)}}}"


class Edits(Collection[Edit]):
    """Edits by columns: a tenth of the memory of as many objects.

    They come in the order of the first 8 bytes of their photos' contents, in which the catalogue
    writes them fastest. Of a photo each label is said once.
    """

    def __init__(self) -> None:
        self._keys = bytearray()
        self._ends = array("q")  # of each photo's verdicts
        self._numbers: dict[str, int] = {}
        self._labels = array("i")
        self._approved = array("b")
        self._scores = array("f")  # not a number where none is known

    @property
    def labels(self) -> set[str]:
        """All labels that anything is said of."""
        return set(self._numbers)

    def add(self, sha1: bytes, verdicts: Iterable[Verdict]) -> None:
        """Put in what is said of one more photo, if anything is."""
        for label, approved, score in verdicts:
            self._labels.append(self._number(label))
            self._approved.append(_FORGOTTEN if approved is None else approved)
            self._scores.append(np.nan if score is None else score)
        if len(self._labels) > (self._ends[-1] if self._ends else 0):
            self._keys += sha1
            self._ends.append(len(self._labels))

    def approve(
        self,
        keys: Keys,
        labels: Sequence[str],
        chosen: NDArray[np.bool_],
        scores: NDArray[np.float32],
    ) -> None:
        """Approve photos as a whole, and of each the labels that are ``chosen`` [N, M].

        ``scores`` are float32 [N, M].
        """
        rows, columns = chosen.nonzero()
        counts = np.bincount(rows, minlength=len(keys)) + 1
        ends = counts.cumsum()
        is_label = np.ones(len(rows) + len(keys), np.bool_)
        is_label[ends - counts] = False  # each photo begins with itself as a whole
        numbers = np.full(len(is_label), self._number(WHOLE_PHOTO), np.int32)
        numbers[is_label] = np.array([self._number(label) for label in labels])[columns]
        known = np.full(len(is_label), np.nan, np.float32)
        known[is_label] = scores[rows, columns]
        self._ends.frombytes((ends + len(self._labels)).astype(np.int64).tobytes())
        self._labels.frombytes(numbers.tobytes())
        self._approved.frombytes(np.ones(len(is_label), np.int8).tobytes())
        self._scores.frombytes(known.tobytes())
        self._keys += keys.tobytes()

    def _number(self, label: str) -> int:
        return self._numbers.setdefault(label, len(self._numbers))

    def __len__(self) -> int:
        return len(self._labels)

    def __iter__(self) -> Iterator[Edit]:
        labels = list(self._numbers)
        for at in self._order().tolist():
            sha1, verdicts = self._of(at)
            for number, yes, score in zip(*verdicts, strict=True):
                approved = None if yes == _FORGOTTEN else bool(yes)
                known = score if isfinite(score) else None
                yield Edit(sha1, labels[number], approved, known)

    def __contains__(self, edit: object) -> bool:
        return any(edit == own for own in self)

    def by_photo(self) -> Iterator[Said]:
        """Yield what they say of each photo, so many photos at once."""
        begins = [beginning(label) + said for label in self._numbers for said in _SAID.values()]
        kinds = np.array(self._labels) * len(_SAID) + np.array(self._approved) + 1
        ends, scores = np.array(self._ends), np.array(self._scores)
        counts = np.diff(ends, prepend=0)
        keys, order = self._contents(), self._order()
        for start in range(0, len(order), AT_ONCE):
            photos = order[start : start + AT_ONCE]
            until = counts[photos].cumsum()
            rows = np.arange(until[-1]) + np.repeat(ends[photos] - until, counts[photos])
            verdicts = [
                f"{begins[kind]},{score!r}]" if isfinite(score) else f"{begins[kind]}]"
                for kind, score in zip(kinds[rows].tolist(), scores[rows].tolist(), strict=True)
            ]
            own = zip([0, *until.tolist()], until.tolist(), strict=False)
            texts = [_joined(verdicts[first:last]) for first, last in own]
            yield Said(list(zip(as_bytes(keys[photos]), texts, strict=True)), len(rows))

    def _order(self) -> NDArray[np.int64]:
        heads = self._contents()[:, :8]
        return np.argsort(np.ascontiguousarray(heads).view(">u8").reshape(-1), kind="stable")

    def _contents(self) -> Keys:
        return np.frombuffer(bytes(self._keys), np.uint8).reshape(-1, KEY_BYTES)

    def _of(self, at: int) -> tuple[bytes, tuple[array[int], array[int], array[float]]]:
        """Return a photo's content, and its verdicts by columns."""
        own = slice(self._ends[at - 1] if at else 0, self._ends[at])
        sha1 = bytes(self._keys[KEY_BYTES * at : KEY_BYTES * (at + 1)])
        return sha1, (self._labels[own], self._approved[own], self._scores[own])

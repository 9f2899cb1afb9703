"""Many edits in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phototagger.store.labels.history import Edit
from phototagger.store.vectors.keys import KEY_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FORGOTTEN = -1


class Verdict(NamedTuple):
    """What is said of a label of a photo; ``score`` as an ``Edit`` has it."""

    label: str
    approved: bool | None
    score: float | None = None


class Edits(Collection[Edit]):
    """Edits by columns: a tenth of the memory of as many objects.

    They come in the order of their photos' contents, in which the catalogue writes them fastest.
    """

    def __init__(self) -> None:
        self._keys = bytearray()
        self._ends = array("q")  # of each photo's verdicts
        self._numbers: dict[str, int] = {}
        self._labels = array("i")
        self._approved = array("b")
        self._scores = array("f")  # not a number where none is known

    def add(self, sha1: bytes, verdicts: Iterable[Verdict]) -> None:
        """Put in what is said of one more photo."""
        for label, approved, score in verdicts:
            self._labels.append(self._numbers.setdefault(label, len(self._numbers)))
            self._approved.append(_FORGOTTEN if approved is None else approved)
            self._scores.append(np.nan if score is None else score)
        self._keys += sha1
        self._ends.append(len(self._labels))

    def __len__(self) -> int:
        return len(self._labels)

    def __iter__(self) -> Iterator[Edit]:
        labels = list(self._numbers)
        keys = np.frombuffer(bytes(self._keys), f"S{KEY_BYTES}")
        for at in np.argsort(keys, kind="stable").tolist():
            sha1 = bytes(self._keys[KEY_BYTES * at : KEY_BYTES * (at + 1)])
            for row in range(self._ends[at - 1] if at else 0, self._ends[at]):
                score = self._scores[row]
                known = None if score != score else score  # noqa: PLR0124  (not a number)
                yes = self._approved[row]
                approved = None if yes == _FORGOTTEN else bool(yes)
                yield Edit(sha1, labels[self._labels[row]], approved, known)

    def __contains__(self, edit: object) -> bool:
        return any(edit == own for own in self)

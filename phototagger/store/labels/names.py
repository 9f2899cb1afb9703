"""What labels are called: each was renamed, merged, removed or given a synonym by one act.

An act that is undone named nothing. What was decided is said again under the new name by the same
act (see ``history``); what else names labels is read by the names that were given since.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.kinds import NAMINGS
from phototagger.store.catalogue.rows import insert

GONE = ""
"""What a label is called that was removed."""


class Kind(StrEnum):
    """How a label comes to another name, or to none."""

    RENAME, MERGE, REMOVE, SYNONYM, ADD = NAMINGS


class Naming(NamedTuple):
    """A label is called ``becomes``: ``GONE`` where it is removed, itself where it is added."""

    kind: Kind
    label: str
    becomes: str

    def after(self, label: str) -> str:
        """Return what a label is called after this; ``GONE`` if it is removed."""
        return self.becomes if label == self.label else label

    def before(self, label: str) -> str:
        """Return what a label is called once this is taken back.

        Of a merge or a removal nothing tells which label was meant: it stays as it is.
        """
        return self.label if self.kind is Kind.RENAME and label == self.becomes else label


class Names:
    """What words mean after labels were named, each time by an act: (act, naming) in their order.

    A word that is a label's name means that label; another word, such as one that the labels file
    still holds, means what the label is called that had this name last.
    """

    def __init__(self, given: Sequence[tuple[int, Naming]] = ()) -> None:
        self._given = given
        self._means: dict[str, str] = {}
        self._synonyms: dict[str, str] = {}
        for _, naming in given:
            for known in (self._means, self._synonyms):
                known |= {
                    word: naming.becomes
                    for word, meaning in known.items()
                    if meaning == naming.label
                }
            self._means |= {naming.label: naming.becomes, naming.becomes: naming.becomes}
            for word in (naming.label, naming.becomes):
                self._synonyms.pop(word, None)
            if naming.kind is Kind.SYNONYM:
                self._synonyms[naming.label] = naming.becomes

    def __bool__(self) -> bool:
        return bool(self._given)

    def with_one(self, naming: Naming) -> Names:
        """Return the names after one more naming."""
        last = self._given[-1][0] if self._given else 0
        return Names([*self._given, (last + 1, naming)])

    def label_of(self, word: str) -> str:
        """Return the label that a word means; ``GONE`` where that was removed."""
        return self._means.get(word, word)

    def labels_of(self, words: Iterable[str]) -> list[str]:
        """Return the labels that words mean, each once, without those that were removed."""
        return [label for label in dict.fromkeys(map(self.label_of, words)) if label != GONE]

    def since(self, act: int, label: str) -> str:
        """Return what a label is called that had this name up to an act; ``GONE`` if removed."""
        for number, naming in self._given:
            if number > act:
                label = naming.after(label)
        return label

    def others(self, part: str) -> list[str]:
        """Return the labels of which another word, such as an old name, holds some letters."""
        means = self._means.items()
        return sorted(
            {meaning for word, meaning in means if meaning not in (GONE, word) and part in word}
        )

    def synonyms_of(self, label: str) -> list[str]:
        """Return the words that were made synonyms of a label, in alphabetical order."""
        return sorted(word for word, meaning in self._synonyms.items() if meaning == label)


def names(catalogue: Catalogue) -> Names:
    """Return what labels are called."""
    rows = catalogue.connection.execute(
        "SELECT n.act, n.kind, n.label, n.becomes FROM naming n JOIN act a ON a.id = n.act "
        "WHERE a.state = 0 ORDER BY n.act"
    ).fetchall()
    return Names([(act, Naming(Kind(kind), *words)) for act, kind, *words in rows])


def name(db: sqlite3.Connection, act: int, naming: Naming) -> None:
    """Record the naming of an act, in its transaction."""
    insert(db, "naming", ("act", *Naming._fields), [(act, *naming)])


def naming_of(db: sqlite3.Connection, act: int) -> Naming | None:
    """Return what an act named, done or not; None where it named nothing."""
    row = db.execute("SELECT kind, label, becomes FROM naming WHERE act = ?", (act,)).fetchone()
    return Naming(Kind(row[0]), *row[1:]) if row else None

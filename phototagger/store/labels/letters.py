"""The letters by which labels are checked in the review, each the letter of one label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.store.catalogue.rows import delete, put

if TYPE_CHECKING:
    from phototagger.store.catalogue.database import Catalogue


def letters(catalogue: Catalogue) -> dict[str, str]:
    """Return the letter of each label that has one."""
    rows = catalogue.connection.execute("SELECT label, letter FROM letter ORDER BY label")
    return dict(rows.fetchall())


def keep_letter(catalogue: Catalogue, label: str, letter: str) -> None:
    """Give a label a letter, on disk when this returns; whoever had it has none any more."""
    with catalogue.transaction() as db:
        delete(db, "letter", "letter = ?", (letter,))
        put(db, "letter", ("label", "letter"), [(label, letter)])


def rename_letter(catalogue: Catalogue, before: str, after: str) -> None:
    """Let a label that was renamed keep its letter, unless its new name has one already."""
    kept = letters(catalogue)
    with catalogue.transaction():
        free_letter(catalogue, before)
        if before in kept and after not in kept:
            keep_letter(catalogue, after, kept[before])


def free_letter(catalogue: Catalogue, label: str) -> None:
    """Take a label's letter away, such as when the label is removed."""
    with catalogue.transaction() as db:
        delete(db, "letter", "label = ?", (label,))

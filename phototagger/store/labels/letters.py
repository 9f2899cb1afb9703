"""The letters by which labels are checked in the review, each the letter of one label."""

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import delete, put
from phototagger.store.labels.names import GONE, names


def letters(catalogue: Catalogue) -> dict[str, str]:
    """Return the letter of each label that has one: also of one that was renamed since.

    A label keeps its own letter where another one was merged into it; a removed one has none.
    """
    rows = catalogue.connection.execute("SELECT label, letter FROM letter ORDER BY label")
    own = dict(rows.fetchall())
    current_names = names(catalogue)
    renamed = {current_names.label_of(label): letter for label, letter in own.items()}
    kept = {
        label: letter for label, letter in own.items() if current_names.label_of(label) == label
    }
    by_label = renamed | kept
    by_label.pop(GONE, None)
    return by_label


def keep_letter(catalogue: Catalogue, label: str, letter: str) -> None:
    """Give a label a letter, on disk when this returns; whoever had it has none any more."""
    with catalogue.transaction() as db:
        delete(db, "letter", "letter = ?", (letter,))
        put(db, "letter", ("label", "letter"), [(label, letter)])

"""Labels that a person added in the review: they live in the catalogue, after the file's."""

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import insert, next_id
from phototagger.store.labels.names import names


def add_word(catalogue: Catalogue, label: str) -> None:
    """Keep a label, on disk when this returns; one that is kept already stays where it is."""
    with catalogue.transaction() as db:
        if label not in words(catalogue):
            insert(db, "word", ("id", "label"), [(next_id(db, "word"), label)])


def with_words(catalogue: Catalogue, labels: list[str]) -> list[str]:
    """Return the labels that a file's words mean, followed by the added ones.

    A word of a label that was renamed or merged means what the label is called; that of a
    removed one means none.
    """
    return names(catalogue).labels_of([*labels, *words(catalogue)])


def words(catalogue: Catalogue) -> list[str]:
    """Return the labels as they were added, the oldest first."""
    rows = catalogue.connection.execute("SELECT label FROM word ORDER BY id").fetchall()
    return [label for (label,) in rows]

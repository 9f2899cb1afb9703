"""Up to which decisions the tables of a run were written."""

from typing import NamedTuple

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import put


class Moment(NamedTuple):
    """A state of all decisions: the last act, and how many are undone."""

    last_act: int
    undone: int


def moment(catalogue: Catalogue) -> Moment:
    """Return the present state of all decisions."""
    row = catalogue.connection.execute("SELECT max(id), sum(state != 0) FROM act").fetchone()
    return Moment(row[0] or 0, row[1] or 0)


def note_exported(catalogue: Catalogue, run: str, up_to: Moment) -> None:
    """Note that a run's tables hold the decisions up to a moment."""
    with catalogue.transaction() as db:
        put(db, "exported", ("run", *Moment._fields), [(run.encode(), *up_to)])


def exported(catalogue: Catalogue, run: str) -> Moment | None:
    """Return the decisions up to which a run's tables were written; None where they never were."""
    row = catalogue.connection.execute(
        "SELECT last_act, undone FROM exported WHERE run = ?", (run.encode(),)
    ).fetchone()
    return Moment(*row) if row else None

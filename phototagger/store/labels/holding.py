"""What holds: of each label of a photo the last that an act says which is done.

Verdicts are kept under the first of the contents that are one photo, and hold for all of them: see
``editions``.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from phototagger.batches import batches
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.moments import moment
from phototagger.store.labels.edits import AT_ONCE, Who, beginning
from phototagger.store.photos.editions import by_first, editions

_Said = tuple[bytes, int, int, str]  # a photo, an act and a place in it, labels as JSON
_By = tuple[Who, datetime, str, int | None, str]


class Decision(NamedTuple):
    """A decision that holds; ``certificate`` is the number of the one that allowed it.

    ``source`` is "stack" where its photo was decided with others of its stack.
    """

    sha1: bytes
    label: str
    approved: bool
    score: float | None
    who: Who
    when: datetime
    model: str
    certificate: int | None = None
    source: str = ""


class Held(NamedTuple):
    """What holds of a label of a photo: as it was said at a ``place`` of an ``act``.

    ``said_by`` is the act by which it counts: a label that got another name has it from before.
    """

    approved: bool
    score: float | None
    said_by: int
    act: int
    place: int


_SAID = (
    "SELECT v.sha1, v.act, v.place, v.labels FROM verdict v CROSS JOIN act a ON a.id = v.act "
    "WHERE a.state = 0 AND {} ORDER BY v.sha1, v.act, v.place"
)


def holding(
    catalogue: Catalogue,
    photos: Iterable[bytes] | None = None,
    labels: Collection[str] | None = None,
) -> Iterator[tuple[bytes, dict[str, Held]]]:
    """Yield what holds of the labels of each photo, by its first content, in their order.

    Of some photos, given by their first contents, or of all; of some ``labels``, a few at a tenth
    of the time, or of all. A photo of which nothing holds is left out. ``WHOLE_PHOTO`` says that
    the photo was decided, whatever its labels.
    """
    said = _said(catalogue, photos)
    if labels is not None:
        beginnings = list(map(beginning, labels))
        said = (row for row in said if any(begin in row[3] for begin in beginnings))
    for sha1, rows in groupby(said, key=itemgetter(0)):
        held: dict[str, Held] = {}
        for _, act, place, text in rows:
            for label, (approved, *more) in json.loads(text).items():
                held.pop(label, None)  # what is said again stands in its new place
                if approved is not None and (labels is None or label in labels):
                    score, said_by = (*more, None, None)[:2]
                    held[label] = Held(approved, score, said_by or act, act, place)
        if held:
            yield sha1, held


def _said(catalogue: Catalogue, photos: Iterable[bytes] | None) -> Iterator[_Said]:
    """Yield what acts that are done say of photos: of each photo its rows, the last one last."""
    if photos is not None:
        yield from catalogue.rows_of(_SAID.format("v.sha1 IN ({})"), list(photos))
        return
    # By one statement, so all is of one moment. Who stops half-way holds up checkpoints meanwhile.
    yield from catalogue.connection.execute(_SAID.format("true"))


def spoken_of(catalogue: Catalogue) -> set[bytes]:
    """Return every photo that an act which is done says anything of, by its first content."""
    query = "SELECT DISTINCT v.sha1 FROM verdict v CROSS JOIN act a ON a.id = v.act WHERE state = 0"
    return {sha1 for (sha1,) in catalogue.connection.execute(query)}


def labels_spoken_of(catalogue: Catalogue) -> set[str]:
    """Return every label that an act says anything of, done or undone; ``WHOLE_PHOTO`` as well."""
    labels = set[str]()
    for rows in batches(catalogue.connection.execute("SELECT labels FROM verdict"), AT_ONCE):
        labels.update(*json.loads(f"[{','.join(text for (text,) in rows)}]"))
    return labels


def decisions(catalogue: Catalogue, photos: Iterable[bytes] | None = None) -> Iterator[Decision]:
    """Yield the decisions that hold, in the order they were made; of some contents, or of all.

    One on a photo of which files hold several editions is yielded for each of them.

    A decision on ``WHOLE_PHOTO`` says that the photo was decided, whatever its labels.
    """
    contents = editions(catalogue) if photos is None else by_first(catalogue, photos)
    found = [
        (held.act, held.place, sha1, label, held)
        for sha1, labels in holding(catalogue, None if photos is None else contents)
        for label, held in labels.items()
    ]
    found.sort(key=itemgetter(0, 1))
    acts = _acts(catalogue, {held.said_by for *_, held in found} | {act for act, *_ in found})
    for act, _, first, label, held in found:
        said_by = acts.get(held.said_by) or acts[act]
        for sha1 in contents.get(first, (first,)):
            yield Decision(sha1, label, held.approved, held.score, *said_by)


def _acts(catalogue: Catalogue, numbers: Iterable[int]) -> dict[int, _By]:
    """Return by whom acts were done, when, with which model and so on."""
    query = (
        "SELECT a.id, a.who, a.at, a.model, c.id, coalesce(a.source, '') FROM act a "
        "LEFT JOIN certificate c ON c.act = a.id WHERE a.id IN ({})"
    )
    return {
        number: (Who(who), moment(at), *more)
        for number, who, at, *more in catalogue.rows_of(query, list(numbers))
    }


def acts_by(catalogue: Catalogue, who: Who) -> set[int]:
    """Return the numbers of all acts of somebody."""
    rows = catalogue.connection.execute("SELECT id FROM act WHERE who = ?", (who,))
    return {number for (number,) in rows}


def labels_decided(catalogue: Catalogue, photos: Iterable[bytes]) -> dict[bytes, set[str]]:
    """Return the labels of which anything was ever said, of each photo, also what was taken back.

    A photo of which nothing was said is not there.
    """
    decided: dict[bytes, set[str]] = {}
    contents = by_first(catalogue, photos)
    query = "SELECT sha1, labels FROM verdict WHERE sha1 IN ({})"
    for first, labels in catalogue.rows_of(query, list(contents)):
        for sha1 in contents[first]:
            decided.setdefault(sha1, set()).update(json.loads(labels))
    return decided

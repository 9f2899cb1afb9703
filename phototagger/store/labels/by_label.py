"""What persons decided, by label: how often, and of one label on which photos."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.edits import Who
from phototagger.store.labels.holding import acts_by, holding
from phototagger.store.photos.editions import by_first, editions, in_use


class LabelCounts(NamedTuple):
    """On how many photos a label was approved, and on how many rejected."""

    approved: int = 0
    rejected: int = 0


def label_counts(catalogue: Catalogue, contents: Iterable[bytes]) -> dict[str, LabelCounts]:
    """Return how the labels of photos, given by their contents, were decided, by label."""
    approved, all_of = Counter[str](), Counter[str]()
    for _, labels in _by_persons(catalogue, by_first(catalogue, contents)):
        all_of.update(labels.keys())
        approved.update(label for label, yes in labels.items() if yes)
    return {
        label: LabelCounts(approved[label], all_of[label] - approved[label]) for label in all_of
    }


def decided_of(catalogue: Catalogue, label: str) -> dict[bytes, bool]:
    """Return the contents on which a label was decided, each with whether it was approved."""
    all_editions = editions(catalogue)
    return {
        edition: labels[label]
        for sha1, labels in _by_persons(catalogue, labels=[label])
        for edition in all_editions.get(sha1, (sha1,))
    }


def teachers(
    catalogue: Catalogue, most: int, each: int, labels: Iterable[str]
) -> list[bytes] | None:
    """Return which photos' decisions are enough where persons decided more than ``most`` photos.

    They are ``most`` photos, and of each of the ``labels`` ``each`` that it was approved on, in the
    order of their contents, which says nothing of them and stays the same. None: all are needed.
    """
    chosen, approved, lacking, photos = list[bytes](), Counter[str](), set(labels), 0
    for photos, (sha1, decided) in enumerate(_by_persons(catalogue)):
        if photos >= most and not lacking:
            break
        due = [label for label, yes in decided.items() if yes and label in lacking]
        if photos < most or due:
            chosen.append(sha1)
        approved.update(due)
        lacking.difference_update(label for label in due if approved[label] >= each)
    return in_use(catalogue, chosen) if photos >= most else None


def approved_on(catalogue: Catalogue, labels: Iterable[str]) -> dict[str, list[bytes]]:
    """Return the contents on which labels are approved, by whomever, by label."""
    all_editions = editions(catalogue)
    by_label: dict[str, list[bytes]] = {label: [] for label in labels}
    for sha1, held in holding(catalogue, labels=by_label):
        for label, verdict in held.items():
            if verdict.approved:
                by_label[label] += all_editions.get(sha1, (sha1,))
    return {label: contents for label, contents in by_label.items() if contents}


def _by_persons(
    catalogue: Catalogue,
    firsts: Iterable[bytes] | None = None,
    labels: Collection[str] | None = None,
) -> Iterator[tuple[bytes, dict[str, bool]]]:
    """Yield photos of which persons decided labels, and whether they approved each of these."""
    by_auto = acts_by(catalogue, Who.AUTO)
    for sha1, held in holding(catalogue, firsts, labels):
        decided = {
            label: verdict.approved
            for label, verdict in held.items()
            if verdict.said_by not in by_auto
        }
        if decided:
            yield sha1, decided

"""What was suggested and decided in a library, by label and by folder, and how good it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.engine.certificates.sample import photos_here
from phototagger.engine.certificates.standing import Basis, Standing, standings
from phototagger.engine.decisions.decided import Bools, Decided, decided, that_teach
from phototagger.engine.decisions.learned import teaching
from phototagger.engine.events import Event, Notice, StepProgress, StepStarted
from phototagger.engine.stats.histogram import Histogram
from phototagger.engine.stats.tally import Tally, tally
from phototagger.engine.stats.validate import (
    FOLDS,
    Judged,
    Quality,
    cross_validate,
    judge_plain,
)
from phototagger.printable import counted
from phototagger.store.labels.edits import WHOLE_PHOTO, Who
from phototagger.store.labels.holding import Decision, decisions
from phototagger.store.vectors.keys import KeyIndex, as_bytes
from phototagger.suggest import LabelState

if TYPE_CHECKING:
    from phototagger.engine.library.library import Library
    from phototagger.engine.library.photos import Photos


@dataclass
class LabelStats:
    """One label: photos by what was suggested and decided; None where vectors are missing.

    ``undecided`` are the photos it is suggested for and not decided on; ``learned`` says whether
    enough approvals taught it; ``plain`` and ``heads`` what suggestions are worth.
    """

    label: str
    approved: int
    rejected: int
    suggested: int | None
    undecided: int | None
    learned: bool
    plain: Quality | None = None
    heads: Quality | None = None


@dataclass(frozen=True)
class FolderStats:
    """One folder's own photos; ``approved`` counts labels.

    ``decided`` are those decided as a whole, or by auto; ``partly`` those of the others of which
    some labels were decided, each alone.
    """

    folder: str
    photos: int
    decided: int
    partly: int
    approved: int

    @property
    def undecided(self) -> int:
        """How many photos are still to be decided."""
        return self.photos - self.decided


@dataclass
class Stats:
    """Everything that is told of a library."""

    labels: list[LabelStats]
    folders: list[FolderStats]
    histograms: list[Histogram] = field(default_factory=list)
    plain: Quality | None = None
    heads: Quality | None = None
    taught: int = 0
    notes: list[str] = field(default_factory=list)
    certificates: list[Standing] = field(default_factory=list)


def stats_of(
    library: Library, hear: Callable[[Event], None], *, judge_learned: bool = False
) -> Stats:
    """Return what is known of a library; long work is told to ``hear``.

    ``judge_learned``: what learned suggestions are worth, too, for which it is learned five times.
    """
    photos = library.photos()
    under_root = photos.keys[photos.known]
    all_decisions = list(decisions(library.catalogue, as_bytes(under_root)))
    others = sorted({decision.label for decision in all_decisions} - {*library.labels, WHOLE_PHOTO})
    table = decided(all_decisions, [*library.labels, *others, WHOLE_PHOTO])
    place = KeyIndex(table.keys).find(photos.keys)
    place[~photos.known] = -1
    taught = _teaching(library)
    scores = tally(library, photos, table, hear)
    judge = KeyIndex(under_root).find(taught.keys) >= 0
    is_judged = scores is not None and len(taught.keys) >= FOLDS
    plain = _plain(library, taught.of(judge)) if is_judged else None
    heads = _learned(library, taught, judge, hear) if is_judged and judge_learned else None
    stats = Stats(
        labels=_labels([*library.labels, *others], table, place, taught, scores),
        folders=_folders(photos, table, place, _closed(all_decisions, table)),
        taught=len(taught.keys),
        notes=vectors_missing(library, photos),
        certificates=_certificates(library, photos, all_decisions),
    )
    stats.plain = plain.of_all() if plain else None
    stats.heads = heads.of_all() if heads else None
    for number, row in enumerate(stats.labels[: len(library.labels)]):
        row.plain = plain.of(number) if plain else None
        row.heads = heads.of(number) if heads else None
    if scores:
        stats.histograms = scores.histograms(library.settings.threshold)
    return stats


def _teaching(library: Library) -> Decided:
    if library.images is None:
        by_person = that_teach(library.catalogue, decisions(library.catalogue))
        return decided(by_person, library.labels)
    return teaching(library.catalogue, library.images, library.labels)


def _plain(library: Library, taught: Decided) -> Judged:
    images, label_vectors = library.images, library.label_vectors()
    assert images is not None
    assert label_vectors is not None
    return judge_plain(taught, images, label_vectors, library.settings.threshold)


def _learned(
    library: Library, taught: Decided, judge: Bools, hear: Callable[[Event], None]
) -> Judged | None:
    images, label_vectors = library.images, library.label_vectors()
    assert images is not None
    assert label_vectors is not None
    latest = None
    photos = counted(len(taught.keys), "decided photo")
    hear(Notice(f"validate: learns {FOLDS} times from {photos}, which may take minutes"))
    hear(StepStarted("validate", FOLDS))
    folds = cross_validate(taught, images, label_vectors, library.settings.threshold, judge)
    for number, judged in enumerate(folds, start=1):
        latest = judged
        hear(StepProgress("validate", number, FOLDS))
        hear(Notice(f"validate: {number} of {FOLDS}"))
    return latest


def _labels(
    labels: list[str],
    table: Decided,
    place: NDArray[np.int64],
    taught: Decided,
    scores: Tally | None,
) -> list[LabelStats]:
    """Return a row for each label of the file, then for each other label that was decided."""
    times = np.bincount(place[place >= 0], minlength=len(table.keys))  # equal photos count twice
    approved = (times @ table.approved).tolist()
    rejected = (times @ (table.known & ~table.approved)).tolist()
    yes, all_ = taught.approved.sum(axis=0).tolist(), taught.known.sum(axis=0).tolist()
    rows = []
    for number, label in enumerate(labels):
        listed = number < len(yes)
        rows.append(
            LabelStats(
                label,
                approved=approved[number],
                rejected=rejected[number],
                suggested=int(scores.suggested[number]) if scores and listed else None,
                undecided=int(scores.undecided[number]) if scores and listed else None,
                learned=listed and LabelState(yes[number], all_[number] - yes[number]).learned,
            )
        )
    return rows


def _closed(all_decisions: Iterable[Decision], table: Decided) -> Bools:
    """Tell which photos of a table are decided, as a whole or by auto: not for some labels."""
    auto = {decision.sha1 for decision in all_decisions if decision.who is Who.AUTO}
    return table.whole | np.array([key in auto for key in as_bytes(table.keys)], np.bool_)


def _folders(
    photos: Photos, table: Decided, place: NDArray[np.int64], closed: Bools
) -> list[FolderStats]:
    approvals = table.approved[:, :-1].sum(axis=1)  # the last column is the photo as a whole
    every: Bools = np.ones(len(photos), np.bool_)
    rows = []
    for folder, members in photos.by_folder(every).items():
        places = place[members]
        places = places[places >= 0]
        done = int(closed[places].sum())
        approved = int(approvals[places].sum())
        rows.append(FolderStats(folder, len(members), done, len(places) - done, approved))
    return rows


def _certificates(
    library: Library, photos: Photos, all_decisions: list[Decision]
) -> list[Standing]:
    known = library.model.known_or_none
    basis = Basis(
        known.model if known else "", library.labels, photos_here(library.catalogue, photos)[0]
    )
    return standings(library.catalogue, library.root, basis, all_decisions)


def vectors_missing(library: Library, photos: Photos) -> list[str]:
    """Say which vectors are missing, and which command makes them."""
    cure = "; `phototagger embed ROOT`, with the same settings, makes them"
    if library.images is None:
        return [f"{library.settings.model_name} was never used with this run_dir{cure}"]
    notes = []
    usable = photos.keys[~_failed(photos)]
    without = len(usable) - int(library.images.has(usable).sum())
    if without:
        notes.append(f"{without:,} photos have no vectors{cure}")
    labels = int((~library.model.labels_here(library.labels)).sum())
    if labels:
        notes.append(f"{labels:,} labels have no vectors, so nothing is scored{cure}")
    return notes


def _failed(photos: Photos) -> Bools:
    mask = np.zeros(len(photos), np.bool_)
    mask[list(photos.reasons)] = True
    return mask

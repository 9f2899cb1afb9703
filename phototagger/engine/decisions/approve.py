"""Decisions without a screen: approve what is over a score, approve a label, clear.

Each takes what is open, its photos, and the positions of those that were asked for. Of what is open
to be read only, nothing is recorded: what would be is counted.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phototagger.core.score import BLOCK, Cosines, rank
from phototagger.engine.decisions.decided import by_content
from phototagger.engine.decisions.former import offers
from phototagger.engine.decisions.learned import learned_scores
from phototagger.engine.library.contents import contents
from phototagger.engine.library.photos import Photos
from phototagger.errors import UsageError
from phototagger.printable import printable
from phototagger.store.labels.edits import WHOLE_PHOTO, Edit, Who
from phototagger.store.labels.history import decide
from phototagger.store.labels.holding import Decision, decisions
from phototagger.store.labels.names import GONE, names
from phototagger.store.vectors.keys import Keys, as_bytes

if TYPE_CHECKING:
    from phototagger.engine.library.library import Opened

Positions = NDArray[np.int64]
_LOOKED_UP = 1000  # photos whose decisions are read at once


@dataclass(frozen=True)
class Recorded:
    """What became of an ``approve``: decisions recorded now, and those that held already.

    ``labels``: how many decisions there are on each label. ``unusable``: photos that were asked for
    and left out, as they cannot be used. Of the ``asked`` photos that could have been approved,
    persons had ``decided`` all that would have been.
    """

    new: int
    before: int
    photos: int
    labels: Counter[str] = field(default_factory=Counter)
    unusable: int = 0
    asked: int = 0
    decided: int = 0

    @property
    def any(self) -> bool:
        """Whether at least one decision is on record."""
        return bool(self.new or self.before)


def approve_over(opened: Opened, photos: Photos, chosen: Positions, least: float) -> Recorded:
    """Approve by ``auto`` every label whose cosine is at least ``least``.

    Photos that a person has decided as a whole are left alone, and labels that a person has.
    """
    keys = _usable_keys(opened, photos, chosen)
    vectors, labels = opened.model.images, opened.model.labels(opened.labels)

    def wanted() -> Iterator[dict[str, float]]:
        for start in range(0, len(keys), BLOCK):
            for ranked in rank(vectors.get(keys[start : start + BLOCK]), labels, least, 1):
                pairs = zip(ranked.labels.tolist(), ranked.scores.tolist(), strict=True)
                yield {opened.labels[label]: value for label, value in pairs if value >= least}

    return _approve_auto(opened, keys, wanted())


def approve_learned(opened: Opened, photos: Photos, chosen: Positions, least: float) -> Recorded:
    """Approve by ``auto`` every label whose learned score, from 0 to 1, is at least ``least``.

    Photos and labels that a person has decided are left alone. Cosines are what is recorded as the
    scores.
    """
    keys = _usable_keys(opened, photos, chosen)
    cosines_of = Cosines(opened.model.labels(opened.labels))

    def wanted() -> Iterator[dict[str, float]]:
        for block in learned_scores(opened, keys):
            for cosines, scores in zip(cosines_of(block.vectors), block.scores, strict=True):
                over = np.flatnonzero(scores >= np.float64(least)).tolist()
                yield {opened.labels[label]: float(cosines[label]) for label in over}

    return _approve_auto(opened, keys, wanted())


def _usable_keys(opened: Opened, photos: Photos, chosen: Positions) -> Keys:
    keys = photos.keys[chosen[photos.usable()[chosen]]]
    return keys[opened.model.images.has(keys)]


def _approve_auto(opened: Opened, keys: Keys, wanted: Iterator[dict[str, float]]) -> Recorded:
    """Approve what is wanted of each photo, labels with cosines, where no person decided it."""
    edits: list[Edit] = []
    before, alone = 0, set[bytes]()
    for start in range(0, len(keys), BLOCK):
        block = as_bytes(keys[start : start + BLOCK])
        decided = by_content(decisions(opened.catalogue, block))
        for sha1, over in zip(block, islice(wanted, len(block)), strict=True):
            earlier = decided.get(sha1, [])
            by_person = {decision.label for decision in earlier if decision.who is Who.PERSON}
            if WHOLE_PHOTO in by_person or (over and by_person.issuperset(over)):
                alone.add(sha1)
            if WHOLE_PHOTO in by_person:
                continue
            have = {decision.label for decision in earlier if decision.approved}
            before += len(have & set(over))
            edits += [
                Edit(sha1, label, approved=True, score=value)
                for label, value in over.items()
                if label not in have | by_person
            ]
    recorded = _record(opened, edits, before, Who.AUTO)
    return replace(recorded, asked=len(np.unique(keys, axis=0)), decided=len(alone))


def decide_labels(
    opened: Opened, photos: Photos, chosen: Positions, labels: Sequence[str], *, approved: bool
) -> Recorded:
    """Approve or reject labels by a person, also of photos that have no vector yet.

    Nothing else is decided of the photos. A word of a label that was renamed or merged means that
    label. Photos that cannot be used are left out. Raises UsageError for a label that was removed.
    """
    current_names = names(opened.catalogue)
    for label in labels:
        if current_names.label_of(label) == GONE:
            raise UsageError(
                f"{printable(label)}: the label was removed",
                f"make it one again: phototagger labels add {shlex.quote(printable(label))}",
            )
    labels = list(dict.fromkeys(map(current_names.label_of, labels)))
    edits, before = [], 0
    for sha1, decided in _contents(opened, photos, chosen[photos.sound()[chosen]]):
        have = {
            decision.label
            for decision in decided
            if decision.approved is approved and decision.who is Who.PERSON
        }
        before += len(have & set(labels))
        edits += [Edit(sha1, label, approved) for label in labels if label not in have]
    unusable = int((~photos.sound()[chosen]).sum())
    return _record(opened, edits, before, Who.PERSON, unusable)


def approve_before(opened: Opened, photos: Photos, chosen: Positions) -> Recorded:
    """Take the decisions of the picture before, by a person, where they are offered."""
    unread = chosen[~photos.known[chosen]].tolist()
    for _ in contents(opened.catalogue, photos, unread, opened.settings):
        pass  # all are read before it is asked what is offered for them
    asked = set(chosen.tolist())
    edits = []
    for position, decided in offers(opened.catalogue, photos).items():
        sha1 = photos.content(position)
        if position in asked and sha1 is not None:
            edits += [Edit(sha1, decision.label, decision.approved) for decision in decided]
    return _record(opened, edits, 0, Who.PERSON)


def clear(opened: Opened, photos: Photos, chosen: Positions) -> Recorded:
    """Remove every decision of the photos."""
    pairs = _contents(opened, photos, chosen)
    edits = [Edit(sha1, decision.label, None) for sha1, decided in pairs for decision in decided]
    return _record(opened, edits, 0, Who.PERSON)


def _record(
    opened: Opened, edits: Iterable[Edit], before: int, who: Who, unusable: int = 0
) -> Recorded:
    # Equal content at two paths is decided once.
    unique = list({(edit.sha1, edit.label): edit for edit in edits}.values())
    if opened.writer is not None:
        known = opened.model.known_or_none
        model = known.model if known else ""
        decide(opened.catalogue, unique, root=opened.root, who=who, model=model)
    labels = Counter(edit.label for edit in unique if edit.label != WHOLE_PHOTO)
    photos = len({edit.sha1 for edit in unique})
    return Recorded(len(unique), before, photos, labels, unusable)


def _contents(
    opened: Opened, photos: Photos, chosen: Positions
) -> Iterator[tuple[bytes, list[Decision]]]:
    """Yield each content among the photos once, with its decisions; new files are read."""
    seen: set[bytes] = set()
    for start in range(0, len(chosen), _LOOKED_UP):
        block = chosen[start : start + _LOOKED_UP].tolist()
        pairs = contents(opened.catalogue, photos, block, opened.settings)
        keys = dict.fromkeys(sha1 for _, sha1 in pairs)
        new = [key for key in keys if key not in seen]
        seen.update(new)
        decided = by_content(decisions(opened.catalogue, new))
        for key in new:
            yield key, decided.get(key, [])

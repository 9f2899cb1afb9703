"""Keywords that photos or their sidecars have already, taken as decisions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from phototagger.core.label_tree import SEPARATOR, LabelTree
from phototagger.core.labels import normalise_label
from phototagger.engine.decisions.file_keywords import (
    FoundKeywords,
    keywords_beside,
    keywords_in,
    sidecar_keywords,
)
from phototagger.engine.library.contents import contents
from phototagger.engine.steps.sidecars import ledger_now, style_of
from phototagger.errors import RefusedSidecar
from phototagger.printable import printable
from phototagger.sidecars.apply import Area, Exiftools
from phototagger.sidecars.exiftool.session import Patience
from phototagger.sidecars.ledger import KnownSidecars
from phototagger.sidecars.names import choose
from phototagger.sidecars.seed import seed_of
from phototagger.sidecars.xmp.keywords import Field, Keywords, Owned, same
from phototagger.store.labels.edits import Edit, Who
from phototagger.store.labels.history import decide
from phototagger.store.labels.holding import decisions
from phototagger.store.labels.names import GONE, names
from phototagger.store.photos.ledger import CatalogueLedger

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.library.library import Opened

__all__ = ["MARK", "FoundLabels", "TakenKeywords", "Who", "Whose", "labels_in", "take_keywords"]

MARK = "keywords-of-"
"""What the model of such decisions is called begins so, as no model suggested them."""


LeftOut = dict[str, list[str]]
"""What could not be taken: why → which keywords of which files."""


class Whose(StrEnum):
    """Where keywords are read."""

    PHOTOS = "photos"
    SIDECARS = "sidecars"


class TakenKeywords(NamedTuple):
    """How many decisions were made, on how many photos, and what could not be taken."""

    new: int
    photos: int
    left_out: LeftOut


class FoundLabels(NamedTuple):
    """The labels that a photo has as keywords, and what could not be taken."""

    labels: list[str]
    left_out: LeftOut


def take_keywords(job: Job, whose: Whose, who: Who) -> TakenKeywords:
    """Approve the keywords that the photos of a job have, as one act.

    What a person decided stays as it is, and so does what is approved. What phototagger wrote into
    sidecars itself is none of theirs. A keyword that was removed as a label is left out.
    """
    left_out: LeftOut = {}
    sha1s = dict(contents(job.catalogue, job.photos, range(len(job.photos)), job.settings))
    paths = {Path(job.photos.paths[position]): sha1 for position, sha1 in sha1s.items()}
    decided = {
        (decision.sha1, decision.label)
        for decision in decisions(job.catalogue, set(paths.values()))
        if decision.approved or decision.who is Who.PERSON
    }
    edits: dict[tuple[bytes, str], Edit] = {}
    if whose is Whose.PHOTOS:
        read = _of_photos(list(paths), left_out, job.cancelled.is_set)
    else:
        ledger = ledger_now(job.catalogue, job.photos, job.settings)
        read = _of_sidecars(job, list(paths), left_out, ledger)
    for path, keywords in read:
        job.check_cancelled()
        for label in _labels(job, path, keywords, left_out):
            key = paths[path], label
            if key not in decided:
                edits[key] = Edit(*key, approved=True)
    decide(job.catalogue, edits.values(), root=job.root, who=who, model=MARK + whose)
    return TakenKeywords(len(edits), len({sha1 for sha1, _ in edits}), left_out)


def _leave_out(left_out: LeftOut, why: str, path: Path, word: str = "") -> None:
    named = f"{path.name}: {word}" if word else path.name
    left_out.setdefault(why, []).append(printable(named))


def labels_in(opened: Opened, photo: Path) -> FoundLabels:
    """Return the labels that one photo and its sidecars have as keywords; on any thread."""
    left_out: LeftOut = {}
    labels: dict[str, None] = {}
    settings, ledger = opened.settings, CatalogueLedger(opened.catalogue)
    embedded = keywords_in(photo, settings.formats)
    beside = list(sidecar_keywords(photo, style_of(settings), Area.below(opened.root)))
    for source in (embedded, *beside):
        if source.refused:
            _leave_out(left_out, source.refused, source.path)
        keywords = source.keywords if source is embedded else _theirs(source, ledger)
        labels |= dict.fromkeys(_labels(opened, photo, keywords, left_out))
    return FoundLabels(list(labels), left_out)


def _of_photos(
    paths: Sequence[Path], left_out: LeftOut, is_stopped: Callable[[], bool]
) -> Iterator[tuple[Path, Keywords]]:
    """Yield what photos hold, in XMP, IPTC and Exif."""
    with Exiftools(patience=Patience(stopped=is_stopped)) as tools:
        for path in paths:
            try:
                (embedded,) = tools.reader.embedded([path])
                if isinstance(embedded, RefusedSidecar):
                    raise embedded
                yield path, seed_of(embedded, None, tools.reader.makes_nothing_of).keywords
            except RefusedSidecar as why:
                _leave_out(left_out, str(why), path)


def _of_sidecars(
    opened: Opened, paths: Sequence[Path], left_out: LeftOut, ledger: KnownSidecars
) -> Iterator[tuple[Path, Keywords]]:
    """Yield what the sidecars of photos hold, under either name, without what is ours."""
    area = Area.below(opened.root)
    for target in choose(paths, style_of(opened.settings)):
        for source in keywords_beside(target, area):
            if source.refused:
                _leave_out(left_out, source.refused, source.path)
            yield target.photo, _theirs(source, ledger)


def _theirs(source: FoundKeywords, ledger: KnownSidecars) -> Keywords:
    """Return the keywords of a sidecar that phototagger did not write."""
    entry = ledger.get(os.fsencode(source.path))
    owned = entry.owned.still_on(source.keywords) if entry else Owned()
    ours = dict(zip(Field, (owned.subject, owned.hierarchy, owned.tags), strict=True))
    return {
        name: tuple(keyword for keyword in entries if keyword not in ours[name])
        for name, entries in source.keywords.items()
    }


def _labels(opened: Opened, path: Path, keywords: Keywords, left_out: LeftOut) -> Iterator[str]:
    """Yield the labels that keywords of a photo mean."""
    current_names, tree = names(opened.catalogue), opened.model.tree
    for word in _words(keywords, tree):
        try:
            label = current_names.label_of(tree.label_of(normalise_label(word)))
        except ValueError as error:
            _leave_out(left_out, str(error), path, word)
            continue
        if label == GONE:
            _leave_out(left_out, "the label was removed", path, word)
        else:
            yield label


def _words(keywords: Keywords, tree: LabelTree) -> list[str]:
    """Return what keyword lists hold: in a tree the paths, and words beside them."""
    paths = [
        entry.split(name.separator)
        for name in (Field.HIERARCHY, Field.TAGS)
        for entry in keywords.get(name, ())
    ]
    words = list(keywords.get(Field.SUBJECT, ()))
    if tree.is_flat:
        return [*words, *(levels[-1] for levels in paths)]
    above = {same(level) for levels in paths for level in levels if len(levels) > 1}
    alone = [word for word in words if same(word) not in above]
    return [*(SEPARATOR.join(map(str.strip, levels)) for levels in paths), *alone]

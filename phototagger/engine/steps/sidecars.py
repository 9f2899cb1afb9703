"""Approved labels → sidecars, as a step of the pipeline; and what it would do."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from phototagger.core.label_tree import SEPARATOR, LabelTree
from phototagger.core.scan import relative
from phototagger.engine.decisions.changes import changes_said
from phototagger.engine.events import (
    Event,
    Notice,
    SidecarDone,
    StepFinished,
    StepProgress,
    StepStarted,
)
from phototagger.engine.library.contents import contents, offered
from phototagger.engine.library.photos import Photos, photos_now
from phototagger.engine.library.tree import tree_of
from phototagger.printable import printable
from phototagger.settings.model import Settings
from phototagger.sidecars.apply import (
    Area,
    Exiftools,
    KnownSidecars,
    Ledger,
    PhotoState,
    apply,
)
from phototagger.sidecars.exiftool.session import Patience
from phototagger.sidecars.follow import FollowedLedger, follow, keep_followed
from phototagger.sidecars.ledger import Entry, left_open
from phototagger.sidecars.names import Style
from phototagger.sidecars.xmp.keywords import LEVELS, same
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.edits import WHOLE_PHOTO
from phototagger.store.labels.holding import decisions, labels_decided
from phototagger.store.photos.editions import first_of, firsts
from phototagger.store.photos.ledger import CatalogueLedger

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.plan import Outlook

NOTHING_APPROVED = (
    "nothing is approved, so no sidecar is written; approve with "
    "`phototagger approve --over-threshold`, or label by label with `phototagger approve --label`"
)


class Wanted(NamedTuple):
    """What the sidecars of photos are to hold, by the photos' real paths.

    ``labels``: those of each photo. ``states``: what more is known of each. ``ledger``: what each
    sidecar holds that is ours, also of those that were moved since.
    """

    labels: dict[Path, list[str]]
    states: dict[Path, PhotoState]
    ledger: Ledger | FollowedLedger


def wanted(
    catalogue: Catalogue,
    photos: Photos,
    settings: Settings,
    *,
    tree: LabelTree | None = None,
    include_auto: bool = False,
) -> Wanted:
    """Return what the sidecar of each photo is to hold; ``tree`` is the labels file's, or given.

    What a certificate approved is there with ``include_auto``, or where a sidecar holds it already.

    A photo whose approvals were all taken back is there with none; one that never had a sidecar
    of ours, and has no approval, is not there. A label that is ours goes only where somebody took
    it back for the photo as it is: one that has other bytes now keeps what it had before. But what
    was said of a photo is not said of another one that was renamed over it. Photos are named by
    the root's real path, so that a root reached through a link has the same sidecars.
    """
    stored = CatalogueLedger(catalogue)
    if next(decisions(catalogue), None) is None and not any(True for _ in stored.entries()):
        return Wanted({}, {}, stored)
    # All are read before it is asked what holds for them: an edited photo has what it had.
    contents_of = dict(contents(catalogue, photos, range(len(photos)), settings))
    approved: dict[bytes, list[str]] = {}
    certified: dict[bytes, set[str]] = {}
    for decision in decisions(catalogue):
        if not decision.approved or decision.label == WHOLE_PHOTO:
            continue
        if decision.certificate is None or include_auto:
            approved.setdefault(decision.sha1, []).append(decision.label)
        else:
            certified.setdefault(decision.sha1, set()).add(decision.label)
    tree = tree or tree_of(settings)
    ledger = ledger_now(catalogue, photos, settings)
    ours: dict[str, list[Entry]] = {}
    for entry in ledger.entries():
        ours.setdefault(entry.photo_of_it, []).append(entry)
    labels: dict[Path, list[str]] = {}
    position_of: dict[Path, int] = {}
    for position, path in _files(photos):
        sha1 = contents_of.get(position)
        if sha1 is not None and (sha1 in approved or path in ours):
            there = {same(label) for entry in ours.get(path, ()) for label in entry.owned.subject}
            kept_there = {
                label for label in certified.get(sha1, ()) if same(tree.levels(label)[-1]) in there
            }
            named = {*approved.get(sha1, []), *kept_there}
            labels[Path(path)] = sorted(_written(named, tree, parents=settings.parents))
            position_of[Path(path)] = position
    times = Counter(contents_of.values())
    copied = {at for at in position_of.values() if times[contents_of[at]] > 1}
    states = _states(catalogue, photos, position_of, ours, copied)
    return Wanted(labels, states, ledger)


def _written(labels: Iterable[str], tree: LabelTree, *, parents: bool) -> Iterator[str]:
    """Yield labels as sidecars name them: paths with bars, and the levels above where asked."""
    for label in labels:
        levels = tree.written(label)
        yield LEVELS.join(levels)
        if parents:
            yield from levels[:-1]


def _states(
    catalogue: Catalogue,
    photos: Photos,
    position_of: Mapping[Path, int],
    ours: Mapping[str, Sequence[Entry]],
    copied: Collection[int],
) -> dict[Path, PhotoState]:
    """Return what is known of photos, by their positions, with our sidecars of each.

    ``copied``: photos that lie elsewhere, too, so that none of them was only renamed.
    """
    contents_of = {
        at: sha1 for at in position_of.values() if (sha1 := photos.content(at)) is not None
    }
    first = firsts(catalogue, contents_of.values())
    decided = labels_decided(
        catalogue, (contents_of[at] for path, at in position_of.items() if str(path) in ours)
    )
    states = {}
    for photo, at in position_of.items():
        sha1 = contents_of[at]
        content = first.get(sha1, sha1).hex()
        before = offered(catalogue, photos, at)
        is_edited = at in copied or before is not None
        # as it may have been written, whether the labels file held paths then or not
        levels_decided = {
            same(level)
            for label in decided.get(sha1, ())
            for level in (label, *label.split(SEPARATOR))
        }
        undecided = {
            label
            for entry in ours.get(str(photo), ())
            if is_edited or entry.content in (None, content)
            for label in entry.owned.subject
            if same(label) not in levels_decided
        }
        edition = photos.arrived.get(at, sha1).hex()
        former = None if before is None else first_of(catalogue, before).hex()
        states[photo] = PhotoState(content, tuple(sorted(undecided)), edition, former)
    return states


def ledger_of(
    catalogue: Catalogue, settings: Settings, root: str | None
) -> Ledger | FollowedLedger:
    """Return what is known of sidecars; of those below a root, where they are now."""
    if root is None:
        return CatalogueLedger(catalogue)
    return ledger_now(catalogue, photos_now(root, catalogue, settings)[1], settings)


def ledger_now(catalogue: Catalogue, photos: Photos, settings: Settings) -> Ledger | FollowedLedger:
    """Return the ledger, with each sidecar that was moved since at the place where it is now.

    What was moved is kept so where the catalogue may be written.
    """
    ledger = CatalogueLedger(catalogue)
    placed = (
        (Path(path), partial(_content, catalogue, photos, settings, position))
        for position, path in _files(photos)
    )
    followed = follow(placed, ledger, Area.below(os.path.realpath(photos.root)))
    if followed and not catalogue.writable:
        return FollowedLedger(ledger, followed)
    keep_followed(ledger, followed)
    return ledger


def _files(photos: Photos) -> Iterator[tuple[int, str]]:
    """Yield what has a sidecar, by photo, in real folders: its own file, before it its raw."""
    root = os.path.realpath(photos.root)
    for position in range(len(photos)):
        if raw := photos.pairs.get(photos.paths[position]) if photos.pairs else None:
            yield position, os.path.join(root, relative(raw, photos.root))  # noqa: PTH118
        yield position, os.path.join(root, photos.rel_path(position))  # noqa: PTH118


def _content(catalogue: Catalogue, photos: Photos, settings: Settings, position: int) -> str | None:
    """Return the first content of a photo as hex, None where it cannot be read."""
    read = dict(contents(catalogue, photos, [position], settings))
    return first_of(catalogue, read[position]).hex() if read else None


def style_of(settings: Settings) -> Style:
    """Return how sidecars are named."""
    return "replace" if settings.sidecar_style == "replace" else "append"


def cut_off(ledger: KnownSidecars, area: Area) -> Iterator[str]:
    """Yield what is to be said of writes that were cut off elsewhere; they are left as they are."""
    for sidecar in left_open(ledger, area):
        yield (
            f"{printable(sidecar)}: a write of it was cut off; it is not below the root in use, so "
            "it is left as it is; run `phototagger sidecars` with its root to settle it"
        )


def sidecars(job: Job) -> Iterator[Event]:
    """Write the approved labels into the sidecars beside the photos."""
    labels, states, ledger = wanted(
        job.catalogue, job.photos, job.settings,
        tree=job.model.tree, include_auto=job.include_auto,
    )  # fmt: skip
    assert not isinstance(ledger, FollowedLedger), "a job may write"
    yield from changes_said(job)
    if not labels:
        yield Notice(NOTHING_APPROVED)
    yield StepStarted("sidecars", len(labels))
    counts = {"written": 0, "unchanged": 0, "refused": 0}
    root, style = Path(job.root), style_of(job.settings)
    for text in cut_off(ledger, Area.below(root)):
        yield Notice(text)
    with Exiftools(patience=Patience(stopped=job.cancelled.is_set)) as tools:
        results = apply(labels, ledger, style=style, tools=tools, root=root, states=states)
        for done, result in enumerate(results, start=1):
            counts[result.outcome] += 1
            if result.outcome == "refused":
                job.refused += 1
            if result.outcome != "unchanged" or result.note:
                yield SidecarDone(result)
            yield StepProgress("sidecars", done, max(done, len(labels)))
            job.check_cancelled()
    yield StepFinished("sidecars", counts["written"], counts["unchanged"], counts["refused"])


def outputs(_: Job) -> list[Path]:
    """Return what the step writes: nothing that is not said sidecar by sidecar."""
    return []


def planned(outlook: Outlook) -> Iterator[str]:
    """Say what the step would do."""
    catalogue = outlook.catalogue
    approved = wanted(catalogue, outlook.photos, outlook.settings).labels if catalogue else {}
    yield (
        f"sidecars: {len(approved):,} to look at; `phototagger sidecars --dry-run` shows "
        "what would change in each"
        if approved
        else f"sidecars: {NOTHING_APPROVED}"
    )

"""Approved labels → sidecars, as a step of the pipeline; and what it would do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.core.printable import printable
from phototagger.core.sidecar_ledger import left_open
from phototagger.core.sidecars import Area, Exiftools, Ledger, apply
from phototagger.core.stay_open import Patience
from phototagger.engine.contents import contents
from phototagger.engine.events import (
    Event,
    Notice,
    SidecarDone,
    StepFinished,
    StepProgress,
    StepStarted,
)
from phototagger.store.decisions import WHOLE_PHOTO, decisions
from phototagger.store.ledger import CatalogueLedger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phototagger.core.settings import Settings
    from phototagger.core.sidecar_names import Style
    from phototagger.engine.job import Job
    from phototagger.engine.photos import Photos
    from phototagger.store.catalogue import Catalogue

NOTHING_APPROVED = (
    "nothing is approved, so no sidecar is written; approve with "
    "`phototagger approve --over-threshold`, or label by label with `phototagger approve --label`"
)


def wanted(catalogue: Catalogue, photos: Photos) -> dict[Path, list[str]]:
    """Return the labels that the sidecar of each photo is to hold.

    A photo whose approvals were all taken back is there with none; one that never had a sidecar
    of ours, and has no approval, is not there. Photos are named by the root's real path, so that
    a root reached through a link has the same sidecars.
    """
    approved: dict[bytes, list[str]] = {}
    for one in decisions(catalogue):
        if one.approved and one.label != WHOLE_PHOTO:
            approved.setdefault(one.sha1, []).append(one.label)
    ours = {entry.photo for entry in CatalogueLedger(catalogue).entries()}
    if not approved and not ours:
        return {}
    found = {}
    root = os.path.realpath(photos.root)
    for position, sha1 in contents(catalogue, photos, range(len(photos))):
        path = os.path.join(root, photos.rel_path(position))  # noqa: PTH118
        if sha1 in approved or os.fsencode(path) in ours:
            found[Path(path)] = sorted(approved.get(sha1, []))
    return found


def style_of(settings: Settings) -> Style:
    """Return how sidecars are named."""
    return "replace" if settings.sidecar_style == "replace" else "append"


def cut_off(ledger: Ledger, area: Area) -> Iterator[str]:
    """Yield what is to be said of writes that were cut off elsewhere; they are left as they are."""
    for sidecar in left_open(ledger, area):
        yield (
            f"{printable(sidecar)}: a write of it was cut off; it is not below the root in use, so "
            "it is left as it is; run `phototagger sidecars` with its root to settle it"
        )


def sidecars(job: Job) -> Iterator[Event]:
    """Write the approved labels into the sidecars beside the photos."""
    labels = wanted(job.catalogue, job.photos)
    if not labels:
        yield Notice(NOTHING_APPROVED)
    yield StepStarted("sidecars", len(labels))
    counts = {"written": 0, "unchanged": 0, "refused": 0}
    ledger, root = CatalogueLedger(job.catalogue), Path(job.root)
    for text in cut_off(ledger, Area.below(root)):
        yield Notice(text)
    with Exiftools(patience=Patience(stopped=job.cancelled.is_set)) as tools:
        results = apply(labels, ledger, style=style_of(job.settings), tools=tools, root=root)
        for done, result in enumerate(results, start=1):
            counts[result.outcome] += 1
            if result.outcome == "refused":
                job.refused += 1
            if result.outcome != "unchanged" or result.note:
                yield SidecarDone(result)
            yield StepProgress("sidecars", done, max(done, len(labels)))
            job.check_cancelled()
    yield StepFinished("sidecars", counts["written"], counts["unchanged"], counts["refused"])

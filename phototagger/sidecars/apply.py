"""Approved labels → ``.xmp`` sidecars that nobody has to fear; the door to the parts around it.

``plan`` says what would change, ``apply`` and ``write_sidecars`` change it, ``verify`` lists what
others changed since, ``undo`` takes back the last write. Originals are never opened for writing,
and exiftool sees only private copies. A sidecar is either written, with every property of others
as before, or left byte for byte as it was, with a reason.

Keywords go to ``dc:subject``, ``lr:hierarchicalSubject`` and an existing ``digiKam:TagsList``:
XMP specification part 1, and the fields that darktable, digiKam, Immich and Lightroom read.
"""

import functools
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from phototagger.errors import RefusedSidecar
from phototagger.sidecars.area import Area
from phototagger.sidecars.commit import Move, commit, stage
from phototagger.sidecars.exiftool.edit import Exiftools
from phototagger.sidecars.file import clean_leftovers, read_sidecar
from phototagger.sidecars.items import Item, Lookup, PhotoState, items_for
from phototagger.sidecars.ledger import (
    Entry,
    KnownSidecars,
    Ledger,
    batched,
    digest_of,
    outcome,
    settle,
)
from phototagger.sidecars.names import Style, choose
from phototagger.sidecars.plan import SidecarJob, SidecarResult, prepare
from phototagger.sidecars.undo import OUTSIDE, undo
from phototagger.sidecars.xmp.keywords import Field
from phototagger.sidecars.xmp.read import parse

__all__ = [
    "Area",
    "Drift",
    "Exiftools",
    "KnownSidecars",
    "Ledger",
    "PhotoState",
    "SidecarResult",
    "apply",
    "plan",
    "undo",
    "verify",
    "write_sidecars",
]


@dataclass(frozen=True)
class Drift:
    """What somebody else did to a sidecar since we last wrote it.

    ``added``, ``removed``: keywords of ``dc:subject``; both are empty where only other
    properties were edited. ``reason``: why an unreadable one cannot be read.
    """

    photo: Path
    sidecar: Path
    what: Literal["missing", "unreadable", "edited"]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reason: str = ""


def plan(
    approved: Mapping[Path, Sequence[str]],
    ledger: KnownSidecars,
    *,
    style: Style = "append",
    exiftool: str = "exiftool",
    tools: Exiftools | None = None,
    root: Path | None = None,
    states: Mapping[Path, PhotoState] | None = None,
) -> Iterator[SidecarResult]:
    """Yield what ``apply`` would do to each sidecar, in order; write nothing anywhere.

    The arguments are those of ``apply``. "written" means that it would be; exiftool may still
    refuse one.
    """
    area = _area(approved, root)
    pending = {intent.sidecar: intent for intent in ledger.pending() if area.holds(intent)}

    def look(sidecar: bytes) -> Entry | None:
        intent = pending.get(sidecar)
        if intent is not None and outcome(intent) == "happened":
            return intent.entry
        return ledger.get(sidecar)

    unknown = frozenset(s for s, intent in pending.items() if outcome(intent) == "unknown")
    with _opened(tools, exiftool) as open_tools:
        for batch in batched(_items(approved, style, look, unknown, states)):
            for result, _ in prepare(batch, look, open_tools, area):
                yield result


def apply(
    approved: Mapping[Path, Sequence[str]],
    ledger: Ledger,
    *,
    style: Style = "append",
    exiftool: str = "exiftool",
    tools: Exiftools | None = None,
    write_id: str | None = None,
    root: Path | None = None,
    states: Mapping[Path, PhotoState] | None = None,
) -> Iterator[SidecarResult]:
    """Bring the sidecar of each photo to its approved labels; yield a result for each, in order.

    ``approved``: for each photo the labels that its sidecar is to hold. A photo whose labels were
    all taken back is passed with none: one that is not passed is left alone. ``ledger`` is held
    by the caller's lock. ``tools``: exiftools to share between calls, else ``exiftool`` is run.
    ``write_id``: what ``undo`` will call this write; ids sort by time. ``root``: the folder below
    which paths of the ledger are used, else only beside the photos. ``states``: what more is
    known of photos, such as labels that are not approved and stay nevertheless.

    Work is done in batches of 32: closing the generator, or Ctrl+C, leaves every sidecar either
    done or untouched. Raises ``MissingError`` where exiftool is needed and not here; what the
    ledger raises passes through.
    """
    area = _area(approved, root)
    unknown = settle(ledger, area)
    items = _items(approved, style, ledger.get, unknown, states)
    clean_leftovers(item.sidecar.parent for item in items)
    with _opened(tools, exiftool) as open_tools:
        seen: set[bytes] = set()
        write = functools.cache(lambda: write_id or _next_write(ledger))
        for batch in batched(items):
            prepared = prepare(batch, ledger.get, open_tools, area)
            yield from _apply_batch(prepared, ledger, open_tools, write, seen)


def _next_write(ledger: KnownSidecars) -> str:
    """Return the id of a new write, after all others: a clock may have been set back."""
    last = max((entry.undo.write for entry in ledger.entries() if entry.undo), default="")
    now = time.time_ns()
    return f"{max(now, int(last) + 1 if last.isdecimal() else now):020d}"


def write_sidecars(
    approved: Mapping[Path, Sequence[str]],
    ledger: Ledger,
    style: Style = "append",
    exiftool: str = "exiftool",
    *,
    tools: Exiftools | None = None,
    write_id: str | None = None,
) -> list[SidecarResult]:
    """Do what ``apply`` does, and return all results at once."""
    return list(
        apply(approved, ledger, style=style, exiftool=exiftool, tools=tools, write_id=write_id)
    )


def verify(
    ledger: KnownSidecars, photos: Iterable[Path] | None = None, *, area: Area | None = None
) -> Iterator[Drift]:
    """Yield the sidecars that are not as we left them; those of ``photos``, or all we know.

    Those outside ``area``, where it is given, are not looked at, and are yielded as unreadable.
    """
    chosen = None if photos is None else {os.fsencode(photo.absolute()) for photo in photos}
    for entry in ledger.entries():
        if entry.digest is None or (chosen is not None and entry.photo not in chosen):
            continue
        if area is not None and not area.holds(entry):
            photo, sidecar = Path(os.fsdecode(entry.photo)), Path(os.fsdecode(entry.sidecar))
            yield Drift(photo, sidecar, "unreadable", reason=OUTSIDE)
        elif (drift := _drift(entry, area)) is not None:
            yield drift


def _drift(entry: Entry, area: Area | None) -> Drift | None:
    """Compare one sidecar with what we left; None where it is the same."""
    photo, sidecar = Path(os.fsdecode(entry.photo)), Path(os.fsdecode(entry.sidecar))
    try:
        disk = read_sidecar(sidecar, area)
        if digest_of(disk.data) == entry.digest:
            return None
        if disk.data is None:
            return Drift(photo, sidecar, "missing", removed=entry.subject)
        now = parse(disk.data).keywords.get(Field.SUBJECT, ())
    except RefusedSidecar as why:
        return Drift(photo, sidecar, "unreadable", reason=str(why))
    added = tuple(keyword for keyword in now if keyword not in entry.subject)
    removed = tuple(keyword for keyword in entry.subject if keyword not in now)
    return Drift(photo, sidecar, "edited", added, removed)


def _apply_batch(
    batch: Sequence[tuple[SidecarResult, SidecarJob | None]],
    ledger: Ledger,
    tools: Exiftools,
    write: Callable[[], str],
    seen: set[bytes],
) -> Iterator[SidecarResult]:
    """Write one batch and yield its results, each true by then."""
    prepared = [_once(result, job, seen) for result, job in batch]
    jobs = [job for _, job in prepared if job is not None]
    staged = stage(jobs, tools, write()) if jobs else []
    moves = [move for move in staged if isinstance(move, Move)]
    outcomes = iter(commit(moves, ledger) if moves else ())
    refusals = iter([next(outcomes) if isinstance(move, Move) else move for move in staged])
    for result, job in prepared:
        why = next(refusals) if job is not None else None
        yield result.refused(why) if why is not None else result


def _once(
    result: SidecarResult, job: SidecarJob | None, seen: set[bytes]
) -> tuple[SidecarResult, SidecarJob | None]:
    """Refuse a second photo whose sidecar is a link to one that was already written."""
    if job is None:
        return result, job
    if job.key in seen:
        return result.refused(RefusedSidecar("it is a link to another photo's sidecar")), None
    seen.add(job.key)
    return result, job


def _items(
    approved: Mapping[Path, Sequence[str]],
    style: Style,
    look: Lookup,
    unknown: frozenset[bytes],
    states: Mapping[Path, PhotoState] | None,
) -> list[Item]:
    """Return all sidecars to look at; those whose last write nobody can tell are refused."""
    items = items_for(choose(approved, style), approved, look, states or {})
    if not unknown:
        return items
    why = RefusedSidecar("its last write was cut off, and it cannot be read to see how it ended")
    return [
        replace(item, refused=why) if os.fsencode(item.sidecar.absolute()) in unknown else item
        for item in items
    ]


def _area(photos: Iterable[Path], root: Path | None) -> Area:
    """Return where the ledger's paths may be used."""
    return Area.beside(photos) if root is None else Area.below(root)


def _opened(tools: Exiftools | None, exiftool: str) -> AbstractContextManager[Exiftools]:
    """Return the caller's exiftools, left open, or new ones that end with the work."""
    return nullcontext(tools) if tools is not None else Exiftools(exiftool)

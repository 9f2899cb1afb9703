"""Approved labels and what is on disk → what to change in each sidecar; nothing is written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING, Literal

from phototagger.core.errors import RefusedSidecar
from phototagger.core.keywords import (
    Edit,
    Field,
    Keywords,
    Merge,
    Owned,
    check_label,
    merge,
)
from phototagger.core.sidecar_file import OnDisk, read_sidecar
from phototagger.core.sidecar_ledger import Entry
from phototagger.core.xmp import Sidecar, parse

if TYPE_CHECKING:
    from pathlib import Path

    from phototagger.core.exiftool import Exiftools
    from phototagger.core.sidecar_names import Target

Lookup = Callable[[bytes], Entry | None]
Outcome = Literal["written", "unchanged", "refused"]


@dataclass(frozen=True)
class SidecarResult:
    """What became, or with ``plan`` would become, of one sidecar.

    ``added``, ``removed``, ``kept``: keywords of ``dc:subject``, in the order of the file.
    ``edits``: the same for every keyword list that changes. ``reason``: why it was refused.
    ``note``: why it is not named as asked for.
    """

    photo: Path
    sidecar: Path
    outcome: Outcome
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    created: bool = False
    reason: str = ""
    note: str = ""
    edits: Mapping[Field, Edit] = dataclass_field(default_factory=dict)

    def refused(self, why: RefusedSidecar) -> SidecarResult:
        """Return the result of the same sidecar, left as it was."""
        return SidecarResult(self.photo, self.sidecar, "refused", reason=str(why), note=self.note)


@dataclass(frozen=True)
class Item:
    """One sidecar to look at: of which photo, which labels it should hold.

    ``other``: the photo's sidecar under the other name, whose keywords a new one must not hide.
    """

    photo: Path
    sidecar: Path
    wanted: tuple[str, ...]
    other: Path | None = None
    note: str = ""
    refused: RefusedSidecar | None = None


@dataclass(frozen=True)
class Job:
    """A sidecar to write, or (``result.outcome`` unchanged) to correct the ledger for.

    ``before``: what it holds; None where it is to be made. ``after``: the keyword lists to be.
    """

    disk: OnDisk
    entry: Entry | None
    before: Sidecar | None
    after: Keywords
    merged: Merge
    result: SidecarResult

    @property
    def key(self) -> bytes:
        """The sidecar's name in the ledger."""
        return os.fsencode(self.disk.path)


def items_for(
    targets: Iterable[Target], approved: Mapping[Path, Sequence[str]], look: Lookup
) -> list[Item]:
    """Return the sidecars to look at: the one chosen for each photo, and an older one of ours.

    Where the naming style was changed, the sidecar under the other name still holds our labels,
    and some programs read that one first, so it is kept true as well.
    """
    items = []
    for target in targets:
        wanted = tuple(approved[target.photo])
        items.append(
            Item(target.photo, target.sidecar, wanted, target.other, target.note, target.refused)
        )
        if target.other is not None:
            entry = look(os.fsencode(target.other.absolute()))
            if entry and entry.owned != Owned() and entry.photo == _key(target.photo):
                items.append(Item(target.photo, target.other, wanted))
    return items


def prepare(
    items: Sequence[Item], look: Lookup, tools: Exiftools
) -> list[tuple[SidecarResult, Job | None]]:
    """Return, for each item in order, its result if all goes well and the job that makes it so."""
    seeds = _embedded([item for item in items if _to_be_made(item)], tools)
    return [_prepare_one(item, look, seeds.get(item)) for item in items]


def _to_be_made(item: Item) -> bool:
    """Say whether a sidecar is missing and wanted, and the photo is a file to be read."""
    return bool(
        item.wanted
        and item.refused is None
        and not os.path.lexists(item.sidecar)
        and item.photo.is_file()
    )


def _embedded(items: Sequence[Item], tools: Exiftools) -> dict[Item, Keywords | RefusedSidecar]:
    """Return the keywords embedded in the photos of these items."""
    if not items:
        return {}
    found = tools.reader.embedded([item.photo for item in items])
    return dict(zip(items, found, strict=True))


def _prepare_one(
    item: Item, look: Lookup, seed: Keywords | RefusedSidecar | None
) -> tuple[SidecarResult, Job | None]:
    """Prepare one item; a refusal is its result."""
    result = SidecarResult(item.photo, item.sidecar, "unchanged", note=item.note)
    try:
        job = _job(item, look, seed, result)
    except RefusedSidecar as why:
        return result.refused(why), None
    return (job.result, job) if job else (result, None)


def _job(
    item: Item, look: Lookup, seed: Keywords | RefusedSidecar | None, result: SidecarResult
) -> Job | None:
    """Return what is to be done; None for nothing. Raises ``RefusedSidecar``."""
    if item.refused is not None:
        raise item.refused
    known = look(os.fsencode(item.sidecar.absolute()))
    if not item.wanted and known is None and not item.sidecar.is_symlink():
        return None
    if not item.photo.is_file():
        raise RefusedSidecar("its photo is not there, or is no file")
    for label in item.wanted:
        check_label(label)
    disk = read_sidecar(item.sidecar)
    entry = look(os.fsencode(disk.path))
    if disk.data is None:
        if item.wanted:
            return _job_of_new(item, look, seed, disk, result)
        return Job(disk, entry, None, {}, Merge(Owned()), result) if entry else None
    before = parse(disk.data)
    merged = merge(before.keywords, entry.owned if entry else Owned(), item.wanted)
    kept_ours = entry is None or merged.owned == entry.owned
    if not merged.edits and kept_ours:
        return None
    after = merged.of(before.keywords)
    return Job(disk, entry, before, after, merged, _described(result, merged, after))


def _job_of_new(
    item: Item,
    look: Lookup,
    seed: Keywords | RefusedSidecar | None,
    disk: OnDisk,
    result: SidecarResult,
) -> Job:
    """Return the job that makes a sidecar, without hiding keywords that are elsewhere."""
    if seed is None:
        raise RefusedSidecar("another program changed it meanwhile", "write again")
    if isinstance(seed, RefusedSidecar):
        raise seed
    there = _united(seed, _keywords_of(item.other, look))
    # the whole list is ours to make, and must not lack what dc:subject holds
    merged = merge(there, Owned(made_hierarchy=True), item.wanted)
    after = merged.of(there)
    described = _described(result, merged, after)
    whole = {name: Edit((), entries) for name, entries in after.items()}
    return Job(
        disk,
        None,
        None,
        after,
        replace(merged, edits=whole),
        replace(described, outcome="written", created=True, edits=whole),
    )


def _keywords_of(other: Path | None, look: Lookup) -> Keywords:
    """Return the keywords of the sidecar under the other name, without those that are ours."""
    if other is None or not other.is_file():
        return {}
    try:
        disk = read_sidecar(other)
        held = parse(disk.data or b"").keywords
    except RefusedSidecar as why:
        raise RefusedSidecar(f"it would hide {other.name}, of which: {why}") from why
    entry = look(os.fsencode(disk.path))
    return merge(held, entry.owned, ()).of(held) if entry else held


def _united(first: Keywords, second: Keywords) -> Keywords:
    """Return the entries of both, each spelling once."""
    united = {
        name: tuple(dict.fromkeys((*first.get(name, ()), *second.get(name, ())))) for name in Field
    }
    return {name: entries for name, entries in united.items() if entries}


def _described(result: SidecarResult, merged: Merge, after: Keywords) -> SidecarResult:
    """Return the result with its difference filled in."""
    edit = merged.edits.get(Field.SUBJECT, Edit((), ()))
    kept = tuple(entry for entry in after.get(Field.SUBJECT, ()) if entry not in edit.added)
    return replace(
        result,
        outcome="written" if merged.edits else "unchanged",
        added=edit.added,
        removed=edit.removed,
        kept=kept,
        edits=merged.edits,
    )


def _key(photo: Path) -> bytes:
    return os.fsencode(photo.absolute())

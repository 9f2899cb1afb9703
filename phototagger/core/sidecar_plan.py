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
    same,
)
from phototagger.core.sidecar_file import OnDisk, read_sidecar
from phototagger.core.sidecar_ledger import Entry, digest_of
from phototagger.core.sidecar_seed import Seed, Source, seed_of
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
class PhotoState:
    """What is known of a photo beside its approved labels.

    ``content``: the SHA-1 of its content, as hex. ``undecided``: labels of which nobody has said
    anything since the photo is as it is: where they are in its sidecar, and ours, they stay.
    """

    content: str | None = None
    undecided: tuple[str, ...] = ()


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
    state: PhotoState = PhotoState()

    def labels_of(self, disk: Keywords, owned: Owned) -> tuple[str, ...]:
        """Return the labels that the sidecar is to hold, which has these lists now."""
        undecided = {same(label) for label in self.state.undecided}
        ours = owned.still_on(disk).subject
        return (*self.wanted, *(label for label in ours if same(label) in undecided))


@dataclass(frozen=True)
class Job:
    """A sidecar to write, or (``result.outcome`` unchanged) to correct the ledger for.

    ``source``: the bytes that are edited, those of ``disk`` or what a new one begins as, or None.
    ``before``: what they hold; None where there are none. ``after``: the keyword lists to be.
    ``goes``: the sidecar is to be removed. ``content``: the photo's.
    """

    disk: OnDisk
    entry: Entry | None
    before: Sidecar | None
    after: Keywords
    merged: Merge
    result: SidecarResult
    source: bytes | None = None
    goes: bool = False
    content: str | None = None

    @property
    def key(self) -> bytes:
        """The sidecar's name in the ledger."""
        return os.fsencode(self.disk.path)


def items_for(
    targets: Iterable[Target],
    approved: Mapping[Path, Sequence[str]],
    look: Lookup,
    states: Mapping[Path, PhotoState],
) -> list[Item]:
    """Return the sidecars to look at: the one chosen for each photo, and an older one of ours.

    Where the naming style was changed, the sidecar under the other name still holds our labels,
    and some programs read that one first, so it is kept true as well.
    """
    items = []
    for target in targets:
        wanted, state = tuple(approved[target.photo]), states.get(target.photo, PhotoState())
        chosen = Item(target.photo, target.sidecar, wanted, target.other, target.note)
        items.append(replace(chosen, refused=target.refused, state=state))
        if target.other is not None:
            entry = look(os.fsencode(target.other.absolute()))
            if entry and entry.owned != Owned() and entry.photo == _key(target.photo):
                items.append(Item(target.photo, target.other, wanted, state=state))
    return items


def prepare(
    items: Sequence[Item], look: Lookup, tools: Exiftools
) -> list[tuple[SidecarResult, Job | None]]:
    """Return, for each item in order, its result if all goes well and the job that makes it so."""
    seeds = _seeds([item for item in items if _to_be_seeded(item, look)], look, tools)
    return [_prepare_one(item, look, seeds.get(item)) for item in items]


def _to_be_seeded(item: Item, look: Lookup) -> bool:
    """Say whether a sidecar is to be made, or one that we made might go, beside a photo."""
    if item.refused is not None or not item.photo.is_file():
        return False
    if item.wanted:
        return not os.path.lexists(item.sidecar)
    entry = look(os.fsencode(item.sidecar.absolute()))
    return entry is not None and entry.made and item.sidecar.is_file()


def _seeds(
    items: Sequence[Item], look: Lookup, tools: Exiftools
) -> dict[Item, Seed | RefusedSidecar]:
    """Return what new sidecars of these items begin as, or why there can be none."""
    if not items:
        return {}
    found = tools.reader.embedded([item.photo for item in items])
    seeds: dict[Item, Seed | RefusedSidecar] = {}
    for item, embedded in zip(items, found, strict=True):
        try:
            if isinstance(embedded, RefusedSidecar):
                raise embedded
            other = _other(item.other, look)
            seeds[item] = seed_of(
                embedded,
                other,
                tools.reader.makes_nothing_of,
                as_lightroom=item.sidecar.stem != item.photo.name,
            )
        except RefusedSidecar as why:
            seeds[item] = why
    return seeds


def _prepare_one(
    item: Item, look: Lookup, seed: Seed | RefusedSidecar | None
) -> tuple[SidecarResult, Job | None]:
    """Prepare one item; a refusal is its result."""
    result = SidecarResult(item.photo, item.sidecar, "unchanged", note=item.note)
    try:
        job = _job(item, look, seed, result)
    except RefusedSidecar as why:
        return result.refused(why), None
    return (job.result, replace(job, content=item.state.content)) if job else (result, None)


def _job(
    item: Item, look: Lookup, seed: Seed | RefusedSidecar | None, result: SidecarResult
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
            return _job_of_new(item, seed, disk, result)
        gone = entry is None or entry.digest is None
        return None if gone else Job(disk, entry, None, {}, Merge(Owned()), result)
    before = parse(disk.data)
    owned = entry.owned if entry else Owned()
    merged = merge(before.keywords, owned, item.labels_of(before.keywords, owned))
    kept_ours = entry is None or (merged.owned == entry.owned and _is_of(entry, item))
    unchanged = kept_ours and not merged.edits
    if unchanged and not isinstance(seed, Seed):
        return None
    after = merged.of(before.keywords)
    described = _described(result, merged, after)
    job = Job(disk, entry, before, after, merged, described, disk.data)
    if isinstance(seed, Seed) and _says_nothing_else(job, seed):
        return _gone(job)
    return None if unchanged else job


def _is_of(entry: Entry, item: Item) -> bool:
    """Say whether an entry names the photo, and the content, that it is of now."""
    content = item.state.content or entry.content
    return (entry.photo, entry.content) == (_key(item.photo), content)


def _job_of_new(
    item: Item, seed: Seed | RefusedSidecar | None, disk: OnDisk, result: SidecarResult
) -> Job:
    """Return the job that makes a sidecar, without hiding what is elsewhere."""
    if seed is None:
        raise RefusedSidecar("another program changed it meanwhile", "write again")
    if isinstance(seed, RefusedSidecar):
        raise seed
    # a list that nobody had is ours to make whole
    ours = Owned(made_hierarchy=Field.HIERARCHY not in seed.keywords)
    merged = merge(seed.keywords, ours, item.wanted)
    after = merged.of(seed.keywords)
    described = _described(result, merged, after)
    whole = {name: Edit((), entries) for name, entries in after.items()}
    return Job(
        disk,
        None,
        None if seed.data is None else parse(seed.data),
        after,
        replace(merged, edits=whole),
        replace(
            described,
            outcome="written",
            created=True,
            edits=whole,
            note="; ".join(filter(None, (item.note, seed.note))),
        ),
        seed.data,
    )


def _says_nothing_else(job: Job, seed: Seed) -> bool:
    """Say whether a sidecar that we made would say nothing that is not said without it."""
    assert job.entry is not None
    assert job.before is not None
    said = {} if seed.data is None else parse(seed.data).foreign
    return (
        job.merged.owned == Owned()
        and job.entry.made
        and job.entry.digest == digest_of(job.disk.data)
        and job.before.foreign.items() <= said.items()
        and all(set(job.after[name]) <= set(seed.keywords.get(name, ())) for name in job.after)
    )


def _gone(job: Job) -> Job:
    """Return the job that removes the sidecar instead."""
    note = "removed: it holds nothing but what the photo says itself"
    result = replace(job.result, outcome="written", note=note)
    return replace(job, after={}, goes=True, result=result)


def _other(path: Path | None, look: Lookup) -> Source | None:
    """Return the sidecar under the other name, where there is one to be read."""
    if path is None or not path.is_file():
        return None
    try:
        disk = read_sidecar(path)
    except RefusedSidecar as why:
        raise RefusedSidecar(f"it would hide {path.name}, of which: {why}") from why
    entry = look(os.fsencode(disk.path))
    return Source(disk.data or b"", path.name, entry.owned if entry else Owned())


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

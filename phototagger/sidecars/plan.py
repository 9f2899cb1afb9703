"""Approved labels and what is on disk → what to change in each sidecar; nothing is written."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from phototagger.errors import RefusedSidecar
from phototagger.sidecars.area import Area
from phototagger.sidecars.file import OnDisk
from phototagger.sidecars.items import Item, Lookup
from phototagger.sidecars.ledger import Entry, Origin, digest_of
from phototagger.sidecars.origin import Seen, look_at, says_nothing_else, seeds_of
from phototagger.sidecars.seed import Seed
from phototagger.sidecars.xmp.keywords import (
    Field,
    KeywordEdit,
    Keywords,
    Merge,
    Owned,
    check_label,
    merge,
)
from phototagger.sidecars.xmp.read import Sidecar, parse

if TYPE_CHECKING:
    from phototagger.sidecars.exiftool.edit import Exiftools

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
    edits: Mapping[Field, KeywordEdit] = dataclass_field(default_factory=dict)

    def refused(self, why: RefusedSidecar) -> SidecarResult:
        """Return the result of the same sidecar, left as it was."""
        return SidecarResult(self.photo, self.sidecar, "refused", reason=str(why), note=self.note)


_GONE = "removed: phototagger made it, and it holds no label any more"
_ANEW = "made anew, to say what the photo says of itself now"
_STRIPPED = "kept as it is beside: the photo has lost metadata that only it still has"
_NOTHING = Sidecar({}, {}, frozenset(), frozenset())


@dataclass(frozen=True)
class SidecarJob:
    """A sidecar to write, or (``result.outcome`` unchanged) to correct the ledger for.

    ``source``: the bytes that are edited, those of ``disk`` or what a new one begins as, or None.
    ``before``: what they hold. ``after``: the keyword lists to be. ``there``: those on disk.
    ``goes``: the sidecar is to be removed. ``content``: the photo's. ``made``, ``origin``: as in
    an ``Entry``, of what the job leaves.
    """

    disk: OnDisk
    entry: Entry | None
    before: Sidecar
    after: Keywords
    merged: Merge
    result: SidecarResult
    source: bytes | None = None
    there: Keywords = dataclass_field(default_factory=dict)
    goes: bool = False
    content: str | None = None
    made: bool | None = False
    origin: Origin | None = None

    @property
    def key(self) -> bytes:
        """The sidecar's name in the ledger."""
        return os.fsencode(self.disk.path)


def prepare(
    items: Sequence[Item], look: Lookup, tools: Exiftools, area: Area
) -> list[tuple[SidecarResult, SidecarJob | None]]:
    """Return, for each item in order, its result if all goes well and the job that makes it so.

    Links that lead out of ``area`` are refused.
    """
    looks = [_look_at(item, look, area) for item in items]
    return [
        _prepare_one(item, seen, seed)
        for item, seen, seed in zip(items, looks, seeds_of(looks, tools), strict=True)
    ]


def _look_at(item: Item, look: Lookup, area: Area) -> Seen | RefusedSidecar | None:
    """Return what is known of a sidecar, or why it is refused; None where it is nothing of ours."""
    if item.refused is not None:
        return item.refused
    if not item.wanted and look(item.key) is None and not item.sidecar.is_symlink():
        return None
    if not item.photo.is_file():
        return RefusedSidecar("its photo is not there, or is no file")
    try:
        for label in item.wanted:
            check_label(label)
        return look_at(item, look, area)
    except RefusedSidecar as why:
        return why


def _prepare_one(
    item: Item, seen: Seen | RefusedSidecar | None, seed: Seed | RefusedSidecar | None
) -> tuple[SidecarResult, SidecarJob | None]:
    """Prepare one item; a refusal is its result."""
    result = SidecarResult(item.photo, item.sidecar, "unchanged", note=item.note)
    if seen is None:
        return result, None
    try:
        if isinstance(seen, RefusedSidecar):
            raise seen
        if seen.held is None:
            job = _job_without_sidecar(seen, seed, result)
        elif (why := _cannot_follow(seen, seed)) is not None:
            result = _noted(result, f"it cannot follow the photo: {why}")
            job = _job_of_edit(seen, result)
        else:
            job = _job(seen, seed, result)
    except RefusedSidecar as why:
        return result.refused(why), None
    return (job.result, replace(job, content=item.state.content)) if job else (result, None)


def _cannot_follow(seen: Seen, seed: Seed | RefusedSidecar | None) -> RefusedSidecar | None:
    """Return why a sidecar that we made can only have its keywords edited; None where it can."""
    if seen.hidden is not None:
        return seen.hidden
    return seed if isinstance(seed, RefusedSidecar) else None


def _job_without_sidecar(
    seen: Seen, seed: Seed | RefusedSidecar | None, result: SidecarResult
) -> SidecarJob | None:
    """Return the job that makes a sidecar, or forgets one; None for nothing."""
    if not seen.labels:
        gone = seen.entry is None or seen.entry.digest is None
        return (
            None
            if gone
            else SidecarJob(seen.disk, seen.entry, _NOTHING, {}, Merge(Owned()), result)
        )
    why = _cannot_follow(seen, seed)
    if why is not None:
        raise why
    assert isinstance(seed, Seed)
    job = _made_of(seen, seed, replace(result, created=True))
    return replace(job, entry=None, result=_noted(job.result, seed.note))


def _job(
    seen: Seen, seed: Seed | RefusedSidecar | None, result: SidecarResult
) -> SidecarJob | None:
    """Return what is to be done to a sidecar that is there; None for nothing."""
    if not seen.follows:
        return _job_of_edit(seen, result)
    if isinstance(seed, Seed):
        is_stripped = seed.is_bare and seen.is_of_this_photo
        if (seen.made_of is None or is_stripped) and not says_nothing_else(seen, seed):
            result = result if seen.made_of is None else _noted(result, _STRIPPED)
            return _job_of_edit(seen, result, is_theirs=True)
        if seen.labels:
            return _job_of_anew(seen, seed, result)
    return _job_of_edit(seen, result) if seen.labels else _job_of_gone(seen, result)


def _job_of_edit(
    seen: Seen, result: SidecarResult, *, is_theirs: bool = False
) -> SidecarJob | None:
    """Return the job that touches our keywords only; None where they are as they should be.

    ``is_theirs``: the sidecar says what is, or may be, nowhere else.
    """
    assert seen.held is not None
    entry, there = seen.entry, seen.held.keywords
    merged = merge(there, entry.owned if entry else Owned(), seen.labels)
    digest = digest_of(seen.disk.data)
    is_as_left = entry is not None and entry.digest == digest
    is_kept = entry is None or (
        merged.owned == entry.owned
        and _is_of(entry, seen.item)
        and (is_as_left or entry.seen == digest)
    )
    if is_kept and not merged.edits and not is_theirs:
        return None
    after = merged.of(there)
    return SidecarJob(
        seen.disk,
        entry,
        seen.held,
        after,
        merged,
        _described(result, merged.edits, after),
        seen.disk.data,
        there,
        made=entry.made if entry and is_as_left and not is_theirs else False,
        origin=seen.made_of if is_as_left else None,
    )


def _job_of_anew(seen: Seen, seed: Seed, result: SidecarResult) -> SidecarJob:
    """Return the job that makes a sidecar of ours say what a new one would."""
    assert seen.held is not None
    job = _made_of(seen, seed, result)
    there = seen.held.keywords
    edits = {
        name: KeywordEdit(
            tuple(entry for entry in there.get(name, ()) if entry not in job.after.get(name, ())),
            tuple(entry for entry in job.after.get(name, ()) if entry not in there.get(name, ())),
        )
        for name in Field
    }
    edits = {name: edit for name, edit in edits.items() if edit != KeywordEdit((), ())}
    described = _described(result, edits, job.after)
    properties = (seen.held.foreign, seen.held.abouts)
    if not edits and properties == (job.before.foreign, job.before.abouts):
        return replace(job, there=there, result=described)
    anew = _noted(_noted(replace(described, outcome="written"), _ANEW), seed.note)
    return replace(job, there=there, result=anew)


def _made_of(seen: Seen, seed: Seed, result: SidecarResult) -> SidecarJob:
    """Return the job that makes a whole sidecar, without hiding what is elsewhere."""
    # a list that nobody had is ours to make whole
    ours = Owned(made_hierarchy=Field.HIERARCHY not in seed.keywords)
    merged = merge(seed.keywords, ours, seen.labels)
    after = merged.of(seed.keywords)
    whole = {name: KeywordEdit((), entries) for name, entries in after.items()}
    described = _described(result, merged.edits, after)
    return SidecarJob(
        seen.disk,
        seen.entry,
        _NOTHING if seed.data is None else parse(seed.data),
        after,
        replace(merged, edits=whole),
        replace(described, outcome="written", edits=whole),
        seed.data,
        made=True,
        origin=seen.origin,
    )


def _job_of_gone(seen: Seen, result: SidecarResult) -> SidecarJob:
    """Return the job that removes a sidecar that would only repeat its photo."""
    assert seen.held is not None
    assert seen.entry is not None
    there = seen.held.keywords
    merged = merge(there, seen.entry.owned, ())
    described = _described(result, merged.edits, merged.of(there))
    return SidecarJob(
        seen.disk,
        seen.entry,
        seen.held,
        {},
        merged,
        _noted(replace(described, outcome="written"), _GONE),
        there=there,
        goes=True,
        made=True,
        origin=seen.made_of,
    )


def _is_of(entry: Entry, item: Item) -> bool:
    """Say whether an entry names the photo, and the content, that it is of now."""
    content = item.state.content or entry.content
    return (entry.photo, entry.content) == (item.photo_key, content)


def _noted(result: SidecarResult, note: str) -> SidecarResult:
    """Return the result with one more thing to say."""
    return replace(result, note="; ".join(filter(None, (result.note, note))))


def _described(
    result: SidecarResult, edits: Mapping[Field, KeywordEdit], after: Keywords
) -> SidecarResult:
    """Return the result with its difference filled in."""
    edit = edits.get(Field.SUBJECT, KeywordEdit((), ()))
    kept = tuple(entry for entry in after.get(Field.SUBJECT, ()) if entry not in edit.added)
    return replace(
        result,
        outcome="written" if edits else "unchanged",
        added=edit.added,
        removed=edit.removed,
        kept=kept,
        edits=edits,
    )

"""The last write of sidecars, taken back byte for byte."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from phototagger.errors import RefusedSidecar
from phototagger.sidecars.area import Area
from phototagger.sidecars.commit import Move, commit, discard
from phototagger.sidecars.file import OnDisk, clean_leftovers, read_sidecar
from phototagger.sidecars.ledger import (
    Entry,
    Intent,
    Ledger,
    Undo,
    batched,
    digest_of,
    settle,
)
from phototagger.sidecars.plan import SidecarResult
from phototagger.sidecars.xmp.keywords import Field, Owned
from phototagger.sidecars.xmp.read import parse

OUTSIDE = "it does not lie where the photos are, so its path in the catalogue is not used"


@dataclass(frozen=True)
class _Return:
    """One sidecar to give its earlier bytes back; ``earlier`` is None where it is to go."""

    entry: Entry
    undo: Undo
    disk: OnDisk
    earlier: bytes | None
    result: SidecarResult

    def move(self) -> Move:
        """Return the move that does it; raise ``RefusedSidecar`` where it cannot be prepared."""
        temporary = None if self.earlier is None else self.disk.write_beside(self.earlier)
        restored = Entry(
            self.entry.sidecar,
            self.entry.photo,
            self.undo.owned,
            self.undo.before,
            (*self.result.kept, *self.result.added),
            made=self.entry.made,
            content=self.undo.content or self.entry.content,
            origin=self.undo.origin,
        )
        is_ours = self.undo.owned != Owned() or (self.entry.made and self.earlier is not None)
        intent = Intent(
            self.entry.sidecar,
            temporary.name if temporary else "",
            self.entry.digest,
            self.undo.before,
            restored if is_ours else None,
        )
        return Move(self.disk, temporary, intent)


def undo(
    ledger: Ledger,
    photos: Iterable[Path] | None = None,
    *,
    write_id: str | None = None,
    dry_run: bool = False,
    area: Area | None = None,
) -> Iterator[SidecarResult]:
    """Take back the last write, byte for byte, of each sidecar that is unchanged since.

    The last write is the newest one that was not taken back yet (``write_id`` names another),
    kept to ``photos`` where given. A sidecar that it made goes; one that anybody changed since is
    refused and stays. Neither exiftool nor the photo is needed. ``dry_run``: only say so. ``area``:
    paths of the ledger are used only there; without it all that it names is held to be ours.
    """
    if not dry_run:
        settle(ledger, area or Area.below(os.sep))
    chosen = None if photos is None else {os.fsencode(photo.absolute()) for photo in photos}
    writes = {
        entry.sidecar: entry.undo.write
        for entry in ledger.entries()
        if entry.undo is not None and (chosen is None or entry.photo in chosen)
    }
    last = write_id or max(writes.values(), default="")
    sidecars = sorted(sidecar for sidecar, write in writes.items() if write == last)
    if not dry_run:
        inside = [path for path in sidecars if _is_inside(path, ledger, area)]
        clean_leftovers(Path(os.fsdecode(sidecar)).parent for sidecar in inside)
    for batch in batched(sidecars):
        prepared = [_return(sidecar, ledger, area) for sidecar in batch]
        if dry_run:
            yield from (
                attempt.result if isinstance(attempt, _Return) else attempt for attempt in prepared
            )
        else:
            yield from _returned(prepared, ledger)


def _returned(prepared: list[_Return | SidecarResult], ledger: Ledger) -> Iterator[SidecarResult]:
    """Give one batch its earlier bytes back, and yield the results."""
    moves: list[Move] = []
    results: list[SidecarResult] = []
    places: list[int] = []
    try:
        for attempt in prepared:
            results.append(attempt.result if isinstance(attempt, _Return) else attempt)
            if isinstance(attempt, SidecarResult):
                continue
            try:
                moves.append(attempt.move())
                places.append(len(results) - 1)
            except RefusedSidecar as why:
                results[-1] = attempt.result.refused(why)
    except BaseException:
        discard(moves)
        raise
    refusals = commit(moves, ledger) if moves else []
    for place, refusal in zip(places, refusals, strict=True):
        if refusal is not None:
            results[place] = results[place].refused(refusal)
    yield from results


def _is_inside(sidecar: bytes, ledger: Ledger, area: Area | None) -> bool:
    entry = ledger.get(sidecar)
    return entry is not None and (area is None or area.holds(entry))


def _return(sidecar: bytes, ledger: Ledger, area: Area | None) -> _Return | SidecarResult:
    """Look at one sidecar; a refusal is its result."""
    entry = ledger.get(sidecar)
    path = Path(os.fsdecode(sidecar))
    assert entry is not None
    assert entry.undo is not None
    result = SidecarResult(Path(os.fsdecode(entry.photo)), path, "written")
    try:
        if area is not None and not area.holds(entry):
            raise RefusedSidecar(OUTSIDE)  # noqa: TRY301
        disk = read_sidecar(path, area)
        if digest_of(disk.data) != entry.digest or disk.path != path:
            raise RefusedSidecar("somebody changed it since", "nothing was taken back")  # noqa: TRY301
        earlier = None if entry.undo.before is None else ledger.previous(sidecar)
        if digest_of(earlier) != entry.undo.before:
            raise RefusedSidecar("what it held before is no longer known")  # noqa: TRY301
        then = () if earlier is None else parse(earlier).keywords.get(Field.SUBJECT, ())
    except RefusedSidecar as why:
        return result.refused(why)
    now = entry.subject
    described = SidecarResult(
        result.photo,
        path,
        "written",
        added=tuple(keyword for keyword in then if keyword not in now),
        removed=tuple(keyword for keyword in now if keyword not in then),
        kept=tuple(keyword for keyword in then if keyword in now),
    )
    return _Return(entry, entry.undo, disk, earlier, described)

"""Jobs → sidecars on disk: staged, edited by exiftool, read again, then put in place whole."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.errors import RefusedSidecar
from phototagger.sidecars.area import Area
from phototagger.sidecars.file import OnDisk, sync_folders
from phototagger.sidecars.ledger import Entry, Intent, Ledger, Undo, digest_of, settle
from phototagger.sidecars.xmp.keywords import Field, Keywords, Owned
from phototagger.sidecars.xmp.read import parse

if TYPE_CHECKING:
    from phototagger.sidecars.exiftool.edit import Exiftools
    from phototagger.sidecars.plan import SidecarJob


@dataclass
class Move:
    """One sidecar about to be put in place (``temporary``), removed, or only remembered anew."""

    disk: OnDisk
    temporary: Path | None
    intent: Intent

    def make(self) -> None:
        """Do it on disk; raise ``RefusedSidecar`` where the sidecar was changed meanwhile."""
        if self.intent.before != self.intent.after:
            self.disk.put(self.temporary)


def stage(jobs: Sequence[SidecarJob], tools: Exiftools, write: str) -> list[Move | RefusedSidecar]:
    """Make the new bytes of each job, checked and fsynced beside its sidecar."""
    moves: list[Move | RefusedSidecar] = []
    try:
        for number, job in enumerate(jobs):
            try:
                moves.append(_staged(job, tools, number, write))
            except RefusedSidecar as why:
                moves.append(why)
    except BaseException:
        discard([move for move in moves if isinstance(move, Move)])
        raise
    return moves


def commit(moves: Sequence[Move], ledger: Ledger) -> list[RefusedSidecar | None]:
    """Make the moves true, on disk and in the ledger; return why one was not, None where it was.

    Their order is the one that ``sidecars/ledger.py`` describes.
    """
    try:
        ledger.begin([move.intent for move in moves])
        outcomes = [_why_not_made(move) for move in moves]
        sync_folders(move.disk.path.parent for move in moves)
        failed = [move for move, why in zip(moves, outcomes, strict=True) if why]
        if failed:
            ledger.drop([move.intent.sidecar for move in failed])
        done = [m.intent.sidecar for m, why in zip(moves, outcomes, strict=True) if not why]
        if done:
            ledger.finish(done)
        discard(failed)
    except BaseException:
        # asks the disk, because an interrupt may fall between a replace and here
        settle(ledger, Area.beside(move.disk.path for move in moves))
        discard(moves)
        raise
    return outcomes


def discard(moves: Sequence[Move]) -> None:
    """Remove the temporary files of moves that were not made."""
    for move in moves:
        if move.temporary is not None:
            move.temporary.unlink(missing_ok=True)


def _why_not_made(move: Move) -> RefusedSidecar | None:
    try:
        move.make()
    except RefusedSidecar as why:
        return why
    return None


def _staged(job: SidecarJob, tools: Exiftools, number: int, write: str) -> Move:
    """Return one job's move; raise ``RefusedSidecar`` where exiftool did not do just that."""
    before = digest_of(job.disk.data)
    if job.result.outcome == "unchanged":
        photo = os.fsencode(job.result.photo.absolute())
        entry = job.entry and replace(
            job.entry,
            photo=photo,
            owned=job.merged.owned,
            made=job.made,
            content=job.content or job.entry.content,
            origin=job.origin,
            seen=before if before != job.entry.digest else None,
        )
        kept = None if job.disk.data is None else entry
        return Move(job.disk, None, Intent(job.key, "", before, before, kept, keep_previous=True))
    data = None if job.goes else _edited(job, tools, number)
    known = job.entry.owned if job.entry else Owned()
    entry = Entry(
        job.key,
        os.fsencode(job.result.photo.absolute()),
        job.merged.owned,
        digest_of(data),
        job.after.get(Field.SUBJECT, ()),
        Undo(
            write,
            before,
            known.still_on(job.there),
            job.entry.origin if job.entry else None,
            job.entry.content if job.entry else None,
        ),
        made=job.made,
        content=job.content,
        origin=job.origin,
    )
    temporary = None if data is None else job.disk.write_beside(data)
    name = temporary.name if temporary else ""
    intent = Intent(job.key, name, before, entry.digest, entry, job.disk.data)
    return Move(job.disk, temporary, intent)


def _edited(job: SidecarJob, tools: Exiftools, number: int) -> bytes:
    """Return the bytes that exiftool made of a private copy, after reading them again."""
    try:
        data, message = tools.writer.edit(f"{number}.xmp", job.source, job.merged.edits)
    except OSError as error:
        raise RefusedSidecar(f"its copy cannot be written ({error.strerror})") from error
    because = f" ({message})" if message else ""
    if data == job.source:
        raise RefusedSidecar(f"exiftool changed nothing in it{because}")
    try:
        after = parse(data)
    except RefusedSidecar as why:
        raise RefusedSidecar(f"exiftool would leave it unreadable: {why}{because}") from why
    if lost := job.before.lost_in(after):
        raise RefusedSidecar(f"exiftool would not keep {lost} as it is{because}")
    if not _as_wanted(after.keywords, job):
        raise RefusedSidecar(f"exiftool would not write the keywords as they are{because}")
    return data


def _as_wanted(keywords: Keywords, job: SidecarJob) -> bool:
    """Say whether the lists hold what they should, with the kept entries in their old order.

    Where exiftool also removes, it puts the first added entry in the place of the first removed.
    """
    for name in Field:
        there, wanted = keywords.get(name, ()), job.after.get(name, ())
        added = job.merged.edits[name].added if name in job.merged.edits else ()
        kept = [entry for entry in there if entry not in added]
        if sorted(there) != sorted(wanted) or kept != [e for e in wanted if e not in added]:
            return False
    return True

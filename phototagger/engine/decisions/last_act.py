"""The last act of a root: what it was, taken back or done again without a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from phototagger.engine.run_dir import opened_catalogue
from phototagger.printable import counted, printable
from phototagger.store.labels.history import last_root, next_act, redo, undo

if TYPE_CHECKING:
    import os

    from phototagger.store.labels.history import ActTold


class SteppedBack(NamedTuple):
    """What was taken back, or done again: in words, and how many photos it is about."""

    said: str
    photos: int


def step_back(
    run_dir: str | os.PathLike[str],
    root: str | None,
    *,
    redo: bool = False,
    dry_run: bool = False,
    force: bool = False,
) -> SteppedBack | None:
    """Take back the last act of a root, or do again what was taken back; None where none is left.

    Without a root: that of the act that is the last of all. ``dry_run`` only tells which it is.
    """
    with opened_catalogue(run_dir, writable=not dry_run, force=force) as catalogue:
        where = root or last_root(catalogue, redo=redo)
        told = next_act(catalogue, root=where, redo=redo) if where else None
        if told is None or where is None:
            return None
        if not dry_run:
            (_redo if redo else undo)(catalogue, root=where)
    return SteppedBack(_said(told), told.photos)


_redo = redo


def _said(told: ActTold) -> str:
    when = f"{told.when.astimezone():%Y-%m-%d %H:%M:%S}"
    counts = f"{counted(told.verdicts, 'decision')} on {counted(told.photos, 'photo')}"
    if told.naming is None:
        return f"{counts}, by {told.who} at {when}"
    kind, label, becomes = told.naming
    into = f" ({printable(becomes)})" if becomes not in ("", label) else ""
    photos = counted(told.photos, "photo")
    return f"labels {kind} {printable(label)}{into}, by {told.who} at {when}: {photos}"

"""The last act of a root: what it was, taken back or done again without a screen."""

import os
from collections.abc import Callable
from typing import NamedTuple

from phototagger.engine.decisions.naming import said_of_naming
from phototagger.engine.run_dir import opened_catalogue
from phototagger.printable import counted, printable
from phototagger.store.labels.history import Past, last_root, next_redo, next_undo, undo
from phototagger.store.labels.history import redo as do_again
from phototagger.store.labels.stacks import Grouping

_NAMED = 5  # labels of an act that are named


class SteppedBack(NamedTuple):
    """What was taken back, or done again: in words, and how many photos it is about."""

    said: str
    photos: int


def step_back(
    run_dir: str | os.PathLike[str],
    root: str | None,
    *,
    tell: Callable[[SteppedBack], None],
    redo: bool = False,
    dry_run: bool = False,
    force: bool = False,
) -> bool:
    """Take back the last act of a root, or do again what was taken back; False where none is left.

    Without a root: that of the act that is the last of all. ``tell`` is given which it is, before
    anything is done; with ``dry_run`` nothing is.
    """
    with opened_catalogue(run_dir, writable=not dry_run, force=force) as catalogue:
        where = root or last_root(catalogue, redo=redo)
        past = (next_redo if redo else next_undo)(catalogue, root=where) if where else None
        if past is None or where is None:
            return False
        tell(SteppedBack(_sentence_of(past), len(past.photos)))
        if not dry_run:
            (do_again if redo else undo)(catalogue, root=where)
    return True


def said_of_grouping(grouping: Grouping, where: str) -> str:
    """Return what an act did to a stack of photos, such as ``made a stack of 3 photos``."""
    if grouping.is_one:
        return f"made a stack of {where}"
    if len(grouping.sha1s) == 1:
        return f"took {where} out of its stack"
    return f"broke up a stack of {where}"


def _sentence_of(past: Past) -> str:
    when = f"{past.when.astimezone():%Y-%m-%d %H:%M:%S}"
    photos = counted(len(past.photos), "photo")
    if past.naming is not None:
        return f"{said_of_naming(past.naming)} on {photos}, by {past.who} at {when}"
    if past.grouping is not None:
        return f"{said_of_grouping(past.grouping, photos)}, by {past.who} at {when}"
    counts, word = past.approved, "approval"
    if not counts and past.decided is None:
        counts, word = past.rejected, "rejection"
        if not counts:
            return f"removed decisions on {photos}, by {past.who} at {when}"
    summary = counted(sum(counts.values()), word)
    named = [f"{printable(label)} {count:,}" for label, count in counts.items()]
    if named:
        summary += f" ({', '.join(named[:_NAMED])}{', …' if named[_NAMED:] else ''})"
    return f"what was decided on {photos}, with {summary}, by {past.who} at {when}"

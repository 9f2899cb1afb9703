"""A run_dir beside its jobs: the door to what is remembered, for commands that run no step."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.errors import UsageError
from phototagger.printable import printable
from phototagger.settings.model import Settings
from phototagger.store import places
from phototagger.store.catalogue.copies import copies_of, keep_copy
from phototagger.store.catalogue.database import CATALOGUE_NAME, Catalogue
from phototagger.store.lock import RunDirLock
from phototagger.store.repair.damage import MEANING
from phototagger.store.repair.rebuild import Brought, Repaired
from phototagger.store.runs import newest_run

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.library.library import Opened

CATALOGUE = CATALOGUE_NAME
"""The name of the catalogue's file."""


def has_catalogue(run_dir: str | os.PathLike[str]) -> bool:
    """Tell whether anything is remembered in a run_dir."""
    return Path(run_dir, CATALOGUE).is_file()


@contextmanager
def opened_catalogue(
    run_dir: str | os.PathLike[str], *, writable: bool = False, force: bool = False
) -> Iterator[Catalogue]:
    """Open what a run_dir remembers; to write, it locks the run_dir for as long.

    ``force`` takes it over from another host. Raises UsageError where there is nothing.
    """
    if not has_catalogue(run_dir):
        raise UsageError(
            f"{printable(run_dir)}: holds no decisions yet",
            "tag and approve photos first, or name another with --run-dir",
        )
    if writable:
        with locked_catalogue(run_dir, force=force) as catalogue:
            yield catalogue
    else:
        with closing(Catalogue(run_dir, writable=False)) as catalogue:
            yield catalogue


@contextmanager
def locked_catalogue(
    run_dir: str | os.PathLike[str], *, force: bool = False
) -> Iterator[Catalogue]:
    """Open a catalogue to write, a new one where there is none; the run_dir is locked meanwhile."""
    with (
        closing(RunDirLock(Path(run_dir), force=force)) as lock,
        closing(Catalogue(run_dir, lock=lock)) as catalogue,
    ):
        yield catalogue


def check_catalogue(run_dir: str | os.PathLike[str]) -> int:
    """Read all of a catalogue: damage shows only where it is read. Return how many copies it has.

    Raises PhototaggerError where it is damaged.
    """
    with opened_catalogue(run_dir) as catalogue:
        return len(copies_of(catalogue.path))


def repair_catalogue(run_dir: Path, *, force: bool = False) -> Repaired:
    """Make a new catalogue in the place of a damaged one; say what was brought back."""
    from phototagger.store.repair.rebuild import repair  # only this command needs it

    with closing(RunDirLock(run_dir, force=force)):
        return repair(run_dir)


def brought_text(one: Brought) -> str:
    """Return the line that says what became of a table."""
    from_where = ", ".join(f"{count:,} from {name}" for name, count in one.found.items())
    sentence = f"{one.table} ({MEANING.get(one.table, 'others')}): "
    sentence += f"{one.rows:,} rows brought back{f' ({from_where})' if from_where else ''}"
    if one.lost is None:
        return f"{sentence}; how many there were is not known"
    return f"{sentence}; {one.lost:,} lost" if one.lost else sentence


def keep_daily_copy(job: Job) -> str | None:
    """Copy the catalogue once a day; return what is to be said of it, if anything."""
    return keep_copy(job.catalogue, job.cancelled.is_set)


def place_notices(job: Opened) -> Iterator[str]:
    """Note where this job's root and run_dir are; yield what a person should know of the two."""
    run_dir = str(job.catalogue.path.parent)
    yield from places.notices(job.root, run_dir, is_new=job.catalogue.is_new)


def recent_roots() -> list[str]:
    """Return the roots that were used and are still there, the latest first."""
    return places.recent_roots()


def labels_file_before(settings: Settings) -> str:
    """Return the labels file that the newest run of the root had; empty where there is none."""
    run_dir = Path(settings.run_dir)
    run = newest_run(run_dir, settings, None) if has_catalogue(run_dir) else None
    return str(run.config()["settings"].get("labels_file", "")) if run else ""


def roots_used_with(run_dir: str | os.PathLike[str]) -> list[str]:
    """Return the roots that this user used with a run_dir last."""
    return places.roots_used_with(run_dir)

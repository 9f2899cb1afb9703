"""A part of a library: the run_dir of another phototagger, opened to be taken from.

It may be of another machine, and somebody else's: it is only read, and no link in it is followed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from phototagger.engine.model import VECTORS_FOLDER, place_of
from phototagger.engine.run_dir import opened_catalogue
from phototagger.errors import UsageError
from phototagger.files.own import check_owner, is_real_folder
from phototagger.files.paths import restored
from phototagger.printable import printable
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.schema import VERSION
from phototagger.store.runs import settings_of_runs
from phototagger.store.vectors.by_content import Vectors
from phototagger.store.vectors.parts import Part, Parts

if TYPE_CHECKING:
    from phototagger.engine.job import Job

_ANEW = "compute that part anew, as this run_dir is: its --model-name, --pretrained and --precision"
_SAME = ("model_name", "from_thumbs", "precision")


class OtherVectors(NamedTuple):
    """Vectors of another store: ``whole`` are its parts that are, ``ours`` where they belong."""

    theirs: Parts
    whole: list[Part]
    ours: Vectors


class OtherPart(NamedTuple):
    """What another run_dir holds of a job's model.

    ``roots`` and ``caches`` are the folders of photos and of thumbnails that it was used with.
    """

    folder: str
    catalogue: Catalogue
    vectors: list[OtherVectors]
    roots: list[str]
    caches: list[str]


@contextmanager
def opened_part(job: Job, folder: str) -> Iterator[OtherPart]:
    """Open another run_dir, once it is known to fit.

    Raises UsageError where it does not: another model or precision, a catalogue of another
    version, somebody else's folder. DamagedCatalogueError where its catalogue is damaged.
    """
    shown = printable(folder)
    with contextlib.suppress(OSError):
        if os.path.samefile(folder, job.run_dir):  # noqa: PTH121
            raise UsageError(f"--merge: {shown} is the run_dir itself", "name the others")
    if not os.path.isdir(folder):  # noqa: PTH112
        raise UsageError(f"--merge: {shown} is no folder", "name the run_dirs of the parts")
    check_owner(folder, "merge", job.root)
    with opened_catalogue(folder) as catalogue:
        if catalogue.found_version != VERSION:
            raise UsageError(
                f"--merge: the catalogue in {shown} has version {catalogue.found_version}, this "
                f"phototagger's have {VERSION}",
                "run this phototagger once with that --run-dir, which brings it up",
            )
        runs = settings_of_runs(Path(folder), job.model.known.model)
        _check_settings(job, shown, runs)
        yield OtherPart(
            folder,
            catalogue,
            _vectors(job, folder),
            _texts(run.get("root") for run in runs),
            _texts(run.get("cache_dir") for run in runs),
        )


def _check_settings(job: Job, shown: str, runs: Iterable[dict[str, Any]]) -> None:
    """Refuse a part whose vectors were made with other settings."""
    for run in runs:
        for name in _SAME:
            theirs, ours = run.get(name), getattr(job.settings, name)
            if theirs is not None and theirs != ours:
                raise UsageError(
                    f"--merge: in {shown} {name} was {printable(str(theirs))}, here it is {ours}",
                    _ANEW,
                )


def _vectors(job: Job, folder: str) -> list[OtherVectors]:
    every = []
    for kind in ("images", "labels"):
        ours, place = job.model.vectors(kind), folder / place_of(job.model.known, kind)
        for above in (place, *place.parents)[:3]:  # the kind's, the model's, that of all vectors
            if os.path.lexists(above) and not is_real_folder(above):
                raise UsageError(
                    f"--merge: {printable(above)}: is a link or no folder, so it may not be "
                    "phototagger's own",
                    "put the folder itself there",
                )
        theirs = Parts(place)
        whole = theirs.whole()
        lengths = {part.rows.shape[1] for part in whole} | ({ours.dimension} - {0})
        if len(lengths) > 1:
            raise UsageError(
                f"--merge: vectors in {printable(place)} have {min(lengths)} numbers, others of "
                f"the model {max(lengths)}",
                "compute that part anew",
            )
        every.append(OtherVectors(theirs, whole, ours))
    if not any(vectors.whole for vectors in every if vectors.ours is job.model.images):
        _refuse_others(job, folder)
    return every


def _refuse_others(job: Job, folder: str) -> None:
    """Refuse a part whose photos have vectors of other models alone; it may have no photos."""
    others = sorted(Path(folder, VECTORS_FOLDER).glob("*/images/*.keys"))
    if others:
        names = dict.fromkeys(printable(path.parent.parent.name) for path in others)
        raise UsageError(
            f"--merge: {printable(folder)} holds no vectors of the model "
            f"{job.model.known.pictures}, only of {', '.join(names)}",
            _ANEW,
        )


def _texts(values: Iterable[object]) -> list[str]:
    """Return the paths among some frozen settings, each once."""
    return list(dict.fromkeys(path for value in values if isinstance(path := restored(value), str)))

"""Parts of a library that were computed apart, brought together by content.

Every part is checked before anything of one is taken. What is here already is not taken again, so
a merge that was killed goes on where it ended.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from phototagger.core.path_column import PathIndex
from phototagger.core.scan import relative
from phototagger.core.thumb_cache import (
    begin_cache,
    is_cache,
    read_thumbnail,
    save_thumbnail,
    thumbnail_keys,
)
from phototagger.engine.events import Event, Notice, StepFinished, StepProgress, StepStarted
from phototagger.engine.shards.part import OtherPart, opened_part
from phototagger.imaging.taken import Taken
from phototagger.printable import counted, printable
from phototagger.store.photos.contents import KnownFile, KnownFiles, known_files, remember_files
from phototagger.store.vectors.keys import KeyIndex, Keys, as_bytes, as_keys

if TYPE_CHECKING:
    from phototagger.engine.job import Job

_LOOKED_AFTER = 256  # thumbnails, between two looks whether to stop


def merge(job: Job) -> Iterator[Event]:
    """Take what the parts of a job hold: vectors, what is known of photos, thumbnails.

    Raises UsageError, before anything was taken, where one does not fit.
    """
    with ExitStack() as opened:
        parts = [opened.enter_context(opened_part(job, folder)) for folder in job.parts]
        yield from _vectors(job, parts)
        for part in parts:
            learnt = sum(_learn(job, part, root) for root in part.roots)
            yield Notice(f"{printable(part.folder)}: knew {counted(learnt, 'photo')} of these")
        job.look_again()
        for part in parts:
            yield from _thumbnails(job, part)


def _vectors(job: Job, parts: Sequence[OtherPart]) -> Iterator[Event]:
    every = [vectors for part in parts for vectors in part.vectors]
    total = sum(len(part.keys) for vectors in every for part in vectors.whole)
    done = taken = damaged = 0
    yield StepStarted("merge", total)
    for vectors in every:
        for part, new in vectors.ours.bring(vectors.whole):
            job.check_cancelled()
            done += len(part.keys)
            if new is None:
                damaged += len(part.keys)
                file = printable(vectors.theirs.path(part.number, "npy"))
                yield Notice(f"{file}: is damaged, so it is left out and computed again here")
            else:
                taken += new
            yield StepProgress("merge", done, total)
    yield StepFinished("merge", taken, done - taken - damaged, damaged)


def _learn(job: Job, part: OtherPart, root: str) -> int:
    """Keep what a part knows of photos that are here, unchanged, and not known; count them."""
    photos, scanned = job.photos, job.scan.photos
    index = PathIndex(photos.paths)
    sizes, mtimes_ns = (
        np.frombuffer(column, np.int64) for column in (scanned.sizes, scanned.mtimes_ns)
    )
    count = 0
    for files in known_files(part.catalogue, root):
        job.check_cancelled()
        paths = [os.path.join(photos.root, relative(path, root)) for path in files.paths]  # noqa: PTH118
        at = index.find(paths)
        same = (at >= 0) & ~photos.known[at]
        same &= (sizes[at] == files.sizes) & (mtimes_ns[at] == files.mtimes_ns)
        rows = np.flatnonzero(same)
        remember_files(job.catalogue, _known(part, files, rows, paths))
        count += len(rows)
    return count


def _known(
    part: OtherPart, files: KnownFiles, rows: NDArray[np.int64], paths: Sequence[str]
) -> list[KnownFile]:
    """Return what a part knows of files, under the paths that they have here."""
    sha1s = as_bytes(files.keys[rows])
    pictures = _rows(part, "SELECT sha1, digest, look FROM picture WHERE sha1 IN ({})", sha1s)
    taken = _rows(part, "SELECT sha1, clock, zone, camera FROM taken WHERE sha1 IN ({})", sha1s)
    known = []
    for row, sha1 in zip(rows.tolist(), sha1s, strict=True):
        wide, high = files.shapes[row].tolist()
        picture, look = pictures.get(sha1) or (None, None)
        stamp = (int(files.sizes[row]), int(files.mtimes_ns[row]))
        shape = (wide or None, high or None)
        when = Taken(*taken[sha1]) if sha1 in taken else None
        reason = files.reasons.get(row)
        known.append(KnownFile(paths[row], sha1, *stamp, *shape, reason, picture, look, when))
    return known


def _rows(part: OtherPart, query: str, sha1s: Sequence[bytes]) -> dict[bytes, tuple[Any, ...]]:
    return {sha1: tuple(row) for sha1, *row in part.catalogue.rows_of(query, sha1s)}


def _thumbnails(job: Job, part: OtherPart) -> Iterator[Event]:
    """Copy the thumbnails that a part made of photos that are here and have none."""
    ours = job.settings.cache_dir
    wanted = job.photos.keys[job.photos.usable()]
    for theirs in part.caches:
        missing = wanted[~_cached(ours).has(wanted)]
        if not len(missing) or os.path.realpath(theirs) == os.path.realpath(ours):
            continue
        if not is_cache(theirs):
            yield Notice(
                f"{printable(part.folder)}: its thumbnails, in {printable(theirs)}, are not here: "
                "copy what is in it into cache_dir, or they are made again"
            )
            continue
        begin_cache(ours)
        for at, sha1 in enumerate(as_bytes(missing[_cached(theirs).has(missing)])):
            if at % _LOOKED_AFTER == 0:
                job.check_cancelled()
            data = read_thumbnail(theirs, sha1)
            if data is not None:
                save_thumbnail(data, ours, sha1)


def _cached(cache_dir: str) -> KeyIndex:
    keys: Keys = as_keys([thumbnail_keys(cache_dir)])
    return KeyIndex(keys)

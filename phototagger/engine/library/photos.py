"""The photos of a job, in scan order, by columns: memory for a million of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from phototagger.core.path_column import PathColumn, PathIndex
from phototagger.core.scan import FoundPhotos, Scan, folder_of, relative, scan
from phototagger.formats import said_of
from phototagger.imaging.limits import Limits
from phototagger.imaging.opened import check_formats
from phototagger.printable import counted, printable
from phototagger.reasons import Reason
from phototagger.settings.model import Settings
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.photos.contents import KnownFiles, known_files
from phototagger.store.vectors.keys import KEY_BYTES, Keys


@dataclass
class Photos:
    """N photos: paths, uint8 [N, 20] keys, bool [N] known, int32 [N, 2] width and height.

    A photo is known where its content was read before and the file has not changed since.
    ``reasons`` says why a photo cannot be used, by position. ``gone`` are the contents uint8
    [G, 20] of files that were under the root and are changed now, or no photo of this scan.
    ``read`` has what photos hold that are not known, where somebody asked, by position; of those
    that were read where nothing may be kept, ``arrived`` has the SHA-1 of their bytes.
    ``carried`` counts the decided photos that were found with other metadata, and ``formers`` are
    the contents whose decisions are offered for a photo, by position. ``new`` are the positions of
    photos that were not known when they were found. ``pairs`` has the raw of each JPEG that stands
    for both, by path.
    """

    root: str
    paths: PathColumn
    keys: Keys
    known: NDArray[np.bool_]
    sizes: NDArray[np.int32]
    reasons: dict[int, Reason] = field(default_factory=dict)
    carried: int = 0
    offers_told: bool = False
    read: dict[int, bytes] = field(default_factory=dict)
    arrived: dict[int, bytes] = field(default_factory=dict)
    formers: dict[int, bytes] = field(default_factory=dict)
    gone: Keys = field(default_factory=lambda: np.zeros((0, KEY_BYTES), np.uint8))
    new: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    pairs: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.paths)

    def usable(self) -> NDArray[np.bool_]:
        """Tell which photos are known and can be decoded."""
        return self.known & self.sound()

    def sound(self) -> NDArray[np.bool_]:
        """Tell which photos are not known to be of no use."""
        mask = np.ones(len(self), np.bool_)
        mask[list(self.reasons)] = False
        return mask

    def only(self, chosen: NDArray[np.int64]) -> Photos:
        """Return the photos at these positions, ascending, as they were found."""
        at = {position: now for now, position in enumerate(chosen.tolist())}
        return Photos(
            self.root,
            self.paths.only(chosen),
            self.keys[chosen],
            self.known[chosen],
            self.sizes[chosen],
            {at[position]: why for position, why in self.reasons.items() if position in at},
            gone=self.gone,
            new=np.array(
                [at[position] for position in self.new.tolist() if position in at], np.int64
            ),
            pairs=self.pairs,
        )

    def rel_path(self, position: int) -> str:
        """Return a photo's path relative to the root."""
        return relative(self.paths[position], self.root)

    def content(self, position: int) -> bytes | None:
        """Return the SHA-1 of a photo, None where nobody has read it."""
        known = self.known[position]
        return self.keys[position].tobytes() if known else self.read.get(position)

    def learn(self, position: int, sha1: bytes, width: int, height: int) -> None:
        """Note what a photo's file turned out to be."""
        self.keys[position] = np.frombuffer(sha1, np.uint8)
        self.sizes[position] = width, height
        self.known[position] = True
        self.reasons.pop(position, None)

    def by_folder(self, chosen: NDArray[np.bool_]) -> dict[str, NDArray[np.int64]]:
        """Return the positions of the chosen photos by their folder, the root's own first."""
        named: dict[str, list[NDArray[np.int64]]] = {}
        for run in self.paths.runs(np.flatnonzero(chosen)):
            named.setdefault(folder_of(self.rel_path(int(run[0]))), []).append(run)
        order = sorted(named, key=lambda name: "" if name == "." else name.replace("/", "\0"))
        return {name: np.concatenate(named[name]) for name in order}


def photos_now(
    root: str,
    catalogue: Catalogue | None,
    settings: Settings,
    tell: Callable[[FoundPhotos], None] = lambda _: None,
    check: Callable[[], None] = lambda: None,
) -> tuple[Scan, Photos]:
    """Look at a root; return what is there, and its photos with what a catalogue knows of them.

    ``tell``: see ``scan``; ``check``: see ``photos_known``. Raises MissingError where a format's
    package is not installed.
    """
    check_formats(settings.formats)
    scanned = scan(
        root,
        max_images=settings.max_images,
        skip=(settings.run_dir, settings.cache_dir),
        formats=settings.formats,
        pair_raw=settings.pair_raw,
        tell=tell,
    )
    return scanned, photos_known(scanned, catalogue, settings, check)


def photos_known(
    found: Scan,
    catalogue: Catalogue | None,
    settings: Settings,
    check: Callable[[], None] = lambda: None,
) -> Photos:
    """Return the photos of a scan, with what a catalogue knows of them by now.

    ``check`` is called for each block of them, and may raise.
    """

    def known() -> Iterator[KnownFiles]:
        for files in known_files(catalogue, found.root) if catalogue else ():
            check()
            yield files

    return photos_of(found, known(), Limits.of(settings))


def left_out(found: Scan) -> Iterator[str]:
    """Yield what is said of photos that lie in a folder of ours, one line for each."""
    for folder, count in found.left_out.items():
        photos = counted(count, "photo")
        yield (
            f"{photos} in {printable(folder)} {'is' if count == 1 else 'are'} left out, as that is "
            "the folder of phototagger's own files: name another with --run-dir"
        )


def photos_of(found: Scan, known: Iterable[KnownFiles], limits: Limits) -> Photos:
    """Return the photos of a scan, with what is known of files that have not changed since."""
    count = len(found.photos)
    photos = Photos(
        found.root,
        found.photos.paths,
        np.zeros((count, KEY_BYTES), np.uint8),
        np.zeros(count, np.bool_),
        np.zeros((count, 2), np.int32),
        pairs=found.pairs,
    )
    index = None
    gone = [photos.gone]
    sizes = np.frombuffer(found.photos.sizes, np.int64)
    mtimes_ns = np.frombuffer(found.photos.mtimes_ns, np.int64)
    for files in known:
        index = index or PathIndex(photos.paths)
        positions = index.find(files.paths)
        rows = np.flatnonzero(positions >= 0)
        at = positions[rows]
        same = (sizes[at] == files.sizes[rows]) & (mtimes_ns[at] == files.mtimes_ns[rows])
        gone += [files.keys[positions < 0], files.keys[rows[~same]]]
        _learn(photos, files, rows[same], at[same], limits)
    photos.gone = np.concatenate(gone)
    photos.new = np.flatnonzero(~photos.known)
    return photos


def _learn(
    photos: Photos,
    files: KnownFiles,
    rows: NDArray[np.int64],
    at: NDArray[np.int64],
    limits: Limits,
) -> None:
    """Note what is known of the files in these rows, which are photos and have not changed."""
    photos.keys[at] = files.keys[rows]
    photos.sizes[at] = files.shapes[rows]
    photos.known[at] = True
    formats = said_of(limits.formats)
    large = limits.refuses(files.shapes[rows])
    odd = {*rows[large].tolist(), *files.reasons} if files.reasons or large.any() else ()
    if not odd:
        return
    for row, position in zip(rows.tolist(), at.tolist(), strict=True):
        if row not in odd:
            continue
        reason = files.reasons.get(row)
        wide, high, scans = _size(files.shapes[row], reason)
        if over := limits.refusal(wide, high, scans):
            reason = over
        elif reason and (wide or reason.is_outdated(formats)):
            # The limit was raised since, or more is read: the photo is to be looked at again.
            photos.known[position], photos.keys[position], photos.sizes[position] = False, 0, 0
            continue
        if reason:
            photos.reasons[position] = reason


def _size(shape: NDArray[np.int32], reason: Reason | None) -> tuple[int, int, int]:
    """Return a file's width, height and scans, by its header where it was not decoded."""
    if shape.all():
        return int(shape[0]), int(shape[1]), 1
    fields = reason.fields if reason else {}
    return int(fields.get("width", 0)), int(fields.get("height", 0)), int(fields.get("scans", 1))

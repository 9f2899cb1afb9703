"""Photos by words, likeness, names, labels, dates and cameras, without a screen.

Words are looked for in names and approved labels, and by meaning: the cosine of a photo's vector
with that of the text (Radford et al., "Learning Transferable Visual Models From Natural Language
Supervision", 2021). All vectors are read once, in blocks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phototagger.errors import PhototaggerError
from phototagger.imaging.taken import Taken
from phototagger.model.vectors import Float32, normalised
from phototagger.review.photo_list import Listing
from phototagger.review.search.exif import ExifOfPhotos
from phototagger.review.search.query import Query
from phototagger.store.labels.by_label import approved_on
from phototagger.store.labels.names import GONE, names
from phototagger.store.photos.contents import times_under
from phototagger.store.photos.taken import known_taken, taken_seal

if TYPE_CHECKING:
    from phototagger.engine.library.library import Opened

NEAREST = 200
"""How many photos are shown by meaning or by likeness where nobody asks for more or fewer."""

Bools = NDArray[np.bool_]

_DATED = re.compile(r"(?<!\d)(?:19|20)\d\d[-_/.]?(?:0[1-9]|1[0-2])")


class Matches(NamedTuple):
    """Photos that were found, the best first: their ``positions`` in the listing, int32 [n].

    ``cosines`` float32 [n] is None where nothing was compared, and NaN for a photo without a
    vector. The first ``said`` of them have the words in their name or as an approved label.
    """

    positions: NDArray[np.int32]
    cosines: Float32 | None = None
    said: int = 0


class PhotoSearch:
    """Looks for photos of a listing; what goes by paths is made ready once. Use from one thread."""

    def __init__(self, job: Opened, listing: Listing) -> None:
        self._job = job
        self.listing = listing
        begins = len(job.root.rstrip(os.sep)) + 1
        self._paths = [path[begins:].lower() for path in listing.paths]
        self._exif: tuple[int, ExifOfPhotos] | None = None  # and as of which seal

    def find(self, query: Query, text: Float32 | None = None) -> Matches:
        """Return the photos that fit a query, best first.

        First those whose name or approved labels hold all the words, then, with the ``text``'s
        vector [D], all others by how near they are in meaning. Without words every photo that
        fits is found, in the order of the listing.
        """
        fits = self._fitting(query)
        if not query.words:
            return Matches(_places(fits))
        holding = fits & self._with_words(query.words)
        if text is None:
            return Matches(_places(holding), None, int(np.count_nonzero(holding)))
        cosines = self._cosines(text)
        exact = _ranked(holding, cosines)
        near = _ranked(fits & ~holding & ~np.isnan(cosines), cosines)
        positions = np.concatenate([exact, near])
        return Matches(positions, cosines[positions], len(exact))

    def like(self, positions: Sequence[int], query: Query) -> Matches:
        """Return the photos that are most like some photos, best first, without these.

        Of the query all counts but the meaning of its words. Raises KeyError where one of the
        photos has no vector.
        """
        images = self._job.model.images
        units = normalised(images.get(self.listing.keys[list(positions)]))
        cosines = self._cosines(units.mean(axis=0))
        fits = self._fitting(query) & ~np.isnan(cosines)
        if query.words:
            fits &= self._with_words(query.words)
        same = [position for at in positions for position in self.listing.same_content(at)]
        fits[same] = False
        nearest = _ranked(fits, cosines)
        return Matches(nearest, cosines[nearest])

    def taken(self, position: int) -> Taken:
        """Return when and with what a photo was taken, as far as that is known."""
        return known_taken(self._job.catalogue, self.listing.sha1(position))

    def _cosines(self, vector: Float32) -> Float32:
        if self._job.model.known_or_none is None:
            return np.full(len(self.listing), np.nan, np.float32)
        return self._job.model.images.cosines(self.listing.keys, vector)

    def _fitting(self, query: Query) -> Bools:
        """Tell which photos have the labels, names, cameras and dates of a query."""
        fits = np.ones(len(self.listing), np.bool_)
        for mask in self._approved(query.labels).values():
            fits &= mask
        for name in query.names:
            standing = np.flatnonzero(fits)
            fits[standing] = self._named(name, standing)
        for camera in query.cameras:
            fits &= self._said_by_exif.by_camera(camera)
        for date in query.dates:
            fits &= self._dated(date)
        return fits

    def _with_words(self, words: str) -> Bools:
        """Tell which photos have all words in their names or among their approved labels."""
        whole, single_words = words.lower(), list(dict.fromkeys(words.lower().split()))
        approved = self._approved([whole, *single_words])
        holding = np.ones(len(self.listing), np.bool_)
        for word in single_words:
            lacking = np.flatnonzero(holding & ~approved[word])
            holding[lacking] = self._named(word, lacking)
        return holding | approved[whole]

    def _approved(self, words: Sequence[str]) -> dict[str, Bools]:
        """Tell for each word on which photos it is approved; an old name of a label will do."""
        catalogue, current_names = self._job.catalogue, names(self._job.catalogue)
        label_of = self._job.model.tree.label_of
        meant = {word: current_names.label_of(label_of(_as_text(word))) for word in words}
        photos_of = approved_on(catalogue, {*meant.values()} - {GONE})
        masks = {}
        for word, label in meant.items():
            masks[word] = np.zeros(len(self.listing), np.bool_)
            if photos := photos_of.get(label):
                masks[word][self.listing.positions_of(photos)] = True
        return masks

    def _named(self, part: str, among: NDArray[np.int64]) -> Bools:
        """Tell which of some photos have a relative path that holds some letters."""
        paths = self._paths
        return np.array([part in paths[at] for at in among.tolist()], np.bool_)

    def _dated(self, date: str) -> Bools:
        """Tell which photos are of a date: by EXIF, or else by their path, or by their file."""
        first, after = _period(date)
        taken = self._said_by_exif
        begin, end = (int(moment.astimezone().timestamp()) * 10**9 for moment in (first, after))
        mask = (self._times >= begin) & (self._times < end) & ~self._has_date
        asked = re.compile(r"(?<!\d)" + "[-_/.]?".join(date.split("-")))
        for at in np.flatnonzero(self._has_date & ~taken.is_dated()).tolist():
            mask[at] = asked.search(self._paths[at]) is not None
        return np.where(taken.is_dated(), taken.between(first, after), mask)

    @property
    def _said_by_exif(self) -> ExifOfPhotos:
        """What EXIF says, as it is known now: that of older photos is read beside everything."""
        seal = taken_seal(self._job.catalogue)
        if self._exif is None or self._exif[0] != seal:
            self._exif = seal, ExifOfPhotos(self._job.catalogue, self.listing)
        return self._exif[1]

    @cached_property
    def _has_date(self) -> Bools:
        """Which paths name a month, bool [N]."""
        return np.array([_DATED.search(path) is not None for path in self._paths], np.bool_)

    @cached_property
    def _times(self) -> NDArray[np.int64]:
        """When the files were changed, in nanoseconds, int64 [N]; 0 where that is not known."""
        times = times_under(self._job.catalogue, self._job.root)
        paths = self.listing.paths
        return np.array([times.get(os.fsencode(path), 0) for path in paths], np.int64)


def text_vector(job: Opened, words: str) -> Float32:
    """Return the vector float32 [D] of words; loads the model where they are no known label.

    Nothing is kept of it. Raises PhototaggerError where the photos' vectors are of another model.
    """
    words = _as_text(words)
    if job.model.with_vectors([words]):
        vectors = job.model.labels([words])
    else:
        vectors = job.model.encoder.labels([words], job.settings.prompts)
    vector: Float32 = vectors[0]
    if len(vector) != job.model.images.dimension:
        raise PhototaggerError(
            f"the photos' vectors have {job.model.images.dimension} numbers, those of words have "
            f"{len(vector)}: another model made them",
            "compute the photos' vectors anew, in another run_dir",
        )
    return vector


def _as_text(words: str) -> str:
    """Return words with a sign for each byte that is no text: names may have these, labels not."""
    return words.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _period(date: str) -> tuple[datetime, datetime]:
    """Return the first moment of a year, month or day, and the one after its last."""
    year, month, day = (*map(int, date.split("-")), 0, 0)[:3]
    first = datetime(year, month or 1, day or 1)
    if day:
        after = first + timedelta(days=1)
    elif month:
        after = datetime(year + month // 12, month % 12 + 1, 1)
    else:
        after = datetime(year + 1, 1, 1)
    return first, after


def _places(fits: Bools) -> NDArray[np.int32]:
    return np.flatnonzero(fits).astype(np.int32)


def _ranked(fits: Bools, cosines: Float32) -> NDArray[np.int32]:
    """Return the positions that fit, best first; those without a cosine last, ties by position."""
    positions = _places(fits)
    order = np.argsort(-np.nan_to_num(cosines[positions], nan=-2.0), kind="stable")
    ranked: NDArray[np.int32] = positions[order]
    return ranked

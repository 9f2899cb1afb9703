"""Searches in a review, as they are typed: what is known without the model first, then by words.

The model's process stays beside the screen; until it is loaded, words are looked for in names and
approved labels.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from phototagger.engine.library.vocabulary import known_words
from phototagger.errors import PhototaggerError
from phototagger.review.search.query import Query, parse_query
from phototagger.review.search.searching import NEAREST, PhotoSearch, text_vector
from phototagger.review.view import SearchResults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from phototagger.model.vectors import Float32
    from phototagger.review.photo_list import Listing
    from phototagger.review.photos_shown import PhotosShown

_SO_FAR = "names, labels, dates so far"
_ONLY = "only names, labels, dates"


class Answer(NamedTuple):
    """What a search found among the photos of a listing, and what a person should know of that."""

    listing: Listing
    results: SearchResults
    note: str = ""


class LiveSearch:
    """Searches among the photos of a review, on any threads."""

    def __init__(self, photos: PhotosShown) -> None:
        self._photos = photos
        self._search: PhotoSearch | None = None
        self._searching, self._asking = threading.Lock(), threading.Lock()
        self._failed = ""  # why the model could not be loaded

    def find(
        self, line: str, is_over: Callable[[], bool], *, is_busy: bool = False
    ) -> Iterator[Answer]:
        """Yield what a line finds, twice where the model has to be waited for.

        ``is_busy``: it is at work for somebody else. Once ``is_over`` nobody waits for an answer.
        """
        job = self._photos.job
        query = parse_query(line, known_words(job.catalogue, job.offered))
        lacking = self._lacking(query.words)
        if not query.words or lacking:
            yield self._answer(line, query, None, lacking and f"{_ONLY}: {lacking}")
            return
        is_loaded = job.model.loaded
        if not job.model.with_vectors([query.words]) and (is_busy or not is_loaded):
            waits = "the model is at work" if is_loaded else "the model is loading"
            yield self._answer(line, query, None, f"{_SO_FAR}: {waits}")
        with self._asking:  # of what was typed meanwhile only the last is worth asking for
            if is_over():
                return
            text, note = self._text(query.words)
        yield self._answer(line, query, text, note)

    def like(self, positions: Sequence[int]) -> Answer:
        """Return what is most like some photos, without them.

        Raises PhototaggerError where none of them has a vector.
        """
        photos, model = self._photos, self._photos.job.model
        keys = photos.listing.keys[list(positions)]
        known = model.images.has(keys).tolist() if model.known_or_none else ()
        liked = [one for one, has in zip(positions, known, strict=False) if has]
        if not liked:
            raise PhototaggerError("nothing can be like it: it has no vector yet", "r, embed")
        said = photos.name(liked[0]) if len(liked) == 1 else f"{len(liked):,} photos"
        with self._searching:
            search = self._now()
            found = search.like(liked, Query())
        return Answer(search.listing, SearchResults(f"like {said}", found.positions, NEAREST))

    def _lacking(self, words: str) -> str:
        """Return why words cannot be compared with photos, if they cannot."""
        model = self._photos.job.model
        if model.known_or_none is None or not len(model.images):
            return "no photo has a vector yet"
        if model.loaded or model.with_vectors([words]):
            return ""
        return self._failed or ("" if self._photos.job.writer else "another phototagger decides")

    def _text(self, words: str) -> tuple[Float32 | None, str]:
        """Return the vector of words [D], or why there is none; loads the model for it."""
        try:
            return text_vector(self._photos.job, words), ""
        except PhototaggerError as error:
            self._failed = error.cause
            return None, f"{_ONLY}: {error.cause}"

    def _answer(self, line: str, query: Query, text: Float32 | None, note: str) -> Answer:
        with self._searching:
            search = self._now()
            found = search.find(query, text)
        most = NEAREST if query.words else None
        return Answer(search.listing, SearchResults(f"/{line}", found.positions, most), note)

    def _now(self) -> PhotoSearch:
        """Return what searches the listing that is shown now."""
        photos = self._photos
        if self._search is None or self._search.listing is not photos.listing:
            self._search = PhotoSearch(photos.job, photos.listing)
        return self._search

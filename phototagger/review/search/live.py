"""Searches in a review, as they are typed: what is known without the model first, then by words.

The model's process stays beside the screen; until it is loaded, words are looked for in names and
approved labels.
"""

import threading
from collections.abc import Sequence
from typing import NamedTuple

from phototagger.engine.library.vocabulary import known_words
from phototagger.errors import PhototaggerError
from phototagger.model.vectors import Float32
from phototagger.review.photo_list import Listing
from phototagger.review.photos_shown import PhotosShown
from phototagger.review.search.query import Query, parse_query
from phototagger.review.search.searching import NEAREST, PhotoSearch, text_vector
from phototagger.review.view import SearchResults

_BY = "names, labels, dates"


class TypedLine(NamedTuple):
    """What a line asks for. ``note``: why its words are not compared with photos, or not yet.

    ``by_words``: they can be, though somebody may have to wait for it.
    """

    line: str
    query: Query
    note: str = ""
    by_words: bool = False


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
        self._searching = threading.Lock()
        self._failed = ""  # why the model could not be loaded

    def read(self, line: str, *, is_busy: bool = False) -> TypedLine:
        """Return what a line asks for; ``is_busy``: the model is at work for somebody else."""
        job = self._photos.job
        query = parse_query(line, known_words(job.catalogue, job.offered))
        if not query.words:
            return TypedLine(line, query)
        if lacking := self._lacking(query.words):
            return TypedLine(line, query, f"only {_BY}: {lacking}")
        note = ""
        if not job.model.with_vectors([query.words]):
            loaded = job.model.loaded
            waits = "" if loaded and not is_busy else "model at work" if loaded else "model loading"
            note = f"{_BY}: {waits}" if waits else ""
        return TypedLine(line, query, note, by_words=True)

    def known(self, asked: TypedLine) -> Answer:
        """Return what is found without the model."""
        return self._answer(asked, None, asked.note)

    def by_words(self, asked: TypedLine) -> Answer:
        """Return what is found with the vector of its words; loads the model for it."""
        try:
            text = text_vector(self._photos.job, asked.query.words)
        except PhototaggerError as error:
            self._failed = error.cause
            return self._answer(asked, None, f"only {_BY}: {error.cause}")
        return self._answer(asked, text, "")

    def like(self, positions: Sequence[int]) -> Answer:
        """Return what is most like some photos, without them.

        Raises PhototaggerError where none of them has a vector.
        """
        photos, model = self._photos, self._photos.job.model
        keys = photos.listing.keys[list(positions)]
        known = model.images.has(keys).tolist() if model.known_or_none else ()
        liked = [
            position for position, has_vector in zip(positions, known, strict=False) if has_vector
        ]
        if not liked:
            raise PhototaggerError("nothing can be like it: it has no vector yet", "r, embed")
        named = photos.name(liked[0]) if len(liked) == 1 else f"{len(liked):,} photos"
        with self._searching:
            search = self._current_search()
            matches = search.like(liked, Query())
        return Answer(search.listing, SearchResults(f"like {named}", matches.positions, NEAREST))

    def _lacking(self, words: str) -> str:
        """Return why words cannot be compared with photos, if they cannot."""
        model = self._photos.job.model
        if model.known_or_none is None or not len(model.images):
            return "no photo has a vector yet"
        if model.loaded or model.with_vectors([words]):
            return ""
        return self._failed or ("" if self._photos.job.writer else "another phototagger decides")

    def _answer(self, asked: TypedLine, text: Float32 | None, note: str) -> Answer:
        with self._searching:
            search = self._current_search()
            matches = search.find(asked.query, text)
        most = None if matches.cosines is None else NEAREST
        results = SearchResults(f"/{asked.line}", matches.positions, most)
        return Answer(search.listing, results, note)

    def _current_search(self) -> PhotoSearch:
        """Return what searches the listing that is shown now."""
        photos = self._photos
        if self._search is None or self._search.listing is not photos.listing:
            self._search = PhotoSearch(photos.job, photos.listing)
        return self._search

"""Searches in a review: what is answered at once, and what waits for the model."""

import pytest

from phototagger.errors import PhototaggerError
from phototagger.review.search.live import LiveSearch
from phototagger.review.search.searching import text_vector
from tests.engine.process.processes import process
from tests.review.conftest import at, reviewing

__all__ = ["process"]


def never():
    return False


def test_nothing_is_like_photos_without_vectors(photos, process):
    photos.run("thumbs")
    with reviewing(photos) as review:
        with pytest.raises(PhototaggerError, match="no vector yet"):
            LiveSearch(review.photos).like([0, 1])
        assert [one.note for one in LiveSearch(review.photos).find("sea", never)] == [
            "only names, labels, dates: no photo has a vector yet"
        ]


def test_a_search_that_nobody_waits_for_any_more_asks_nothing_of_the_model(ran, process):
    with reviewing(ran) as review:
        answers = list(LiveSearch(review.photos).find("sea", lambda: True))
        assert [one.note for one in answers] == [
            "names, labels, dates so far: the model is loading"
        ]
        assert not process.did("loads")


def test_words_that_are_a_label_need_no_model(ran, process):
    with reviewing(ran) as review:
        (answer,) = LiveSearch(review.photos).find("night", never)
        assert (len(answer.results.positions), answer.note) == (7, "")
        assert not process.did("loads")


def test_while_the_model_works_for_somebody_else_what_is_known_comes_first(ran, process):
    with reviewing(ran) as review:
        text_vector(review.job, "zebra")
        live = LiveSearch(review.photos)
        assert len(list(live.find("ox", never))) == 1
        first, last = live.find("sea", never, is_busy=True)
        assert first.note == "names, labels, dates so far: the model is at work"
        assert len(first.results.positions) == 3
        assert (len(last.results.positions), last.note) == (7, "")


def test_who_only_reads_searches_by_names_labels_and_dates(ran, process):
    with reviewing(ran) as _, reviewing(ran) as second:
        (answer,) = LiveSearch(second.photos).find("sea", never)
        assert answer.note == "only names, labels, dates: another phototagger decides"
        assert len(answer.results.positions) == 3
        assert LiveSearch(second.photos).like([at(second, "a.jpg")]).results.said == "like a.jpg"

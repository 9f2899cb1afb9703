"""Searches in a review: what is answered at once, and what waits for the model."""

import numpy as np
import pytest
from PIL import Image

from phototagger.errors import PhototaggerError
from phototagger.review.search.live import LiveSearch
from tests.engine.process.processes import process
from tests.review.conftest import at, reviewing

__all__ = ["process"]


def test_nothing_is_like_photos_without_vectors(photos, process):
    photos.run("thumbs")
    with reviewing(photos) as review:
        with pytest.raises(PhototaggerError, match="no vector yet"):
            LiveSearch(review.photos).like([0, 1])
        asked = LiveSearch(review.photos).read("sea")
        assert not asked.by_words
        assert asked.note == "only names, labels, dates: no photo has a vector yet"


def test_until_the_model_is_loaded_what_is_known_comes_first(ran, process):
    with reviewing(ran) as review:
        live = LiveSearch(review.photos)
        asked = live.read("sea")
        answer = live.known(asked)
        assert answer.note == "names, labels, dates: model loading"
        assert (len(answer.results.positions), answer.results.most) == (3, None)
        assert not process.did("loads")
        answer = live.by_words(asked)
        assert (len(answer.results.positions), answer.results.most, answer.note) == (7, 200, "")
        assert live.read("ox").note == ""
        assert live.read("ox", is_busy=True).note == "names, labels, dates: model at work"


def test_words_that_are_a_label_need_no_model(ran, process):
    with reviewing(ran) as review:
        live = LiveSearch(review.photos)
        asked = live.read("night", is_busy=True)
        assert (asked.by_words, asked.note) == (True, "")
        assert len(live.by_words(asked).results.positions) == 7
        assert not process.did("loads")


def test_words_of_another_model_than_the_photos_are_not_compared(ran, process, monkeypatch):
    with reviewing(ran) as review:
        live = LiveSearch(review.photos)
        encoder = review.photos.job.model.encoder
        monkeypatch.setattr(encoder, "labels", lambda *_: np.ones((1, 7), np.float32))
        answer = live.by_words(live.read("sea"))
        assert "those of words have 7: another model made them" in answer.note
        assert len(answer.results.positions) == 3


def test_who_only_reads_searches_by_names_labels_and_dates(ran, process):
    with reviewing(ran) as _, reviewing(ran) as second:
        live = LiveSearch(second.photos)
        answer = live.known(live.read("sea"))
        assert answer.note == "only names, labels, dates: another phototagger decides"
        assert len(answer.results.positions) == 3
        assert live.like([at(second, "a.jpg")]).results.said == "like a.jpg"


def test_a_camera_is_found_at_once(photos, process):
    exif = Image.Exif()
    exif[0x0110] = "Canon EOS R5"
    Image.new("RGB", (40, 30)).save(photos.root / "r5.jpg", exif=exif)
    photos.run("thumbs")
    with reviewing(photos) as review:
        live = LiveSearch(review.photos)
        asked = live.read('camera:"eos r"')
        answer = live.known(asked)
        assert not asked.by_words
        assert answer.results.positions.tolist() == [at(review, "r5.jpg")]

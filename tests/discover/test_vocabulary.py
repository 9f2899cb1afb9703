"""Nearest-label expansion: keywords that fit a photo, none that is a label already."""

import random
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from phototagger.core.labels import normalise_label
from phototagger.discover import vocabulary
from phototagger.discover.provider import AskedPhoto
from phototagger.discover.vocabulary import KEYWORDS, MOST, Vocabulary, apart, read_keywords
from phototagger.engine.job import Job
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.model.vectors import normalised
from phototagger.settings.model import Settings
from phototagger.store.discovered import all_found
from tests.discover.conftest import library_view, vector_of
from tests.shared import SAMPLES, shared_data


def photo_of(*words: str) -> AskedPhoto:
    mixed = np.sum([vector_of(word) for word in words], axis=0)
    return AskedPhoto(b"p" * 20, (), (mixed / np.linalg.norm(mixed)).astype(np.float32))


def labels(found) -> set[str]:
    return {one.label for one in found}


def test_there_are_5000_keywords_each_a_label_and_none_twice():
    nouns = read_keywords()
    firsts = [words[0] for words in nouns]
    assert len(firsts) == len(set(firsts)) == 5000
    assert all(normalise_label(word) == word for words in nouns for word in words)
    assert {"dog", "bridge", "sunset", "wine glass", "bride", "lighthouse"} <= set(firsts)
    notice = KEYWORDS.with_name("NOTICE").read_text()
    assert "WordNet 3.0 Copyright 2006 by Princeton University" in notice


def test_the_keywords_that_fit_are_proposed_with_their_shares_of_the_photo():
    found = list(Vocabulary(library_view()).propose([photo_of("dog", "bridge")]))
    assert {"dog", "bridge"} <= labels(found)
    assert len(found) <= MOST
    best = sorted(found, key=lambda one: -one.score)[:2]
    assert labels(best) == {"dog", "bridge"}
    assert all(one.score > 0.1 for one in best)
    assert sum(one.score for one in found) <= 1


def test_what_a_label_explains_is_proposed_less():
    fitting = photo_of("dog", "bridge", "my terrier")

    def share(*own: str) -> float:
        found = Vocabulary(library_view(list(own))).propose([fitting])
        return sum(one.score for one in found if one.label == "dog")

    assert 0 < share("my terrier") < 0.8 * share("my guitar")


def test_what_does_not_stand_out_is_not_proposed():
    nothing = AskedPhoto(b"p" * 20, (), np.zeros(64, np.float32))
    assert list(Vocabulary(library_view()).propose([nothing])) == []


@pytest.mark.parametrize(
    ("own", "same"),
    [
        (["dog"], {}),  # the keyword itself
        (["domestic dog"], {}),  # a word of the same noun
        (["puppy dog"], {"puppy dog": "dog"}),  # a word that means the same to the model
    ],
)
def test_no_synonym_of_a_label_is_proposed(own, same):
    found = Vocabulary(library_view(own, same=same)).propose([photo_of("dog", "bridge")])
    assert "dog" not in (proposed := labels(found))
    assert "bridge" in proposed


def test_no_word_of_a_label_that_is_a_path_is_proposed():
    view = replace(library_view(["pets > dog"]), words_of=lambda label: ("dog", "hound"))
    assert "dog" not in labels(Vocabulary(view).propose([photo_of("dog", "bridge")]))


def test_of_keywords_that_mean_the_same_the_one_used_more_is_proposed():
    found = Vocabulary(library_view(same={"lighthouse": "dog"})).propose([photo_of("dog")])
    assert "dog" in (proposed := labels(found))
    assert "lighthouse" not in proposed


def test_rows_that_are_apart_keep_their_order():
    rows = np.array([[1, 0], [0, 1], [0.8, 0.6], [0.6, 0.8]], np.float32)
    assert apart(rows, np.arange(4)) == [0, 1]
    assert apart(rows, np.array([2, 1, 0])) == [2, 1]


def test_on_real_photos_with_the_embedded_model(tmp_path, monkeypatch):
    some = "cat, dog, espresso, bicycle, volcano, lighthouse, piano, train, tulip, bee, shark, tent"
    (tmp_path / "words.txt").write_text("# some\n" + some.replace(", ", "\n"))
    monkeypatch.setattr(vocabulary, "KEYWORDS", tmp_path / "words.txt")
    settings = Settings(
        root=str(SAMPLES), model_name="embedded", discover=("vocabulary",),
        run_dir=str(tmp_path / "runs"), cache_dir=str(tmp_path / "cache"),
    )  # fmt: skip
    with Job(settings, labels=["rocket", "tulip"]) as job:
        list(run_steps(job, steps_of("discover")))
        rows = dict(all_found(job.catalogue, job.model.known.model))
        paths = {job.photos.keys[at].tobytes(): job.photos.paths[at] for at in range(len(rows))}
    found = {re.sub(r".*/", "", paths[sha1]): one.found[:1] for sha1, one in rows.items()}
    assert found["cat.jpg"][0].label == "cat"
    assert found["espresso.jpg"][0].label == "espresso"
    assert not any(one.label == "tulip" for ones in found.values() for one in ones)


def test_two_thirds_of_ten_proposals_are_labels_that_were_hidden_with_vectors_of_clip(monkeypatch):
    clip = shared_data() / "clip_vectors"
    wide = np.load(clip / "review_dev_wide.npz")
    own = np.load(clip / "review_dev.npz")["labels"].tolist()
    words = wide["labels"].tolist()
    images, texts = (normalised(wide[f"{kind}_vectors"]) for kind in ("image", "label"))
    vectors = dict(zip(words, texts, strict=True))
    often = {
        word for word, count in zip(words, wide["truth"].sum(axis=0), strict=True) if count > 4
    }
    used = {one[0]: place for place, one in enumerate(read_keywords())}
    nouns = [[word] for word in sorted(words, key=lambda word: used.get(word, len(used)))]
    monkeypatch.setattr(vocabulary, "read_keywords", lambda: nouns)
    photos = [AskedPhoto(bytes(20), (), vector) for vector in images]
    right = []
    for seed in range(5):
        hidden = set(random.Random(seed).sample(own, len(own) // 2))
        view = replace(
            library_view([word for word in own if word not in hidden]),
            words=lambda asked: np.stack([vectors[word] for word in asked]),
            centre=lambda: images.mean(axis=0),
        )
        gains = Counter()
        for one in Vocabulary(view).propose(photos):
            gains[one.label] += one.score
        right += [word in hidden & often for word, _ in gains.most_common(10)]
    assert np.mean(right) >= 0.66

"""Suggestions that were computed once, by everything that decides them."""

import numpy as np
import pytest

from phototagger.core.score import Ranked
from phototagger.store.labels.suggestions import (
    save_suggestions,
    scoring,
    top_suggestions,
)
from tests.store.contents import keys_of, sha1, suggestions_of

LABELS = ["cat", "dog", "sea"]
SAME = {"threshold": 0.25, "topk": 2}


def ranked(*pairs: tuple[int, float]) -> Ranked:
    positions, scores = zip(*pairs, strict=True)
    return Ranked(np.array(positions, np.int32), np.array(scores, np.float32))


@pytest.fixture
def scored(catalogue):
    return scoring(catalogue, "m-1", LABELS, ["a photo of {}"], **SAME)


def test_the_same_settings_have_the_same_number_and_others_another(catalogue, scored):
    def number(model="m-1", labels=LABELS, prompts=("a photo of {}",), **more):
        return scoring(catalogue, model, labels, list(prompts), **{**SAME, **more}).number

    assert number() == scored.number
    others = [
        number(model="m-2"),
        number(labels=LABELS[::-1]),
        number(labels=["cat dog", "sea"]),
        number(prompts=["{}"]),
        number(prompts=["a photo of {}", "{}"]),
        number(threshold=0.2500001),
        number(topk=3),
    ]
    assert len({scored.number, *others}) == len(others) + 1


def test_suggestions_come_back_exactly_and_only_for_their_scoring(catalogue, scored):
    full = ranked((2, 0.9), (0, 0.7), (1, np.float32(0.1)))
    save_suggestions(catalogue, scored, [(sha1("a"), full)])
    found = suggestions_of(catalogue, scored, sha1("a"))
    assert found is not None
    assert np.array_equal(found.labels, full.labels)
    assert np.array_equal(found.scores, full.scores)
    other = scoring(catalogue, "m-2", LABELS, ["a photo of {}"], **SAME)
    assert suggestions_of(catalogue, other, sha1("a")) is None
    assert suggestions_of(catalogue, scored, sha1("b")) is None
    assert top_suggestions(catalogue, other, keys_of("a")).there.tolist() == [False]


def test_the_top_of_many_photos_comes_in_the_order_asked_for(catalogue, scored):
    save_suggestions(
        catalogue,
        scored,
        [
            (sha1("a"), ranked((2, 0.9), (0, 0.7), (1, 0.6))),
            (sha1("b"), ranked((1, 0.2), (0, 0.1))),
        ],
    )
    keys = keys_of("b", "nobody", "a", "b")
    table = top_suggestions(catalogue, scored, keys)
    assert table.there.tolist() == [True, False, True, True]
    assert table.best.tolist() == [[1, 0], [-1, -1], [2, 0], [1, 0]]
    assert np.array_equal(table.scores[[0, 2]], np.array([[0.2, 0.1], [0.9, 0.7]], np.float32))
    assert np.isnan(table.scores[1]).all()


def test_without_any_suggestion_every_row_is_empty(catalogue, scored):
    assert top_suggestions(catalogue, scored, keys_of("a")).best.tolist() == [[-1, -1]]
    assert top_suggestions(catalogue, scored, keys_of()).best.shape == (0, 2)


def test_fewer_labels_than_the_top_k_are_all_there_are(catalogue):
    scored = scoring(catalogue, "m-1", ["cat"], ["{}"], threshold=0.25, topk=5)
    save_suggestions(catalogue, scored, [(sha1("a"), ranked((0, 0.5)))])
    assert top_suggestions(catalogue, scored, keys_of("a")).best.tolist() == [[0]]


def test_suggestions_that_are_saved_again_take_the_place_of_the_old(catalogue, scored):
    for value in (0.5, 0.75):
        rows = [(sha1(one), ranked((0, value), (1, 0.1))) for one in range(600)]
        save_suggestions(catalogue, scored, rows)
    table = top_suggestions(catalogue, scored, keys_of(*range(600)))
    assert set(table.scores[:, 0].tolist()) == {0.75}

"""Vectors → suggestions."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from phototagger.core import score as module
from phototagger.core.score import rank, score, suggestions
from phototagger.model.vectors import normalised


def f32(*rows: list[float]) -> NDArray[np.float32]:
    return np.array(rows, dtype=np.float32)


def naive(
    images: NDArray[Any], labels: NDArray[Any], names: list[str], threshold: float, topk: int
) -> list[dict[str, Any]]:
    """Return what ``score`` returns, by the definition and in float64."""
    made = []
    for image in images.astype(np.float64):
        pairs = []
        for name, label in zip(names, labels.astype(np.float64), strict=True):
            lengths = np.linalg.norm(image) * np.linalg.norm(label)
            pairs.append((name, float(image @ label / lengths) if lengths else 0.0))
        pairs.sort(key=lambda pair: -pair[1])
        made.append(
            {
                "top1": pairs[0][0],
                "top1_score": pairs[0][1],
                "topk_labels": [name for name, _ in pairs[:topk]],
                "topk_scores": [value for _, value in pairs[:topk]],
                "over_threshold": [pair for pair in pairs if pair[1] >= threshold],
            }
        )
    return made


def test_a_photo_s_suggestions_have_exactly_these_keys_and_types() -> None:
    [made] = score(f32([3, 4]), f32([1, 0], [0, 2]), ["dog", "cat"], threshold=0.7, topk=2)
    assert list(made) == ["top1", "top1_score", "topk_labels", "topk_scores", "over_threshold"]
    assert made == {
        "top1": "cat",
        "top1_score": pytest.approx(0.8),
        "topk_labels": ["cat", "dog"],
        "topk_scores": pytest.approx([0.8, 0.6]),
        "over_threshold": [("cat", pytest.approx(0.8))],
    }
    assert type(made["top1_score"]) is float
    assert type(made["over_threshold"][0]) is tuple
    assert {type(value) for value in made["topk_scores"]} == {float}
    assert {type(label) for label in made["topk_labels"]} == {str}


def test_vectors_of_any_length_are_compared_by_direction() -> None:
    [made] = score(f32([300, 0]), f32([0.001, 0.0]), ["dog"])
    assert made["top1_score"] == pytest.approx(1)
    [opposite] = score(f32([-5, 0]), f32([7, 0.0]), ["dog"])
    assert opposite["top1_score"] == pytest.approx(-1)
    assert opposite["over_threshold"] == []


def test_ties_are_broken_by_label_order() -> None:
    labels = f32([0, 1], [1, 0], [0, 2], [2, 0], [1, 0])
    names = ["z", "c", "y", "b", "a"]
    [made] = score(f32([5, 0]), labels, names, threshold=0.5, topk=2)
    assert made["topk_labels"] == ["c", "b"]
    assert made["over_threshold"] == [("c", 1.0), ("b", 1.0), ("a", 1.0)]
    [made] = score(f32([5, 0]), labels, names, threshold=2, topk=4)
    assert made["topk_labels"] == ["c", "b", "a", "z"]


def test_labels_with_the_same_vector_tie_wherever_they_stand() -> None:
    random = np.random.default_rng(0)
    label = random.standard_normal(64).astype(np.float32)
    labels = np.tile(label, (67, 1))
    images = random.standard_normal((9, 64)).astype(np.float32)
    names = [str(number) for number in range(67)]
    for topk in (1, 5, 66, 67):
        for made in score(images, labels, names, threshold=-1, topk=topk):
            assert made["topk_labels"] == names[:topk]
            assert [name for name, _ in made["over_threshold"]] == names


def test_over_threshold_holds_every_label_best_first_beyond_the_top_k() -> None:
    labels = f32([1, 0], [1, 1], [1, 0.5], [0, 1], [1, 0.1])
    [made] = score(f32([1, 0]), labels, list("abcde"), threshold=0.7, topk=2)
    assert made["topk_labels"] == ["a", "e"]
    assert [label for label, _ in made["over_threshold"]] == ["a", "e", "c", "b"]
    values = [value for _, value in made["over_threshold"]]
    assert values == pytest.approx([1, 0.99504, 0.89443, 0.70711], abs=1e-5)


def test_over_threshold_holds_fewer_than_the_top_k_where_fewer_are_over() -> None:
    labels = f32([1, 0], [0, 1], [-1, 0])
    [made] = score(f32([1, 0]), labels, list("abc"), threshold=0.5, topk=3)
    assert made["topk_labels"] == ["a", "b", "c"]
    assert made["over_threshold"] == [("a", 1.0)]


@pytest.mark.parametrize("topk", [1, 3])
def test_a_cosine_that_equals_the_threshold_is_over_it(topk: int) -> None:
    labels = f32([1, 0, 0, 0], [1, 1, 1, 1], [0, 1, 0, 0])
    [made] = score(f32([1, 0, 0, 0]), labels, list("abc"), threshold=0.5, topk=topk)
    assert made["over_threshold"] == [("a", 1.0), ("b", 0.5)]
    beyond = float(np.nextafter(0.5, 1))
    [made] = score(f32([1, 0, 0, 0]), labels, list("abc"), threshold=beyond, topk=topk)
    assert made["over_threshold"] == [("a", 1.0)]


@pytest.mark.parametrize("topk", [1, 2])
def test_the_threshold_is_compared_as_python_does(topk: int) -> None:
    [one] = score(f32([3, 4]), f32([1, 0], [0, 1]), ["a", "b"], threshold=0, topk=topk)
    for value in (one["top1_score"], one["over_threshold"][1][1]):
        for threshold in (value, float(np.nextafter(value, 1)), float(np.nextafter(value, -1))):
            [made] = score(f32([3, 4]), f32([1, 0], [0, 1]), ["a", "b"], threshold, topk)
            kept = [pair for pair in one["over_threshold"] if pair[1] >= threshold]
            assert made["over_threshold"] == kept


def test_a_vector_of_zeros_is_like_nothing() -> None:
    first, second = score(f32([0, 0], [1, 0]), f32([0, 0], [1, 0]), ["none", "dog"], 0.1, 2)
    assert (first["top1"], first["topk_scores"], first["over_threshold"]) == ("none", [0, 0], [])
    assert (second["top1"], second["topk_scores"]) == ("dog", [1, 0])


def test_more_are_asked_for_than_there_are_labels() -> None:
    [made] = score(f32([1, 0]), f32([0, 1], [1, 0]), ["a", "b"], topk=100)
    assert made["topk_labels"] == ["b", "a"]
    assert made["topk_scores"] == [1, 0]


@pytest.mark.parametrize("block", [1, 2, 3, 4096])
def test_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    random = np.random.default_rng(0)
    images = random.standard_normal((7, 16)).astype(np.float32)
    labels = random.standard_normal((11, 16)).astype(np.float32)
    names = [str(number) for number in range(11)]
    whole = score(images, labels, names, 0.1, 3)
    monkeypatch.setattr(module, "BLOCK", block)
    made = score(images, labels, names, 0.1, 3)
    assert len(made) == 7
    for one, other in zip(made, whole, strict=True):
        assert one["topk_labels"] == other["topk_labels"]
        assert one["topk_scores"] == pytest.approx(other["topk_scores"], abs=1e-6)


def test_more_photos_than_a_block_are_scored_each_as_itself() -> None:
    count = module.BLOCK + 3
    images = np.zeros((count, 3), np.float32)
    images[np.arange(count), np.arange(count) % 3] = 1
    made = score(images, np.eye(3, dtype=np.float32), ["a", "b", "c"], 0.5, 1)
    assert [one["top1"] for one in made] == [("a", "b", "c")[row % 3] for row in range(count)]
    assert all(one["over_threshold"] == [(one["top1"], 1.0)] for one in made)


def test_no_photo_gives_nothing() -> None:
    assert score(np.zeros((0, 2), np.float32), f32([1, 0]), ["a"]) == []
    assert score(np.zeros((0, 0), np.float32), f32([1, 0]), ["a"]) == []


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="2 labels, but 1 label vectors"):
        score(f32([1, 0]), f32([1, 0]), ["a", "b"])
    with pytest.raises(ValueError, match="there is no label to score against"):
        score(f32([1, 0]), np.zeros((0, 2), np.float32), [])
    with pytest.raises(ValueError, match="mismatch"):
        score(f32([1, 0, 0]), f32([1, 0]), ["a"])


def test_ranked_labels_are_positions_with_their_cosines() -> None:
    [ranked] = rank(f32([1, 0]), f32([0, 1], [1, 0], [1, 1]), 0.5, 1)
    assert ranked.labels.dtype == np.int32
    assert ranked.scores.dtype == np.float32
    assert ranked.labels.tolist() == [1, 2]
    assert ranked.scores.tolist() == pytest.approx([1, 0.5**0.5])
    assert suggestions(ranked, ["a", "b", "c"], 0.5, 1)["topk_labels"] == ["b"]


def test_the_given_vectors_are_not_changed() -> None:
    images, labels = f32([3, 4]), f32([5, 0], [0, 2])
    score(images, labels, ["a", "b"])
    assert images.tolist() == [[3, 4]]
    assert labels.tolist() == [[5, 0], [0, 2]]


def test_normalised_rows_have_length_one_and_zeros_stay() -> None:
    made = normalised(f32([3, 4], [0, 0], [-2, 0]))
    assert made.dtype == np.float32
    assert made.tolist() == [pytest.approx([0.6, 0.8]), [0, 0], [-1, 0]]
    assert normalised(np.zeros((0, 4), np.float32)).shape == (0, 4)


components = st.integers(-4, 4) | st.floats(-3, 3, width=16)
vectors = st.lists(st.lists(components, min_size=3, max_size=3), min_size=1, max_size=9)


@given(vectors, vectors, st.floats(-1, 1), st.integers(1, 10))
def test_scores_are_those_of_the_definition(
    images: list[list[float]], labels: list[list[float]], threshold: float, topk: int
) -> None:
    names = [f"label {number}" for number in range(len(labels))]
    made = score(f32(*images), f32(*labels), names, threshold, topk)
    every = naive(f32(*images), f32(*labels), names, -2, topk)
    for one, wanted in zip(made, every, strict=True):
        assert one["topk_scores"] == pytest.approx(wanted["topk_scores"], abs=1e-5)
        assert (one["top1"], one["top1_score"]) == (one["topk_labels"][0], one["topk_scores"][0])
        cosines, found = dict(wanted["over_threshold"]), dict(one["over_threshold"])
        assert {name for name, value in cosines.items() if value > threshold + 1e-5} <= set(found)
        assert {name for name, value in cosines.items() if value < threshold - 1e-5}.isdisjoint(
            found
        )
        for name, value in [*zip(one["topk_labels"], one["topk_scores"], strict=True)]:
            assert value == pytest.approx(cosines[name], abs=1e-5)
        values = list(found.values())
        assert (
            values
            == sorted(values, reverse=True)
            == pytest.approx([cosines[n] for n in found], abs=1e-5)
        )


@given(st.lists(st.lists(st.booleans(), min_size=8, max_size=8), min_size=1, max_size=9), st.data())
def test_labels_and_their_order_are_exactly_those_of_the_definition(
    labels: list[list[bool]], data: st.DataObject
) -> None:
    # Vectors of 0, 1 or 4 ones have exact cosines, so that ties are exact as well.
    rows = np.array(labels, np.float32)
    rows[~np.isin(rows.sum(axis=1), (0, 1, 4))] = 0
    image = np.zeros((1, 8), np.float32)
    image[0, : data.draw(st.sampled_from([1, 4]))] = data.draw(st.sampled_from([1, 2, 0.5]))
    names = [f"label {number}" for number in range(len(rows))]
    threshold = data.draw(st.sampled_from([-1, 0, 0.25, 0.5, 0.75, 1]))
    topk = data.draw(st.integers(1, 10))
    assert score(image, rows, names, threshold, topk) == naive(image, rows, names, threshold, topk)


def test_a_vector_that_holds_no_number_shifts_nobody_elses_labels():
    images = np.eye(3, 4, dtype=np.float32)
    images[1] = np.nan
    words = np.eye(4, dtype=np.float32)
    found = list(rank(images, words, 0.5, 2))
    assert [one.labels.tolist() for one in found] == [[0, 1], [0, 1], [2, 0]]
    assert [one.scores.tolist() for one in found] == [[1, 0], [0, 0], [1, 0]]


@pytest.mark.parametrize(("labels", "topk"), [(3, 5), (64, 5), (65, 5), (200, 64), (300, 299)])
@pytest.mark.parametrize("threshold", [-1.0, 0.0, 0.1, 1.1])
def test_the_quick_way_to_the_best_finds_what_sorting_everything_finds(
    monkeypatch, labels, topk, threshold
):
    monkeypatch.setattr(module, "_SORTED", 500)
    random = np.random.default_rng(labels)
    images = random.standard_normal((40, 12)).astype(np.float32)
    words = random.integers(-1, 2, (labels, 12)).astype(np.float32)  # many equal ones
    units, turned = normalised(images), normalised(words)
    for photo, one in enumerate(rank(images, words, threshold, topk)):
        cosines = units[photo] @ turned.T
        kept = max(min(topk, labels), int((cosines >= threshold).sum()))
        assert len(one.labels) == kept
        assert np.allclose(one.scores, np.sort(cosines)[::-1][:kept], atol=1e-6)
        assert np.allclose(cosines[one.labels], one.scores, atol=1e-6)
        same = np.diff(one.scores) == 0
        assert (np.diff(one.labels)[same] > 0).all()

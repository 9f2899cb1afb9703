"""Labels that are paths: levels, words, short names."""

from pathlib import Path

import pytest

from phototagger.core.label_tree import LabelTree
from phototagger.core.labels import read_tree

TREE = """# labels: tree
animals > jaguar
cars > jaguar
animals > Dog = Puppy, hound
snow
"""


@pytest.fixture
def tree(tmp_path: Path) -> LabelTree:
    file = tmp_path / "labels.txt"
    file.write_text(TREE)
    return read_tree(file)


def test_a_label_is_shown_by_its_last_level_and_those_that_tell_it_from_others(tree):
    labels = ["animals > dog", "animals > jaguar", "cars > jaguar", "snow", "added > cat"]
    assert list(map(tree.shown, labels)) == [
        "dog", "animals > jaguar", "cars > jaguar", "snow", "cat",
    ]  # fmt: skip


def test_the_model_is_given_the_last_level_and_the_synonyms(tree):
    assert tree.words("animals > dog") == ("dog", "puppy", "hound")
    assert tree.words("cars > jaguar") == ("jaguar",)


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("dog", "animals > dog"),
        ("hound", "animals > dog"),
        ("animals > dog", "animals > dog"),
        ("jaguar", "jaguar"),  # of two labels
        ("snow", "snow"),
        ("new", "new"),
    ],
)
def test_a_typed_word_means_the_one_label_that_it_can_mean(tree, word, label):
    assert tree.label_of(word) == label


def test_without_a_tree_every_label_is_a_word_as_it_stands(tmp_path):
    file = tmp_path / "labels.txt"
    file.write_text("animals > dog = puppy\n")
    for flat in (read_tree(file), read_tree(tmp_path / "absent.txt")):
        label = "animals > dog = puppy"
        assert flat.is_flat
        assert flat.shown(label) == label
        assert flat.levels(label) == flat.words(label) == (label,)
        assert flat.label_of("dog") == "dog"


def test_labels_are_shown_and_written_as_the_file_spells_them_where_that_is_asked_for(tmp_path):
    file = tmp_path / "labels.txt"
    file.write_text("# labels: tree\nPlaces > Paris = City of Light\nZoo > Paris\nsnow\nSNOW\n")
    tree, lower = read_tree(file, keep=True), read_tree(file)
    assert tree.shown("zoo > paris") == "Zoo > Paris"
    assert tree.written("places > paris") == ("Places", "Paris")
    assert (tree.spelled("snow"), tree.spelled("added")) == ("snow", "added")
    # What the model is asked for, and what a label is known by, stays as it is.
    assert tree.words("places > paris") == lower.words("places > paris") == (
        "paris", "city of light",
    )  # fmt: skip
    assert lower.shown("zoo > paris") == "zoo > paris"
    file.write_text("New  York\n")
    assert read_tree(file, keep=True).shown("new york") == "New York"
    assert read_tree(file, keep=True).is_flat
